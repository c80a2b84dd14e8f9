"""The backtest: figures by hand, nothing known from the future, odd data, the command."""

from datetime import date, timedelta
from pathlib import Path

import duckdb
import numpy as np
import pytest
from typer.testing import CliRunner

from strata.cli import app
from strata.clv import challenger
from strata.clv.backtest import Dataset, Row, backtest, rolling_origins
from strata.clv.command import show_backtest
from strata.clv.metrics import Figure, Outcome, coverage, measure
from strata.clv.origins import actual_amounts, forecast
from strata.console import console
from strata.errors import StrataError

ORIGIN = date(2023, 6, 30)


# --- figures, by hand ------------------------------------------------------------------------


def ten() -> Outcome:
    """Ten customers: the highest prediction spends 60 of 100, the second nothing."""
    return Outcome(
        before=np.array([90.0, 0, 0, 0, 0, 0, 0, 0, 0, 100]),
        predicted=np.array([50.0, 40, 8, 7, 6, 5, 4, 3, 2, 0]),
        actual=np.array([60.0, 0, 40, 0, 0, 0, 0, 0, 0, 0]),
    )


@pytest.mark.parametrize(
    ("metric", "value", "shown"),
    [
        ("mae", 12345.678, " 12,346 "), ("mae", 99.994, " 99.99 "), ("mae", 100.4, " 100 "),
        ("top_decile_capture", 0.615, " 62% "), ("spearman", 0.615, " 0.61 "),
    ],
)  # fmt: skip
def test_amounts_are_shown_whole_and_small_ones_with_two_digits(metric, value, shown):
    figure = Figure(metric, "all", value, np.nan, np.nan, 10)
    with console.capture() as printed:
        show_backtest([Row("shop", ORIGIN, 365, "mbg_gg", figure, "")])
    assert shown in printed.get()


def test_figures_of_ten_customers_by_hand():
    found = {(f.metric, f.band): f.value for f in measure(ten(), {"core": 40.0})}
    assert found["mae", "all"] == pytest.approx((10 + 40 + 32 + 7 + 6 + 5 + 4 + 3 + 2 + 0) / 10)
    assert found["total_ratio", "all"] == pytest.approx(125 / 100)
    assert found["top_decile_capture", "all"] == pytest.approx(0.6)
    # Said to be core: the 1st (140), the 2nd (40), the 10th (100). True: 1st, 3rd, 10th.
    assert found["precision", "core"] == pytest.approx(2 / 3)
    assert found["recall", "core"] == pytest.approx(2 / 3)
    # Not core before: said the 2nd, true the 3rd.
    assert found["new_precision", "core"] == 0
    assert found["new_recall", "core"] == 0
    assert found["tier_accuracy", "all"] == pytest.approx(8 / 10)
    assert found["predicted_mean", "02"] == 40
    assert found["actual_mean", "03"] == 40


def test_rank_order_of_a_reversed_list_is_minus_one():
    rising = np.arange(20, dtype=float)
    (figure,) = (
        f for f in measure(Outcome(rising, rising, rising[::-1]), {}) if f.metric == "spearman"
    )
    assert figure.value == pytest.approx(-1)


def test_coverage_counts_the_edges_in():
    low, high = np.array([0.0, 1, 2, 3]), np.array([0.0, 1, 2, 3])
    assert coverage(low, high, np.array([0.0, 1, 5, 1])).value == 0.5


def test_an_interval_covers_its_figure_at_the_rate_it_says():
    """Of samples of one population, nine in ten intervals of the mean hold its true mean."""
    draw = np.random.default_rng(3)
    held = 0
    for _ in range(120):
        actual = draw.exponential(100.0, 300)
        outcome = Outcome(actual * 0, actual * 0, actual)
        (mae,) = (f for f in measure(outcome, {}) if f.metric == "mae")
        held += mae.low <= 100 <= mae.high
    assert 0.83 <= held / 120 <= 0.96


# --- nothing from the future -----------------------------------------------------------------


def movements(rows: list[tuple[str, date, float]]) -> duckdb.DuckDBPyConnection:
    """A connection with these orders as its table `movements`."""
    connection = duckdb.connect()
    connection.execute(
        "create table movements (customer_key varchar, order_key varchar,"
        " movement_date date, amount decimal(18, 2))"
    )
    for n, (customer, day, amount) in enumerate(rows):
        connection.execute(
            "insert into movements values (?, ?, ?, ?)", [customer, f"o{n}", day, amount]
        )
    return connection


def shop(customers: int = 250, seed: int = 1) -> list[tuple[str, date, float]]:
    draw = np.random.default_rng(seed)
    rows = []
    for n in range(customers):
        day = date(2020, 1, 1) + timedelta(int(draw.integers(0, 900)))
        mean, gap = draw.lognormal(6, 0.7), draw.gamma(2.0, 40.0)
        while day < date(2024, 7, 1):
            rows.append((f"c{n:03}", day, round(float(mean * draw.lognormal(0, 0.3)), 2)))
            if draw.random() < 0.2:
                break
            day += timedelta(1 + int(draw.exponential(gap)))
    return rows


def test_what_comes_after_the_origin_changes_no_forecast():
    known = [row for row in shop() if row[1] <= ORIGIN]
    later = [("c001", ORIGIN + timedelta(1), 1e6), ("stranger", ORIGIN + timedelta(9), 1e6)]
    one, other = (forecast(movements(rows), ORIGIN, 365) for rows in (known, known + later))
    assert one.keys == other.keys
    assert set(one.expected) == {"naive", "mbg_gg", "xgboost", "blend"}
    for model, expected in one.expected.items():
        np.testing.assert_array_equal(expected, other.expected[model])


def test_a_refund_counts_from_its_own_day_on():
    connection = movements([("a", date(2023, 1, 1), 500.0), ("a", date(2023, 2, 1), 100.0)])
    connection.execute("insert into movements values ('a', 'o1', date '2023-07-10', -100)")
    assert forecast(connection, ORIGIN, 365).before.tolist() == [600.0]
    assert forecast(connection, date(2023, 7, 10), 365).before.tolist() == [500.0]


def test_actual_is_what_was_spent_until_the_horizons_end():
    day = ORIGIN
    connection = movements([
        ("a", day, 1.0), ("a", day + timedelta(1), 10.0), ("a", day + timedelta(30), 100.0),
        ("a", day + timedelta(31), 1000.0),
    ])  # fmt: skip
    assert actual_amounts(connection, day, 30, ["a", "b"]).tolist() == [110.0, 0.0]


def test_naive_is_aov_times_frequency_times_the_share_who_return():
    connection = movements([
        # Two years between first and last: 600 a year. Half of the two customers returned.
        ("a", date(2021, 6, 30), 600.0), ("a", date(2023, 6, 30), 600.0),
        ("b", date(2023, 6, 30), 80.0),
    ])  # fmt: skip
    naive = forecast(connection, ORIGIN, 365).expected["naive"]
    assert naive == pytest.approx([1200 / (730 / 365.25) * 0.5, 80 * 0.5])


def test_trees_are_the_same_for_the_same_rows():
    draw = np.random.default_rng(2)
    table = {f"x{n}": draw.normal(size=400) for n in range(5)}
    labels = np.maximum(table["x0"] * 50 + 20, 0)
    first = challenger.train(table, labels)
    assert challenger.train(table, labels) == first
    # Features by name, in whatever order they come.
    turned = dict(reversed(table.items()))
    assert challenger.expect(first, turned).tolist() == challenger.expect(first, table).tolist()


# --- odd data --------------------------------------------------------------------------------

SOME_DAY = date(2022, 1, 5)
ODD = {
    "one customer": [("a", SOME_DAY, 100.0)],
    "one customer, one amount, many days": [
        ("a", SOME_DAY + timedelta(n), 5.0) for n in range(9)
    ],
    "one-time buyers only": [(f"c{n}", SOME_DAY + timedelta(n), 10.0 + n) for n in range(300)],
    "everybody on one day": [(f"c{n}", SOME_DAY, 10.0 + n) for n in range(300)],
    "all amounts equal": [
        (f"c{n % 50}", SOME_DAY + timedelta(n % 401), 30.0) for n in range(400)
    ],
    "fifty customers": shop(50),
    "a wholesaler": [*shop(200), *(("big", SOME_DAY + timedelta(n), 9e9) for n in range(100))],
    "zero amounts": [*shop(150), *((f"zero{n}", SOME_DAY, 0.0) for n in range(50))],
}


@pytest.mark.parametrize("name", ODD)
def test_odd_data_give_figures_or_say_why_not(name):
    dataset = Dataset(name, movements(ODD[name]), date(2024, 6, 30))
    said = forecast(dataset.connection, ORIGIN, 365)
    for expected in said.expected.values():
        assert np.isfinite(expected).all()
        assert (expected >= 0).all()
    for model in {"mbg_gg", "xgboost"} - set(said.expected):
        assert said.notes[model]
    rows = backtest(dataset, [ORIGIN], 365)
    assert rows
    assert all(value == value for row in rows for value in row.values() if value is not None)


def test_nobody_to_judge_gives_no_rows():
    dataset = Dataset("later", movements([("a", date(2024, 1, 1), 5.0)]), date(2024, 6, 30))
    assert backtest(dataset, [ORIGIN], 365) == []


def test_origins_are_month_ends_with_a_horizon_on_either_side():
    rows = [("a", date(2020, 1, 1), 1.0), ("a", date(2023, 12, 31), 1.0)]
    dataset = Dataset("d", movements(rows), date(2023, 12, 31))
    assert rolling_origins(dataset, 365, 3) == [
        date(2021, 12, 31), date(2022, 6, 30), date(2022, 12, 31),
    ]  # fmt: skip
    with pytest.raises(StrataError, match="too short"):
        rolling_origins(dataset, 800, 1)


# --- the command -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def csv_file(tmp_path_factory) -> Path:
    file = tmp_path_factory.mktemp("transactions") / "shop.csv"
    lines = ["client,day,amount"] + [f"{c},{d},{a}" for c, d, a in shop()]
    file.write_text("\n".join(lines), "utf-8")
    return file


def stored(warehouse: Path) -> list[tuple]:
    with duckdb.connect(str(warehouse / "strata.duckdb"), read_only=True) as connection:
        return connection.execute("select * from audit.clv_backtest order by all").fetchall()


def test_the_command_stores_figures_and_the_same_ones_again(csv_file, tmp_path):
    arguments = [
        "backtest",
        "--file",
        str(csv_file),
        "--warehouse",
        str(tmp_path),
        "--origins",
        "1",
    ]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    assert "MBG/NBD" in done.output
    first = stored(tmp_path)
    models = {row[3] for row in first}
    assert models == {"naive", "mbg_gg", "xgboost", "blend", "perfect"}
    again = CliRunner().invoke(app, [*arguments, "--threads", "2"])
    assert again.exit_code == 0
    assert stored(tmp_path) == first


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--file", "nowhere.csv"], "no file"),
        (["--file", "FILE", "--customer", "nobody"], "--customer"),
        (["--file", "FILE", "--horizon-days", "3000"], "too short"),
        ([], "strata run"),
    ],
)
def test_the_command_says_what_is_wrong(csv_file, tmp_path, arguments, said):
    named = [str(csv_file) if argument == "FILE" else argument for argument in arguments]
    done = CliRunner().invoke(app, ["backtest", *named, "--warehouse", str(tmp_path)])
    assert done.exit_code in (1, 2)
    assert said in done.output
