"""Degradations other than blur."""

from restorekit import Register, hookimpl


@hookimpl
def register_degradations(register: Register) -> None:
    """Register noise, compression, resampling, and the ways to put degradations together."""
    register("gaussian_noise", "restorekit_degradations.noise:GaussianNoise")
    register("sensor_noise", "restorekit_degradations.noise:SensorNoise")
    register("jpeg", "restorekit_degradations.jpeg:JPEG")
    register("resample", "restorekit_degradations.resample:Resample")
    register("shrink", "restorekit_degradations.shrink:Shrink")
    register("identity", "restorekit_degradations.identity:Identity")
    register("mixture", "restorekit_degradations.mixture:Mixture")
