"""A simulation: policy and tiers built once more, in a file of their own."""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import yaml

from strata.console import step
from strata.dbt import Dbt
from strata.errors import WRONG_USE, StrataError
from strata.lock import BUSY
from strata.run import last_run
from strata.settings import PROJECT_DIR, Settings
from strata.simulate.policy import (
    THRESHOLDS,
    Present,
    lines_to_keep,
    parse_settings,
    require_candidate,
    seed_rows,
)  # fmt: skip

WHAT_IF = "what_if"  # the candidate's name where single values are tried (macro what_if)
MAY_DIFFER = {"thresholds", "rulesets"}  # seeds that a simulation reads anew
SELECTION = (
    "+ruleset_moves,path:models/tiers", "+ruleset_moves,path:models/policy",
    "ruleset_agreement", "path:seeds/policy/thresholds.csv", "path:seeds/policy/rulesets.csv",
    "weights_sum_to_100",
)  # fmt: skip


@dataclass(frozen=True)
class Simulation:
    """What was tried, where it lies, and the rows that would keep it."""

    file: Path
    candidate: str
    ruleset: str
    as_of_date: date
    values: dict[str, Decimal]
    present: dict[str, Present]
    lines_to_keep: list[str]


@dataclass(frozen=True)
class _Build:
    """What is built: the active rule set, the last day, the thresholds in force then."""

    ruleset: str
    as_of_date: date
    in_force: dict[tuple[str, str], Decimal]
    manifest: dict[str, Any]


def simulate(
    settings: Settings,
    ruleset: str | None,
    texts: Sequence[str],
    project_dir: Path = PROJECT_DIR,
) -> Simulation:
    """Place every customer under a candidate rule set, or with single values changed.

    The build is read, never written; nothing is published. The caller holds the lock, so
    that no run begins meanwhile. The result lies in warehouse/simulations/.

    Raises:
        StrataError: nothing is built, the build is of another state of the project or is
            being written, or what is asked for makes no sense.
    """
    if bool(ruleset) == bool(texts):
        raise StrataError(
            "Say what to try: a rule set or single values"
            + (", not both." if ruleset else "."),
            "strata simulate --ruleset NAME, or"
            " strata simulate --set four_level_super_min_clv=300000",
            WRONG_USE,
        )
    build = _read_build(settings)
    present = _present(project_dir, build)
    values = parse_settings(texts, present, *_windows(build.manifest, project_dir))
    if ruleset:
        require_candidate(project_dir, ruleset, build.ruleset)
    candidate = ruleset or WHAT_IF
    file = settings.warehouse_dir / "simulations" / f"{candidate}.duckdb"
    file.parent.mkdir(exist_ok=True)
    os.environ["STRATA_SIMULATION"] = candidate
    variables: dict[str, Any] = {"ruleset": build.ruleset}
    dbt = Dbt(settings, variables, project_dir, target="simulate", database=file)
    with step("Read the project"):
        dbt.parse()  # with the same variables each time: dbt reads only what has changed
    _refuse_other_state(build.manifest, dbt.manifest)
    if ruleset:
        dbt.variables["candidate_rulesets"] = [ruleset]
    else:
        dbt.variables["threshold_overrides"] = {name: str(n) for name, n in values.items()}
    for old in (file, file.with_suffix(".duckdb.wal")):
        old.unlink(missing_ok=True)
    with step("Place the customers once more"):
        dbt.build(
            "--defer", "--favor-state", "--state", str(settings.target_dir),
            "--exclude-resource-type", "unit_test",
            "--indirect-selection", "empty", "--select", *SELECTION,
        )  # fmt: skip
        _refuse_other_baseline(settings, file, build.ruleset)
    return Simulation(
        file=file,
        candidate=candidate,
        ruleset=build.ruleset,
        as_of_date=build.as_of_date,
        values=values,
        present={name: present[name] for name in values},
        lines_to_keep=lines_to_keep(
            project_dir, build.ruleset, values, present, build.as_of_date
        ),
    )


def open_simulation(settings: Settings, file: Path) -> duckdb.DuckDBPyConnection:
    """A reader of the simulation's tables (the default) and of the build (`strata.`)."""
    connection = duckdb.connect()
    connection.execute(f"set threads to {settings.threads}")
    connection.execute(f"attach '{settings.database}' as strata (read_only)")
    # Under the name that it was built with: its views know themselves by it.
    connection.execute(f"attach '{file}' as \"{file.stem}\" (read_only)")
    connection.execute(f'use "{file.stem}"')
    return connection


def _nothing_built() -> StrataError:
    return StrataError("Nothing is built yet to compare with.", "Run: strata run")


def _read_build(settings: Settings) -> _Build:
    if not settings.database.exists():
        raise _nothing_built()
    last = last_run(settings)
    if last and last.status != "published":
        raise StrataError(
            "The last run did not end with a publication; what is built may be half of two"
            " states.",
            "Run `strata run` until it publishes (`strata status` says what stopped it).",
        )
    try:
        connection = duckdb.connect(str(settings.database), read_only=True)
    except duckdb.IOException as busy:
        raise StrataError(
            "The warehouse is being written by another process.",
            "Try again when the run has ended.",
            BUSY,
        ) from busy
    with connection:
        try:
            found = connection.execute(
                "select ruleset, max(as_of_date) from marts.mart_customer_tiers"
                " group by ruleset"
            ).fetchall()
            in_force = connection.execute(
                "select threshold, scope_id, value from policy.thresholds_in_force"
                " where ruleset = ? and as_of_date = ?",
                list(found[0]) if found else ["", None],
            ).fetchall()
        except duckdb.CatalogException:
            raise _nothing_built() from None
    manifest_file = settings.target_dir / "manifest.json"
    if not found or not manifest_file.exists():
        raise _nothing_built()
    manifest = json.loads(manifest_file.read_text(encoding="utf-8"))
    return _Build(*found[0], {(name, scope): n for name, scope, n in in_force}, manifest)


def _present(project_dir: Path, build: _Build) -> dict[str, Present]:
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


def _windows(manifest: dict[str, Any], project_dir: Path) -> tuple[set[str], list[int]]:
    """The thresholds that name a window, and the windows that the measures hold."""
    names = {
        name
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model"
        for key, listed in node["config"]["meta"].items()
        if key.startswith("windows")
        for name in listed
    }
    project = yaml.safe_load((project_dir / "dbt_project.yml").read_text(encoding="utf-8"))
    return names, project["vars"]["measure_windows"]


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
            "Run `strata run`, then simulate again.",
        )


def _refuse_other_baseline(settings: Settings, file: Path, ruleset: str) -> None:
    """Built once more, the active rule set must place everybody as the build does."""
    with open_simulation(settings, file) as connection:
        (scopes,) = connection.execute(
            "select count(*) from policy.policy_scopes"
            " full join strata.policy.policy_scopes as built using (scope_id)"
            " where policy_scopes.scope_id is null or built.scope_id is null"
        ).fetchone()
        (moved,) = connection.execute(
            "select count(distinct customer_key) from ("
            "  select customer_key, as_of_date, model, tier from tiers.tier_membership"
            "  where ruleset = $1"
            "  except"
            "  select customer_key, as_of_date, model, tier from strata.tiers.tier_membership"
            "  where ruleset = $1)",
            [ruleset],
        ).fetchone()
    if scopes or moved:
        raise StrataError(
            f"The rule set {ruleset} is no longer what the build was made with: "
            + (
                f"{moved:,} customers are placed otherwise today."
                if moved
                else "clinics or departments got thresholds of their own."
            ),
            f"{THRESHOLDS} changed since. Run `strata run`, then simulate again.",
        )
