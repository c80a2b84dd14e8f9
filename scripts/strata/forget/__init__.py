"""Forgetting people: on request (PIPL article 47), or by the age of their last contact."""

from strata.forget.command import finish_forgetting, forget_customer, retain

__all__ = ["finish_forgetting", "forget_customer", "retain"]
