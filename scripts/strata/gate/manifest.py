"""Reading dbt's manifest: which generic tests stand on which table."""

import json
import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from strata.errors import StrataError
from strata.gate.rules import ERROR, WARN, Rule, Table

_REFERENCE = re.compile(r"(source|ref)\(([^)]*)\)")
_KNOWN = (
    "not_null",
    "not_null_columns",
    "unique",
    "accepted_values",
    "between",
    "unique_combination",
    "relationships",
)
_ANY_ROW = "!= 0"


@dataclass(frozen=True)
class DbtTests:
    """Rules by the unique id of their table, and names of tests only dbt can run."""

    rules: dict[str, list[Rule]]
    unknown: dict[str, list[str]]


def read_manifest(manifest: dict[str, Any] | Path) -> dict[str, Any]:
    """The manifest as a dict. Raises StrataError when dbt has not written it yet."""
    if isinstance(manifest, dict):
        return manifest
    try:
        return json.loads(Path(manifest).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise StrataError(
            f"dbt's manifest {manifest} cannot be read: {error}",
            "Run `dbt parse` (or `strata run`), which writes it, and try again.",
        ) from error


def meta_of(node: dict[str, Any]) -> dict[str, Any]:
    """A node's meta, wherever its YAML keeps it."""
    return {**(node.get("meta") or {}), **(node.get("config", {}).get("meta") or {})}


def read_tests(manifest: dict[str, Any]) -> DbtTests:
    """All generic tests of the project, as rules."""
    rules: dict[str, list[Rule]] = defaultdict(list)
    unknown: dict[str, list[str]] = defaultdict(list)
    for node in manifest["nodes"].values():
        if node["resource_type"] != "test" or not node.get("test_metadata"):
            continue
        owner = _owner(node)
        if owner is None:
            continue
        found = _rules(node, manifest)
        if not found:
            unknown[owner].append(node["name"])
        rules[owner] += found
    return DbtTests(rules, unknown)


def _owner(test: dict[str, Any]) -> str | None:
    """The tested table. dbt names it for models only; for sources it is in the arguments."""
    if test.get("attached_node"):
        return test["attached_node"]
    return _referenced(str(test["test_metadata"]["kwargs"].get("model")), test)


def _referenced(call: str, test: dict[str, Any]) -> str | None:
    """The unique id, among the test's parents, that `ref(…)` or `source(…)` means."""
    found = _REFERENCE.search(call)
    if not found:
        return None
    names = re.findall(r"['\"]([^'\"]*)['\"]", found.group(2))
    prefix = "source." if found.group(1) == "source" else ("model.", "seed.", "snapshot.")
    ending = "." + ".".join(names if found.group(1) == "source" else names[-1:])
    parents = test["depends_on"]["nodes"]
    return next((p for p in parents if p.startswith(prefix) and p.endswith(ending)), None)


def _rules(test: dict[str, Any], manifest: dict[str, Any]) -> list[Rule]:
    """What a test says, one rule each; none when only dbt can run it."""
    kind = test["test_metadata"]["name"]
    kwargs = test["test_metadata"]["kwargs"]
    config = test["config"]
    if kind not in _KNOWN or test["test_metadata"].get("namespace"):
        return []
    if any(config.get(name, _ANY_ROW) != _ANY_ROW for name in ("error_if", "warn_if")):
        return []
    args = _arguments(kind, kwargs, test, manifest)
    column = test.get("column_name") or kwargs.get("column_name")
    if args is None or (column is None and not kwargs.get("columns")):
        return []
    return [
        Rule(
            kind=said,
            severity=WARN if str(config.get("severity", ERROR)).lower() == WARN else ERROR,
            columns=columns,
            args=args,
            where=config.get("where"),
            origin=test.get("original_file_path", ""),
        )
        for said, columns in _sayings(kind, column, kwargs)
    ]


def _sayings(
    kind: str, column: str | None, kwargs: dict[str, Any]
) -> list[tuple[str, tuple[str, ...]]]:
    """The kinds of rule that a test stands for, with their columns."""
    columns = tuple(kwargs.get("columns") or ())
    if kind == "not_null_columns":
        return [("not_null", (known,)) for known in columns]
    if kind == "unique_combination":
        nullable = kwargs.get("nullable") or ()
        known = [("not_null", (name,)) for name in columns if name not in nullable]
        return [(kind, columns), *known]
    return [(kind, (column,))]


def _arguments(
    kind: str, kwargs: dict[str, Any], test: dict[str, Any], manifest: dict[str, Any]
) -> dict[str, Any] | None:
    """A rule's arguments; None when the guard cannot judge it by itself."""
    if kind == "accepted_values":
        return {"values": list(kwargs["values"])}
    if kind == "between":
        limits = {name: kwargs.get(name) for name in ("min_value", "max_value")}
        others = set(kwargs) - {"model", "column_name", *limits}
        return None if others or set(limits.values()) == {None} else limits
    if kind == "relationships":
        parent = _referenced(str(kwargs["to"]), test)
        table = _table_in_warehouse(parent, test, manifest)
        return None if table is None else {"to": table, "field": kwargs["field"]}
    return {}


def _table_in_warehouse(
    unique_id: str | None, test: dict[str, Any], manifest: dict[str, Any]
) -> Table | None:
    node = manifest["nodes"].get(unique_id) or manifest["sources"].get(unique_id)
    if node is None or node.get("config", {}).get("materialized") == "ephemeral":
        return None
    if node.get("database") != test.get("database"):
        return None
    return table_of(node)


def table_of(node: dict[str, Any]) -> Table:
    """The table of a model, seed or source."""
    return Table(node["schema"], node.get("identifier") or node.get("alias") or node["name"])
