"""Scoring restorers: degraded test sets, metrics with stated definitions, and results with standard errors."""
