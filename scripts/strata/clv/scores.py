"""The score grid: what the fitted models expect of each distinct purchase history."""

from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from strata.clv.expect import alive_probability, purchase_quantiles, purchases_if_alive
from strata.clv.likelihoods import Array, PurchaseHistories
from strata.clv.tables import DAYS_PER_WEEK, columns, histories

DAYS_PER_YEAR = 365
MONTHS_PER_YEAR = 12
SCHEMA = pa.schema(
    [
        ("as_of_date", pa.date32()),
        ("repeat_days", pa.int32()),
        ("recency_days", pa.int32()),
        ("age_days", pa.int32()),
        ("alive_probability", pa.float64()),
        ("purchases_year", pa.float64()),
        ("purchases_horizon", pa.float64()),
        ("purchases_low", pa.float64()),
        ("purchases_high", pa.float64()),
    ]
)


def score_histories(
    fits: duckdb.DuckDBPyRelation, customers: duckdb.DuckDBPyRelation
) -> pa.Table:
    """Expected purchases in a year and over the horizon, with the interval of the horizon.

    One row per as-of date with a usable fit and distinct purchase history on it.
    """
    usable = fits.filter("not_usable_because is null").order("as_of_date")
    tables = [_score(fit, customers) for fit in usable.to_arrow_table().to_pylist()]
    return pa.concat_tables([SCHEMA.empty_table(), *tables])


def _score(fit: dict[str, Any], customers: duckdb.DuckDBPyRelation) -> pa.Table:
    known = columns(
        customers.filter(f"as_of_date = date '{fit['as_of_date']}'")
        .project("repeat_days, recency_days, age_days")
        .distinct()
        .order("repeat_days, recency_days, age_days")
    )
    of = histories(known)
    horizon_days = float(fit["clv_horizon_months"]) * DAYS_PER_YEAR / MONTHS_PER_YEAR
    edge = (1 - float(fit["clv_interval_share"])) / 2
    alive = alive_probability(fit, of)
    low, high = purchase_quantiles(fit, of, horizon_days / DAYS_PER_WEEK, (edge, 1 - edge))
    return pa.table(
        {
            "as_of_date": [fit["as_of_date"]] * len(alive),
            **{name: known[name] for name in ("repeat_days", "recency_days", "age_days")},
            "alive_probability": alive,
            "purchases_year": alive * _if_alive(fit, of, DAYS_PER_YEAR / DAYS_PER_WEEK),
            "purchases_horizon": alive * _if_alive(fit, of, horizon_days / DAYS_PER_WEEK),
            "purchases_low": low,
            "purchases_high": high,
        },
        schema=SCHEMA,
    )


def _if_alive(fit: dict[str, Any], of: PurchaseHistories, weeks: float) -> Array:
    """Per count and age only: the last purchase decides about being alive, no more."""
    both = np.column_stack([of.repeats, of.age])
    distinct, where = np.unique(both, axis=0, return_inverse=True)
    return purchases_if_alive(fit, distinct[:, 0], distinct[:, 1], weeks)[where.ravel()]
