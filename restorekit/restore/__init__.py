"""From degraded pictures to restored ones."""
