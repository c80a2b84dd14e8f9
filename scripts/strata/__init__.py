"""Strata: one trustworthy, explained tier per customer, for any day."""

__version__ = "0.1.0"
