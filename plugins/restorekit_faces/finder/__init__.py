"""A small network that finds faces and five points of each, and scenes to train it on."""
