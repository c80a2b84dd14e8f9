"""What the book says, read from the policy and the ladders as they are built."""

import json
import re
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb

from strata.errors import StrataError
from strata.settings import Settings
from strata.warehouse import open_build

Row = dict[str, Any]


@dataclass(frozen=True)
class Threshold:
    """A number of policy: in force for the chain, for single scopes, and from later days."""

    name: str
    unit: str
    value: Decimal | None
    source: str
    note: str
    own: list[Row] = field(default_factory=list)
    later: list[Row] = field(default_factory=list)


@dataclass(frozen=True)
class Rung:
    """A rung: its labels, and groups of conditions; one of a group is enough."""

    tier: Row
    is_last: bool
    groups: list[list[Row]]


@dataclass(frozen=True)
class Model:
    """A tier model: its words, its rungs as they are tried, the numbers behind its inputs."""

    words: Row
    rungs: list[Rung]
    inputs: list[Row]


@dataclass(frozen=True)
class Book:
    """Everything the book says."""

    ruleset: Row
    as_of_date: date
    models: list[Model]
    thresholds: dict[str, Threshold]
    others: list[Threshold]  # that decide no tier by themselves: value, actions, review
    measures: dict[str, Row]
    labels: dict[tuple[str, str], Row]


def read_book(settings: Settings) -> Book:
    """The book of a build warehouse, which is opened read-only.

    Raises:
        StrataError: nothing is built yet.
    """
    if not settings.database.is_file():
        raise StrataError("There is no warehouse yet.", "Load a source, then: strata run")
    manifest = settings.target_dir / "manifest.json"
    try:
        with open_build(settings) as connection:
            uses = threshold_uses(json.loads(manifest.read_text(encoding="utf-8")))
            return _read(connection, uses)
    except (duckdb.CatalogException, FileNotFoundError, ValueError, KeyError) as missing:
        raise StrataError(
            f"Nothing is built that the book could be written from: {missing}",
            "Run: strata run",
        ) from missing


def threshold_uses(manifest: dict[str, Any]) -> list[Row]:
    """Which thresholds decide a tier model: in its ladder, or in what its ladder compares."""
    uses = []
    for node in manifest["nodes"].values():
        meta = node["config"]["meta"] if node["resource_type"] == "model" else {}
        served = dict(meta.get("serves") or {})
        if "ladder" in meta:
            served[meta["ladder"]["model"]] = meta["thresholds"]
        uses += [
            {"model": model, "threshold": threshold, "used_by": node["name"]}
            for model, thresholds in served.items()
            for threshold in thresholds
        ]
    return sorted(uses, key=lambda use: (use["model"], use["used_by"], use["threshold"]))


def _read(connection: duckdb.DuckDBPyConnection, uses: list[Row]) -> Book:
    def rows(sql: str, *values: object) -> list[Row]:
        result = connection.execute(sql, list(values))
        names = [column[0] for column in result.description]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    active = rows(
        "select ruleset, max(as_of_date) as day from marts.mart_customer_tiers group by ruleset"
    )
    if not active:
        raise StrataError("Nobody is placed yet.", "Load a source, then: strata run")
    ruleset, day = active[0]["ruleset"], active[0]["day"]
    tiers = rows("select * from policy.tiers order by model, tier_rank")
    models = _models(rows, tiers, uses)
    thresholds = _thresholds(rows, ruleset, day)
    used = {use["threshold"] for use in uses}
    return Book(
        ruleset=rows("select * from policy.rulesets where ruleset = ?", ruleset)[0],
        as_of_date=day,
        models=models,
        thresholds=thresholds,
        others=[each for name, each in thresholds.items() if name not in used],
        measures={row["measure"]: row for row in rows("select * from policy.measures")},
        labels={(row["model"], row["tier"]): row for row in tiers},
    )


def _models(rows: Any, tiers: list[Row], uses: list[Row]) -> list[Model]:
    rungs = rows("select * from tiers.tier_rungs order by model, rung_number")
    # Conditions as one writes them: the look-back window's threshold stands in brackets.
    rules = rows("select * from tiers.tier_rules")
    for rule in rules:
        bracket = re.search(r"\[(\w+)\]", rule["left_side"])
        rule["window"] = bracket.group(1) if bracket else None
    rules.sort(key=lambda rule: (rule["condition_group"], rule["left_side"], str(rule)))
    labels = {(row["model"], row["tier"]): row for row in tiers}
    models = []
    for words in rows("select * from policy.tier_models order by model != 'final', rowid"):
        name = words["model"]
        models.append(
            Model(
                words,
                [
                    Rung(
                        labels[name, rung["tier"]],
                        rung["is_last"],
                        _groups(rules, name, rung["tier"]),
                    )
                    for rung in rungs
                    if rung["model"] == name
                ],
                [
                    use
                    for use in uses
                    if use["model"] == name and use["used_by"] != f"tier_{name}"
                ],
            )
        )
    return models


def _groups(rules: list[Row], model: str, tier: str) -> list[list[Row]]:
    groups: dict[int, list[Row]] = {}
    for rule in rules:
        if rule["model"] == model and rule["rung"] == tier:
            groups.setdefault(rule["condition_group"], []).append(rule)
    return list(groups.values())


def _thresholds(rows: Any, ruleset: str, day: date) -> dict[str, Threshold]:
    named = rows(
        "select threshold, max_by(unit, valid_from) as unit, max_by(note, valid_from) as note"
        " from policy.thresholds group by threshold order by threshold"
    )
    in_force = rows(
        "select threshold, scope_id, value, source, valid_from from policy.thresholds_in_force"
        " where ruleset = ? and as_of_date = ?",
        ruleset,
        day,
    )
    chain = {row["threshold"]: row for row in in_force if row["scope_id"] == "*/*"}
    own: dict[str, list[Row]] = {}
    for row in sorted(in_force, key=lambda row: row["scope_id"]):
        clinic, department = row["scope_id"].split("/")
        common = chain.get(row["threshold"], {"value": None})
        if "*" in (clinic, department) and row["value"] != common["value"]:
            kind, name = ("clinic", clinic) if clinic != "*" else ("department", department)
            own.setdefault(row["threshold"], []).append(row | {"kind": kind, "scope": name})
    later: dict[str, list[Row]] = {}
    rulesets = rows("select * from policy.rulesets")
    bases = {row["ruleset"]: row["base_ruleset"] for row in rulesets}
    lineage = [ruleset]
    while bases.get(lineage[-1]):
        lineage.append(bases[lineage[-1]])
    for row in rows(
        "select * from policy.thresholds where list_contains(?, ruleset) and valid_from > ?"
        " order by valid_from, scope_type, scope_id",
        lineage,
        day,
    ):
        later.setdefault(row["threshold"], []).append(row)
    return {
        row["threshold"]: Threshold(
            row["threshold"],
            row["unit"],
            chain.get(row["threshold"], {}).get("value"),
            chain.get(row["threshold"], {}).get("source", ""),
            row["note"] or "",
            own.get(row["threshold"], []),
            later.get(row["threshold"], []),
        )
        for row in named
    }
