"""One writer at a time, and what stands in a writer's or a reader's way in words."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb
from filelock import FileLock, Timeout

from strata.errors import StrataError
from strata.settings import Settings

BUSY = 75  # EX_TEMPFAIL: nothing is wrong, try again later


@contextmanager
def only_writer(settings: Settings) -> Iterator[None]:
    """Hold the warehouse's lock, or leave at once if another process holds it.

    The kernel drops the lock when its holder ends, however it ends: a killed run leaves
    nothing to clean up.
    """
    settings.warehouse_dir.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(settings.lock_file, timeout=0):
            yield
    except Timeout:
        raise StrataError(
            f"Another Strata process is writing to {settings.warehouse_dir}.",
            "Wait until it has ended (`strata status` shows how it went), then try again.",
            exit_code=BUSY,
        ) from None


def require_closed(settings: Settings) -> None:
    """No other program may have the build warehouse open: the engine has one writer or readers.

    Raises:
        StrataError: one has it open.
    """
    if not settings.database.exists():
        return
    try:
        duckdb.connect(str(settings.database)).close()
    except duckdb.IOException as failure:
        raise in_words(failure) from None


def in_words(failure: duckdb.IOException) -> StrataError:
    """A file that the engine cannot open, read or write, and the way out."""
    said = str(failure)
    opened = re.search(r'lock on file "(.+?)"', said)
    if not opened:
        return StrataError(
            f"A file cannot be opened, read or written: {said}",
            "Check free disk space, permissions, and that the file is whole and of no newer"
            " DuckDB; then run the same again.",
        )
    holder = re.search(r"held in (.+? \(PID \d+\))", said)
    return StrataError(
        f"Another program has {opened[1]} open" + (f": {holder[1]}." if holder else "."),
        "Close it, or wait until it has ended, then try again. Tools that only read belong on"
        " published/marts.duckdb, which stands in nobody's way.",
        BUSY,
    )
