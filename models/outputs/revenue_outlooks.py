# Monthly revenue ahead, and how such forecasts did before. One row per clinic and month
# ahead (kind forecast), or figure of the backtest (kind figure).
from strata.clv.tables import stored_rows
from strata.outlook.revenue import SCHEMA, Policy, forecast_revenue


def model(dbt, session):
    """Forecast where revenue_months has rows, which is once a month; else keep the last."""
    dbt.config(materialized="table")
    months = dbt.ref("revenue_months")
    first = months.limit(1).fetchone()
    stored = stored_rows(session, dbt.this)
    if first is None:
        return stored.to_arrow_table() if stored is not None else SCHEMA.empty_table()
    origin, horizon, share, fewest, origins = months.aggregate(
        "max(origin_date), max(forecast_horizon_months), max(forecast_interval_share),"
        " max(forecast_min_months), max(forecast_origins)"
    ).fetchone()
    policy = Policy(int(horizon), float(share), int(fewest), int(origins))
    return forecast_revenue(months.filter("month_date is not null").df(), policy, origin)
