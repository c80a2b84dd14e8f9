"""`strata weights`: what new RFM² weights the last two years speak for; a person decides."""

from strata.weights.propose import propose

__all__ = ["propose"]
