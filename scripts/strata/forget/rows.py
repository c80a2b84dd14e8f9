"""What is personal, out of the rows of the people chosen (table `forgetting_people`)."""

import duckdb

from strata.forget.people import RawColumns, raw_tables
from strata.landing.personal import CUSTOMER_ID, TEXT, UNIONID, compared, personal_columns
from strata.landing.sql import identifier, literal
from strata.warehouse import has_table

WIPED = "(forgotten)"
# What is kept of the schema audit: no row of it is anybody's.
_AUDIT = ("check_results", "clv_backtest")
_KEPT_SCHEMAS = ("landing", "history", "refresh", "audit", "main", "information_schema")


def wipe_raw(connection: duckdb.DuckDBPyConnection, with_facts: bool) -> dict[str, int]:
    """Raw rows without what is personal, under the pseudonym; or gone. Rows by table."""
    _note_needles(connection)
    connection.execute(
        "create or replace temp table forgetting_files (source varchar, file_name varchar)"
    )
    touched = {}
    for raw in raw_tables(connection):
        rows = _wipe_table(connection, raw, with_facts)
        if rows:
            touched[f"raw_{raw.source}.{raw.table}"] = rows
    for table, column in (
        ("unreadable_rows", "raw_text"), ("load_notes", "note"), ("unreadable_files", "reason"),
    ):  # fmt: skip
        (rows,) = connection.execute(
            f"update landing.{table} set {column} = {literal(WIPED)} where exists ("
            "select 1 from forgetting_needles"
            f" where case when is_word then list_contains(regexp_split_to_array({column},"
            f" '[^0-9A-Za-z_-]+'), needle) else contains({column}, needle) end)"
        ).fetchone()
        if rows:
            touched[f"landing.{table}"] = rows
    return touched


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
    for column in ids:
        connection.execute(
            f"alter table {raw.name} alter {identifier(column)} set data type varchar"
        )
    unionids = personal.of(UNIONID)
    changes = dict.fromkeys([*personal.kinds, *personal.undeclared], "null")
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


def _note_needles(connection: duckdb.DuckDBPyConnection) -> None:
    """What would give the people away inside a longer text. A short id must be a word."""
    connection.execute(
        "create or replace temp table forgetting_needles as"
        " select customer_id as needle, true as is_word from forgetting_people"
    )
    for raw in raw_tables(connection):
        personal = personal_columns(raw.source, raw.table, raw.columns)
        for column in [c for c, kind in personal.kinds.items() if kind != CUSTOMER_ID]:
            if personal.kinds[column] == TEXT and column.lower() != "full_name":
                continue  # a comment stands in no other text
            for of in personal.of(CUSTOMER_ID)[:1]:
                connection.execute(
                    "insert into forgetting_needles select distinct"
                    f" trim(cast({identifier(column)} as varchar)), false from {raw.name}"
                    f" where length(trim(cast({identifier(column)} as varchar))) > 1"
                    f" and {compared(identifier(of), CUSTOMER_ID)} in (select compared_id"
                    f" from forgetting_people where source = {literal(raw.source)})"
                )


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
