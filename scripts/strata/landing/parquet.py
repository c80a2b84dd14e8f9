"""A Parquet file as columns that DuckDB reads in place, with their types kept."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from strata.landing.naming import few, match_header
from strata.landing.report import UnreadableFileError
from strata.landing.sql import identifier, literal
from strata.landing.tables import Column, text_of


@dataclass(frozen=True)
class ParquetRelation:
    """The file as a relation, its columns as landing names them, and remarks."""

    relation: str
    row_number: str
    columns: list[Column]
    notes: list[str]


def read_parquet(
    connection: duckdb.DuckDBPyConnection, path: Path, declared: Sequence[str]
) -> ParquetRelation:
    """The file's relation. Raises UnreadableFileError where it or its header is unusable."""
    try:
        schema = pq.read_schema(path)
    except (pa.ArrowException, OSError) as error:
        raise UnreadableFileError(f"it is a damaged Parquet file ({_short(error)})") from error
    names = match_header(schema.names, declared)
    if "" in names:
        raise UnreadableFileError("it has a column without a name")
    if long := [field.name for field in schema if pa.types.is_decimal256(field.type)]:
        raise UnreadableFileError(
            f"{few(long)} holds numbers of more than 38 digits, of which DuckDB makes others. "
            "Write it as decimal(38, 2) or double"
        )
    try:
        str(path).encode()
    except UnicodeEncodeError as error:
        raise UnreadableFileError("its path is no UTF-8 text. Rename it") from error
    # DuckDB expands wildcards in paths and reads columns out of directory names: not here.
    escaped = re.sub(r"([*?\[])", r"[\1]", str(path))
    relation = (
        f"read_parquet({literal(escaped)}, file_row_number = true, hive_partitioning = false)"
    )
    try:
        described = connection.execute(f"describe select * from {relation}").fetchall()
    except duckdb.Error as error:
        raise UnreadableFileError(f"it is a damaged Parquet file ({_short(error)})") from error
    columns, notes = [], []
    for name, (stored_name, type_name, *_) in zip(names, described[: len(names)], strict=True):
        column = Column(name, type_name, identifier(stored_name))
        if type_name == "BLOB":
            column, note = _text_without_mark(connection, column, relation)
            notes += note
        if name.endswith("_id") and type_name in ("DOUBLE", "FLOAT"):
            number = f"nullif({column.expression}, 'nan')"  # pandas writes it for nothing
            column = Column(name, "VARCHAR", text_of(number, type_name))
            notes.append(f"{name} holds fractional numbers; landed as text, 12.0 as 12")
        columns.append(column)
    return ParquetRelation(relation, "file_row_number + 1", columns, notes)


def _text_without_mark(
    connection: duckdb.DuckDBPyConnection, column: Column, relation: str
) -> tuple[Column, list[str]]:
    """Bytes as text, where all of them are UTF-8: Hive, Impala and old Spark set no mark."""
    text = f"decode({column.expression})"
    try:
        (stranger,) = connection.execute(
            f"select min(file_row_number) from {relation} "
            f"where {column.expression} is not null and try({text}) is null"
        ).fetchone()
    except duckdb.Error as error:
        raise UnreadableFileError(f"it is a damaged Parquet file ({_short(error)})") from error
    if stranger is None:
        return Column(column.name, "VARCHAR", text), []
    where = f"row {stranger + 1}"
    return column, [f"{column.name} holds bytes that are no UTF-8 ({where}); kept as bytes"]


def refuse_damaged(content: ParquetRelation) -> None:
    """Raises UnreadableFileError if the file's own pages are what cannot be read."""
    with duckdb.connect() as aside:
        try:
            aside.execute(f"select max(hash(content)) from {content.relation} as content")
        except duckdb.Error as error:
            raise UnreadableFileError(
                f"it is a damaged Parquet file ({_short(error)})"
            ) from error


def _short(error: Exception) -> str:
    """The error's first line, without the file's path on this machine."""
    return re.sub(r"(?:[A-Za-z]:)?[\\/][^\s'\"]*[\\/]", "", str(error).splitlines()[0])[:200]
