"""Optimisers and schedules: how weights follow their gradient, and how fast."""
