"""The transforms of albumentations as augmentations, by their names there."""

from restorekit import Register, hookimpl


@hookimpl
def register_augmentations(register: Register) -> None:
    """Register every transform of the table."""
    from restorekit_albumentations.table import table

    for name in table():
        register(name, f"restorekit_albumentations.transforms:{name}")
