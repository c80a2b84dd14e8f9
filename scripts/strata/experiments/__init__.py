"""Experiments: arms compared by rates and money, with intervals and what may be wrong."""

from strata.experiments.compare import compare_experiments

__all__ = ["compare_experiments"]
