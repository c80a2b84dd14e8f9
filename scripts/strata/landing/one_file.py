"""One file of a load: into its raw table whole, or not at all, with what was remarked."""

import zlib
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb

from strata.landing import bookkeeping
from strata.landing.bookkeeping import LandedFile
from strata.landing.copying import Copied, copy_parquet, copy_text
from strata.landing.csv_header import read_shape
from strata.landing.csv_records import csv_batches
from strata.landing.encodings import TRIED, Encoding, detect_encoding
from strata.landing.excel import Sheet, open_sheets
from strata.landing.flat import STYLE, TABLE, Reading
from strata.landing.kinds import Kind, content_hash, kind_of, open_text
from strata.landing.naming import (
    few,
    nearest_name,
    readable_name,
    scope_of,
    table_for,
    titles_note,
)
from strata.landing.parquet import read_parquet, refuse_damaged
from strata.landing.report import FileReport, UnreadableFileError
from strata.landing.tables import MAX_SHEET_ROWS, RawTable
from strata.landing.warehouse import transaction
from strata.settings import PROJECT_DIR

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Load:
    """One run of a load: what every file of it shares."""

    connection: duckdb.DuckDBPyConnection
    source: str
    tables: dict[str, list[str]]
    file_names: dict[str, str]
    moment: str
    progress: Progress
    replace: bool
    project_dir: Path = PROJECT_DIR
    readings: Mapping[Path, Reading] = field(default_factory=dict)  # of flat files
    scopes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    optional: Set[tuple[str, str]] = frozenset()  # table and column: may be lacking

    def landed_file(
        self, file_id: int, path: Path, table: str, file_hash: str, kind: Kind, encoding: str,
        size: int,
    ) -> LandedFile:  # fmt: skip
        """The file's row in the books; its scope, where shops number by themselves."""
        scope = self.scope_of(path) if self.scopes else ""
        return LandedFile(
            file_id, self.source, table, readable_name(path), file_hash, kind, encoding, size,
            self.moment, scope=scope, scoped_columns=self.scopes.get(scope, ()),
            constants={STYLE: self.readings[path].style} if path in self.readings else {},
        )  # fmt: skip

    def hash_of(self, path: Path) -> str:
        """The hash of the file's content: of two shops, the same content is two."""
        scope = self.scope_of(path) if self.scopes else ""
        return content_hash(path) + (f"@{scope}" if scope else "")

    def scope_of(self, path: Path) -> str:
        """The shop that the file's name says."""
        return scope_of(readable_name(path), list(self.tables), self.file_names)

    def table_for(self, path: Path) -> str | None:
        """The table that the file's name begins with; a flat file's is the only one."""
        if path in self.readings:
            return TABLE
        return table_for(readable_name(path), list(self.tables), self.file_names)

    def file(self, path: Path) -> FileReport:
        """Loads one file, or says why not."""
        name, table = readable_name(path), self.table_for(path)
        file_hash = ""
        if table is None:
            report = self._stranger(name)
            self._lost(name, self.hash_of(path), report.notes[0])
            return report
        self.progress(f"{name}: reading")
        try:
            if path.is_dir():
                raise UnreadableFileError(
                    "it is a directory. Move its files up and begin their names with "
                    f"{table}, or begin its own with _"
                )
            file_hash = self.hash_of(path)
            return self._readable(path, name, table, file_hash)
        except (UnreadableFileError, OSError, EOFError, zlib.error) as error:
            if isinstance(error, UnreadableFileError):
                reason = str(error)
            else:
                reason = f"it cannot be read ({getattr(error, 'strerror', None) or error})"
        self._lost(name, file_hash, reason)
        return FileReport(name, "unreadable", table, notes=[reason])

    def _lost(self, name: str, file_hash: str, reason: str) -> None:
        """Notes a file of which nothing is loaded, so that the status repeats it."""
        with transaction(self.connection):
            bookkeeping.record_unreadable_file(
                self.connection, self.source, name, file_hash, reason, self.moment
            )

    def _stranger(self, name: str) -> FileReport:
        """A file whose name fits no table; the nearest name, if one is near."""
        known = [*self.tables, *self.file_names]
        near = nearest_name(name, known)
        if near:
            note = f"its name begins with no table. Is it {near}? Then rename it so"
        else:
            note = (
                f"its name begins with no table of {self.source}: {few(known, 20)}. Rename it, "
                f"or give its table that name: file_names in models/staging/{self.source}"
            )
        return FileReport(
            name, "no_table", notes=[f"{note}; to leave it out, begin its name with _"]
        )

    def _readable(self, path: Path, name: str, table: str, file_hash: str) -> FileReport:
        before = path.stat()
        kind = kind_of(path)
        if known := bookkeeping.landed_before(self.connection, self.source, table, file_hash):
            former, moment, loaded, unreadable = known
            note = f"the same content was loaded as {former} on {moment}"
            if bookkeeping.is_replaced(self.connection, self.source, table, former, file_hash):
                note += "; newer content came under that name since and stays in force"
            return FileReport(
                name, "already_loaded", table, kind, "", loaded, unreadable, [note]
            )
        encoding = self._encoding(path, kind)
        with transaction(self.connection):
            was_filled = not RawTable(self.source, table).is_empty(self.connection)
            file = self.landed_file(
                bookkeeping.next_file_id(self.connection),
                path,
                table,
                file_hash,
                kind,
                encoding.name,
                before.st_size,
            )
            copied, columns = self._copy(path, kind, file)
            refuse_misnamed(table, columns, self.tables)
            if path in self.readings:
                copied.notes[:0] = [self.readings[path].told, *self.readings[path].doubts]
            if copied.unreadable and not copied.loaded:
                tried = f". Encodings tried: {TRIED}" if kind.startswith("csv") else ""
                raise UnreadableFileError(
                    f"no row of it could be read; {copied.notes[0]}{tried}"
                )
            after = path.stat()
            if (after.st_size, after.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
                raise UnreadableFileError("it changed while it was read. Load it again")
            if self.replace:
                copied.notes += self._taken_back(file)
            report = self.landed(file, copied, columns, encoding, was_filled)
            self.progress(f"{name}: {copied.loaded:,} rows, saving")
        return report

    def landed(
        self,
        file: LandedFile,
        copied: Copied,
        columns: list[str],
        encoding: Encoding,
        was_filled: bool,
    ) -> FileReport:
        """Enters a file whose records are copied into the books, with all remarks on it."""
        notes = copied.notes
        if not file.constants:  # a flat file says what it has not when it is read
            due = [
                column
                for column in self.tables[file.table]
                if (file.table, column) not in self.optional
            ]
            notes = _missing(due, columns, was_filled) + notes
        if encoding.guess:
            notes.insert(0, f"read as {encoding.name}, by a guess: {encoding.guess}")
        if not copied.loaded:
            notes.append("it has a header and no rows")
        bookkeeping.record_file(
            self.connection, file, copied.loaded, copied.unreadable, columns
        )
        bookkeeping.record_notes(self.connection, self.source, self.moment, notes, file)
        return FileReport(
            file.file_name,
            "loaded",
            file.table,
            file.format,
            file.encoding,
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
        declared: Sequence[str] | Mapping[str, str] = self.tables[file.table]
        if path in self.readings:
            declared = self.readings[path].declared
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
            if len(sheets) > 1:
                bookkeeping.record_sheet(self.connection, part, names)
            copied = copy_text(self.connection, part, names, sheet.batches(), self.progress)
            total.add(copied, sheet.notes)
            columns |= dict.fromkeys(names)
        for sheet in sheets:
            if lacking := [name for name in columns if name not in sheet.columns]:
                total.notes.append(
                    f"sheet {sheet.title!r} lacks {few(lacking)}: its rows keep what was known"
                )
        return total, list(columns)


def refuse_misnamed(table: str, columns: list[str], tables: dict[str, list[str]]) -> None:
    """Raises UnreadableFileError for another table's file: its rows would blank this one's."""
    fit = {name: len(set(columns) & set(declared)) for name, declared in tables.items()}
    likely = max(fit, key=lambda name: fit[name])
    if fit[likely] > fit[table] and fit[table] < len(tables[table]) / 2:
        raise UnreadableFileError(
            f"its columns are those of {likely}, not of {table}. Begin its name with {likely}"
        )


def _missing(declared: list[str], columns: list[str], was_filled: bool) -> list[str]:
    """What the file does not deliver; a row that comes again keeps what it had there."""
    missing = [column for column in declared if column not in columns]
    if not missing:
        return []
    note = f"columns missing: {', '.join(missing)}"
    if was_filled:
        note += ". A row that was delivered before keeps what was known of it"
    return [note]
