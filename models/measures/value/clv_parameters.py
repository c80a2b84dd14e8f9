# The fitted customer-value models. One row per fit date and model.
from strata.clv.parameters import fit_due
from strata.clv.tables import stored_rows


def model(dbt, session):
    """Fit what is due; a fit whose data have not changed is taken from the last run."""
    dbt.config(materialized="table")
    return fit_due(
        dbt.ref("clv_fit_dates"),
        dbt.ref("clv_fit_histories"),
        stored_rows(session, dbt.this),
    )
