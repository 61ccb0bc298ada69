"""Scoring restorers: degraded test sets, metrics with stated definitions, means with standard errors."""
