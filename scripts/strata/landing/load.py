"""`strata load`: the files of a directory into the raw tables of a source."""

import difflib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from strata.errors import WRONG_USE, StrataError
from strata.landing import bookkeeping, flat
from strata.landing.contradictions import contradictions, foreign_money
from strata.landing.declared import declared_file_names, declared_optional, declared_tables
from strata.landing.flat import Reading
from strata.landing.forgotten import kept_out_notes
from strata.landing.installation import ensure_secret
from strata.landing.naming import data_files, readable_name
from strata.landing.one_file import Load
from strata.landing.report import LoadReport
from strata.landing.scopes import with_scopes
from strata.landing.small_files import load_files
from strata.landing.tables import RawTable, create_declared
from strata.landing.warehouse import open_warehouse, transaction
from strata.settings import PROJECT_DIR, Settings

Progress = Callable[[str], None]


def load_directory(
    settings: Settings,
    source: str,
    directory: Path | Sequence[Path],
    progress: Progress | None = None,
    *,
    project_dir: Path = PROJECT_DIR,
    loaded_at: datetime | None = None,
    replace: bool = False,
    readings: Sequence[Reading] = (),
    scope: str | None = None,
) -> LoadReport:
    """Loads each file of the directory into the declared table that its name begins with.

    Files may be named instead of their directory. `readings` say how flat files of
    transactions are read; these and no others are loaded then.

    Each file lands whole or not at all, once per content. The caller holds the warehouse's
    lock. `loaded_at` is the load's time in UTC (default: now). `replace` takes back what landed
    before under the name of a file that is loaded now. `scope="clinic"`: shops number alike,
    and what a file's name says behind its table is the shop (see landing.scopes). Raises
    StrataError for an unknown source, a directory without files and a warehouse that cannot be
    written.
    """
    tables = declared_tables(source, project_dir)
    file_names = declared_file_names(source, project_dir)
    named = [Path(directory)] if isinstance(directory, str | Path) else list(directory)
    paths = [reading.path for reading in readings] or [
        path for place in named for path in files_of(place, list(tables), file_names)
    ]
    with open_warehouse(settings) as connection:
        with transaction(connection):
            bookkeeping.create_bookkeeping(connection)
            now = loaded_at or bookkeeping.after_all_loads(connection, datetime.now(UTC))
            moment = now.replace(tzinfo=None).isoformat(" ")
            ensure_secret(connection, settings)
            create_declared(connection, source, tables)
            first_file = bookkeeping.next_file_id(connection)
        say = progress or (lambda _: None)
        of_path = {reading.path: reading for reading in readings}
        load = Load(
            connection, source, tables, file_names, moment, say, replace, project_dir, of_path,
            optional=declared_optional(source, project_dir),
        )  # fmt: skip
        load, said = with_scopes(load, paths, scope)
        said += [note for place in named for note in _folders(place, paths)]
        report = LoadReport(source, ", ".join(map(str, named)), warnings=said)
        report.files += load_files(load, paths)
        with transaction(connection):
            report.warnings += kept_out_notes(connection, moment)
            report.warnings += _warnings(connection, report, tables, first_file)
            flat.record_headers(connection, readings, moment)
            bookkeeping.record_notes(connection, source, moment, report.warnings)
        report.tables_without_rows = [
            table for table in tables if RawTable(source, table).is_empty(connection)
        ]
    return report


def _folders(place: Path, paths: Sequence[Path]) -> list[str]:
    """What is said of folders in a directory, of which no file is read."""
    return [
        f"{readable_name(path)} is a folder, and its files are not read. If they are data, "
        "load it by itself; else begin its name with _"
        for path in (sorted(place.iterdir()) if place.is_dir() else [])
        if path.is_dir() and path not in paths and not path.name.startswith((".", "_"))
    ]


def standing_notes(settings: Settings) -> list[tuple[str, str]]:
    """What loads have remarked on files in force: file name ("" for all of a load), remark.

    Nothing where nothing was loaded, or another process holds the warehouse.
    """
    if not settings.database.exists():
        return []
    try:
        with duckdb.connect(settings.database, read_only=True) as connection:
            return bookkeeping.standing_notes(connection)
    except (duckdb.CatalogException, duckdb.IOException):
        return []


def _warnings(
    connection: duckdb.DuckDBPyConnection,
    report: LoadReport,
    tables: dict[str, list[str]],
    first_file: int,
) -> list[str]:
    """What only the rows together tell."""
    warnings = []
    loaded = [file.table for file in report.with_status("loaded") if file.rows_loaded]
    for table in dict.fromkeys(loaded):
        raw = RawTable(report.source, table)
        warnings += contradictions(connection, raw, tables[table], first_file)
        warnings += foreign_money(connection, raw, first_file)
        if report.source == flat.SOURCE:
            warnings += flat.repetitions(connection, raw, first_file)
    return warnings


def withdraw_files(
    settings: Settings, source: str, names: Sequence[str], moment: datetime | None = None
) -> dict[str, tuple[int, int]]:
    """Takes back what landed under these names: deliveries and rows by name.

    Nothing is deleted: the rows count as taken back, and the next run is without them. The
    same content may be loaded again. The caller holds the lock. Raises StrataError for a name
    under which nothing is in force; nothing is taken back then.
    """
    at = (moment or datetime.now(UTC)).replace(tzinfo=None).isoformat(" ")
    with open_warehouse(settings) as connection, transaction(connection):
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


def files_of(directory: Path, tables: list[str], names: dict[str, str]) -> list[Path]:
    """The files of a directory, or the one file named. Raises StrataError for neither."""
    if directory.is_file():
        return [directory]
    if not directory.is_dir():
        raise StrataError(
            f"{directory} does not exist.",
            "Name the directory that holds the files, or a file.",
        )
    paths = data_files(directory, tables, names)
    if not paths:
        raise StrataError(
            f"{directory} holds no files to load.",
            "Put one file per table there, named after it: orders.csv, orders_2026-11.xlsx. "
            "Hidden files and names that begin with _ do not count.",
        )
    return paths
