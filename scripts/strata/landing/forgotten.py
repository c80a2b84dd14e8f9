"""People who were forgotten on request: a later row of theirs does not land."""

from collections.abc import Mapping
from pathlib import Path

import duckdb

from strata.landing.installation import secret_of
from strata.landing.personal import (
    CUSTOMER_ID,
    ORDER_ID,
    PERSON_ID,
    PHONE,
    UNIONID,
    hashed,
    personal_columns,
)
from strata.settings import PROJECT_DIR

_KNOWN = (CUSTOMER_ID, PHONE, UNIONID, PERSON_ID)


def anybody_forgotten(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether there is anybody to be recognised."""
    return bool(connection.execute("select 1 from landing.forgotten limit 1").fetchone())


def keep_out(
    connection: duckdb.DuckDBPyConnection,
    source: str,
    table: str,
    values: Mapping[str, str],
    relation: str,
    moment: str,
    project_dir: Path = PROJECT_DIR,
) -> str:
    """The condition that rows of forgotten people do not meet; those left out are counted.

    `values`: SQL of each incoming column over `relation`. A person who comes back under
    another id, with a phone, unionid or person id that is known, is known by that id, too. A
    row that names no customer is known by its order.
    """
    if not anybody_forgotten(connection):
        return "true"
    _, secret = secret_of(connection)
    columns = personal_columns(source, table, list(values), project_dir)
    hashes = {
        column: hashed(secret, source, values[column], kind)
        for column, kind in columns.kinds.items()
        if kind in _KNOWN or (kind == ORDER_ID and not columns.of(CUSTOMER_ID))
    }
    if not hashes:
        return "true"
    known = " or ".join(
        f"coalesce({one} in (select hash from landing.forgotten), false)"
        for one in hashes.values()
    )
    for column in columns.of(CUSTOMER_ID):
        connection.execute(
            f"insert into landing.forgotten select distinct {hashes[column]}, now()::timestamp"
            f" from {relation} where ({known}) and {hashes[column]} is not null"
            f" and '{table}' = 'customers'"
            f" and {hashes[column]} not in (select hash from landing.forgotten)"
        )
    for column in columns.of(ORDER_ID) if columns.of(CUSTOMER_ID) else []:
        order = hashed(secret, source, values[column], ORDER_ID)
        connection.execute(
            f"insert into landing.forgotten select distinct {order}, now()::timestamp"
            f" from {relation} where ({known}) and {order} is not null"
            f" and {order} not in (select hash from landing.forgotten)"
        )
    connection.execute(
        "insert into landing.forgotten_rows select ?, ?, count(*), ?::timestamp"
        f" from {relation} where {known} having count(*) > 0",
        [source, table, moment],
    )
    return f"not ({known})"


def kept_out_notes(connection: duckdb.DuckDBPyConnection, moment: str) -> list[str]:
    """What a load left out, by table."""
    rows = connection.execute(
        "select table_name, sum(row_count) from landing.forgotten_rows"
        " where noted_at = ?::timestamp group by table_name order by table_name",
        [moment],
    ).fetchall()
    return [
        f"{table}: {count:,} rows of people who were forgotten on request are set aside;"
        " nothing of them is kept"
        for table, count in rows
    ]
