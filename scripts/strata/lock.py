"""One writer at a time."""

from collections.abc import Iterator
from contextlib import contextmanager

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
