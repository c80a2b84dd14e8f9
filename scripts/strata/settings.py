"""Where things lie: the project, the warehouse, the published files."""

import os
from dataclasses import dataclass
from pathlib import Path

PROJECT_DIR = Path(__file__).resolve().parents[2]


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
    def target_dir(self) -> Path:
        """dbt's own output: manifest.json, run_results.json, compiled SQL."""
        return self.warehouse_dir / "target"


def load_settings(warehouse: Path | None = None, threads: int | None = None) -> Settings:
    """Settings from arguments, else STRATA_WAREHOUSE, _THREADS and _MEMORY, else defaults."""
    chosen = warehouse or Path(os.environ.get("STRATA_WAREHOUSE", PROJECT_DIR / "warehouse"))
    return Settings(
        warehouse_dir=Path(chosen).resolve(),
        threads=threads or int(os.environ.get("STRATA_THREADS", "2")),
        memory=os.environ.get("STRATA_MEMORY", Settings.memory),
    )
