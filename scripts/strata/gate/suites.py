"""Which rules stand on which table: dbt's declarations turned into suites."""

from dataclasses import replace
from typing import Any

from strata.errors import StrataError
from strata.gate.hints import hint_for
from strata.gate.manifest import DbtTests, meta_of, read_tests, table_of
from strata.gate.rules import ERROR, Rule, TableSuite

LINEAGE = ("_file", "_row", "_loaded_at", "_row_id")
MARTS_SCHEMAS = ("marts", "medical")


def landing_suites(
    manifest: dict[str, Any], sources: list[str]
) -> tuple[list[TableSuite], list[str]]:
    """Suites of the raw tables of `sources`, and the tests left to dbt.

    Raises StrataError for a source that no YAML declares.
    """
    tests = read_tests(manifest)
    nodes = [n for n in manifest["sources"].values() if n["source_name"] in sources]
    declared = {node["source_name"] for node in nodes}
    for source in sources:
        if source not in declared:
            raise StrataError(
                f"source {source!r} is not declared in dbt",
                f"Declare it in models/staging/{source}/_{source}__sources.yml.",
            )
    suites = [_landing_suite(node, tests) for node in _sorted(nodes)]
    return suites, _left(nodes, tests)


def mart_suites(manifest: dict[str, Any]) -> tuple[list[TableSuite], list[str]]:
    """Suites of the models in the schemas of marts, and the tests left to dbt.

    Raises StrataError when there is no mart: a guard with nothing to guard is a mistake.
    """
    tests = read_tests(manifest)
    nodes = [
        node
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model"
        and node["schema"] in MARTS_SCHEMAS
        and node["config"].get("materialized") != "ephemeral"
        # Reasons are computed for the customer asked for: never for all of them here.
        and not meta_of(node).get("is_computed_when_asked")
    ]
    if not nodes:
        raise StrataError(
            f"dbt's manifest has no model in schema {MARTS_SCHEMAS[0]}",
            "Check `+schema: marts` in dbt_project.yml, then run `dbt parse`.",
        )
    return [_mart_suite(node, tests) for node in _sorted(nodes)], _left(nodes, tests)


def _landing_suite(node: dict[str, Any], tests: DbtTests) -> TableSuite:
    origin = node["original_file_path"]
    declared = (*node["columns"], *LINEAGE)
    rules = [Rule("columns_exist", columns=declared, origin=origin)]
    rules += [Rule("not_null", columns=(column,)) for column in LINEAGE]
    rules.append(Rule("unique", columns=("_row_id",)))
    if meta_of(node).get("required"):
        rules.append(Rule("not_empty", origin=origin))
    rules += tests.rules.get(node["unique_id"], [])
    return _suite(node, rules, row_names=("_file", "_row"), shows_values=False)


def _mart_suite(node: dict[str, Any], tests: DbtTests) -> TableSuite:
    origin = (node.get("patch_path") or node["original_file_path"]).split("://")[-1]
    rules = [] if meta_of(node).get("may_be_empty") else [Rule("not_empty", origin=origin)]
    if (node.get("contract") or {}).get("enforced"):
        rules += _contract_rules(node, origin)
    rules += tests.rules.get(node["unique_id"], [])
    return _suite(node, rules, row_names=_keys(node, rules), shows_values=True)


def _contract_rules(node: dict[str, Any], origin: str) -> list[Rule]:
    columns = node["columns"]
    types = {name: c["data_type"] for name, c in columns.items() if c.get("data_type")}
    rules = [
        Rule("columns_match", columns=tuple(columns), origin=origin),
        Rule("data_types", args={"types": types}, origin=origin),
    ]
    for name, column in columns.items():
        for constraint in column.get("constraints") or []:
            rules += _constraint_rules(constraint, (name,), origin)
    for constraint in node.get("constraints") or []:
        rules += _constraint_rules(constraint, tuple(constraint.get("columns") or ()), origin)
    return rules


def _constraint_rules(
    constraint: dict[str, Any], columns: tuple[str, ...], origin: str
) -> list[Rule]:
    kind = constraint["type"]
    unique = "unique" if len(columns) == 1 else "unique_combination"
    rules = []
    if kind in ("not_null", "primary_key"):
        rules += [Rule("not_null", columns=(column,), origin=origin) for column in columns]
    if kind in ("unique", "primary_key"):
        rules.append(Rule(unique, columns=columns, origin=origin))
    if kind == "check" and constraint.get("expression"):
        args = {"expression": constraint["expression"]}
        rules.append(Rule("check", columns=columns, args=args, origin=origin))
    return rules


def _keys(node: dict[str, Any], rules: list[Rule]) -> tuple[str, ...]:
    """The columns that name a row: what is declared unique, else whatever ends in _key."""
    for kind in ("unique_combination", "unique"):
        for rule in rules:
            if rule.kind == kind:
                return rule.columns
    names = tuple(node["columns"])
    return tuple(name for name in names if name.endswith(("_key", "_id"))) or names[:1]


def _suite(
    node: dict[str, Any], rules: list[Rule], row_names: tuple[str, ...], shows_values: bool
) -> TableSuite:
    table = table_of(node)
    kept: dict[tuple[str, ...], Rule] = {}
    for rule in rules:
        known = kept.get(rule.identity)
        if known is None or (known.severity != ERROR and rule.severity == ERROR):
            kept[rule.identity] = replace(rule, hint=hint_for(rule, table))
    return TableSuite(table, tuple(kept.values()), row_names, shows_values)


def _sorted(nodes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(nodes, key=lambda node: node["unique_id"])


def _left(nodes: list[dict[str, Any]], tests: DbtTests) -> list[str]:
    """Names of the tests on these tables that only dbt can run."""
    ids = (node["unique_id"] for node in _sorted(nodes))
    return [name for unique_id in ids for name in tests.unknown.get(unique_id, [])]
