"""How fast training is on a device, and what of the device it uses."""
