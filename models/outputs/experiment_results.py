# Each arm of an experiment against its control. One row per experiment, tier and arm.
from strata.experiments import compare_experiments


def model(dbt, session):
    """Intervals and tests need distributions, which engines lack."""
    dbt.config(materialized="table")
    return compare_experiments(dbt.ref("experiment_arms").df())
