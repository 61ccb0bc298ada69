"""Faces in photos: found, turned to what a network was trained on, restored, and put back."""
