"""Models of the Hugging Face Hub: fetched, checked, and published."""
