"""Revenue and churn: hand-computed figures, boundaries, and no look into the future."""

import json
from datetime import date, timedelta

import duckdb
import numpy as np
import pandas as pd
import pytest
from statsmodels.tsa.forecasting.theta import ThetaModel

from strata.clv.datasets import FileColumns
from strata.clv.sql import render
from strata.outlook.churn import (
    MBG,
    MODELS,
    NAIVE,
    TREES,
    Windows,
    auc,
    calibrate,
    fit_churn,
    fit_model,
    probability,
    score_churn,
)
from strata.outlook.command import backtest_outlook
from strata.outlook.revenue import (
    SEASONAL_NAIVE,
    THETA,
    Policy,
    Trials,
    choose,
    forecast_revenue,
    predict,
)
from strata.settings import load_settings

POLICY = Policy(horizon_months=3, interval_share=0.8, min_months=12, origins=24)
LAST, WINDOW = date(2025, 12, 31), 90


def months(values, clinic="*", first="2022-01-01"):
    days = pd.date_range(first, periods=len(values), freq="MS")
    return pd.DataFrame({"clinic_id": clinic, "month_date": days, "amount": values})


def told(values, **wanted):
    rows = forecast_revenue(months(values), POLICY).to_pylist()
    return [row for row in rows if all(row[key] == value for key, value in wanted.items())]


# --- revenue ---------------------------------------------------------------------------------


@pytest.mark.parametrize("months", [20, 40, 60])
def test_forecasts_are_those_of_statsmodels_own_theta_method(months: int) -> None:
    draw = np.random.default_rng(months)
    season = 1 + 0.3 * np.sin(np.arange(months) * 2 * np.pi / 12)
    values = 1000 * season * np.exp(np.cumsum(draw.normal(0.01, 0.1, months)))
    theirs = ThetaModel(
        values, period=12 if months >= 24 else 1, deseasonalize=months >= 24, use_test=False,
        method="multiplicative",
    ).fit().forecast(6)  # fmt: skip
    assert predict(THETA, values, 6) == pytest.approx(np.asarray(theirs), rel=1e-3)


def test_a_steady_rise_is_missed_by_last_years_month_and_met_by_theta():
    rising = [1000 + 10 * n for n in range(36)]
    # Last year's month is 12 steps of 10 too low in every month, as it always was: MASE 1.
    (naive,) = told(rising, metric="mase", band="all", model=SEASONAL_NAIVE)
    (theta,) = told(rising, metric="mase", band="all", model=THETA)
    assert naive["figure"] == pytest.approx(1)
    # From 13 months on, for a year's error to compare with; the last two lack 1 and 2 months.
    assert naive["cases"] == 23 * 3 - (1 + 2)
    assert theta["figure"] < 0.5
    assert theta["is_used"]
    assert not naive["is_used"]
    (missed,) = told(rising, metric="missed_share", model=SEASONAL_NAIVE)
    came = [sum(rising[n : n + 3]) for n in range(13, 36)]
    assert missed["figure"] == pytest.approx(120 * naive["cases"] / sum(came))


def test_of_equals_the_naive_one_is_used():
    assert choose({THETA: 0.8, SEASONAL_NAIVE: 0.8}, 40) == SEASONAL_NAIVE
    assert choose({THETA: 0.7999, SEASONAL_NAIVE: 0.8}, 40) == THETA
    assert choose({THETA: float("nan"), SEASONAL_NAIVE: float("nan")}, 40) == SEASONAL_NAIVE


@pytest.mark.parametrize(
    ("known", "model", "ahead"),
    [(11, "naive", [111, 111, 111]), (12, SEASONAL_NAIVE, [101, 102, 103])],
)
def test_a_short_history_is_told_by_the_naive_forecast(known, model, ahead):
    rows = told([101 + n for n in range(known)])
    assert [(row["model"], row["figure"]) for row in rows] == [(model, a) for a in ahead]
    assert {row["low"] for row in rows} == {None}


def test_a_month_without_a_row_brought_nothing_and_a_closed_clinic_stays_at_nothing():
    table = pd.concat([months([100.0] * 14), months([100.0] * 3, "closed")])
    rows = forecast_revenue(table, POLICY).to_pylist()
    closed = [r for r in rows if r["clinic_id"] == "closed" and r["kind"] == "forecast"]
    # Fourteen months are known of it, eleven of them empty: last year's March alone is 100.
    assert [row["figure"] for row in closed] == [100, 0, 0] or closed[0]["model"] == THETA
    assert {row["cases"] for row in closed} == {14}


def test_months_at_the_end_without_a_row_brought_nothing_either():
    rows = forecast_revenue(months([100.0] * 11), POLICY, date(2023, 1, 31)).to_pylist()
    # A year and a month are known: those ahead are last year's February to April.
    assert [(row["origin_date"], row["model"], row["figure"]) for row in rows] == [
        (date(2023, 1, 31), SEASONAL_NAIVE, 100)
    ] * 3
    ended = forecast_revenue(months([100.0] * 3), POLICY, date(2022, 5, 31)).to_pylist()
    assert [(row["model"], row["figure"]) for row in ended] == [("naive", 0.0)] * 3


def test_a_forecast_from_the_past_knows_nothing_later():
    values = np.random.default_rng(3).gamma(9, 100, 40)
    moved = values.copy()
    moved[34:] *= 7
    for model in (SEASONAL_NAIVE, THETA):
        before, after = (Trials.of(model, some, POLICY) for some in (values, moved))
        known = [row for row, n in enumerate(before.months) if n + 3 <= 34]
        assert np.allclose(before.errors[known], after.errors[known])
        assert np.allclose(before.reach(34, 0.8), after.reach(34, 0.8), equal_nan=True)
        assert not np.allclose(before.errors[-4, 0], after.errors[-4, 0])


def test_the_interval_holds_about_as_often_as_it_says():
    held = []
    for seed in range(60):
        values = 1000 + np.random.default_rng(seed).normal(0, 50, 60)
        held.append(Trials.of(SEASONAL_NAIVE, values, POLICY).covered(0.8).mean())
    assert 0.74 < np.mean(held) < 0.88


def test_theta_follows_the_season():
    season = np.tile([50, 60, 70, 80, 90, 100, 110, 120, 130, 140, 150, 160], 4) * 10.0
    assert predict(THETA, season, 3) == pytest.approx([500, 600, 700], rel=0.15)


# --- churn: what is known when ---------------------------------------------------------------


def judged_of(file, of, sql):
    """What `strata backtest --of` says of a file with these customers, days and amounts."""
    duckdb.sql(f"copy ({sql}) to '{file}' (format parquet)")
    return backtest_outlook(load_settings(file.parent), of, file, FileColumns())


def test_a_backtest_of_a_file_leaves_out_the_month_that_is_not_over(tmp_path):
    months = (
        "select 'c' || n % 7 as customer_id, date '2021-01-31' + to_months(n) as date,"
        " 1000 + 100 * (n % 12) + n % 5 as amount from range(48) r(n)"
    )
    begun = " union all select 'c1', date '2025-01-01', 999999"
    whole = judged_of(tmp_path / "whole.parquet", "revenue", months)
    more = judged_of(tmp_path / "more.parquet", "revenue", months + begun)
    assert {row["metric"] for row in whole} >= {"mase", "missed_share"}
    assert more == whole


def histories(movements, places=3):
    """churn_histories of (customer, day, amount): each row is an order of its own."""
    connection = duckdb.connect()
    rows = pd.DataFrame(movements, columns=["who", "what", "day", "paid"])  # noqa: F841
    connection.execute(
        "create table movements as select who as customer_key, what as order_key,"
        " cast(day as date) as movement_date, cast(paid as decimal(18, 2)) as amount from rows"
    )
    connection.execute("create table places (place integer, day date)")
    connection.executemany(
        "insert into places values (?, ?)",
        [(p, LAST - timedelta(days=p * WINDOW)) for p in range(places + 1)],
    )
    connection.execute(
        "create table histories as select *, days_since_last <= 180 as is_active from ("
        + render("churn_histories", "movements", "places", str(WINDOW))
        + ")"
    )
    return connection


def test_the_window_begins_on_the_next_day_and_ends_with_its_last():
    origin = LAST - timedelta(days=WINDOW)
    rows = [
        (name, number, day, 100)
        for number, (name, days) in enumerate(
            {
                "on the day": [0], "next day": [0, 1], "last day": [0, WINDOW],
                "too late": [0, WINDOW + 1],
            }.items()
        )
        for day in (origin + timedelta(days=d) for d in days)
    ]  # fmt: skip
    rows = [(name, n, day, amount) for n, (name, _, day, amount) in enumerate(rows)]
    # Returned within the window: it is no purchase. Returned after it: it was one then.
    back = origin + timedelta(days=10)
    rows += [("returned", 90, origin, 100), ("returned", 91, back, 100)]
    rows += [("returned", 91, back + timedelta(days=5), -100)]
    rows += [("returned late", 92, origin, 100), ("returned late", 93, back, 100)]
    rows += [("returned late", 93, LAST + timedelta(days=5), -100)]
    found = histories(rows).execute(
        "select customer_key, has_left, purchase_days, days_since_last from histories"
        " where place = 1"
    )
    assert {key: rest for key, *rest in found.fetchall()} == {
        "on the day": [1, 1, 0], "next day": [0, 1, 0], "last day": [0, 1, 0],
        "too late": [1, 1, 0], "returned": [1, 1, 0], "returned late": [0, 1, 0],
    }  # fmt: skip


def chain(seed=1, customers=400, places=5):
    """Buyers with a rate of their own, half of whom drop out sooner or later."""
    random = np.random.default_rng(seed)
    rows, number = [], 0
    for customer in range(customers):
        day = int(random.integers(0, 700))
        rate, end = random.gamma(1.5, 30) + 5, day + random.exponential(500)
        while day < min(end, 800):
            # A fifth of all days to come lie beyond the last day known.
            when = LAST - timedelta(days=720) + timedelta(days=int(day))
            rows.append((f"c{customer:04}", number, when, round(random.gamma(2, 200), 2)))
            number += 1
            day += max(1, random.exponential(rate))
    return rows, places


@pytest.fixture(scope="module")
def known():
    rows, places = chain()
    return histories(rows, places)


def test_later_rows_change_nothing_that_was_known(known):
    rows, places = chain()
    turn = LAST - timedelta(days=2 * WINDOW)
    later = [row for row in rows if row[2] > turn]
    moved = [row for row in rows if row[2] <= turn]
    moved += [(key, n, min(day, turn + timedelta(days=1)), 9999) for key, n, day, _ in later]
    other = histories(moved, places)
    everything = "select * from histories where place >= 2"
    past = f"from ({everything}) where place > 2 order by place, customer_key"
    assert known.execute(past).fetchall() == other.execute(past).fetchall()
    features = f"select * exclude (has_left) from ({everything}) order by place, customer_key"
    assert known.execute(features).fetchall() == other.execute(features).fetchall()
    assert known.execute("from histories where place = 1").fetchall() != (
        other.execute("from histories where place = 1").fetchall()
    )
    # So a model of the day of the turn is the same, and says the same of everybody on it.
    for model in MODELS:
        here = [Windows(c.table("histories"), WINDOW) for c in (known, other)]
        fits = [fit_model(windows, model, 2, places) for windows in here]
        assert fits[0] is not None
        said = [probability(f, w.active(2)) for f, w in zip(fits, here, strict=True)]
        assert np.allclose(*said)


def test_the_one_with_the_smallest_brier_score_is_used(known):
    rows = fit_churn(known.table("histories"), WINDOW)
    brier = {row["model"]: row["figure"] for row in rows if row["metric"] == "brier"}
    assert set(brier) == set(MODELS)
    assert {row["model"] for row in rows if row["is_used"]} == {min(brier, key=brier.get)}
    scores = {row["model"]: row["figure"] for row in rows if row["metric"] == "auc"}
    assert scores[MBG] > 0.6
    shares = {r["band"]: r["figure"] for r in rows if r["metric"] == "predicted_share"
              and r["model"] == MBG}  # fmt: skip
    assert len(shares) == 10
    assert [shares[band] for band in sorted(shares)] == sorted(shares.values(), reverse=True)


@pytest.mark.parametrize("model", [NAIVE, MBG, TREES])
def test_silence_raises_the_risk_and_says_so(known, model):
    windows = Windows(known.table("histories"), WINDOW)
    fitted = fit_model(windows, model, 0, 5)
    row = {"is_used": True, "metric": "model", "model": model, "fit_date": LAST}
    today = known.sql(
        "select null::integer as place, day, md5(customer_key)::uuid as customer_key,"
        " * exclude (place, day, customer_key) from histories where place = 0"
    )
    drivers = {name: name.split("_")[0] for name in fitted["medians"]}
    told = score_churn([row | {"body": json.dumps(fitted)}], today, drivers, 2).to_pylist()
    first = [t for t in told if t["place"] == 1]
    assert len(first) == len({t["customer_key"] for t in told})
    assert all(0 < t["probability"] < 1 for t in told)
    silent = [t for t in first if t["feature"] == "days_since_last" and t["value"] > 150]
    assert silent
    assert all(t["effect"] > 0 for t in silent)


def test_calibration_finds_the_line_and_auc_counts_pairs():
    random = np.random.default_rng(5)
    score = random.normal(0, 2, 20_000)
    left = (random.random(20_000) < 1 / (1 + np.exp(-(0.5 * score - 1)))).astype(float)
    assert calibrate(score, left) == pytest.approx((0.5, -1), abs=0.06)
    # Of the four pairs of one who left and one who stayed, three are in order.
    assert auc(np.array([0.9, 0.3, 0.5, 0.1]), np.array([1.0, 1.0, 0.0, 0.0])) == 0.75
    assert auc(np.array([0.5, 0.5]), np.array([1.0, 0.0])) == 0.5


def test_too_few_to_learn_from_gives_no_fit():
    rows, places = chain(customers=20)
    assert fit_churn(histories(rows, places).table("histories"), WINDOW) == []
