"""`strata explain`: one customer's tiers, why, how far to the next one, and until when.

The sentences are made once, in SQL (models/tiers/reasons): this page and BI say the same.
"""

from strata.explain.page import explain_customer

__all__ = ["explain_customer"]
