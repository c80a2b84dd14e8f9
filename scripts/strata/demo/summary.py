"""What the generator reports."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class DemoFile:
    """One delivered file. `rows` counts its records: all dirt included, no header."""

    name: str
    table: str
    rows: int


@dataclass(frozen=True, order=True)
class PlantedDirt:
    """So many rows were planted with this one fault (or, `superseded`, redelivered)."""

    table: str
    rule: str
    column_name: str
    rows: int


@dataclass(frozen=True)
class DemoSummary:
    """Everything that was written to `directory`."""

    directory: Path
    files: list[DemoFile]
    dirt: list[PlantedDirt]

    def rows(self, table: str) -> int:
        """Records delivered for a table, over all its files."""
        return sum(file.rows for file in self.files if file.table == table)

    def planted(self, table: str, rule: str) -> int:
        """Rows planted in a table for a rule, over all columns."""
        return sum(d.rows for d in self.dirt if (d.table, d.rule) == (table, rule))
