"""Rules as expectations of Great Expectations."""

import re
from typing import Any

from strata.gate.rules import ERROR, Rule, TableSuite, bad_rows, duplicate_groups

RULE_INDEX = "rule_index"
_BIND_PARAMETER = re.compile(r"(?<![:\w\\]):(?=\w)")
_WORDS = {
    "accepted_values": "{columns} is one of {values}",
    "between": "{columns} lies between {min_value} and {max_value}",
    "check": "{expression}",
    "columns_exist": "the table has {columns}",
    "columns_match": "the columns are exactly, in this order, {columns}",
    "data_types": "every column has the data type of its contract",
    "not_empty": "the table has rows",
    "not_null": "{columns} is never null",
    "relationships": "{columns} exists in {to.label} ({field})",
    "unique": "{columns} is unique",
    "unique_combination": "the combination {columns} is unique",
}


def suite_expectations(suite: TableSuite) -> list[Any]:
    """One expectation for each rule; `meta` says which rule, and where it was written."""
    return [_expectation(rule, i, suite) for i, rule in enumerate(suite.rules)]


def _expectation(rule: Rule, index: int, suite: TableSuite) -> Any:
    import great_expectations.expectations as gxe

    common = {
        "severity": "critical" if rule.severity == ERROR else "warning",
        "description": _description(rule),
        "notes": f"written in {rule.origin}" if rule.origin else None,
        "meta": {
            RULE_INDEX: index,
            "rule": rule.kind,
            "dbt_severity": rule.severity,
            "written_in": rule.origin,
        },
    }
    if rule.kind == "not_empty":
        return gxe.ExpectTableRowCountToBeBetween(min_value=1, **common)
    if rule.kind == "columns_exist":
        columns = list(rule.columns)
        return gxe.ExpectTableColumnsToMatchSet(column_set=columns, exact_match=False, **common)
    if rule.kind == "columns_match":
        return gxe.ExpectTableColumnsToMatchOrderedList(
            column_list=list(rule.columns), **common
        )
    if rule.where is None:
        if rule.kind == "not_null":
            return gxe.ExpectColumnValuesToNotBeNull(column=rule.columns[0], **common)
        if rule.kind == "unique":
            return gxe.ExpectColumnValuesToBeUnique(column=rule.columns[0], **common)
        if rule.kind == "accepted_values":
            return gxe.ExpectColumnValuesToBeInSet(
                column=rule.columns[0], value_set=rule.args["values"], **common
            )
        if rule.kind == "between" and _is_numeric(rule):
            return gxe.ExpectColumnValuesToBeBetween(
                column=rule.columns[0], **rule.args, **common
            )
    return gxe.UnexpectedRowsExpectation(
        unexpected_rows_query=_query(rule, suite.table.sql),
        **common,
    )


def _is_numeric(rule: Rule) -> bool:
    return all(v is None or isinstance(v, int | float) for v in rule.args.values())


def _query(rule: Rule, table: str) -> str:
    """The rule as a query that returns rows only when it is broken.

    Great Expectations formats braces, and would print the table unquoted for `{batch}`;
    the name stands in the query, `{batch}` only in a comment. SQLAlchemy reads `:word` as
    a parameter, hence the escape.
    """
    if rule.kind == "unique_combination":
        source = f"(select * from {table} where {rule.where})" if rule.where else table
        sql = duplicate_groups(rule, source)
    else:
        sql = f"select t.* {bad_rows(rule, table)}"
    escaped = _BIND_PARAMETER.sub(r"\\:", sql.replace("{", "{{").replace("}", "}}"))
    return f"{escaped} /* {{batch}} */"


def _description(rule: Rule) -> str:
    """What Data Docs show; `$` would start a parameter there."""
    shown = {**rule.args, "columns": ", ".join(rule.columns)}
    if "values" in shown:
        shown["values"] = ", ".join(str(value) for value in shown["values"])
    words = _WORDS[rule.kind].format(**shown)
    condition = f" where {rule.where}" if rule.where else ""
    weight = "" if rule.severity == ERROR else " (warning only)"
    return f"{rule.kind}: {words}{condition}{weight}".replace("$", "$$")
