"""What a benchmark found, as it is written to bench-<size>.json."""

import json
import os
import platform
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from strata.bench.sizes import Size
from strata.files import write_aside

# In the order in which they are measured.
STEPS = {
    "floor": "Floor: one DuckDB query",
    "load": "First load",
    "run": "Full run",
    "rfm": "RFM slice",
    "peers": "Peers",
    "news": "Load the news",
    "refresh": "Refresh with the news",
    "rerun": "Run again, nothing new",
    "more": "Load more of the same day",
    "same_day": "Refresh within the day",
    "months": "Month ends",
}


@dataclass(frozen=True)
class Step:
    """One measured step; `phases` are parts of its seconds, `profile` dbt's nodes."""

    step: str
    title: str
    seconds: float
    peak_bytes: int
    phases: list[tuple[str, float]] = field(default_factory=list)
    profile: dict[str, Any] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True)
class Contest:
    """One contestant at a task; without seconds, the note says why."""

    task: str
    who: str
    seconds: float | None = None
    peak_bytes: int | None = None
    same_scores: float | None = None
    same_segment: float | None = None
    note: str = ""


@dataclass
class Result:
    """All of it. `save` may be called after each step: the file is whole at any time."""

    size: Size
    threads: int
    revision: str
    started_at: str
    data: dict[str, Any]
    steps: list[Step] = field(default_factory=list)
    contests: list[Contest] = field(default_factory=list)
    disk_bytes: int = 0
    machine: dict[str, Any] = field(default_factory=lambda: machine())

    @property
    def floor(self) -> float | None:
        """The floor's seconds, once measured."""
        return next((step.seconds for step in self.steps if step.step == "floor"), None)

    def times_floor(self, seconds: float | None) -> float | None:
        """Seconds as a multiple of the floor."""
        return seconds / self.floor if seconds is not None and self.floor else None

    def facts(self) -> dict[str, Any]:
        """The file's content."""
        facts = asdict(self)
        for row in (*facts["steps"], *facts["contests"]):
            row["times_floor"] = self.times_floor(row["seconds"])
            row["phases"] = [
                {"phase": name, "seconds": spent, "times_floor": self.times_floor(spent)}
                for name, spent in row.get("phases", [])
            ]
        return facts

    def save(self, file: Path) -> None:
        """Replace the file in one step."""
        write_aside(file, json.dumps(self.facts(), indent=1, ensure_ascii=False).encode())


def machine() -> dict[str, Any]:
    """What it was measured on."""
    import duckdb

    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {
        "cpus": os.cpu_count(),
        "cpu": _cpu(),
        "memory_bytes": pages,
        "system": platform.system(),
        "python": platform.python_version(),
        "duckdb": duckdb.__version__,
    }


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8", errors="replace").splitlines()
    except OSError:
        return platform.processor()
    named = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.machine()
