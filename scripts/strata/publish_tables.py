"""A table of the build in the file to be published: whole, or what a refresh changed of it."""

from collections.abc import Sequence
from itertools import zip_longest

import duckdb

from strata.refresh import query_of_changed_customers

SORTED_AT_ONCE = 20_000_000  # rows: sorting all columns of so many takes a few GB


def put_table(
    target: duckdb.DuckDBPyConnection,
    table: str,
    relation: str,
    columns: Sequence[str],
    where: str = "true",
    only_changes: bool = False,
) -> int:
    """Make `table` hold these columns and rows of the build's `relation`; return its rows.

    `target` has the build attached as `strata`. With `only_changes` the file is a copy of the
    last publication: then the rows of the customers whose rows changed are replaced, and a
    table of which nothing changed is left as it is.
    """
    rows = _count(target, f"strata.{relation} where {where}")
    keys = query_of_changed_customers(target, relation.split(".")[1]) if only_changes else None
    if (
        keys is not None
        and _columns(target, table) == list(columns)
        and _replaced_changed(target, table, relation, columns, where, keys)
        # Counted against the build, so that no row can be lost or doubled unseen.
        and _count(target, table) == rows
    ):
        return rows
    for number, part in enumerate(_parts(columns, rows)):
        # Sorted, so that the same rows make the same table whatever the threads did.
        target.execute(
            (f"insert into {table}" if number else f"create or replace table {table} as")
            + f" select {', '.join(columns)} from strata.{relation}"
            f" where ({where}) and {part} order by all"
        )
    return _count(target, table)


def _parts(columns: Sequence[str], rows: int) -> list[str]:
    """SQL that is true for one part of the rows each: even shares of the customers' keys, in
    order, so that a table that begins with the key is sorted as if at once.
    """
    count = -(-rows // SORTED_AT_ONCE)
    if "customer_key" not in columns or count < 2:
        return ["true"]
    lows = [
        f"cast('{2**32 * part // count:08x}-0000-0000-0000-000000000000' as uuid)"
        for part in range(count)
    ]
    return [
        f"customer_key >= {low}" + (f" and customer_key < {high}" if high else "")
        for low, high in zip_longest(lows, lows[1:])
    ]


def _replaced_changed(
    target: duckdb.DuckDBPyConnection,
    table: str,
    relation: str,
    columns: Sequence[str],
    where: str,
    keys: str,
) -> bool:
    """Whether the changed rows could be told, and replaced."""
    target.execute(f"create or replace temp table changed_keys as {keys}")
    if not _count(target, "changed_keys"):
        return True
    if "customer_key" not in columns:
        return False
    is_changed = "customer_key in (select customer_key from changed_keys)"
    target.execute(f"delete from {table} where {is_changed}")
    target.execute(
        f"insert into {table} select {', '.join(columns)}"
        f" from strata.{relation} where {where} and {is_changed} order by all"
    )
    return True


def _columns(target: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    """Empty if there is no such table."""
    schema, _, name = table.rpartition(".")
    rows = target.execute(
        "select column_name from duckdb_columns() where database_name = current_database()"
        " and schema_name = ? and table_name = ? order by column_index",
        [schema or "main", name],
    ).fetchall()
    return [column for (column,) in rows]


def _count(target: duckdb.DuckDBPyConnection, rows: str) -> int:
    return target.execute(f"select count(*) from {rows}").fetchone()[0]
