"""The peers, each in a process of its own, under a Python that has them."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from strata.bench.child import ChildFailedError, Measured, measure
from strata.bench.peers.rival import CANNOT, NOT_INSTALLED
from strata.bench.result import Contest
from strata.bench.sizes import PANDAS_BYTES_PER_ORDER, available_memory, gigabytes
from strata.console import note

PEERS = ("duckdb", "openretailscience", "polars", "pandas")
MISSING = "not installed"
NAMES = {"duckdb": "DuckDB by hand"}
TASKS = {"floor": "the floor's query", "rfm": "RFM slice"}
RUNS = 3
# One run is enough where it takes longer than the noise.
LONG_SECONDS = 30


@dataclass(frozen=True)
class Arena:
    """What all contestants share."""

    first: Path
    orders: int
    threads: int
    logs: Path

    def output(self, who: str, task: str) -> Path:
        """Where a contestant's result is kept for comparison."""
        return self.logs / f"{task}-{who}.parquet"


def median_of(
    arguments: Sequence[str], log: Path, environment: dict[str, str] | None = None
) -> tuple[Measured, float, dict]:
    """Several runs: the one with the largest peak; the median seconds and that run's answer."""
    runs: list[Measured] = []
    while len(runs) < RUNS and not (runs and runs[-1].seconds > LONG_SECONDS):
        runs.append(measure(arguments, log, environment))
    answers = sorted((run.answer() for run in runs), key=lambda answer: answer["seconds"])
    middle = answers[len(answers) // 2]
    return max(runs, key=lambda run: run.peak_bytes), middle["seconds"], middle


def contest(arena: Arena, python: Path, as_of: str) -> list[Contest]:
    """All peers at all tasks, with the ways they cannot."""
    found = []
    for task in TASKS:
        for peer in PEERS:
            if one := _one(arena, python, as_of, peer, task):
                note(
                    f"{NAMES.get(peer, peer)}, {TASKS[task]}: "
                    + (one.note or f"{one.seconds:,.2f} s")
                )
                found.append(one)
    return found


def _one(arena: Arena, python: Path, as_of: str, peer: str, task: str) -> Contest | None:
    needed, free = arena.orders * PANDAS_BYTES_PER_ORDER, available_memory()
    if peer == "pandas" and free is not None and free < needed:
        return Contest(task, peer, note=f"not run: needs about {gigabytes(needed)} of memory")
    rival = Path(__file__).parent / "peers" / "rival.py"
    output = arena.output(peer, task)
    output.unlink(missing_ok=True)
    if peer == "duckdb":  # Strata's own, so that it is the same engine
        python = Path(sys.executable)
    arguments = [python, rival, peer, task, arena.first, as_of, arena.threads, output]
    log = arena.logs / f"{task}-{peer}.log"
    # Only its own Python's packages, never Strata's.
    environment = {"PYTHONPATH": ""}
    name = NAMES.get(peer, peer)
    try:
        peak, seconds, answer = median_of(arguments, log, environment)
        agreed = _agreement(arena, peer, task)
        who = f"{name} {answer['version']}"
    except ChildFailedError as failure:
        if failure.code == CANNOT:
            return None
        return Contest(task, name, note=_why(failure))
    except (ValueError, LookupError, TypeError) as unread:
        return Contest(task, name, note=f"failed: its answer cannot be read ({unread})")
    return Contest(task, who, seconds, peak.peak_bytes, **agreed)


def _agreement(arena: Arena, peer: str, task: str) -> dict[str, float]:
    """How far its scores are those of the slice, where there is one."""
    ours = arena.output("strata", task)
    if task != "rfm" or not ours.exists():
        return {}
    compare = [
        sys.executable, "-m", "strata.bench.compare", ours, arena.output(peer, task),
    ]  # fmt: skip
    return measure(compare, arena.logs / f"compare-{peer}.log").answer()


def _why(failure: ChildFailedError) -> str:
    if failure.code == NOT_INSTALLED:
        return MISSING
    if failure.killed:
        return "killed: out of memory"
    last = failure.last_words[-1] if failure.last_words else f"exit code {failure.code}"
    return f"failed: {last[:120]}"
