"""Raw tables: created as declared, widened as files bring more, never at a value's cost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb

from strata.landing.forgotten import keep_out
from strata.landing.naming import few
from strata.landing.sql import identifier, literal

# A row's id: the id of its file × this + its number in the file (macro file_of).
ROWS_PER_FILE = 2**32
MAX_SHEET_ROWS = 2**21  # rows of a sheet of several, of which Excel has 2**20 at most

_LINEAGE = {
    "_file": "VARCHAR",
    "_row": "BIGINT",
    "_loaded_at": "TIMESTAMP",
    "_row_id": "BIGINT",
}


@dataclass(frozen=True)
class Column:
    """An incoming column: its name in the table, its type, and how to select it."""

    name: str
    type: str
    expression: str


@dataclass(frozen=True)
class RawTable:
    """The table raw_<source>.<table>."""

    source: str
    table: str

    @property
    def schema(self) -> str:
        """The source's schema."""
        return f"raw_{self.source}"

    @property
    def name(self) -> str:
        """The quoted full name."""
        return f"{identifier(self.schema)}.{identifier(self.table)}"

    def types(self, connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
        """Type by column name in lower case, without the lineage columns."""
        found = connection.execute(
            f"select lower(name), type from pragma_table_info({literal(self.name)})"
        ).fetchall()
        return {name: type_name for name, type_name in found if name not in _LINEAGE}

    def is_empty(self, connection: duckdb.DuckDBPyConnection) -> bool:
        """Whether no row has landed yet."""
        return not connection.execute(f"select 1 from {self.name} limit 1").fetchall()


def create_declared(
    connection: duckdb.DuckDBPyConnection, source: str, tables: Mapping[str, Sequence[str]]
) -> None:
    """Creates what is missing of the source's tables and declared columns, as VARCHAR."""
    connection.execute(f"create schema if not exists {identifier(f'raw_{source}')}")
    for table, columns in tables.items():
        raw = RawTable(source, table)
        wanted = dict.fromkeys(columns, "VARCHAR") | _LINEAGE
        body = ", ".join(f"{identifier(name)} {kind}" for name, kind in wanted.items())
        connection.execute(f"create table if not exists {raw.name} ({body})")
        present = raw.types(connection)
        for column in columns:
            if column.lower() not in present:
                _add(connection, raw, Column(column, "VARCHAR", ""))


def needs_comparison(
    connection: duckdb.DuckDBPyConnection, raw: RawTable, names: Sequence[str]
) -> bool:
    """Whether text for these columns must be held against typed columns that hold rows."""
    types = raw.types(connection)
    is_typed = any(types.get(name.lower(), "VARCHAR") != "VARCHAR" for name in names)
    return is_typed and not raw.is_empty(connection)


def fit(
    connection: duckdb.DuckDBPyConnection,
    raw: RawTable,
    incoming: Sequence[Column],
    relation: str,
) -> tuple[list[Column], list[str]]:
    """Makes table and incoming columns fit; returns what to insert, and notes.

    - A column that the table lacks is added.
    - In an empty table the incoming type replaces the table's.
    - Otherwise the incoming value is cast to the table's type, if every value comes back
      from it unchanged; if not, the table's column becomes VARCHAR.
    """
    types, is_empty = raw.types(connection), raw.is_empty(connection)
    fitted, notes, undeclared = [], [], []
    for column in incoming:
        present = types.get(column.name.lower())
        if present is None:
            _add(connection, raw, column)
            undeclared.append(column.name)
        elif present != column.type and is_empty:
            _retype(connection, raw, column.name, column.type, "null")
        elif present != column.type and present != "VARCHAR":
            cast = f"try_cast({column.expression} as {present})"
            if example := _first_changed(connection, column, cast, relation):
                old = text_of(identifier(column.name), present)
                _retype(connection, raw, column.name, "VARCHAR", old)
                notes.append(
                    f"column {column.name} was {present} and is VARCHAR now: "
                    f"{example!r} would not have survived"
                )
                present = "VARCHAR"
            else:
                column = Column(column.name, present, cast)
        if present == "VARCHAR" != column.type and not is_empty:
            text = text_of(column.expression, column.type)
            column = Column(column.name, "VARCHAR", text)
        fitted.append(column)
    if undeclared:
        columns = "column" if len(undeclared) == 1 else f"{len(undeclared):,} columns"
        said = f"{columns} not declared, added to the table: {few(undeclared, 5)}"
        notes.insert(0, said)
    return fitted, notes


def text_of(expression: str, type_name: str) -> str:
    """SQL for a value as text that typing reads again.

    Whole floating-point numbers without `.0`; moments with a time zone in UTC, in ISO form.
    """
    text = f"cast({expression} as varchar)"
    if type_name == "TIMESTAMP WITH TIME ZONE":
        moment = f"timezone('UTC', {expression})"
        form = "'%Y-%m-%dT%H:%M:%S'"
        return (
            f"strftime({moment}, {form}) || case when microsecond({moment}) % 1000000 = 0 "
            f"then '' else strftime({moment}, '.%f') end || '+00:00'"
        )
    if type_name == "TIMESTAMP_NS":
        return f"cast(cast({expression} as timestamp) as varchar)"
    if type_name not in ("DOUBLE", "FLOAT"):
        return text
    return (
        f"case when {expression} = trunc({expression}) and abs({expression}) < 1e15 "
        f"then cast(cast({expression} as bigint) as varchar) else {text} end"
    )


def _first_changed(
    connection: duckdb.DuckDBPyConnection, column: Column, cast: str, relation: str
) -> str | None:
    """A value that the cast would lose or change, as text; None if there is none."""
    found = connection.execute(
        f"select cast({column.expression} as varchar) from {relation} "
        f"where {column.expression} is not null "
        f"and try_cast({cast} as {column.type}) is distinct from {column.expression} limit 1"
    ).fetchone()
    return None if found is None else str(found[0])


def _add(connection: duckdb.DuckDBPyConnection, raw: RawTable, column: Column) -> None:
    connection.execute(
        f"alter table {raw.name} add column {identifier(column.name)} {column.type}"
    )


def _retype(
    connection: duckdb.DuckDBPyConnection, raw: RawTable, name: str, kind: str, using: str
) -> None:
    connection.execute(
        f"alter table {raw.name} alter column {identifier(name)} set data type {kind} "
        f"using {using}"
    )


def lineage(
    file_name: str, row_number: str, loaded_at: str, file_id: int, row_offset: int = 0
) -> list[Column]:
    """The lineage columns of a file's rows. `loaded_at` is an ISO timestamp (UTC)."""
    return _lineage(
        literal(file_name), row_number, loaded_at, str(file_id * ROWS_PER_FILE + row_offset)
    )


def lineage_of_many(
    file_name: str, row_number: str, loaded_at: str, file_id: str
) -> list[Column]:
    """The same for rows of several files: name and id are columns."""
    return _lineage(file_name, row_number, loaded_at, f"{file_id} * {ROWS_PER_FILE}")


def _lineage(file_name: str, row_number: str, loaded_at: str, first_id: str) -> list[Column]:
    return [
        Column("_file", "VARCHAR", file_name),
        Column("_row", "BIGINT", row_number),
        Column("_loaded_at", "TIMESTAMP", f"timestamp {literal(loaded_at)}"),
        Column("_row_id", "BIGINT", f"cast({first_id} as bigint) + {row_number}"),
    ]


def insert(
    connection: duckdb.DuckDBPyConnection,
    raw: RawTable,
    columns: Sequence[Column],
    relation: str,
) -> int:
    """Copies the relation's columns into the table, but nobody who was forgotten.

    Returns the number of rows.
    """
    names = ", ".join(identifier(column.name) for column in columns)
    values = ", ".join(column.expression for column in columns)
    held = {column.name: column.expression for column in columns}
    kept = keep_out(connection, raw.source, raw.table, held, relation, moment_of(columns))
    statement = f"insert into {raw.name} ({names}) select {values} from {relation} where {kept}"
    return connection.execute(statement).fetchone()[0]


def moment_of(columns: Sequence[Column]) -> str:
    """The time of loading among the lineage columns, as text."""
    (found,) = [column.expression for column in columns if column.name == "_loaded_at"]
    return found.removeprefix("timestamp '").removesuffix("'")
