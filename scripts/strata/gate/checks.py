"""The two checks: landings before the build, the next files before publication."""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from strata.errors import StrataError
from strata.files import make_folder
from strata.gate.checkpoint import run_suite
from strata.gate.result import GateResult
from strata.gate.suite import ask_suite
from strata.settings import PROJECT_DIR, Settings
from strata.trouble import is_damage, of_engine, refusal_in
from strata.warehouse import quoted

GUARD_LIMITS = PROJECT_DIR / "seeds" / "policy" / "guard_limits.csv"
Note = Callable[[str], None]


def check_landings(
    settings: Settings,
    manifest: Path,
    sources: Sequence[str],
    note: Note = lambda _: None,
    now: datetime | None = None,
    accept_drift: bool = False,
) -> GateResult:
    """Check the raw tables of `sources`: there, filled, fresh, of the usual size.

    `now` is the run's clock (UTC). What is beyond a limit is in the result. Raises StrataError
    when there is nothing to check with: no manifest, no warehouse.
    """
    now = now or datetime.now(UTC).replace(tzinfo=None)
    variables = {"manifest": str(manifest), "sources": list(sources), "now": now}
    files = {"strata": settings.database}
    return _check("landings", settings, note, files, variables, accept_drift)


def check_publication(
    settings: Settings,
    note: Note = lambda _: None,
    manifest: Path | None = None,
    accept_drift: bool = False,
) -> GateResult:
    """Check the files that will be served: whole, of one build, not moved beyond limits.

    `accept_drift`: a person has seen what moved; no limit stops, but what is broken does.
    Raises StrataError when there is nothing to check: no manifest, no marts.
    """
    variables = {"manifest": str(manifest or settings.target_dir / "manifest.json")}
    files = {
        "strata": settings.database,
        "marts": settings.next_marts,
        "medical": settings.next_medical,
    }
    if settings.published_marts.exists():
        files["last"] = settings.published_marts
    return _check("publication", settings, note, files, variables, accept_drift)


def _check(
    name: str,
    settings: Settings,
    note: Note,
    files: dict[str, Path],
    variables: dict[str, Any],
    accepts: bool,
) -> GateResult:
    started = time.monotonic()
    facts = settings.warehouse_dir / "gate" / f"{name}.duckdb"
    make_folder(facts.parent)
    for left in (facts, facts.with_name(facts.name + ".wal")):
        left.unlink(missing_ok=True)
    try:
        with duckdb.connect(str(facts)) as connection:
            connection.execute(f"set threads to {settings.threads}")
            for alias, file in files.items():
                connection.execute(f"attach '{quoted(file)}' as {alias} (read_only)")
            for variable, value in variables.items():
                connection.execute(f"set variable {variable} = $1", [value])
            _read_limits(connection)
            _look(connection)
            suite = ask_suite(connection, name, accepts, first="last" not in files)
    except duckdb.Error as error:
        if refusal_in(str(error)) or is_damage(str(error)):
            raise of_engine(error) from error
        raise StrataError(
            f"The guard on the {name} cannot read what it needs: {error}",
            "Is a file not there: strata load, then strata run. Is it locked: wait for the"
            " other program. Is it a limit: correct seeds/policy/guard_limits.csv.",
        ) from error
    note(f"guard on the {name}: {sum(suite.asked.values())} facts held against their limits")
    failures = run_suite(suite, facts, settings)
    seconds = time.monotonic() - started
    return GateResult(name, failures, suite.asked, seconds, settings.data_docs_dir, suite.eased)


def _read_limits(connection: duckdb.DuckDBPyConnection) -> None:
    """The table `limits`. Raises duckdb.Error, with the line, for what cannot be one."""
    connection.execute(
        "create temp table limits as"
        " from read_csv($1, types = {warn: 'double', fail: 'double'})",
        [str(GUARD_LIMITS)],
    )
    connection.execute(
        "select error(format('guard_limits.csv, {} of {}: warn must not lie above fail, none"
        " below 0, and each subject has one line', name, subject)) from limits"
        " group by name, subject having count(*) > 1 or max(warn) > min(fail)"
        " or least(min(warn), min(fail)) < 0"
    )


def _look(connection: duckdb.DuckDBPyConnection) -> None:
    """The table `found`: rows, last day and rule sets of raw tables and of marts."""
    connection.execute(
        "create temp table found (catalog_name varchar, schema_name varchar,"
        " table_name varchar, row_count bigint, as_of_date date, rulesets varchar[])"
    )
    tables = connection.execute(
        "select database_name, schema_name, table_name, list(column_name) from duckdb_columns()"
        " semi join duckdb_tables() using (database_oid, table_oid)"
        " where database_name in ('marts', 'medical') or schema_name like 'raw_%' group by all"
    ).fetchall()
    for *name, columns in tables:
        day = "max(as_of_date)" if "as_of_date" in columns else "null"
        rulesets = "list(distinct ruleset)" if "ruleset" in columns else "null"
        found = f"insert into found select $1, $2, $3, count(*), {day}, {rulesets} from "
        connection.execute(found + ".".join(f'"{part}"' for part in name), name)
