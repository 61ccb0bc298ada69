"""Data: sources of sharp images, what is cut and drawn for each sample, and how a batch is degraded on the device."""
