"""Where things lie: the project, the warehouse, the published files."""

import os
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from strata.errors import WRONG_USE, StrataError

PROJECT_DIR = Path(__file__).resolve().parents[2]
_MOST_THREADS = 1024


def project_variables(project_dir: Path = PROJECT_DIR) -> dict[str, Any]:
    """The variables of dbt_project.yml."""
    project = yaml.safe_load((project_dir / "dbt_project.yml").read_text(encoding="utf-8"))
    return project["vars"]


@cache
def currency_symbol() -> str:
    """The sign of the money that all amounts are in."""
    return project_variables()["currency_symbol"]


@dataclass(frozen=True)
class Settings:
    """Paths of one warehouse. `warehouse_dir` holds everything a run writes."""

    warehouse_dir: Path
    threads: int = 2
    memory: str = "8GB"  # what DuckDB holds before it works on disk; as in profiles.yml

    @property
    def database(self) -> Path:
        """The build warehouse: raw, entities … history. Never served to readers."""
        return self.warehouse_dir / "strata.duckdb"

    @property
    def spill_dir(self) -> Path:
        """Where DuckDB works on disk what memory does not hold."""
        return self.database.with_name(self.database.name + ".tmp")

    @property
    def next_marts(self) -> Path:
        """The marts that dbt builds: what is published next, once it is audited."""
        return self.warehouse_dir / "next" / "marts.duckdb"

    @property
    def next_medical(self) -> Path:
        """The medical team's marts that are published next."""
        return self.next_marts.with_name("medical.duckdb")

    @property
    def published_dir(self) -> Path:
        """What readers open: marts.duckdb, report.html, and the last few publications."""
        return self.warehouse_dir / "published"

    @property
    def published_marts(self) -> Path:
        """The published marts, replaced atomically."""
        return self.published_dir / "marts.duckdb"

    @property
    def published_medical(self) -> Path:
        """The medical marts, for the medical team's role only: keep it apart from the rest."""
        return self.published_dir / "medical.duckdb"

    @property
    def report_file(self) -> Path:
        """The managers' report."""
        return self.published_dir / "report.html"

    @property
    def book_file(self) -> Path:
        """The tier book."""
        return self.published_dir / "tier_book.html"

    @property
    def data_docs_dir(self) -> Path:
        """Data Docs of the last guard checkpoints; index.html opens offline."""
        return self.warehouse_dir / "data_docs"

    @property
    def lock_file(self) -> Path:
        """Held by the one process that may write; the kernel drops it on a kill."""
        return self.warehouse_dir / ".lock"

    @property
    def last_run_file(self) -> Path:
        """How the last run ended, for `strata status`."""
        return self.warehouse_dir / "last_run.json"

    @property
    def digests_file(self) -> Path:
        """What the served files are, byte for byte: a damaged one is known by it."""
        return self.warehouse_dir / "published.json"

    @property
    def secret_file(self) -> Path:
        """A copy of the installation's secret, for the day on which the build is lost."""
        return self.warehouse_dir / "secret.json"

    @property
    def failure_file(self) -> Path:
        """The details of an error that nobody foresaw."""
        return self.warehouse_dir / "logs" / "failure.txt"

    @property
    def target_dir(self) -> Path:
        """dbt's own output: manifest.json, run_results.json, compiled SQL."""
        return self.warehouse_dir / "target"


def load_settings(warehouse: Path | None = None, threads: int | None = None) -> Settings:
    """Settings from arguments, else STRATA_WAREHOUSE, _THREADS and _MEMORY, else defaults.

    Raises:
        StrataError: a variable holds what it cannot.
    """
    chosen = warehouse or Path(os.environ.get("STRATA_WAREHOUSE") or PROJECT_DIR / "warehouse")
    memory = os.environ.get("STRATA_MEMORY") or Settings.memory
    if not re.fullmatch(r"\d+(\.\d+)?\s*([KMGT]i?B|%)", memory.strip(), re.IGNORECASE):
        raise StrataError(
            f"STRATA_MEMORY is {memory!r}, which is no amount of memory.",
            "Write it as 8GB or 600MB, or unset it.",
            WRONG_USE,
        )
    if "?" in str(chosen):
        raise StrataError(
            f"The warehouse cannot lie in {chosen}: DuckDB takes what follows a ? for options.",
            "Choose a folder without a question mark.",
            WRONG_USE,
        )
    return Settings(Path(chosen).resolve(), threads or _threads(), memory.strip())


def _threads() -> int:
    said = os.environ.get("STRATA_THREADS") or "2"
    if not said.strip().isdecimal() or not 1 <= int(said) <= _MOST_THREADS:
        raise StrataError(
            f"STRATA_THREADS is {said!r}, which is no number of threads.",
            f"Set it to a number from 1 to {_MOST_THREADS:,}, or unset it.",
            WRONG_USE,
        )
    return int(said)
