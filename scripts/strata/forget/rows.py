"""What is personal, out of the rows of the people chosen (table `forgetting_people`)."""

import duckdb

from strata.forget.mentions import (
    delete_lines,
    note_needles,
    note_row_ids,
    remember_orders,
    rename_row_ids,
    wipe_landed,
    wipe_mentions,
)
from strata.forget.people import RawColumns, raw_tables
from strata.landing.personal import (
    CUSTOMER_ID,
    PERSON_ID,
    ROW_IDS,
    UNIONID,
    compared,
    personal_columns,
)
from strata.landing.sql import identifier, literal
from strata.warehouse import has_table

# What is kept of the schema audit: no row of it is anybody's.
_AUDIT = ("check_results", "clv_backtest")
_KEPT_SCHEMAS = ("landing", "history", "refresh", "audit", "main", "information_schema")


def wipe_raw(connection: duckdb.DuckDBPyConnection, with_facts: bool) -> dict[str, int]:
    """Raw rows without what is personal, under the pseudonym; or gone. Rows by table."""
    _ids_as_texts(connection)
    note_needles(connection)
    note_row_ids(connection)
    remember_orders(connection, with_facts)
    connection.execute(
        "create or replace temp table forgetting_files (source varchar, file_name varchar)"
    )
    touched = {}
    for raw in raw_tables(connection):
        rows = _wipe_table(connection, raw, with_facts)
        if with_facts:
            rows += delete_lines(connection, raw)
        else:
            rename_row_ids(connection, raw)
        rows += wipe_mentions(connection, raw)
        if rows:
            touched[f"raw_{raw.source}.{raw.table}"] = rows
    return touched | wipe_landed(connection)


def _ids_as_texts(connection: duckdb.DuckDBPyConnection) -> None:
    """A pseudonym is a text, whatever type a file gave its ids; before any row is changed."""
    for raw in raw_tables(connection):
        personal = personal_columns(raw.source, raw.table, raw.columns)
        typed = connection.execute(
            "select column_name from duckdb_columns() where schema_name = ? and table_name = ?"
            " and data_type <> 'VARCHAR'",
            [f"raw_{raw.source}", raw.table],
        ).fetchall()
        for column in personal.of(CUSTOMER_ID, *ROW_IDS):
            if (column,) in typed:
                connection.execute(
                    f"alter table {raw.name} alter {identifier(column)} set data type varchar"
                )


def _wipe_table(
    connection: duckdb.DuckDBPyConnection, raw: RawColumns, with_facts: bool
) -> int:
    personal = personal_columns(raw.source, raw.table, raw.columns)
    ids = personal.of(CUSTOMER_ID)
    if not ids:
        return 0
    people = (
        "(select compared_id, new_id from forgetting_people"
        f" where source = {literal(raw.source)})"
    )

    def is_theirs(column: str) -> str:
        value = compared(identifier(column), CUSTOMER_ID)
        return f"coalesce({value} in (select compared_id from {people}), false)"

    connection.execute(
        f"create or replace temp table forgetting_rows as select rowid as row from {raw.name}"
        f" where {' or '.join(map(is_theirs, ids))}"
    )
    (rows,) = connection.execute("select count(*) from forgetting_rows").fetchone()
    if not rows:
        return 0
    theirs = "rowid in (select row from forgetting_rows)"
    connection.execute(
        f"insert into forgetting_files select distinct {literal(raw.source)}, _file"
        f" from {raw.name} where {theirs}"
    )
    if with_facts:
        connection.execute(f"delete from {raw.name} where {theirs}")
        return rows
    unionids = personal.of(UNIONID, PERSON_ID)
    changes = dict.fromkeys(personal.wiped, "null")
    for column in ids:
        value = compared(identifier(column), CUSTOMER_ID)
        new_id = f"(select any_value(new_id) from {people} where compared_id = {value})"
        changes[column] = (
            f"case when {is_theirs(column)} then {new_id} else {identifier(column)} end"
        )
    # Records of one person stay one person: by a unionid that is nobody's.
    changes |= dict.fromkeys(unionids, changes[ids[0]])
    assignments = ", ".join(f"{identifier(name)} = {new}" for name, new in changes.items())
    connection.execute(f"update {raw.name} set {assignments} where {theirs}")
    if len(ids) > 1:  # two records of the person, linked by staff
        same = " and ".join(f"{identifier(ids[0])} = {identifier(other)}" for other in ids[1:])
        connection.execute(
            f"delete from {raw.name} where {same} and {identifier(ids[0])} in"
            f" (select new_id from {people})"
        )
    return rows


def delivered_in(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The files that rows were taken out of: they are not Strata's to mend."""
    rows = connection.execute(
        "select distinct source || '/' || file_name from forgetting_files order by all"
    ).fetchall()
    return [name for (name,) in rows]


def wipe_derived(connection: duckdb.DuckDBPyConnection) -> None:
    """Everything that is built goes: the next run builds it anew from what is left."""
    for schema, view in connection.execute(
        "select schema_name, view_name from duckdb_views() where not internal"
    ).fetchall():
        connection.execute(f"drop view if exists {identifier(schema)}.{identifier(view)}")
    for (schema,) in connection.execute(
        "select schema_name from duckdb_schemas() where not internal"
        " and database_name = current_database()"
    ).fetchall():
        if schema not in _KEPT_SCHEMAS and not schema.startswith("raw_"):
            connection.execute(f"drop schema {identifier(schema)} cascade")
    for (table,) in connection.execute(
        "select table_name from duckdb_tables() where schema_name = 'audit'"
    ).fetchall():
        if table not in _AUDIT:
            connection.execute(f"drop table audit.{identifier(table)}")
    if has_table(connection, "refresh", "finished_build"):
        connection.execute("delete from refresh.finished_build")


def rekey(
    connection: duckdb.DuckDBPyConnection,
    catalog: str,
    schema: str,
    keys: str,
    with_facts: bool,
) -> int:
    """Rows under an old key (columns old_key, new_key of `keys`) go on under the new one.

    Returns how many there were.
    """
    tables = connection.execute(
        "select table_name, data_type from duckdb_columns() semi join duckdb_tables()"
        " using (database_oid, table_oid) where database_name = ? and schema_name = ?"
        " and column_name = 'customer_key'",
        [catalog, schema],
    ).fetchall()
    total = 0
    for table, kind in tables:
        name = f"{identifier(catalog)}.{identifier(schema)}.{identifier(table)}"

        if with_facts:
            statement = (
                f"delete from {name} where cast(customer_key as varchar) in"
                f" (select old_key from {keys})"
            )
        else:
            statement = (
                f"update {name} as told set customer_key = cast(keys.new_key as {kind})"
                f" from {keys} as keys where cast(told.customer_key as varchar) = keys.old_key"
            )
        (rows,) = connection.execute(statement).fetchone()
        total += rows
    return total
