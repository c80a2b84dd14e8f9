"""What a benchmark found: the file bench-<size>.json, and one table in the terminal."""

import json
import os
import platform
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import duckdb
from rich.table import Table

from strata.bench.sizes import gigabytes
from strata.files import write_aside

SHOWN = 5  # of the dearest models


@dataclass(frozen=True)
class Step:
    """One measured step; `phases` are parts of its seconds, `nodes` says where dbt's went.

    `same` of the peer: the share of customers with the slice's scores, and segment.
    """

    step: str
    title: str
    seconds: float
    peak_bytes: int
    phases: list[tuple[str, float]] = field(default_factory=list)
    nodes: dict[str, Any] = field(default_factory=dict)
    same: dict[str, float] = field(default_factory=dict)

    def parts(self) -> list[tuple[str, float]]:
        """The phases, if there are several, and what was between them; then dbt's nodes."""
        parts = []
        if len(self.phases) > 1:
            rest = self.seconds - sum(seconds for _, seconds in self.phases)
            parts = [*self.phases, ("start, and between", rest)]
        if nodes := self.nodes:
            parts.append((f"dbt: {nodes['models']} models and seeds", nodes["model_seconds"]))
            parts.append((f"dbt: {nodes['tests']} tests", nodes["test_seconds"]))
            parts += [(f"dbt: {name}", spent) for name, spent in nodes["dearest"][:SHOWN]]
        return parts


@dataclass
class Result:
    """All of it. `save` may be called after each step: the file is whole at any time."""

    size: str
    threads: int
    revision: str
    started_at: str
    data: dict[str, Any]
    steps: list[Step] = field(default_factory=list)
    disk_bytes: int = 0
    machine: dict[str, Any] = field(default_factory=lambda: machine())

    def times_floor(self, seconds: float) -> float | None:
        """Seconds as a multiple of the floor, once it is measured."""
        floor = next((step.seconds for step in self.steps if step.step == "floor"), None)
        return seconds / floor if floor else None

    def save(self, file: Path) -> None:
        """Replace the file in one step."""
        facts = asdict(self)
        for step in facts["steps"]:
            step["times_floor"] = self.times_floor(step["seconds"])
        write_aside(file, json.dumps(facts, indent=1, ensure_ascii=False).encode())

    def table(self) -> Table:
        """Seconds, multiple of the floor and peak memory of each step; beneath it its parts."""
        data, machine = self.data, self.machine
        table = Table(
            title=f"Strata bench {self.size}: {data['orders']:,} orders,"
            f" {data['rows']:,} rows of all feeds, {data['news_share']:.2%} of them news,"
            f" {data['more_share']:.2%} more of these days\n"
            f"{machine['cpus']} CPUs ({machine['cpu']}), {gigabytes(machine['memory_bytes'])};"
            f" {self.threads} threads; revision {self.revision};"
            f" {gigabytes(self.disk_bytes)} on disk",
            title_justify="left", box=None, pad_edge=False,
        )  # fmt: skip
        table.add_column("step")
        for heading in ("seconds", "× floor", "peak memory"):
            table.add_column(heading, justify="right")
        for step in self.steps:
            rows = [(step.title, step.seconds), *step.parts()]
            for number, (name, seconds) in enumerate(rows):
                times = self.times_floor(seconds)
                table.add_row(
                    f"  {name}" if number else name,
                    f"{seconds:,.2f}",
                    "" if times is None else f"{times:,.1f} ×",
                    "" if number else gigabytes(step.peak_bytes),
                    style="dim" if number else "bold",
                )
        return table


def machine() -> dict[str, Any]:
    """What it was measured on."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    named = (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    return {
        "cpus": os.cpu_count(),
        "cpu": next(named, platform.machine()),
        "memory_bytes": os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"),
        "system": platform.system(),
        "python": platform.python_version(),
        "duckdb": duckdb.__version__,
    }
