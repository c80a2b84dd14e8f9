"""Which fits are made, which are kept, and what serves when the newest one fails."""

import duckdb
import numpy as np
import pytest

from strata.clv.parameters import fit_due

MARCH, APRIL = "2023-03-31", "2023-04-30"


@pytest.fixture
def connection():
    """Two month ends of one as-of date: a good March, an April in which nobody repeats."""
    draw = np.random.default_rng(4)
    with duckdb.connect() as connection:
        connection.execute(
            "create table dates as select * from (values"
            " (date '2023-05-10', 1, date '2023-04-30'),"
            " (date '2023-05-10', 2, date '2023-03-31')) as t (as_of_date, attempt, fit_date)"
        )
        connection.execute(
            "create table histories (fit_date date, repeat_days integer, recency_days integer,"
            " age_days integer, purchase_days integer, mean_amount decimal(18, 2),"
            " first_purchase_date date)"
        )
        for month in (MARCH, APRIL):
            for _ in range(300):
                age = int(draw.integers(100, 700))
                repeats = int(draw.geometric(0.4)) - 1 if month == MARCH else 0
                recency = int(age * draw.uniform(0.1, 0.9)) if repeats else 0
                amount = round(float(draw.lognormal(6, 1)), 2)
                connection.execute(
                    "insert into histories values (?, ?, ?, ?, ?, ?, date '2020-01-01')",
                    [month, repeats, recency, age, repeats + 1, amount],
                )
        yield connection


def fit(connection, stored=None):
    relation = connection.from_arrow(stored) if stored is not None else None
    table = fit_due(connection.table("dates"), connection.table("histories"), relation)
    return {(str(row["fit_date"]), row["model"]): row for row in table.to_pylist()}, table


def test_an_earlier_month_end_serves_where_the_newest_fails(connection):
    found, _ = fit(connection)
    assert found[APRIL, "mbg_nbd"]["note"] == "no_repeat_purchases"
    assert not found[APRIL, "mbg_nbd"]["is_converged"]
    assert found[MARCH, "mbg_nbd"]["is_converged"]
    assert found[MARCH, "gamma_gamma"]["customers"] == 300


def test_an_earlier_month_end_is_not_fitted_without_need(connection):
    connection.execute("delete from histories where fit_date = date '2023-04-30'")
    connection.execute(
        "insert into histories select * replace (date '2023-04-30' as fit_date) from histories"
    )
    found, _ = fit(connection)
    assert {month for month, _ in found} == {APRIL}


def test_a_fit_is_kept_while_its_data_are_the_same_and_made_anew_when_not(connection):
    first, table = fit(connection)
    marked = table.set_column(
        table.column_names.index("note"), "note", [["kept"] * table.num_rows]
    )
    again, _ = fit(connection, marked)
    assert {row["note"] for row in again.values()} == {"kept"}
    connection.execute("insert into histories select * from histories limit 1")
    anew, _ = fit(connection, marked)
    assert anew[MARCH, "mbg_nbd"]["note"] != "kept"
    assert anew[MARCH, "mbg_nbd"]["r"] != first[MARCH, "mbg_nbd"]["r"]


def test_parameters_are_told_in_full(connection):
    found, _ = fit(connection)
    r = found[MARCH, "mbg_nbd"]["r"]
    assert r != float(f"{r:.6g}")
