"""`strata load`: the files of a directory into the raw tables of a source."""

import difflib
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from strata.errors import WRONG_USE, StrataError
from strata.landing import bookkeeping
from strata.landing.bookkeeping import LandedFile
from strata.landing.copying import Copied, copy_parquet, copy_text
from strata.landing.csv_header import read_shape
from strata.landing.csv_records import csv_batches
from strata.landing.declared import declared_tables
from strata.landing.encodings import TRIED, Encoding, detect_encoding
from strata.landing.excel import Sheet, open_sheets
from strata.landing.kinds import Kind, content_hash, kind_of, open_text
from strata.landing.naming import data_files, table_for, titles_note
from strata.landing.parquet import read_parquet, refuse_damaged
from strata.landing.report import FileReport, LoadReport, UnreadableFileError
from strata.landing.tables import MAX_SHEET_ROWS, RawTable, create_declared
from strata.lock import in_words
from strata.settings import PROJECT_DIR, Settings

Progress = Callable[[str], None]


def load_directory(
    settings: Settings,
    source: str,
    directory: Path,
    progress: Progress | None = None,
    *,
    project_dir: Path = PROJECT_DIR,
    loaded_at: datetime | None = None,
    replace: bool = False,
) -> LoadReport:
    """Loads each file of the directory into the declared table that its name begins with.

    Each file lands whole or not at all, once per content. The caller holds the warehouse's
    lock. `loaded_at` is the load's time in UTC (default: now). `replace` takes back what landed
    before under the name of a file that is loaded now. Raises StrataError for an
    unknown source, a directory without files and a warehouse that cannot be written.
    """
    tables = declared_tables(source, project_dir)
    paths = _files_of(Path(directory), list(tables))
    moment = (loaded_at or datetime.now(UTC)).replace(tzinfo=None).isoformat(" ")
    with _warehouse(settings) as connection:
        with _transaction(connection):
            bookkeeping.create_bookkeeping(connection)
            create_declared(connection, source, tables)
        load = _Load(connection, source, tables, moment, progress or (lambda _: None), replace)
        report = LoadReport(source, str(directory), [load.file(path) for path in paths])
        report.tables_without_rows = [
            table for table in tables if RawTable(source, table).is_empty(connection)
        ]
    return report


def withdraw_files(
    settings: Settings, source: str, names: Sequence[str], moment: datetime | None = None
) -> dict[str, tuple[int, int]]:
    """Takes back what landed under these names: deliveries and rows by name.

    Nothing is deleted: the rows count as taken back, and the next run is without them. The
    same content may be loaded again. The caller holds the lock. Raises StrataError for a name
    under which nothing is in force; nothing is taken back then.
    """
    at = (moment or datetime.now(UTC)).replace(tzinfo=None).isoformat(" ")
    with _warehouse(settings) as connection, _transaction(connection):
        bookkeeping.create_bookkeeping(connection)
        known = bookkeeping.names_in_force(connection, source)
        for name in names:
            if name not in known:
                near = difflib.get_close_matches(name, known, 5) or known[:5]
                raise StrataError(
                    f"No file {name!r} of {source} is in force.",
                    f"Files with such names: {', '.join(near) or 'none was loaded'}.",
                    WRONG_USE,
                )
        return {name: bookkeeping.withdraw(connection, source, name, at) for name in names}


@dataclass(frozen=True)
class _Load:
    """One run of a load: what every file of it shares."""

    connection: duckdb.DuckDBPyConnection
    source: str
    tables: dict[str, list[str]]
    moment: str
    progress: Progress
    replace: bool

    def file(self, path: Path) -> FileReport:
        """Loads one file, or says why not."""
        table = table_for(path.name, list(self.tables))
        if table is None:
            note = f"its name begins with no table of {self.source}: {', '.join(self.tables)}"
            return FileReport(path.name, "no_table", notes=[note])
        self.progress(f"{path.name}: reading")
        file_hash = ""
        try:
            if path.is_dir():
                raise UnreadableFileError(
                    "it is a directory. Move its files up and begin their names with "
                    f"{table}, or begin its own with _"
                )
            file_hash = content_hash(path)
            return self._readable(path, table, file_hash)
        except (UnreadableFileError, OSError, EOFError, zlib.error) as error:
            if isinstance(error, UnreadableFileError):
                reason = str(error)
            else:
                reason = f"it cannot be read ({getattr(error, 'strerror', None) or error})"
        with _transaction(self.connection):
            bookkeeping.record_unreadable_file(
                self.connection, self.source, path.name, file_hash, reason, self.moment
            )
        return FileReport(path.name, "unreadable", table, notes=[reason])

    def _readable(self, path: Path, table: str, file_hash: str) -> FileReport:
        before = path.stat()
        kind = kind_of(path)
        if known := bookkeeping.landed_before(self.connection, self.source, table, file_hash):
            name, moment, loaded, unreadable = known
            note = f"the same content was loaded as {name} on {moment}"
            if bookkeeping.is_replaced(self.connection, self.source, table, name, file_hash):
                note += "; newer content came under that name since and stays in force"
            return FileReport(
                path.name, "already_loaded", table, kind, "", loaded, unreadable, [note]
            )
        encoding = self._encoding(path, kind)
        with _transaction(self.connection):
            file = LandedFile(
                bookkeeping.next_file_id(self.connection),
                self.source,
                table,
                path.name,
                file_hash,
                kind,
                encoding.name,
                before.st_size,
                self.moment,
            )
            copied, columns = self._copy(path, kind, file)
            _refuse_misnamed(table, columns, self.tables)
            if copied.unreadable and not copied.loaded:
                tried = f". Encodings tried: {TRIED}" if kind.startswith("csv") else ""
                raise UnreadableFileError(
                    f"no row of it could be read; {copied.notes[0]}{tried}"
                )
            after = path.stat()
            if (after.st_size, after.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
                raise UnreadableFileError("it changed while it was read. Load it again")
            bookkeeping.record_file(self.connection, file, copied.loaded, copied.unreadable)
            if self.replace:
                copied.notes += self._taken_back(file)
            self.progress(f"{path.name}: {copied.loaded:,} rows, saving")
        notes = _missing(self.tables[table], columns) + copied.notes
        if encoding.guess:
            notes.insert(0, f"read as {encoding.name}, by a guess: {encoding.guess}")
        if not copied.loaded:
            notes.append("it has a header and no rows")
        return FileReport(
            path.name,
            "loaded",
            table,
            kind,
            encoding.name,
            copied.loaded,
            copied.unreadable,
            notes,
        )

    def _encoding(self, path: Path, kind: Kind) -> Encoding:
        if not kind.startswith("csv"):
            return Encoding("")
        with open_text(path, kind) as stream:
            return detect_encoding(stream)

    def _taken_back(self, file: LandedFile) -> list[str]:
        """Takes back earlier deliveries under the file's name, and says so."""
        deliveries, rows = bookkeeping.withdraw(
            self.connection, self.source, file.file_name, self.moment, file.file_id
        )
        if not deliveries:
            return []
        return [f"{rows:,} rows delivered before under this name are taken back"]

    def _copy(self, path: Path, kind: Kind, file: LandedFile) -> tuple[Copied, list[str]]:
        """Copies the content; returns what came of it and the file's columns."""
        declared = self.tables[file.table]
        if kind == "parquet":
            content = read_parquet(self.connection, path, declared)
            try:
                copied = copy_parquet(self.connection, file, content)
            except duckdb.Error:
                refuse_damaged(content)
                raise
            return copied, [column.name for column in content.columns]
        if kind == "xlsx":
            with open_sheets(path, declared) as sheets:
                return self._copy_sheets(sheets, file)
        with open_text(path, kind, file.encoding) as stream:
            shape = read_shape(stream, file.encoding, declared)
            stream.seek(0)
            batches = csv_batches(stream, file.encoding, shape)
            names = list(shape.columns)
            copied = copy_text(self.connection, file, names, batches, self.progress)
            copied.notes += titles_note(shape.above)
            return copied, names

    def _copy_sheets(self, sheets: list[Sheet], file: LandedFile) -> tuple[Copied, list[str]]:
        """Copies the sheets; where there are several, each row's file name says which."""
        total, columns = Copied(), {}
        for at, sheet in enumerate(sheets):
            part = file
            if len(sheets) > 1:
                part = replace(
                    file,
                    file_name=f"{file.file_name} [{sheet.title}]",
                    row_offset=at * MAX_SHEET_ROWS,
                )
            names = [name for name in sheet.columns if name]
            copied = copy_text(self.connection, part, names, sheet.batches(), self.progress)
            total.add(copied, sheet.notes)
            columns |= dict.fromkeys(names)
        return total, list(columns)


def _files_of(directory: Path, tables: list[str]) -> list[Path]:
    if not directory.is_dir():
        what = "is a file, not a directory" if directory.exists() else "does not exist"
        raise StrataError(f"{directory} {what}.", "Name the directory that holds the files.")
    paths = data_files(directory, tables)
    if not paths:
        raise StrataError(
            f"{directory} holds no files to load.",
            "Put one file per table there, named after it: orders.csv, orders_2026-11.xlsx. "
            "Hidden files and names that begin with _ do not count.",
        )
    return paths


def _refuse_misnamed(table: str, columns: list[str], tables: dict[str, list[str]]) -> None:
    """Raises UnreadableFileError for another table's file: its rows would blank this one's."""
    fit = {name: len(set(columns) & set(declared)) for name, declared in tables.items()}
    likely = max(fit, key=lambda name: fit[name])
    if fit[likely] > fit[table] and fit[table] < len(tables[table]) / 2:
        raise UnreadableFileError(
            f"its columns are those of {likely}, not of {table}. Begin its name with {likely}"
        )


def _missing(declared: list[str], columns: list[str]) -> list[str]:
    missing = [column for column in declared if column not in columns]
    return [f"columns missing, loaded as null: {', '.join(missing)}"] if missing else []


@contextmanager
def _warehouse(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    settings.warehouse_dir.mkdir(parents=True, exist_ok=True)
    try:
        connection = duckdb.connect(settings.database, config={"threads": settings.threads})
    except duckdb.IOException as failure:
        raise in_words(failure) from failure
    except duckdb.Error as error:
        raise StrataError(
            f"The warehouse {settings.database.name} cannot be opened: {error}",
            "Mend what DuckDB names, then run again.",
        ) from error
    try:
        yield connection
    except duckdb.Error as error:
        raise StrataError(
            f"The warehouse could not take the load: {error}",
            "Files reported as loaded before this one are safe. Check disk space and memory, "
            "then run the same command again: it goes on where it stopped.",
        ) from error
    finally:
        connection.close()


@contextmanager
def _transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    connection.begin()
    try:
        yield
    except BaseException:
        connection.rollback()
        raise
    connection.commit()
