"""What the operating system or the engine refuses, in words, with the way out."""

import errno
import os
import re
import traceback
from pathlib import Path

import duckdb

from strata.errors import MORE_MEMORY, StrataError
from strata.files import write_aside

BUSY = 75  # EX_TEMPFAIL: nothing is wrong, try again later
UNEXPECTED = 70  # EX_SOFTWARE: an error in Strata itself
_UNTIL_THEN = " The last publication stays until then."

_FULL = "Free some space on that disk, then run the same again." + _UNTIL_THEN
_NO_MEMORY = (
    "Close other programs, or raise the limits of this process (ulimit -v). STRATA_MEMORY=4GB"
    " lets DuckDB hold less and work on disk." + _UNTIL_THEN
)
_NO_THREAD = "Raise the limits of this process (ulimit -u, ulimit -v), or give --threads 1."
_REFUSALS = {
    errno.ENOSPC: ("The disk is full", _FULL),
    errno.EDQUOT: ("Your share of the disk is used up", _FULL),
    errno.EFBIG: ("A file grew beyond what this process may write", "Raise `ulimit -f`."),
    errno.EROFS: (
        "The disk can only be read",
        "Mount it for writing, or give another place: --warehouse DIR.",
    ),
    errno.EACCES: (
        "Permission is denied",
        "Run as the user who owns the warehouse, or give that user the right to write there.",
    ),
    errno.EPERM: (
        "That is not permitted",
        "Run as the user who owns the warehouse, or give that user the right to write there.",
    ),
    errno.EMFILE: ("Too many files are open", "Raise the limit: ulimit -n 4096."),
    errno.ENFILE: ("Too many files are open on this machine", "Close other programs."),
    errno.ENOMEM: ("There is no memory left", _NO_MEMORY),
    errno.ENOTDIR: ("A file stands where a folder should be", "Move it, or name another."),
    errno.EEXIST: ("A file stands where a folder should be", "Move it, or name another."),
    errno.EISDIR: ("A folder stands where a file should be", "Move it, or name another."),
    errno.ENOENT: ("A file or folder is not there", "Name one that is."),
    errno.ENAMETOOLONG: ("The name is too long", "Choose a shorter one."),
    errno.ELOOP: ("A link leads back to itself", "Mend or remove it."),
    errno.EIO: (
        "The disk failed to read or write",
        "Look at the machine's log and the disk's health before you run again.",
    ),
}
# What programs say who pass on an error of the system as text only.
DAMAGE_HINT = (
    "If it is the build (strata.duckdb): move it and its .wal away, `strata load` the files"
    " again, then `strata run`; what was published comes back into history from the kept"
    " publications. A published file: `strata run` replaces it."
)
_SAID = {
    os.strerror(number): number
    for number in _REFUSALS
    if number not in (errno.ENOENT, errno.EEXIST)
}
_DAMAGED = re.compile(
    r"corrupt|checksum|not a valid DuckDB database|database has been invalidated"
    r"|failed to deserialize|Serialization Error|could not read enough bytes"
    r"|INTERNAL Error|wal file|Failure while replaying",
    re.IGNORECASE,
)


def in_words(failure: BaseException) -> StrataError | None:
    """The failure as one with a way out; None where it is none of the kinds known here."""
    if isinstance(failure, StrataError):
        return failure
    if isinstance(failure, MemoryError):
        return StrataError("There is no memory left.", _NO_MEMORY)
    if isinstance(failure, duckdb.OutOfMemoryException):
        return StrataError(f"There is not enough memory: {_first_line(failure)}", MORE_MEMORY)
    if isinstance(failure, OSError) and not isinstance(failure, duckdb.Error):
        said, hint = _REFUSALS.get(
            failure.errno or 0, (failure.strerror or str(failure), "Mend that, then run again.")
        )
        return StrataError(f"{said}{_named(failure.filename2 or failure.filename)}.", hint)
    if isinstance(failure, duckdb.Error):
        return of_engine(failure)
    if isinstance(failure, ImportError | RuntimeError):  # a library that could not be loaded
        return refusal_in(str(failure))
    return None


def of_engine(failure: duckdb.Error) -> StrataError:
    """What DuckDB could not do."""
    said = str(failure)
    opened = re.search(r'lock on file "(.+?)"', said)
    if opened:
        holder = re.search(r"held in (.+? \(PID \d+\))", said)
        return StrataError(
            f"Another program has {opened[1]} open" + (f": {holder[1]}." if holder else "."),
            "Close it, or wait until it has ended, then try again. Tools that only read belong"
            " on published/marts.duckdb, which stands in nobody's way.",
            BUSY,
        )
    if refusal := refusal_in(said):
        return refusal
    if is_damage(said):
        return StrataError(f"A file is damaged: {_first_line(failure)}", DAMAGE_HINT)
    if isinstance(failure, duckdb.CatalogException | duckdb.BinderException):
        return StrataError(
            f"What is built lacks something: {_first_line(failure)}",
            "It is of another version of the project, or half built. Run: strata run",
        )
    return StrataError(
        f"A file cannot be opened, read or written: {_first_line(failure)}",
        "Check free disk space, permissions, and that the file is whole and of no newer"
        " DuckDB; then run the same again.",
    )


def refusal_in(said: str) -> StrataError | None:
    """A refusal of the operating system inside another program's message."""
    for line in said.splitlines():
        for words, number in _SAID.items():
            if words in line:
                about, hint = _REFUSALS[number]
                return StrataError(f"{about}: {line.strip()[:500]}", hint)
        if "cannot allocate memory" in line.lower() or "failed to map segment" in line:
            return StrataError(f"There is no memory left: {line.strip()[:500]}", _NO_MEMORY)
        if "can't start new thread" in line:
            return StrataError("No further thread can be started.", _NO_THREAD)
    return None


def is_damage(said: str) -> bool:
    """Whether a message of the engine tells of a file that is not whole."""
    return bool(_DAMAGED.search(said))


def unexpected(failure: BaseException, log: Path) -> StrataError:
    """An error that nobody foresaw: its details go to a file, not to the terminal."""
    details = "".join(traceback.format_exception(failure))
    try:
        write_aside(log, details.encode("utf-8", errors="replace"))
        where = f"The details are in {log}; please report them."
    except OSError:
        where = "The details could not be written to the warehouse's logs."
    return StrataError(
        f"Something went wrong that should not have: {type(failure).__name__}:"
        f" {_first_line(failure)}",
        f"{where} The last publication stays as it is.",
        UNEXPECTED,
    )


def _named(file: object) -> str:
    if isinstance(file, bytes):
        file = os.fsdecode(file)
    return f": {file}" if file is not None else ""


def _first_line(failure: BaseException) -> str:
    return (str(failure).strip().splitlines() or [type(failure).__name__])[0][:500]
