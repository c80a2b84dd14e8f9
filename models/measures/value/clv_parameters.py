# The fitted customer-value models. One row per fit date and model.
from strata.clv.parameters import fit_due


def model(dbt, session):
    """Fit what is due; a fit whose data have not changed is taken from the last run."""
    dbt.config(
        materialized="incremental",
        incremental_strategy="delete+insert",
        unique_key="fit_date",
        on_schema_change="fail",
    )
    stored = session.sql(f"select * from {dbt.this}") if dbt.is_incremental else None
    return fit_due(dbt.ref("clv_fit_dates"), dbt.ref("clv_fit_histories"), stored)
