# The churn models as fitted on the last month end, and how they did before. One row per
# figure; the row `model` carries the fitted model.
import pyarrow as pa

from strata.clv.tables import stored_rows
from strata.outlook.churn import FIT_SCHEMA, fit_churn


def model(dbt, session):
    """Fit where churn_histories holds the windows of a fit that is due; else keep the last."""
    dbt.config(materialized="table")
    histories = dbt.ref("churn_histories")
    due = histories.filter("place is not null").limit(1).fetchone()
    stored = stored_rows(session, dbt.this)
    if due is None:
        return stored.to_arrow_table() if stored is not None else FIT_SCHEMA.empty_table()
    day, window_days = histories.aggregate("max(fit_date), max(churn_window_days)").fetchone()
    rows = [row | {"fit_date": day} for row in fit_churn(histories, float(window_days))]
    return pa.Table.from_pylist(rows, schema=FIT_SCHEMA)
