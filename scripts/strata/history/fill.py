"""Past days computed for history, several at once; and the month ends that a run fills in."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import duckdb

from strata.console import note, step
from strata.dbt import Dbt
from strata.history.days import month_ends
from strata.history.kept import kept_days, note_whole_days
from strata.options import RunOptions
from strata.refresh import ROOMS_OF_NO_DAY, forget_built_days
from strata.settings import Settings
from strata.warehouse import has_table

# Customers × days built at once: what is held in memory and in the tables between.
CUSTOMER_DAYS = 3_000_000
MOST_DAYS = 24

# What history keeps of a day.
KEPT = ("customer_snapshots", "tier_moves", "tier_migrations")
# Rows and customers, and how these are judged: of no day, and there before one is looked at.
ROWS = (
    "path:models/staging", "path:models/entities",
    "shared_identifiers", "customer_bridge", "customer_profiles",
)  # fmt: skip
POLICY = ("path:seeds", "path:models/policy")


def fill_history(settings: Settings, options: RunOptions, dbt: Dbt) -> bool:
    """Compute what history lacks for this run's day; whether there was anything.

    Rows and customers are built, and the days that the run describes are known
    (`as_of_dates`). Afterwards these and the customers' numbers are of other days: the caller
    builds all but ROWS and POLICY anew. What a killed run left, the next one finds missing.
    """
    days = missing_days(settings, options.built_ruleset, dbt.variable("history_months"))
    if days:
        note(f"history lacks {_in_words(days)}")
        build_days(settings, dbt, options.built_ruleset, days)
    return bool(days)


def missing_days(settings: Settings, ruleset: str, months: int) -> list[date]:
    """The month ends before the described day that history lacks, and half computed days.

    Of months in which the data exist already; the last `months` of them, none for 0.
    """
    described, first = _described_days(settings), _first_day(settings)
    if not described or not first:
        return []
    kept = {day: at for day, at in kept_days(settings, ruleset).items() if at.kind != "daily"}
    before = [day for day in month_ends(first, described[0]) if day < described[0]]
    wanted = {*before[-months:]} if months else set()
    missing = wanted - {day for day, at in kept.items() if at.is_whole}
    halves = {day for day, at in kept.items() if not at.is_whole}
    return sorted((missing | halves) - {*described})


def build_days(
    settings: Settings,
    dbt: Dbt,
    ruleset: str,
    days: Sequence[date],
    keep: bool = False,
    chunk: int | None = None,
) -> None:
    """Compute the snapshots of these days and the movement to them, a few days at a time.

    Rows, customers and policy are built. Of what stands on them only what snapshots need is
    built: no mart, no action; what is of no day, once. `keep` keeps days for good that end no
    month.
    """
    size = chunk or _days_at_once(settings)
    forget_built_days(settings, dbt.manifest)
    needed, of_the_day = _needed(dbt.manifest)
    for start in range(0, len(days), size):
        some = days[start : start + size]
        with step(f"History {some[0]} … {some[-1]} ({start + len(some)} of {len(days)} days)"):
            dbt.build_models(
                select=of_the_day if start else needed,
                as_of_date=[day.isoformat() for day in some],
                keep_snapshots=keep,
            )
            note_whole_days(settings, ruleset)


def _needed(manifest: Any) -> tuple[list[str], list[str]]:
    """The models that snapshots need beside rows, customers and policy; those of the day.

    Which customers a refresh touches hangs on the days as well; in a full build nothing
    hangs on that.
    """
    parents, children = manifest.parent_map, manifest.child_map
    days, touched = _id("as_of_dates"), _id("touched_customers")
    above = reached([_id(name) for name in KEPT], parents)
    below = reached([days], {**children, touched: []})
    needed = [
        node
        for node_id in above
        if (node := manifest.nodes.get(node_id)) and node.resource_type == "model"
        if node_id == days or node.fqn[1] not in ROOMS_OF_NO_DAY
    ]
    return [node.name for node in needed], [n.name for n in needed if n.unique_id in below]


def _id(model: str) -> str:
    return f"model.strata.{model}"


def reached(start: Sequence[str], edges: Mapping[str, Sequence[str]]) -> set[str]:
    """Everything that the edges lead to from there, the start included."""
    found, ahead = set(start), [*start]
    while ahead:
        new = [node for node in edges.get(ahead.pop(), ()) if node not in found]
        found.update(new)
        ahead += new
    return found


def _days_at_once(settings: Settings) -> int:
    """By the number of customers, so that memory holds."""
    with duckdb.connect(str(settings.database), read_only=True) as build:
        if not has_table(build, "customers", "customer_profiles"):
            return 6
        (customers,) = build.execute(
            "select count(*) from customers.customer_profiles"
        ).fetchone()
    return max(1, min(MOST_DAYS, CUSTOMER_DAYS // max(customers, 1)))


def _described_days(settings: Settings) -> list[date]:
    """The days that the build describes, the earliest first."""
    with duckdb.connect(str(settings.database), read_only=True) as build:
        rows = build.execute(
            "select as_of_date from measures.as_of_dates where as_of_date is not null"
            " order by as_of_date"
        ).fetchall()
    return [day for (day,) in rows]


def _first_day(settings: Settings) -> date | None:
    """The first day of which the data tell: of a purchase or a visit."""
    with duckdb.connect(str(settings.database), read_only=True) as build:
        (first,) = build.execute(
            "select least((select min(order_date) from entities.orders),"
            " (select min(visit_date) from entities.visits))"
        ).fetchone()
    return first


def _in_words(days: Sequence[date]) -> str:
    return str(days[0]) if len(days) == 1 else f"{len(days)} days ({days[0]} … {days[-1]})"
