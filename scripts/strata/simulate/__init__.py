"""`strata simulate`: who would move under another rule set, before anything is changed."""

from strata.simulate.run import simulate

__all__ = ["simulate"]
