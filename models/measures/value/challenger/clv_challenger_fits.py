# The challenger as trained on a fit date, as text. One row per fit date; empty unless asked.
from strata.clv.challenger import train_due
from strata.clv.tables import stored_rows


def model(dbt, session):
    """Train what is due; a model whose data have not changed is taken from the last run."""
    dbt.config(materialized="table")
    return train_due(
        dbt.ref("clv_challenger_dates"),
        dbt.ref("clv_features"),
        dbt.ref("clv_labels"),
        stored_rows(session, dbt.this),
    )
