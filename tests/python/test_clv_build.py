"""Customer value as the warehouse builds it: cadence, gates, fallbacks, odd data, same bytes.

One chain that changes its nature over time, described on several days: at first one customer,
then fifty who all came once on one day, later repeat buyers, a wholesaler, refunds and zero
amounts. The gates of policy are lowered so that small data reach the models.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

from builder import Chain, copy_project
from strata.clv.expect import expected_purchases, expected_spend
from strata.clv.tables import histories

ONE, SAME_DAY, MAY, JUNE = "2020-02-10", "2020-03-15", "2023-05-31", "2023-06-20"
FEW_REPEATS, FEW_BUYERS = "2024-01-15", "2024-02-15"
EARLY, LATE, MONTH_END = "2021-06-30", "2023-06-29", "2023-06-30"
GATES = [
    ("clv_min_customers", 1, "2000-01-02"), ("clv_min_repeat_customers", 1, "2000-01-02"),
    ("clv_min_repeat_customers", 9999, "2024-01-01"), ("clv_min_customers", 9999, "2024-02-01"),
]  # fmt: skip
VALUE = "measures_value"
TABLES = (
    VALUE, "clv_parameters", "clv_fits_in_use", "clv_histories", "clv_scores", "measures_money",
)  # fmt: skip
TREES = "clv_challenger_predictions"  # only where clv_model asks for it


def set_the_gates(project: Path) -> None:
    with (project / "seeds/policy/thresholds.csv").open("a", encoding="utf-8") as seed:
        for name, value, since in GATES:
            seed.write(f"medical_aesthetics,{name},chain,*,{value},x,{since},ours,test\n")


def fill(chain: Chain) -> None:
    """The chain's customers; every draw is seeded."""
    draw = np.random.default_rng(5)
    chain.product("facial")
    chain.customer("first")
    chain.order("first", "2020-01-20", 500)
    for n in range(50):
        chain.customer(f"once_{n}")
        chain.order(f"once_{n}", "2020-02-20", 300)
    for n in range(160):
        name = f"regular_{n}"
        chain.customer(name)
        day, end = date(2020, 6, 1) + timedelta(int(draw.integers(0, 600))), date(2023, 6, 20)
        mean, gap = draw.lognormal(7, 0.8), draw.gamma(2.0, 30.0)
        while day <= end:
            chain.order(name, day.isoformat(), round(float(mean * draw.lognormal(0, 0.3)), 2))
            if draw.random() < 0.25:
                break
            day += timedelta(1 + int(draw.exponential(gap)))
    chain.customer("wholesaler")
    for n in range(30):
        chain.order("wholesaler", (date(2022, 1, 1) + timedelta(15 * n)).isoformat(), 900_000)
    chain.customer("gift")
    chain.order("gift", "2022-02-02", 0)
    chain.customer("refunded")
    chain.refund(chain.order("refunded", "2022-03-03", 800), "2022-03-10", 800)
    chain.customer("twice_a_day")
    for _ in range(2):
        chain.order("twice_a_day", "2022-05-05", 400)


@dataclass(frozen=True)
class Built:
    """The tables after a build, as they lay there: {table: rows}, a row as a dict."""

    tables: dict[str, list[dict[str, Any]]]

    def on(self, table: str, day: str) -> list[dict[str, Any]]:
        """The rows of one as-of date."""
        return [row for row in self.tables[table] if str(row["as_of_date"]) == day]

    def value(self, customer: str, day: str) -> dict[str, Any]:
        """The customer's row of measures_value."""
        (row,) = (row for row in self.on(VALUE, day) if row["customer_id"] == customer)
        return row


def build(chain: Chain, select: str, days: list[str], **variables: object) -> Built:
    chain.build("--select", select, tests=False, as_of_date=days, **variables)
    tables: dict[str, list[dict[str, Any]]] = {TREES: []}
    asked = (TREES,) if "clv_model" in variables else ()
    with duckdb.connect(str(chain.settings.database), read_only=True) as connection:
        for table in TABLES + asked:
            key = "customer_key" if table == TREES else "customer_sk"
            person = f"b.{key} = t.{key} and b.survivor_rank = 1"
            found = connection.execute(
                f"select t.* from measures.{table} as t order by all"
                if table in ("clv_parameters", "clv_fits_in_use", "clv_scores")
                else "select b.customer_id, t.* from customers.customer_bridge as b"
                f" join measures.{table} as t on {person} order by all"
            )
            names = [column[0] for column in found.description]
            tables[table] = [dict(zip(names, r, strict=True)) for r in found.fetchall()]
    return Built(tables)


@pytest.fixture(scope="module")
def builds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Built]:
    """Built thrice: two threads; one thread, other days, later facts; the challenger."""
    directory = tmp_path_factory.mktemp("clv")
    project = copy_project(directory)
    set_the_gates(project)
    chain = Chain(directory, project)
    chain.settings = replace(chain.settings, threads=2)
    fill(chain)
    chain.load()
    days = [ONE, SAME_DAY, MAY, JUNE, FEW_REPEATS, FEW_BUYERS]
    built = {"two_threads": build(chain, "+measures_value", days)}
    chain.settings = replace(chain.settings, threads=1)
    chain.order("first", "2023-06-28", 700)
    chain.load()
    built["later"] = build(chain, "+measures_value", [JUNE, LATE, MONTH_END])
    built["blend"] = build(chain, "+measures_value", [JUNE, EARLY], clv_model="blend")
    return built


@pytest.fixture
def built(builds: dict[str, Built]) -> Built:
    return builds["two_threads"]


def fit_dates(built: Built) -> dict[str, str]:
    return {
        str(row["as_of_date"]): str(row["fit_date"])
        for row in built.tables["clv_fits_in_use"]
        if row["fit_date"]
    }


def test_the_fit_is_of_the_last_month_end(built):
    fits = fit_dates(built)
    assert fits[MAY] == fits[JUNE] == "2023-05-31"
    assert fits[FEW_REPEATS] == "2023-12-31"
    assert ONE not in fits
    assert SAME_DAY not in fits


def test_without_anything_to_fit_the_formula_stands_in_and_says_why(built):
    for day, customer, amount in ((ONE, "first", 500), (SAME_DAY, "once_7", 300)):
        row = built.value(customer, day)
        assert (row["clv_basis"], row["clv_fallback"]) == ("formula", "no_fit")
        assert row["clv_amount"] == amount
        assert row["predicted_12m_amount"] == amount
        assert row["clv_low_amount"] is None
        assert row["alive_probability"] is None
    notes = {
        (str(row["fit_date"]), row["note"])
        for row in built.tables["clv_parameters"]
        if row["model"] == "mbg_nbd" and str(row["fit_date"]) < "2021"
    }
    assert ("2020-02-29", "no_repeat_purchases") in notes
    assert ("2019-12-31", "no_customers") in notes


@pytest.mark.parametrize(
    ("day", "reason"),
    [(FEW_REPEATS, "too_few_repeat_customers"), (FEW_BUYERS, "too_few_customers")],
)
def test_a_shut_gate_means_the_formula_with_the_reason(built, day, reason):
    rows = built.on(VALUE, day)
    assert {(row["clv_basis"], row["clv_fallback"]) for row in rows} == {("formula", reason)}
    assert all(row["clv_amount"] == row["formula_ltv_amount"] for row in rows)


def test_value_is_what_was_spent_plus_what_the_parameters_expect(built):
    """The SQL scores equal the models' own, from the stored parameters."""
    (fit,) = (r for r in built.tables["clv_fits_in_use"] if str(r["as_of_date"]) == JUNE)
    rows = built.on("clv_histories", JUNE)
    columns = ("repeat_days", "recency_days", "age_days", "mean_amount")
    known = {name: np.array([float(row[name]) for row in rows]) for name in columns}
    spend = expected_spend(fit, known["repeat_days"] + 1, known["mean_amount"])
    valued = [built.value(row["customer_id"], JUNE) for row in rows]
    net = {r["customer_id"]: r["net_amount_lifetime"] for r in built.on("measures_money", JUNE)}
    year = [row["predicted_12m_amount"] for row in valued]
    horizon = [row["clv_amount"] - net[row["customer_id"]] for row in valued]
    for weeks, amounts in ((365 / 7, year), (3 * 365 / 7, horizon)):
        ours = expected_purchases(fit, histories(known), weeks) * spend
        np.testing.assert_allclose(np.array(amounts, float), ours, rtol=1e-9, atol=0.006)


def test_intervals_enclose_and_no_figure_is_nonsense(built):
    modelled = [row for row in built.tables[VALUE] if row["clv_basis"] == "mbg_gg"]
    assert len(modelled) > 300
    for row in modelled:
        assert row["clv_low_amount"] <= row["clv_amount"] <= row["clv_high_amount"] < 10**12
        assert 0 <= row["alive_probability"] <= 1
        assert row["predicted_12m_amount"] >= 0


def test_the_wholesaler_does_not_carry_the_others_away(built):
    wholesaler = built.value("wholesaler", JUNE)
    assert wholesaler["formula_ltv_amount"] == 27_000_000
    assert wholesaler["clv_amount"] >= 27_000_000
    # She spent 300 once, three years ago.
    assert built.value("once_1", JUNE)["predicted_12m_amount"] < 10_000


def test_gifts_and_refunded_orders_are_no_purchases_and_a_day_counts_once(built):
    rows = {row["customer_id"]: row for row in built.on("clv_histories", JUNE)}
    assert {"gift", "refunded"}.isdisjoint(rows)
    assert rows["twice_a_day"]["purchase_days"] == 1
    assert rows["twice_a_day"]["mean_amount"] == Decimal(800)


def test_growth_is_null_where_nothing_was_spent_in_a_year(built):
    assert built.value("once_1", JUNE)["clv_growth_rate"] is None
    row = built.value("wholesaler", JUNE)
    # Orders from 2022-06-30, the 13th, to the 30th fall within 365 days: 18 of them.
    year = 18 * 900_000
    assert row["clv_growth_rate"] == pytest.approx(
        row["predicted_12m_amount"] / year - 1, abs=Decimal("0.00006")
    )


def test_a_day_is_the_same_among_other_days_by_other_threads_and_with_later_facts(builds):
    before, after = builds["two_threads"], builds["later"]
    for table in (VALUE, "clv_scores", "clv_histories", "clv_fits_in_use"):
        assert before.on(table, JUNE)
        assert after.on(table, JUNE) == before.on(table, JUNE)
    kept = [r for r in before.tables["clv_parameters"] if str(r["fit_date"]) == "2023-05-31"]
    assert len(kept) == 3
    assert all(row in after.tables["clv_parameters"] for row in kept)


def test_a_new_fit_comes_with_the_month_end_and_scores_follow_every_day(builds):
    after = builds["later"]
    assert fit_dates(after) == {
        JUNE: "2023-05-31", LATE: "2023-05-31", MONTH_END: "2023-06-30",
    }  # fmt: skip
    # She came back the day before.
    asleep, back = (after.value("first", day)["alive_probability"] for day in (JUNE, LATE))
    assert back > asleep


def test_the_challenger_takes_part_where_asked_and_never_silently(builds):
    built, standard = builds["blend"], builds["two_threads"]
    trees = {row["customer_id"]: row["predicted_amount"] for row in built.on(TREES, JUNE)}
    assert not standard.tables[TREES]
    rows = built.on(VALUE, JUNE)
    assert {(row["clv_basis"], row["clv_fallback"]) for row in rows} == {("blend", None)}
    for row in rows:
        if row["customer_id"] == "first":  # she has bought since
            continue
        own = float(standard.value(row["customer_id"], JUNE)["predicted_12m_amount"])
        half = (trees[row["customer_id"]] + own) / 2
        assert float(row["predicted_12m_amount"]) == pytest.approx(half, abs=0.011)


def test_a_short_history_keeps_the_challenger_out_and_says_so(builds):
    rows = builds["blend"].on(VALUE, EARLY)
    assert {(row["clv_basis"], row["clv_fallback"]) for row in rows} == {
        ("mbg_gg", "short_history")
    }
