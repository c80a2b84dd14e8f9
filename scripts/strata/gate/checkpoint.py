"""The two checkpoints: landings before the build, marts before publication."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb

from strata.gate.context import add_warehouse, build_docs, open_context
from strata.gate.examples import table_columns
from strata.gate.failures import judge
from strata.gate.manifest import meta_of, read_manifest
from strata.gate.result import GateResult
from strata.gate.rules import Rule, TableSuite, narrowed
from strata.gate.run import run_checkpoint
from strata.gate.suites import landing_suites, mart_suites
from strata.refresh import query_of_changed_customers
from strata.settings import Settings

Progress = Callable[[str], None]
LANDINGS = "landings"
MARTS = "marts"
_ABOUT_COLUMNS = ("columns_exist", "columns_match")


def check_landings(
    settings: Settings,
    manifest: dict[str, Any] | Path,
    sources: list[str],
    progress: Progress | None = None,
    after_row: int = 0,
) -> GateResult:
    """Check the raw tables of `sources` against dbt's source declarations.

    `after_row`: the last row that was checked before; what rules say of rows is then asked of
    the later ones.
    Broken rules are in the result. Raises StrataError only when there is nothing to check
    with: no manifest, no warehouse, an undeclared source.
    """
    suites, left = landing_suites(read_manifest(manifest), sources)
    if after_row:
        suites = [narrowed(suite, f"_row_id > {after_row}") for suite in suites]
    return _check(settings, LANDINGS, suites, left, progress or _silent)


def check_marts(
    settings: Settings,
    manifest: dict[str, Any] | Path,
    progress: Progress | None = None,
    only_changes: bool = False,
) -> GateResult:
    """Check the built marts against their contracts and dbt's generic tests.

    `only_changes`: of a mart that a refresh keeps by customer, ask what rules say of rows of
    the customers whose rows changed. Raises as `check_landings` does.
    """
    manifest = read_manifest(manifest)
    suites, left = mart_suites(manifest)
    if only_changes:
        known = _rows_changed(settings, manifest)
        suites = [
            narrowed(suite, known[suite.table.name]) if suite.table.name in known else suite
            for suite in suites
        ]
    return _check(settings, MARTS, suites, left, progress or _silent)


def _rows_changed(settings: Settings, manifest: dict[str, Any]) -> dict[str, str]:
    """By model kept by customer: SQL that is true for the rows that a refresh changed."""
    with duckdb.connect(str(settings.database), read_only=True) as build:
        keys = {
            node["name"]: query_of_changed_customers(build, node["name"])
            for node in manifest["nodes"].values()
            if meta_of(node).get("recompute") == "customer"
            and "customer_key" in node["columns"]
        }
    return {name: f"customer_key in ({query})" for name, query in keys.items() if query}


def _check(
    settings: Settings, name: str, suites: list[TableSuite], left: list[str], progress: Progress
) -> GateResult:
    started = time.monotonic()
    progress(f"guard on the {name}: starting Great Expectations")
    context = open_context(settings, name)
    warehouse = add_warehouse(context, settings)
    engine = warehouse.get_engine()
    try:
        with engine.connect() as connection:
            columns = table_columns(connection)
        present = [_evaluable(s, columns[s.table]) for s in suites if s.table in columns]
        rules = sum(len(suite.rules) for suite in present)
        progress(f"guard on the {name}: {rules} rules on {len(present)} tables")
        outcomes = run_checkpoint(context, warehouse, name, [s.table for s in suites], present)
        with engine.connect() as connection:
            failures = judge(connection, columns, suites, present, outcomes)
    finally:
        # Both hold connections; dbt must be able to open the file for writing afterwards.
        warehouse.get_execution_engine().close()
        engine.dispose()
    progress(f"guard on the {name}: writing Data Docs")
    build_docs(context, settings)
    counts = {suite.table.label: 1 for suite in suites}
    for suite in present:
        counts[suite.table.label] += len(suite.rules)
    return GateResult(
        checkpoint=name,
        failures=tuple(failures),
        expectations=counts,
        seconds=time.monotonic() - started,
        docs=settings.data_docs_dir,
        left_to_dbt=tuple(left),
    )


def _evaluable(suite: TableSuite, columns: list[str]) -> TableSuite:
    """Without the rules on absent columns, where a rule about the columns reports them."""
    if not any(rule.kind in _ABOUT_COLUMNS for rule in suite.rules):
        return suite

    def is_evaluable(rule: Rule) -> bool:
        return rule.kind in _ABOUT_COLUMNS or set(rule.columns) <= set(columns)

    return TableSuite(
        suite.table,
        tuple(rule for rule in suite.rules if is_evaluable(rule)),
        suite.row_names,
        suite.shows_values,
    )


def _silent(_message: str) -> None:
    """Progress nobody asked for."""
