"""Which day a run describes where nobody asks for one: the last one with ordinary traffic."""

from datetime import date, timedelta

import duckdb
import jinja2
import pytest

from strata.settings import PROJECT_DIR

FIRST = date(2025, 1, 1)
MODEL = (PROJECT_DIR / "models/customers/as_of_dates.sql").read_text(encoding="utf-8")
LIMITS = {"lone_day": 14, "stray_share": 5, "least_ordinary_days": 20}


def described(
    days: dict[int, int],
    asked: list[str] | str | None = None,
    referrals: tuple[str, ...] = (),
) -> list[tuple]:
    """The rows of as_of_dates for so many orders on each day after the first."""
    sql = jinja2.Template(MODEL).render(
        config=lambda **_: "",
        ref=lambda name: name,
        var=lambda _: asked,
        days_between=lambda one, other: f"date_diff('day', {one}, {other})",
        is_fed=lambda _: "exists (select * from orders)",
    )
    with duckdb.connect() as connection:
        connection.execute("create table orders (order_date date)")
        connection.execute("create table visits (visit_date date, status varchar)")
        connection.execute("create table referrals (referral_date date)")
        for day in referrals:
            connection.execute("insert into referrals values (cast($1 as date))", [day])
        connection.execute(
            "create table guard_limits (name varchar, subject varchar, warn int)"
        )
        for name, value in LIMITS.items():
            connection.execute("insert into guard_limits values (?, '*', ?)", [name, value])
        for day, rows in days.items():
            orders = rows // 2 if rows > 1 else rows
            on = FIRST + timedelta(day)
            connection.execute("insert into orders select $1 from range($2)", [on, orders])
            connection.execute(
                "insert into visits select $1, 'arrived' from range($2)", [on, rows - orders]
            )
            connection.execute("insert into visits values ('2030-01-01', 'booked')")
        return connection.execute(sql).fetchall()


def every(step: int, until: int, rows: int = 1) -> dict[int, int]:
    return dict.fromkeys(range(0, until + 1, step), rows)


@pytest.mark.parametrize(
    ("days", "ordinary", "strays"),
    [
        (every(1, 100), 100, 0),
        (every(1, 100) | {500: 1}, 100, 1),
        # 400 days would have brought 400 rows; 20 are a twentieth of that.
        (every(1, 100) | {500: 20}, 100, 20),
        (every(1, 100) | {500: 21}, 500, 0),
        # Two clocks that are wrong, in different years.
        (every(1, 100) | {500: 1, 900: 2}, 100, 3),
        # A holiday of 14 days, and one of 15 after which few came on the first day.
        (every(1, 100, 50) | {114: 3}, 114, 0),
        (every(1, 100, 50) | {115: 3}, 100, 3),
        (every(1, 100, 50) | {115: 50}, 115, 0),
        # Business of one day in four weeks goes on.
        (every(28, 28 * 30), 28 * 30, 0),
        # Too little is known of what is ordinary.
        (every(1, 18) | {400: 1}, 400, 0),
        (every(1, 19) | {400: 1}, 19, 1),
        # A clock that was behind is no reason to doubt all that came after it.
        ({0: 1} | dict.fromkeys(range(5000, 5100), 1) | {5500: 1}, 5099, 1),
        ({0: 1} | dict.fromkeys(range(5000, 5100), 50), 5099, 0),
    ],
)
def test_the_last_day_with_ordinary_traffic_is_described(
    days: dict[int, int], ordinary: int, strays: int
) -> None:
    behind = [FIRST + timedelta(day) for day in days if day > ordinary]
    told = (FIRST + timedelta(ordinary), min(behind)) if strays else (None, None)
    assert described(days) == [(FIRST + timedelta(ordinary), *told, strays)]


@pytest.mark.parametrize("asked", ["2026-05-16", ["2026-05-16", "2025-03-31"]])
def test_a_day_that_is_asked_for_is_described_and_strays_are_told(asked: list[str]) -> None:
    rows = described(every(1, 100) | {500: 1}, asked)
    days = [asked] if isinstance(asked, str) else asked
    assert sorted(str(row[0]) for row in rows) == sorted(days)
    assert {row[1:] for row in rows} == {(date(2025, 4, 11), date(2026, 5, 16), 1)}


def test_nothing_at_all_is_no_day() -> None:
    assert described({}) == [(None, None, None, 0)]


def test_referrals_say_the_day_where_nothing_else_does() -> None:
    referrals = ("2025-03-01", "2025-06-30")
    assert described({}, referrals=referrals) == [(date(2025, 6, 30), None, None, 0)]
    assert described(every(1, 9), referrals=referrals)[0][0] == FIRST + timedelta(9)
