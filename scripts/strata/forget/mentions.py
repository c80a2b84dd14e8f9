"""Where people stand outside their own rows: in ids made of theirs, in what others wrote."""

import duckdb

from strata.forget.people import RawColumns, raw_tables
from strata.landing.installation import secret_of
from strata.landing.personal import (
    CUSTOMER_ID,
    NAME,
    ORDER_ID,
    PERSON_ID,
    PHONE,
    ROW_IDS,
    UNIONID,
    PersonalColumns,
    compared,
    hashed,
    personal_columns,
)
from strata.landing.sql import identifier, literal
from strata.warehouse import has_table

WIPED = "(forgotten)"
# A shorter id stands in other ids and texts by chance: it is looked for as a whole value only.
SHORTEST_ID = 4
_SHORTEST_PHONE = 7
_LANDED = {"unreadable_rows": "raw_text", "load_notes": "note", "unreadable_files": "reason"}


def note_needles(connection: duckdb.DuckDBPyConnection) -> None:
    """What would give the people away inside a longer text: ids as words, names, numbers."""
    connection.execute(
        "create or replace temp table forgetting_needles as"
        " select distinct source, unnest([customer_id, compared_id]) as needle, true as is_word"
        " from forgetting_people"
    )
    for raw in raw_tables(connection):
        personal = _personal(raw)
        ids = personal.of(CUSTOMER_ID)
        for column in personal.of(NAME, PHONE, UNIONID, PERSON_ID) if ids else []:
            spelled = [f"trim(cast({identifier(column)} as varchar))"]
            shortest = 2
            if personal.kinds[column] == PHONE:
                spelled.append(compared(identifier(column), PHONE))
                shortest = _SHORTEST_PHONE
            connection.execute(
                "insert into forgetting_needles select distinct null, needle, false from"
                f" (select unnest([{', '.join(spelled)}]) as needle from {raw.name}"
                f" where {_is_theirs(raw, ids)}) where length(needle) >= {shortest}"
            )
    if has_table(connection, "policy", "placeholders"):
        # A name such as "none" or "member" names nobody.
        connection.execute(
            "delete from forgetting_needles where not is_word and lower(needle) in"
            " (select lower(value) from policy.placeholders)"
        )


def note_row_ids(connection: duckdb.DuckDBPyConnection) -> None:
    """The ids of the people's own rows, and what those become that are made of a customer id.

    An id in another customer's row as well is not theirs.
    """
    connection.execute(
        "create or replace temp table forgetting_row_ids"
        " (source varchar, kind varchar, old_id varchar, new_id varchar)"
    )
    for raw in raw_tables(connection):
        personal = _personal(raw)
        ids = personal.of(CUSTOMER_ID)
        for column in personal.of(*ROW_IDS) if ids else []:
            row_id = compared(identifier(column), ORDER_ID)
            connection.execute(
                f"insert into forgetting_row_ids select {literal(raw.source)},"
                f" {literal(personal.kinds[column])}, row_id,"
                " coalesce(arg_max(replace(row_id, compared_id, new_id), length(compared_id))"
                f" filter (where contains(row_id, compared_id) and length(compared_id) >="
                f" {SHORTEST_ID}), row_id)"
                f" from (select distinct {row_id} as row_id from {raw.name}"
                f" where {_is_theirs(raw, ids)}) as rows cross join"
                f" (from forgetting_people where source = {literal(raw.source)}) as people"
                f" where row_id not in (select {row_id} from {raw.name}"
                f" where not ({_is_theirs(raw, ids)}) and {row_id} is not null)"
                " group by row_id"
            )


def remember_orders(connection: duckdb.DuckDBPyConnection, with_facts: bool) -> None:
    """Salted hashes of orders that are gone, or are called otherwise now: a line or refund of
    one that comes later does not land."""
    _, secret = secret_of(connection)
    for (source,) in connection.execute(
        "select distinct source from forgetting_row_ids"
    ).fetchall():
        connection.execute(
            "insert into landing.forgotten select distinct"
            f" {hashed(secret, source, 'old_id', ORDER_ID)}, now()::timestamp"
            " from forgetting_row_ids"
            " where source = ? and kind = ? and (? or old_id <> new_id)",
            [source, ORDER_ID, with_facts],
        )


def rename_row_ids(connection: duckdb.DuckDBPyConnection, raw: RawColumns) -> None:
    """Ids made of a customer id, under the pseudonym: in the people's rows and in all that
    belong to these, such as the lines and refunds of an order."""
    renamed = (
        "(select distinct old_id, new_id from forgetting_row_ids"
        f" where source = {literal(raw.source)} and old_id <> new_id)"
    )
    if not connection.execute(f"select 1 from {renamed}").fetchone():
        return
    for column in _personal(raw).of(*ROW_IDS):
        name = identifier(column)
        connection.execute(
            f"update {raw.name} set {name} = renamed.new_id from {renamed} as renamed"
            f" where {compared(name, ORDER_ID)} = renamed.old_id"
        )


def delete_lines(connection: duckdb.DuckDBPyConnection, raw: RawColumns) -> int:
    """Rows that name no customer and belong to an order of the people: gone; how many."""
    personal = _personal(raw)
    if personal.of(CUSTOMER_ID):
        return 0
    rows = 0
    for column in personal.of(ORDER_ID):
        rows += connection.execute(
            f"delete from {raw.name} where {compared(identifier(column), ORDER_ID)} in"
            f" (select old_id from forgetting_row_ids where source = {literal(raw.source)}"
            f" and kind = {literal(ORDER_ID)})"
        ).fetchone()[0]
    return rows


def wipe_mentions(connection: duckdb.DuckDBPyConnection, raw: RawColumns) -> int:
    """A text that names the people goes whole, whoever's row it stands in; how many did.

    In a table that names no customer, a name or phone of theirs goes as well.
    """
    personal = _personal(raw)
    wiped = 0
    for column in personal.texts if personal.of(CUSTOMER_ID) else personal.wiped:
        connection.execute(
            "create or replace temp table forgetting_mentions as"
            + _mentions(raw.name, column, raw.source)
        )
        theirs = "where rowid in (from forgetting_mentions)"
        connection.execute(
            f"insert into forgetting_files select distinct {literal(raw.source)}, _file"
            f" from {raw.name} {theirs}"
        )
        wiped += connection.execute(
            f"update {raw.name} set {identifier(column)} = null {theirs}"
        ).fetchone()[0]
    return wiped


def wipe_landed(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Lines that could not be read, and notes of loads, that name the people: rows by table."""
    touched = {}
    for table, column in _LANDED.items():
        (rows,) = connection.execute(
            f"update landing.{table} set {column} = {literal(WIPED)}"
            f" where rowid in ({_mentions(f'landing.{table}', column)})"
        ).fetchone()
        if rows:
            touched[f"landing.{table}"] = rows
    return touched


def _mentions(relation: str, column: str, source: str | None = None) -> str:
    """A query for the rows of a relation in which a text names the people.

    Of one source, ids of that source count, if they are long enough; else all ids.
    """
    word = "'(^|[^0-9A-Za-z])' || regexp_escape(needle) || '($|[^0-9A-Za-z])'"
    counts = (
        f"source = {literal(source)} and length(needle) >= {SHORTEST_ID}" if source else "true"
    )
    return (
        f" select distinct row from (select rowid as row, cast({identifier(column)} as varchar)"
        f" as text from {relation}) as texts join forgetting_needles on contains(text, needle)"
        f" where not is_word or ({counts} and regexp_matches(text, {word}))"
    )


def _personal(raw: RawColumns) -> PersonalColumns:
    return personal_columns(raw.source, raw.table, raw.columns)


def _is_theirs(raw: RawColumns, ids: list[str]) -> str:
    """The condition that a row is one of the people's."""
    people = f"(select compared_id from forgetting_people where source = {literal(raw.source)})"
    return " or ".join(
        f"coalesce({compared(identifier(column), CUSTOMER_ID)} in {people}, false)"
        for column in ids
    )
