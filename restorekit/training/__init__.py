"""Training: from a recipe to a run directory and its bundle."""
