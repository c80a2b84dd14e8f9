# How likely each active buyer is to stay away, by the model in use, and what drives it.
# One row per active buyer and driver (place 1: the strongest).
from strata.outlook.churn import score_churn

DRIVERS = 3


def model(dbt, session):
    """Score the as-of day with the fit of the last month end."""
    dbt.config(materialized="table")
    fits = dbt.ref("churn_fits").to_arrow_table().to_pylist()
    drivers = dict(dbt.ref("churn_drivers").project("feature, driver").fetchall())
    return score_churn(fits, dbt.ref("churn_histories"), drivers, DRIVERS)
