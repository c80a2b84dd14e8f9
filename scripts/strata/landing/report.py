"""What a load did, file by file; and the two ways in which input can be unreadable."""

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

Status = Literal["loaded", "already_loaded", "unreadable", "no_table"]


class UnreadableFileError(Exception):
    """The whole file cannot be read. The text says why, in words for the person who sent it."""


class UnreadableRow(NamedTuple):
    """A record that was set aside: its first line (or sheet row), why, and its text."""

    row_number: int
    reason: str
    raw_text: str


@dataclass
class FileReport:
    """The fate of one file. `table`, `format` and `encoding` are "" where unknown."""

    file_name: str
    status: Status
    table: str = ""
    format: str = ""
    encoding: str = ""
    rows_loaded: int = 0
    rows_unreadable: int = 0
    notes: list[str] = field(default_factory=list)


@dataclass
class LoadReport:
    """The fate of a directory's files, in the order in which they were loaded.

    `warnings` are remarks on several files together.
    """

    source: str
    directory: str
    files: list[FileReport] = field(default_factory=list)
    tables_without_rows: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def rows_loaded(self) -> int:
        """Rows that this load added to the raw tables."""
        return sum(file.rows_loaded for file in self.files if file.status == "loaded")

    @property
    def rows_unreadable(self) -> int:
        """Records that this load set aside in landing.unreadable_rows."""
        return sum(file.rows_unreadable for file in self.files if file.status == "loaded")

    def with_status(self, status: Status) -> list[FileReport]:
        """The files that met this fate."""
        return [file for file in self.files if file.status == status]
