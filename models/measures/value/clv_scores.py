# What the fitted models expect of each purchase history. One row per as-of date and history.
from strata.clv.scores import score_histories


def model(dbt, session):
    """Score the distinct histories; customers are joined to them in SQL."""
    dbt.config(materialized="table")
    return score_histories(dbt.ref("clv_fits_in_use"), dbt.ref("clv_histories"))
