"""Bundles made of weights that others trained elsewhere."""
