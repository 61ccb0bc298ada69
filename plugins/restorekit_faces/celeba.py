"""CelebA's alignment."""

CELEBA_SIZE = (218, 178)
"""Height and width of an aligned CelebA file, pixels."""

CELEBA = (25, 68, 128, 128)
"""The face of a 178 x 218 CelebA file: x 25:153, y 68:196 (the crop of the face-deblurring literature)."""

EYES = ((70, 113), (107, 113))
"""x and y of the nominal eyes in such a file, the left of the picture first."""
