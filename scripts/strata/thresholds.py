"""`strata thresholds`: amounts of the rule set beside the data, and others that would fit."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import duckdb
from rich.table import Table

from strata.console import console
from strata.errors import StrataError
from strata.landing.sql import identifier
from strata.options import Build, read_build
from strata.record import require_whole_build
from strata.settings import PROJECT_DIR, Settings
from strata.simulate.policy import plain, seed_rows

SHARES = "seeds/policy/amount_shares.csv"
DIGITS = 2  # a proposed amount has so many digits that count
FEWEST = 50  # buyers whose amounts can be read


@dataclass(frozen=True)
class Amount:
    """A threshold in money: what is in force, what is proposed, buyers at or above each."""

    threshold: str
    measure: str
    now: Decimal | None
    reached_now: float
    proposed: Decimal
    reached: float
    note: str


def propose_amounts(settings: Settings, project_dir: Path = PROJECT_DIR) -> list[Amount]:
    """An amount for each row of amount_shares.csv, from the build's buyers on its last day.

    Raises:
        StrataError: nothing is built, or half of it, or too few buyers to read amounts from.
    """
    require_whole_build(settings)
    if not settings.database.exists():
        raise StrataError("Nothing is built yet.", "Load a source, then: strata run")
    with duckdb.connect(str(settings.database), read_only=True) as build:
        try:
            (day,) = build.execute(
                "select max(as_of_date) from tiers.customer_tiers"
            ).fetchone()
            in_force = dict(
                build.execute(
                    "select threshold, value from policy.thresholds_in_force"
                    " where scope_id = '*/*' and as_of_date = $day and ruleset ="
                    " (select max(ruleset) from tiers.customer_tiers"
                    " where ruleset != 'what_if')",
                    {"day": day},
                ).fetchall()
            )
        except duckdb.CatalogException:
            raise StrataError("Nothing is built yet.", "Run: strata run") from None
        return [
            _amount(build, day, row, in_force.get(row["threshold"]))
            for row in seed_rows(project_dir, SHARES)
        ]


def _amount(
    build: duckdb.DuckDBPyConnection, day: object, row: dict[str, str], now: Decimal | None
) -> Amount:
    name = identifier(row["measure"])
    given = f"from measures.customer_measures where as_of_date = $day and {name} > 0"
    buyers, at = build.execute(
        f"select count(*), quantile_disc({name}, {float(row['buyers_below'])}) {given}",
        {"day": day},
    ).fetchone()
    if buyers < FEWEST:
        raise StrataError(
            f"Only {buyers:,} customers have {row['measure']} above zero on {day}.",
            f"Amounts are read from {FEWEST} buyers or more: load more, then strata run.",
        )
    proposed = _round(Decimal(at))
    reached = [
        build.execute(
            f"select count(*) filter (where {name} >= $amount) / count(*) {given}",
            {"day": day, "amount": amount},
        ).fetchone()[0]
        for amount in (now if now is not None else proposed, proposed)
    ]
    return Amount(
        row["threshold"], row["measure"], now, reached[0], proposed, reached[1], row["note"]
    )


def _round(amount: Decimal) -> Decimal:
    """The amount with few digits, as people set limits: 38,417.20 is 38,000."""
    step = Decimal(1).scaleb(max(amount.adjusted() - DIGITS + 1, -2))
    rounded = (amount / step).quantize(Decimal(1), ROUND_HALF_UP) * step
    return Decimal(f"{rounded:f}")  # 7500, not 7.5E+3, which DuckDB reads as 75


def seed_lines(amounts: Sequence[Amount], ruleset: str, valid_from: str) -> str:
    """The rows to append to thresholds.csv."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for a in amounts:
        value = plain(a.proposed)
        writer.writerow(
            [ruleset, a.threshold, "chain", "*", value, "cny", valid_from, "ours", a.note]
        )
    return text.getvalue()


def show_amounts(settings: Settings, amounts: Sequence[Amount], with_rows: bool) -> None:
    """Amounts in force and proposed, with who reaches them; the rows to approve."""
    build = read_build(settings)
    assert build is not None
    table = Table(
        title=f"Amounts of the rule set {build.ruleset} among the buyers of {_day(build)}",
        title_justify="left",
    )
    table.add_column("threshold", no_wrap=True)
    table.add_column("of", no_wrap=True)
    for name in ("in force", "reached by", "proposed", "reached by"):
        table.add_column(name, justify="right")
    for a in amounts:
        table.add_row(
            a.threshold,
            a.measure,
            "–" if a.now is None else f"{a.now.normalize():,f}",
            f"{a.reached_now:.1%}",
            f"{a.proposed:,f}",
            f"{a.reached:.1%}",
        )
    console.print(table)
    if not with_rows:
        console.print("Next        strata thresholds --propose    the rows that would fit")
        return
    console.print("Nothing is applied. Who would move: strata simulate --set THRESHOLD=VALUE")
    console.print("To approve: append these lines to seeds/policy/thresholds.csv")
    for line in seed_lines(amounts, build.ruleset, _since(settings)).splitlines():
        console.print(line, markup=False, soft_wrap=True)


def _since(settings: Settings) -> str:
    """The month in which the data begin: history is then told by the same amounts."""
    with duckdb.connect(str(settings.database), read_only=True) as build:
        (first,) = build.execute(
            "select min(first_contact_date) from measures.customer_measures"
        ).fetchone()
    return first.replace(day=1).isoformat()


def _day(build: Build) -> str:
    return build.day.isoformat() if build.day else "the last day"
