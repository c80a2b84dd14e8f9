"""One writer at a time, and what stands in a writer's way."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb
from filelock import FileLock, Timeout

from strata.errors import StrataError
from strata.files import close_doors
from strata.settings import Settings
from strata.trouble import BUSY, of_engine

_PROBE = 0.5  # seconds; `strata status` holds the lock for a moment to see whether it is free


@contextmanager
def only_writer(settings: Settings) -> Iterator[None]:
    """Hold the warehouse's lock, or leave at once if another process holds it.

    The kernel drops the lock when its holder ends, however it ends: a killed run leaves
    nothing to clean up. What is written meanwhile is its owner's alone, unless it is published.
    """
    umask = os.umask(0o077)
    try:
        close_doors(settings.warehouse_dir, settings.published_dir)
        with FileLock(settings.lock_file, timeout=_PROBE, mode=0o600):
            yield
    except Timeout:
        raise StrataError(
            f"Another Strata process is writing to {settings.warehouse_dir}.",
            "Wait until it has ended (`strata status` shows how it went), then try again.",
            exit_code=BUSY,
        ) from None
    finally:
        os.umask(umask)


def is_held(settings: Settings) -> bool:
    """Whether a process is writing to the warehouse now."""
    if not settings.lock_file.exists():
        return False
    try:
        with FileLock(settings.lock_file, timeout=0):
            return False
    except Timeout:
        return True
    except OSError:  # not ours to look at
        return False


def require_closed(settings: Settings) -> None:
    """No other program may have the build warehouse open: the engine has one writer or readers.

    What a killed one worked on beside it, for want of memory, goes.

    Raises:
        StrataError: one has it open, or the file is none that the engine can open.
    """
    if not settings.database.exists():
        return
    try:
        duckdb.connect(str(settings.database)).close()
    except duckdb.Error as failure:
        raise of_engine(failure) from None
    shutil.rmtree(settings.spill_dir, ignore_errors=True)
