"""The first few rows that break a rule, as a person may see them.

Rows of a landing are named by file and row number only: their values may be personal.
"""

from typing import Any

from strata.gate.rules import Rule, Table, TableSuite, bad_rows, quoted

LIMIT = 5


def example_rows(
    connection: Any, suite: TableSuite, rule: Rule, columns: list[str]
) -> tuple[dict[str, str], ...]:
    """Up to five rows, values as text; empty when the rule is not about rows.

    `columns` are those the table really has.
    """
    clause = bad_rows(rule, suite.table.sql)
    if clause is None:
        return ()
    shown = _shown(suite, rule, columns)
    if not shown:
        return ()
    names = ", ".join(f"t.{quoted(name)}" for name in shown)
    sql = f"select distinct {names} {clause} order by {names} limit {LIMIT}"
    rows = connection.exec_driver_sql(sql).fetchall()
    texts = (["null" if value is None else str(value) for value in row] for row in rows)
    return tuple(dict(zip(shown, text, strict=True)) for text in texts)


def table_columns(connection: Any) -> dict[Table, list[str]]:
    """The columns, in order, of every table and view of the warehouse."""
    found: dict[Table, list[str]] = {}
    sql = (
        "select table_schema, table_name, column_name from information_schema.columns"
        " where table_catalog = current_database()"
        " order by table_schema, table_name, ordinal_position"
    )
    for schema, table, column in connection.exec_driver_sql(sql).fetchall():
        found.setdefault(Table(schema, table), []).append(column)
    return found


def _shown(suite: TableSuite, rule: Rule, columns: list[str]) -> list[str]:
    if rule.kind == "data_types":
        return ["column_name", "contract_type", "table_type"]
    wanted = suite.row_names + (rule.columns if suite.shows_values else ())
    return [name for name in dict.fromkeys(wanted) if name in columns]
