"""The files beside the build: publications under new keys; what else may name people, gone."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb

from strata.files import make_folder, succeed, sync
from strata.forget.rows import rekey
from strata.landing.sql import identifier, literal
from strata.served import DAMAGED_BUILD, note_digests, why_damaged
from strata.settings import Settings

# Made anew by the next run, check or simulation; and what is damaged.
_MADE_ANEW = ("next", "gate", "data_docs", "check", "simulations", "logs", "damaged")
_PENDING = "landing.forgetting"


def publications(settings: Settings) -> Iterator[Path]:
    """The files that are served, and those that are kept."""
    yield from sorted(settings.published_dir.glob("*.duckdb"))
    yield from sorted((settings.published_dir / "history").glob("*.duckdb"))


def rewrite_publications(settings: Settings) -> dict[str, int]:
    """Publications under the pending keys; each file is written anew, so that bytes are gone.

    Returns the rows that were changed, by file.
    """
    changed = {}
    for file in publications(settings):
        if why_damaged(file):
            file.unlink()  # nobody can say what is in it
            changed[file.name] = 0
            continue
        rows = _rewrite(settings, file)
        if rows:
            changed[str(file.relative_to(settings.published_dir))] = rows
    served = [
        file for file in (settings.published_marts, settings.published_medical) if file.exists()
    ]
    note_digests(settings, *served)
    return changed


def _connect(settings: Settings) -> duckdb.DuckDBPyConnection:
    """What memory does not hold lies in the warehouse, not where the command was given."""
    return duckdb.connect(
        config={
            "threads": settings.threads,
            "memory_limit": settings.memory,
            "temp_directory": str(settings.spill_dir),
        }
    )


def _rewrite(settings: Settings, file: Path) -> int:
    folder = settings.warehouse_dir / "forgetting"
    make_folder(folder)
    changed, compact = folder / file.name, folder / f"{file.name}.new"
    for left in (changed, compact):
        left.unlink(missing_ok=True)
    shutil.copyfile(file, changed)
    try:
        with _connect(settings) as connection:
            connection.execute(f"attach {literal(str(settings.database))} as build (read_only)")
            connection.execute(f"attach {literal(str(changed))} as told")
            connection.execute(f"create temp table pending as from build.{_PENDING}")
            total = 0
            for with_facts in (False, True):
                keys = f"(from temp.pending where with_facts = {with_facts})"
                total += rekey(connection, "told", "main", keys, with_facts)
            if total:
                _count_again(connection)
                copy_database(connection, "told", compact)
        if total:
            succeed(compact, file, 0o640)
            compact.replace(file)
            sync(file.parent)
        return total
    finally:
        for left in (changed, compact):
            left.unlink(missing_ok=True)
        shutil.rmtree(folder, ignore_errors=True)


def _count_again(connection: duckdb.DuckDBPyConnection) -> None:
    """The table `publication` says how many rows each table has."""
    for (table,) in connection.execute("select table_name from told.publication").fetchall():
        connection.execute(
            "update told.publication set row_count ="
            f" (select count(*) from told.{identifier(table)}) where table_name = ?",
            [table],
        )


def copy_database(connection: duckdb.DuckDBPyConnection, name: str, target: Path) -> None:
    """Write an attached database into a new file: what was deleted is not in it."""
    connection.execute(f"attach {literal(str(target))} as written (storage_version 'latest')")
    connection.execute(f"copy from database {name} to written")
    connection.execute("checkpoint written")
    connection.execute("detach written")
    sync(target)


def rewrite_build(settings: Settings) -> None:
    """The build as a new file, without the blocks that deleted rows leave."""
    compact = settings.database.with_name(settings.database.name + ".new")
    compact.unlink(missing_ok=True)
    with _connect(settings) as connection:
        connection.execute(f"attach {literal(str(settings.database))} as build")
        connection.execute("checkpoint build")
        copy_database(connection, "build", compact)
    compact.chmod(0o600)
    compact.replace(settings.database)
    settings.database.with_name(settings.database.name + ".wal").unlink(missing_ok=True)
    sync(settings.warehouse_dir)


def remove_traces(settings: Settings) -> list[str]:
    """Samples of the guard, logs, results of tests, simulations, what is half built."""
    removed = []
    for name in _MADE_ANEW:
        folder = settings.warehouse_dir / name
        if folder.is_dir() and any(folder.iterdir()):
            shutil.rmtree(folder)
            make_folder(folder)
            removed.append(name)
    results = settings.target_dir / "run_results.json"
    for file in (results, *settings.warehouse_dir.glob(f"{DAMAGED_BUILD}*")):
        if file.exists():
            os.truncate(file, 0)
            file.unlink()
            removed.append(file.name)
    return removed
