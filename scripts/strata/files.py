"""Files that Strata writes for itself: whole or not there, and who may read them."""

import os
import stat
from pathlib import Path

PRIVATE = 0o600  # the build, and everything that may name a person
SHARED = 0o640  # what is published: for the file's group as well
_PRIVATE_DIR, _SHARED_DIR = 0o700, 0o750


def write_aside(path: Path, content: bytes, mode: int = PRIVATE) -> None:
    """Put the content in the place of a file in one step, safe from a loss of power.

    A reader has the old file or the new one. Raises OSError, and leaves the old one then.
    """
    make_folder(path.parent)
    building = path.with_name(path.name + ".new")
    try:
        descriptor = os.open(building, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(descriptor, mode)
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        building.replace(path)
    except OSError:
        building.unlink(missing_ok=True)
        raise
    sync(path.parent)


def sync(path: Path) -> None:
    """What was written to a file, or renamed in a folder, is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(path: Path, mode: int = _PRIVATE_DIR) -> None:
    """A folder for Strata's own files; one that is there keeps its mode."""
    if not path.is_dir():
        make_folder(path.parent)
        path.mkdir(mode=mode, exist_ok=True)
        path.chmod(mode)


def succeed(building: Path, former: Path, first_mode: int) -> None:
    """Give a new file the group and mode of the one that it replaces, at most 0640.

    So a group that was given to a served file once may read all later ones as well.
    """
    mode = first_mode
    if former.exists():
        before = former.stat()
        mode = before.st_mode & SHARED
        if before.st_gid != building.stat().st_gid:
            building.chmod(PRIVATE)
            try:
                os.chown(building, -1, before.st_gid)
            except PermissionError:  # no member of that group
                mode = first_mode
    building.chmod(mode)


def close_doors(warehouse: Path, published: Path) -> None:
    """What lies in a warehouse is its owner's; what is published is the group's as well.

    Narrows what an earlier version, or a wide umask, left open. What belongs to another user
    stays as it is.
    """
    if not warehouse.is_dir():
        make_folder(warehouse.parent)
        warehouse.mkdir(mode=_SHARED_DIR, exist_ok=True)
        warehouse.chmod(_SHARED_DIR)
    for path in warehouse.iterdir():
        if path == published:
            _narrow(path, _SHARED_DIR)
            for file in path.rglob("*"):
                _narrow(file, _SHARED_DIR if file.is_dir() else SHARED)
        else:
            _narrow(path, _PRIVATE_DIR if path.is_dir() else PRIVATE)


def _narrow(path: Path, widest: int) -> None:
    status = path.lstat()
    mode = stat.S_IMODE(status.st_mode)
    is_own = status.st_uid == os.geteuid() and not stat.S_ISLNK(status.st_mode)
    if is_own and mode & 0o777 & ~widest:
        path.chmod(mode & ~(0o777 & ~widest))
