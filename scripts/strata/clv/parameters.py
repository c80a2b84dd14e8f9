"""The monthly fits: which are due, and what of the last run can be kept."""

from datetime import date
from typing import Any

import duckdb
import pyarrow as pa

from strata.clv.fit import PURCHASE_PARAMETERS, SPEND_PARAMETERS, Fit, fit_purchases, fit_spend
from strata.clv.tables import fingerprint, group

VERSION = "4"  # of the fitting: another one refits everything
SCHEMA = pa.schema(
    [
        ("fit_date", pa.date32()),
        ("model", pa.string()),
        *((name, pa.float64()) for name in (*PURCHASE_PARAMETERS, *SPEND_PARAMETERS)),
        ("log_likelihood", pa.float64()),
        ("customers", pa.int64()),
        ("repeat_customers", pa.int64()),
        ("first_purchase_date", pa.date32()),
        ("is_converged", pa.bool_()),
        ("note", pa.string()),
        ("fingerprint", pa.string()),
    ]
)
Row = dict[str, Any]


def fit_due(
    dates: duckdb.DuckDBPyRelation,
    histories: duckdb.DuckDBPyRelation,
    stored: duckdb.DuckDBPyRelation | None = None,
) -> pa.Table:
    """One row per model for every fit date that serves an as-of date, and those in `stored`.

    `dates` has as_of_date, attempt and fit_date; `histories` one row per fit date and
    customer. For each as-of date the newest month end is fitted; only if that fails, the one
    before it. A fit in `stored` whose data have not changed is taken over, so that between
    two month ends nothing is fitted.
    """
    kept = _by_date(stored)
    fitted: dict[date, list[Row]] = {}
    ordered = dates.order("as_of_date, attempt").project("as_of_date, fit_date").fetchall()
    served: set[date] = set()
    for as_of_date, fit_date in ordered:
        if as_of_date in served:
            continue
        if fit_date not in fitted:
            fitted[fit_date] = _fit(fit_date, histories, kept.get(fit_date, []))
        if all(row["is_converged"] for row in fitted[fit_date] if row["model"] != "bg_nbd"):
            served.add(as_of_date)
    # Fits of other month ends wait for a run that describes days of theirs.
    held = kept | fitted
    rows = [row for fit_date in sorted(held) for row in held[fit_date]]
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def _fit(fit_date: date, histories: duckdb.DuckDBPyRelation, kept: list[Row]) -> list[Row]:
    # Read once: the histories are a view over all movements of money until the date.
    read = histories.filter(f"fit_date = date '{fit_date}'").to_arrow_table()
    with duckdb.connect() as memory:
        known = memory.from_arrow(read)
        purchases, spend = group(known)
        (first_purchase_date,) = known.aggregate("min(first_purchase_date)").fetchone()
    mark = fingerprint(
        VERSION,
        purchases.repeats, purchases.recency, purchases.age, purchases.customers,
        spend.purchases, spend.amount, spend.customers,
    )  # fmt: skip
    if kept and all(row["fingerprint"] == mark for row in kept):
        return kept
    repeats = int(purchases.customers[purchases.repeats > 0].sum())
    fits = [
        fit_purchases(purchases, "bg_nbd"),
        fit_purchases(purchases, "mbg_nbd"),
        fit_spend(spend),
    ]
    return [
        _row(fit)
        | {
            "fit_date": fit_date,
            "repeat_customers": repeats,
            "first_purchase_date": first_purchase_date,
            "fingerprint": mark,
        }
        for fit in fits
    ]


def _row(fit: Fit) -> Row:
    known = fit.log_likelihood == fit.log_likelihood
    return {
        "model": fit.model,
        **(fit.parameters if known else {}),
        "log_likelihood": fit.log_likelihood if known else None,
        "customers": fit.customers,
        "is_converged": fit.converged,
        "note": fit.note,
    }


def _by_date(stored: duckdb.DuckDBPyRelation | None) -> dict[date, list[Row]]:
    rows: dict[date, list[Row]] = {}
    if stored is not None:
        for row in stored.order("fit_date, model").to_arrow_table().to_pylist():
            rows.setdefault(row["fit_date"], []).append(row)
    return rows
