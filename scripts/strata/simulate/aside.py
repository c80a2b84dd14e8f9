"""Part of the project built once more in a file of its own, on the last build's tables."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from strata.console import step
from strata.dbt import Dbt
from strata.errors import StrataError
from strata.explain.warehouse import refuse_half_built
from strata.options import built_sources
from strata.record import require_whole_build
from strata.settings import Settings
from strata.simulate.policy import THRESHOLDS, Present, seed_rows
from strata.warehouse import open_build, quoted

MAY_DIFFER = {"thresholds", "rulesets", "strategies", "triggers"}  # seeds read anew


@dataclass(frozen=True)
class Build:
    """What is built: rule set, last day, sources, and the thresholds in force on that day."""

    ruleset: str
    as_of_date: date
    sources: list[str]
    in_force: dict[tuple[str, str], Decimal]
    manifest: dict[str, Any]


def build_aside(
    settings: Settings,
    build: Build,
    name: str,
    selection: Sequence[str],
    variables: Mapping[str, Any],
    project_dir: Path,
    title: str,
) -> Path:
    """Build `selection` into simulations/<name>.duckdb; all else is read from the build.

    Raises:
        StrataError: the build is of another state of the project, or dbt stopped.
    """
    file = settings.warehouse_dir / "simulations" / f"{name}.duckdb"
    file.parent.mkdir(exist_ok=True)
    os.environ["STRATA_SIMULATION"] = name
    variables = {"ruleset": build.ruleset, "sources": build.sources, **variables}
    dbt = Dbt(settings, variables, project_dir, target="simulate", database=file)
    with step("Read the project"):
        dbt.parse()
    _refuse_other_state(build.manifest, dbt.manifest)
    for old in (file, file.with_suffix(".duckdb.wal")):
        old.unlink(missing_ok=True)
    with step(title):
        dbt.build(
            "--defer", "--favor-state", "--state", str(settings.target_dir),
            "--indirect-selection", "empty", "--select", *selection,
        )  # fmt: skip
    return file


def open_simulation(settings: Settings, file: Path) -> duckdb.DuckDBPyConnection:
    """A reader of the simulation's tables (the default) and of the build (`strata.`)."""
    connection = duckdb.connect()
    connection.execute(f"set threads to {settings.threads}")
    connection.execute(f"attach '{quoted(settings.database)}' as strata (read_only)")
    # Under the name that it was built with: its views know themselves by it.
    connection.execute(f"attach '{quoted(file)}' as \"{file.stem}\" (read_only)")
    connection.execute(f'use "{file.stem}"')
    return connection


def _nothing_built() -> StrataError:
    return StrataError("Nothing is built yet.", "Run: strata run")


def read_build(settings: Settings) -> Build:
    """What is built now.

    Raises:
        StrataError: nothing is, or it is half of two states.
    """
    if not settings.database.exists():
        raise _nothing_built()
    require_whole_build(settings)
    with open_build(settings) as connection:
        try:
            refuse_half_built(connection)
            found = connection.execute(
                "select ruleset, max(as_of_date) from marts.mart_customer_tiers"
                " group by ruleset"
            ).fetchall()
            in_force = connection.execute(
                "select threshold, scope_id, value from policy.thresholds_in_force"
                " where ruleset = ? and as_of_date = ?",
                list(found[0]) if found else ["", None],
            ).fetchall()
            sources = built_sources(connection)
        except duckdb.CatalogException:
            raise _nothing_built() from None
    manifest_file = settings.target_dir / "manifest.json"
    if not found or not manifest_file.exists():
        raise _nothing_built()
    try:
        manifest = json.loads(manifest_file.read_text(encoding="utf-8"))
        _ = manifest["nodes"], manifest["macros"]
    except (ValueError, TypeError, KeyError):
        raise StrataError(
            f"{manifest_file} is damaged: what was built cannot be known.",
            "Run `strata run`, which writes it anew.",
        ) from None
    return Build(
        *found[0],
        sources=sources,
        in_force={(name, scope): n for name, scope, n in in_force},
        manifest=manifest,
    )


def present_thresholds(project_dir: Path, build: Build) -> dict[str, Present]:
    """Every threshold as it is in force on the build's last day."""
    units = {row["threshold"]: row["unit"] for row in seed_rows(project_dir, THRESHOLDS)}
    known = {}
    for name, unit in units.items():
        everywhere = build.in_force.get((name, "*/*"))
        exceptions = {
            scope: value
            for (threshold, scope), value in sorted(build.in_force.items())
            if threshold == name and value != everywhere
        }
        known[name] = Present(name, unit, everywhere, exceptions)
    return known


def _refuse_other_state(built: dict[str, Any], manifest: Any) -> None:
    """The models and macros must be those of the build; only policy may have moved on."""
    before = {
        key: node["checksum"]["checksum"]
        for key, node in built["nodes"].items()
        if node["resource_type"] in ("model", "seed")
    } | {
        key: macro["macro_sql"]
        for key, macro in built["macros"].items()
        if macro["package_name"] == "strata"
    }
    now = {
        key: node.checksum.checksum
        for key, node in manifest.nodes.items()
        if node.resource_type in ("model", "seed")
    } | {
        key: macro.macro_sql
        for key, macro in manifest.macros.items()
        if macro.package_name == "strata"
    }
    names = {
        key.split(".")[-1]
        for key in before.keys() | now.keys()
        if before.get(key) != now.get(key)
    } - MAY_DIFFER
    if names:
        listed = sorted(names)
        raise StrataError(
            "The build is of another state of the project. Changed since: "
            + ", ".join(listed[:8])
            + (f" and {len(listed) - 8} more." if len(listed) > 8 else "."),
            "Run `strata run`, then try again.",
        )
