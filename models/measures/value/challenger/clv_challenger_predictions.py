# What the challenger expects of a customer in the next year. One row per as-of date and buyer.
from strata.clv.challenger import predict


def model(dbt, session):
    """Score everybody with the model of the fit date."""
    dbt.config(materialized="table")
    return predict(
        dbt.ref("clv_challenger_dates"),
        dbt.ref("clv_challenger_fits"),
        dbt.ref("clv_features"),
    )
