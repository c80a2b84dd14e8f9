"""Whether what is served is whole: what is not is set aside, and counts as none."""

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from strata.errors import StrataError
from strata.files import make_folder, write_aside
from strata.settings import Settings

DAMAGED_BUILD = "strata.damaged.duckdb"  # a damaged build's new name, which a person gives it


def heal_published(settings: Settings, say: Callable[[str], None]) -> bool:
    """Set damaged published files aside; the next publication is whole again.

    Returns whether both files are there and, byte for byte, what was published last.
    """
    noted = _noted_digests(settings)
    is_same = True
    for file in (settings.published_marts, settings.published_medical):
        if file.is_file() and noted.get(file.name) == _digest(file):
            continue
        is_same = False
        if (file.exists() or file.is_symlink()) and (why := why_damaged(file)):
            aside = _set_aside(settings, file)
            say(
                f"{file.name}, which is served, is damaged ({why}). It is set aside as"
                f" {aside.relative_to(settings.warehouse_dir)} and counts as none;"
                " this run publishes in full"
            )
    return is_same


def note_digests(settings: Settings, *files: Path) -> None:
    """Remember what is put in the place of what is served, before it is put there."""
    digests = _noted_digests(settings) | {file.name: _digest(file) for file in files}
    write_aside(settings.digests_file, json.dumps(digests).encode())


def why_damaged(file: Path) -> str:
    """What stands in the way of reading all of a DuckDB file; empty if nothing does."""
    try:
        with duckdb.connect(str(file), read_only=True) as reader:
            tables = reader.execute(
                "select schema_name, table_name from duckdb_tables() where not internal"
            ).fetchall()
            for schema, table in tables:
                # A hash of all columns: every block is read, and its checksum looked at.
                reader.execute(
                    f'select bit_xor(hash(t)) from "{schema}"."{table}" as t'
                ).fetchone()
            if not tables:
                return "there is no table in it"
    except (duckdb.Error, RuntimeError, OSError, UnicodeDecodeError) as failure:
        return str(failure).splitlines()[0][:200]
    return ""


def diagnose(settings: Settings) -> StrataError | None:
    """Which of a warehouse's files is damaged, and the way out; None if none is."""
    build = settings.database
    if build.exists() and (why := why_damaged(build)):
        aside = build.with_name(DAMAGED_BUILD)
        return StrataError(
            f"The build, {build}, is damaged: {why}.",
            f"Move it and {build.name}.wal away (mv {build} {aside}), load the files again"
            " (strata load --source NAME DIR), then: strata run. What was published comes back"
            " into history from the kept publications. What is served stays as it is.",
        )
    for file in (settings.published_marts, settings.published_medical):
        if file.exists() and (why := why_damaged(file)):
            return StrataError(
                f"The published file {file} is damaged: {why}.",
                "Next: strata run. It sets the file aside and publishes in full.",
            )
    return None


def _set_aside(settings: Settings, file: Path) -> Path:
    """Under a name of its own, where no reader looks for it."""
    folder = settings.warehouse_dir / "damaged"
    make_folder(folder)
    moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
    aside = folder / f"{file.stem}-{moment}{file.suffix}"
    file.rename(aside)
    return aside


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _noted_digests(settings: Settings) -> dict[str, str]:
    """By file name; none where the note is lost or damaged."""
    try:
        noted = json.loads(settings.digests_file.read_text(encoding="utf-8"))
        return {name: digest for name, digest in noted.items() if isinstance(digest, str)}
    except (OSError, ValueError, AttributeError, RecursionError):
        return {}
