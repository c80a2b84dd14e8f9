# The challenger as trained on a fit date, as text. One row per fit date; empty unless asked.
from strata.clv.challenger import train_due


def model(dbt, session):
    """Train what is due; a model whose data have not changed is taken from the last run."""
    dbt.config(
        materialized="incremental",
        incremental_strategy="delete+insert",
        unique_key="fit_date",
        on_schema_change="fail",
    )
    stored = session.sql(f"select * from {dbt.this}") if dbt.is_incremental else None
    return train_due(
        dbt.ref("clv_challenger_dates"),
        dbt.ref("clv_features"),
        dbt.ref("clv_labels"),
        stored,
    )
