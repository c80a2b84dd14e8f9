"""One origin of a backtest: what the models, knowing nothing later, would have said."""

from dataclasses import dataclass
from datetime import date, timedelta

import duckdb
import numpy as np

from strata.clv import challenger
from strata.clv.expect import (
    alive_probability,
    expected_spend,
    purchase_quantiles,
    purchases_if_alive,
)
from strata.clv.fit import fit_purchases, fit_spend
from strata.clv.likelihoods import Array
from strata.clv.sql import render
from strata.clv.tables import DAYS_PER_WEEK, columns, group, histories

DAYS_PER_YEAR = 365
FEWEST_TO_LEARN = 100  # customers, for trees to split on
SHORTEST_LABEL = 28  # days
INTERVAL = (0.1, 0.9)
BLEND = 0.5


@dataclass(frozen=True)
class Forecast:
    """What was expected of each customer known on the origin, by model.

    `notes` say, per model, what was done where data were few or short; a model that could
    not be had is not in `expected`, but in `notes`.
    """

    keys: list[str]
    before: Array
    expected: dict[str, Array]
    low: Array | None
    high: Array | None
    notes: dict[str, str]


def forecast(
    connection: duckdb.DuckDBPyConnection,
    origin: date,
    horizon_days: int,
    feature_years: int = 5,
) -> Forecast:
    """Fit and train on what the table `movements` knew on the origin, and predict."""
    known = connection.sql(_histories(origin)).order("customer_key")
    table = columns(known)
    keys = table["customer_key"].tolist()
    expected: dict[str, Array] = {}
    notes: dict[str, str] = {}
    low = high = None
    if not keys:
        return Forecast(keys, np.zeros(0), {}, None, None, {"all": "no_customers"})

    # The naive formula: AOV × purchases a year × years, times the share who ever came back.
    years = np.maximum(table["recency_days"] / 365.25, 1)
    returning = float((table["repeat_days"] > 0).mean())
    expected["naive"] = table["total_amount"] / years * horizon_days / DAYS_PER_YEAR * returning

    grouped, spent = group(known)
    purchases, spend = fit_purchases(grouped), fit_spend(spent)
    if purchases.converged:
        weeks = horizon_days / DAYS_PER_WEEK
        of = histories(table)
        amount = table["mean_amount"]
        if spend.converged:
            amount = expected_spend(spend.parameters, of.repeats + 1, amount)
        else:
            notes["mbg_gg"] = "own_mean_amount"
        if_alive = purchases_if_alive(purchases.parameters, of.repeats, of.age, weeks)
        expected["mbg_gg"] = alive_probability(purchases.parameters, of) * if_alive * amount
        counts = purchase_quantiles(purchases.parameters, of, weeks, INTERVAL)
        low = np.minimum(counts[0] * amount, expected["mbg_gg"])
        high = np.maximum(counts[1] * amount, expected["mbg_gg"])
    else:
        notes["mbg_gg"] = purchases.note

    learned, note = _challenge(connection, origin, horizon_days, feature_years, keys)
    if note:
        notes["xgboost"] = note
    if learned is not None:
        expected["xgboost"] = learned
        if "mbg_gg" in expected:
            expected["blend"] = BLEND * learned + (1 - BLEND) * expected["mbg_gg"]
    return Forecast(keys, table["total_amount"], expected, low, high, notes)


def actual_amounts(
    connection: duckdb.DuckDBPyConnection, origin: date, horizon_days: int, keys: list[str]
) -> Array:
    """What each customer really spent after the origin, as known at the horizon's end."""
    end = origin + timedelta(days=horizon_days)
    days = _purchase_days(end)
    rows = connection.sql(
        f"with days as ({days}) {render('clv_labels', 'days', 'day', _literal(origin))}"
    ).fetchall()
    spent = {key: float(amount) for _, key, amount in rows}
    return np.array([spent.get(key, 0.0) for key in keys])


def _challenge(
    connection: duckdb.DuckDBPyConnection,
    origin: date,
    horizon_days: int,
    feature_years: int,
    keys: list[str],
) -> tuple[Array | None, str]:
    """The challenger's prediction. Where the history is shorter than twice the horizon, it
    learns over half the history and its answer is stretched; the note says so."""
    (first,) = connection.execute("select min(movement_date) from movements").fetchone()
    label_days = min(horizon_days, (origin - first).days // 2)
    training = origin - timedelta(days=label_days)
    if label_days < SHORTEST_LABEL:
        return None, "short_history"
    table = columns(_features(connection, training, feature_years))
    if len(table["customer_key"]) < FEWEST_TO_LEARN:
        return None, "too_few_customers"
    labels = actual_amounts(connection, training, label_days, table["customer_key"].tolist())
    if not labels.any():
        return None, "nothing_to_learn"
    trees = challenger.train(table, labels)
    seen = columns(_features(connection, origin, feature_years))
    answers = challenger.expect(trees, seen) * horizon_days / label_days
    by_key = dict(zip(seen["customer_key"].tolist(), answers, strict=True))
    note = "" if label_days == horizon_days else f"label_of_{label_days}_days"
    return np.array([by_key.get(key, 0.0) for key in keys]), note


def _features(
    connection: duckdb.DuckDBPyConnection, day: date, years: int
) -> duckdb.DuckDBPyRelation:
    recent = (
        f"with days as ({_purchase_days(day)}), recent as (select *,"
        f" date_diff('day', purchase_date, day) as days_ago from days"
        f" where purchase_date > {_literal(day)} - interval {int(years)} year)"
    )
    query = f"{recent} {render('clv_features', 'recent', 'day')}"
    return connection.sql(query).project("* exclude (day)").order("customer_key")


def _histories(day: date) -> str:
    return f"with days as ({_purchase_days(day)}) {render('clv_histories', 'days', 'day')}"


def _purchase_days(day: date) -> str:
    dates = f"(select {_literal(day)} as day)"
    return render("clv_purchase_days", "movements", dates, "day")


def _literal(day: date) -> str:
    return f"date '{day}'"
