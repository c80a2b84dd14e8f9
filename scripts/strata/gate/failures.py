"""From the results of Great Expectations to failures a person can act on."""

from typing import Any

from strata.gate.examples import example_rows
from strata.gate.expectations import RULE_INDEX
from strata.gate.hints import hint_for
from strata.gate.result import BROKEN, NOT_EVALUATED, GateFailure
from strata.gate.rules import Rule, Table, TableSuite
from strata.gate.run import TABLES_SUITE, raised

_EVALUATION_HINT = (
    "The guard could not run this rule, so it counts as failed. Check that the column and its"
    " type fit the rule; Data Docs hold the error."
)


def judge(
    connection: Any,
    columns: dict[Table, list[str]],
    suites: list[TableSuite],
    present: list[TableSuite],
    outcomes: dict[str, list[Any]],
) -> list[GateFailure]:
    """Failures in the order of the tables. A rule without a result is a failure too."""
    failures = _absent_tables(columns, suites, outcomes.get(TABLES_SUITE, []))
    for suite in present:
        by_index = {
            result.expectation_config.meta[RULE_INDEX]: result
            for result in outcomes.get(suite.table.label, [])
        }
        for index, rule in enumerate(suite.rules):
            result = by_index.get(index)
            if result is None or raised(result):
                failures.append(_not_evaluated(suite, rule, result))
            elif result.success is not True:
                found = columns[suite.table]
                failures.append(_broken(connection, suite, rule, result, found))
    return failures


def _absent_tables(
    columns: dict[Table, list[str]], suites: list[TableSuite], results: list[Any]
) -> list[GateFailure]:
    rule = Rule("table_exists")
    failures = [
        GateFailure(
            table=suite.table.label,
            rule=rule.kind,
            column="",
            severity=rule.severity,
            observed="the table does not exist",
            rows=(),
            hint=hint_for(rule, suite.table),
        )
        for suite in suites
        if suite.table not in columns
    ]
    evaluated = results and not any(raised(result) for result in results)
    if not failures and not (evaluated and all(result.success for result in results)):
        tables = TableSuite(Table("all", TABLES_SUITE), (rule,))
        failures.append(_not_evaluated(tables, rule, results[0] if results else None))
    return failures


def _not_evaluated(suite: TableSuite, rule: Rule, result: Any) -> GateFailure:
    messages = raised(result) if result is not None else ["Great Expectations gave no result"]
    first_lines = dict.fromkeys(m.strip().splitlines()[0] for m in messages if m.strip())
    return GateFailure(
        table=suite.table.label,
        rule=rule.kind,
        column=", ".join(rule.columns),
        severity=rule.severity,
        observed="; ".join(first_lines) or "unknown error",
        rows=(),
        hint=_EVALUATION_HINT,
        kind=NOT_EVALUATED,
        origin=rule.origin,
    )


def _broken(
    connection: Any, suite: TableSuite, rule: Rule, result: Any, found: list[str]
) -> GateFailure:
    column = ", ".join(rule.columns)
    if rule.kind in ("columns_exist", "columns_match"):
        column = ", ".join(_missing(rule, found) or _undeclared(rule, found))
    return GateFailure(
        table=suite.table.label,
        rule=rule.kind,
        column=column,
        severity=rule.severity,
        observed=_observed(rule, result.result, found),
        rows=example_rows(connection, suite, rule, found),
        hint=rule.hint,
        kind=BROKEN,
        origin=rule.origin,
    )


def _observed(rule: Rule, result: dict[str, Any], found: list[str]) -> str:
    if rule.kind in ("columns_exist", "columns_match"):
        parts = []
        if _missing(rule, found):
            parts.append(f"missing: {', '.join(_missing(rule, found))}")
        if rule.kind == "columns_match" and _undeclared(rule, found):
            parts.append(f"not in the contract: {', '.join(_undeclared(rule, found))}")
        return "; ".join(parts) or f"another order: {', '.join(found)}"
    if "unexpected_count" in result:
        return f"{result['unexpected_count']} of {result['element_count']} rows"
    counted = {
        "data_types": "columns of another type",
        "not_empty": "rows",
        "unique_combination": "combinations that stand more than once",
    }
    return f"{result.get('observed_value')} {counted.get(rule.kind, 'rows')}"


def _missing(rule: Rule, found: list[str]) -> list[str]:
    return [name for name in rule.columns if name not in found]


def _undeclared(rule: Rule, found: list[str]) -> list[str]:
    return [name for name in found if name not in rule.columns]
