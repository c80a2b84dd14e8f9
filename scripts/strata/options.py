"""What a run is asked for, whether it can be, and what was built with."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import duckdb

from strata.console import step
from strata.dbt import Dbt, default_ruleset
from strata.errors import WRONG_USE, StrataError
from strata.landing import declared_tables
from strata.settings import PROJECT_DIR, Settings
from strata.warehouse import has_table


@dataclass(frozen=True)
class RunOptions:
    """What a run describes. None leaves the choice to dbt_project.yml."""

    sources: Sequence[str] = ("demo",)
    as_of_date: date | None = None
    ruleset: str | None = None
    in_full: bool = False  # build all, whatever the warehouse holds
    accepts_drift: bool = False  # a person has seen what moved beyond the guard's limits
    with_backtest: bool = False  # and say how well value was predicted in the past
    history_months: int | None = None  # month ends that history is to have

    @property
    def built_ruleset(self) -> str:
        """The rule set that is built: the one asked for, else that of dbt_project.yml."""
        return self.ruleset or default_ruleset()

    def variables(self) -> dict[str, object]:
        """The same as dbt variables."""
        variables: dict[str, object] = {"sources": list(self.sources)}
        if self.as_of_date:
            variables["as_of_date"] = self.as_of_date.isoformat()
        if self.ruleset:
            variables["ruleset"] = self.ruleset
        if self.history_months is not None:
            variables["history_months"] = self.history_months
        return variables


def read_project(settings: Settings, options: RunOptions) -> Dbt:
    """dbt with the project read, for a run with these options."""
    dbt = Dbt(settings, options.variables())
    with step("Read the project"):
        dbt.parse()
    return dbt


def require_sense(settings: Settings, options: RunOptions, day: date | None) -> None:
    """What was asked for must exist: sources, rule set, and the day must have come."""
    loaded = _loaded_sources(settings)
    missing = [source for source in options.sources if source not in loaded]
    if missing:
        declared_tables(missing[0])  # an unknown source is named as such
        raise StrataError(
            f"Nothing was loaded from the source {', '.join(missing)}"
            + (f" (loaded: {', '.join(sorted(loaded))})." if loaded else "."),
            f"Load its files first: strata load --source {missing[0]} DIR",
        )
    with (PROJECT_DIR / "seeds/policy/rulesets.csv").open(encoding="utf-8") as seed:
        known = [row["ruleset"] for row in csv.DictReader(seed)]
    if options.ruleset and options.ruleset not in known:
        raise StrataError(
            f"Unknown rule set {options.ruleset!r}.",
            f"Known (seeds/policy/rulesets.csv): {', '.join(known)}.",
            WRONG_USE,
        )
    newest = max(loaded[source] for source in options.sources)
    if day and day > newest + timedelta(days=1):
        raise StrataError(
            f"{day} has not come yet: the newest files were loaded on {newest}.",
            "Choose a day that the data can know, or leave it out.",
            WRONG_USE,
        )


def _loaded_sources(settings: Settings) -> dict[str, date]:
    """The sources that delivered something, with the day (UTC) of the newest load."""
    if not settings.database.exists():
        return {}
    with duckdb.connect(str(settings.database), read_only=True) as connection:
        if not has_table(connection, "landing", "files"):
            return {}
        return dict(
            connection.execute(
                "select source, cast(max(loaded_at) as date) from landing.files group by source"
            ).fetchall()
        )


@dataclass(frozen=True)
class Build:
    """What the warehouse holds: marts of a day (None: of several), rule set and sources."""

    day: date | None
    ruleset: str
    sources: frozenset[str]


def read_build(settings: Settings) -> Build | None:
    """What the tiers were built with; None if there are none, or nobody is in them."""
    if not settings.database.exists():
        return None
    with duckdb.connect(str(settings.database), read_only=True) as build:
        there = build.execute(
            "select count(*) from duckdb_tables() where (schema_name, table_name) in"
            " (('tiers', 'customer_tiers'), ('customers', 'customer_bridge'))"
        ).fetchone()
        if there != (2,):
            return None
        first, last, ruleset = build.execute(
            "select min(as_of_date), max(as_of_date), max(ruleset) from tiers.customer_tiers"
            " where ruleset != 'what_if'"
        ).fetchone()
        sources = frozenset(built_sources(build))
    return Build(last if first == last else None, ruleset, sources) if ruleset else None


def built_sources(build: duckdb.DuckDBPyConnection) -> list[str]:
    """The sources that the build's customers come from, by name."""
    rows = build.execute("select distinct source from customers.customer_bridge").fetchall()
    return sorted(source for (source,) in rows)


def sources_of(settings: Settings) -> list[str]:
    """The sources of the customers in the build, whole or half; none if there are none."""
    if not settings.database.exists():
        return []
    with duckdb.connect(str(settings.database), read_only=True) as build:
        return built_sources(build) if has_table(build, "customers", "customer_bridge") else []


def under_ruleset_of(build: Build | None, options: RunOptions) -> RunOptions:
    """The options under the build's rule set, where none is asked for."""
    if options.ruleset or build is None or build.ruleset == default_ruleset():
        return options
    return replace(options, ruleset=build.ruleset)


def as_built(build: Build | None, options: RunOptions) -> RunOptions:
    """The options under the build's rule set, for what goes on from the build.

    Raises:
        StrataError: the build has customers of a source that the options do not name; they
            would be missing from what is built or published.
    """
    left_out = sorted(build.sources - set(options.sources)) if build else []
    if left_out:
        every = " ".join(f"--source {name}" for name in sorted(build.sources))
        raise StrataError(
            f"The build also has customers of the source {', '.join(left_out)}, which was not"
            " named.",
            f"Name all of them: {every}. To leave one out: strata run, with the others.",
            WRONG_USE,
        )
    return under_ruleset_of(build, options)
