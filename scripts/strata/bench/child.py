"""A step as a process of its own: its seconds, its peak memory, its phases."""

import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median_low
from typing import Any

from strata.errors import StrataError

KILOBYTE = 1 if sys.platform == "darwin" else 1024  # the unit of ru_maxrss
RUNS = 3
# One run is enough where it takes longer than the noise.
LONG_SECONDS = 60


@dataclass(frozen=True)
class Measured:
    """What a process took. `phases` are the steps that it said, in order."""

    seconds: float
    peak_bytes: int
    phases: list[tuple[str, float]]
    output: str

    def answer(self) -> dict[str, Any]:
        """The JSON that the process printed last."""
        return json.loads(self.output.strip().splitlines()[-1])


class StepFailedError(StrataError):
    """A process ended with another exit code than 0; below 0 if a signal killed it."""

    def __init__(self, code: int, log: Path) -> None:
        said = log.read_text(encoding="utf-8", errors="replace").strip() or "It said nothing."
        self.last_words = said.splitlines()[-8:]
        reason = "was killed (memory?)" if code < 0 else f"failed (exit code {code})"
        super().__init__(
            f"{log.stem} {reason}:\n  " + "\n  ".join(self.last_words),
            f"All it said: {log}. What was measured before stands in the result file."
            + (" STRATA_MEMORY=4GB lets DuckDB hold less in a run." if code < 0 else ""),
        )


def measure(
    arguments: Sequence[object],
    log: Path,
    environment: dict[str, str] | None = None,
) -> Measured:
    """Run a command and measure it; what it prints goes to `log`.

    Peak memory is the largest resident set of the process, as the kernel counted it. It works
    where the log lies: an engine without a file of its own spills there, not where the user is.

    Raises:
        StepFailedError: it ended with another exit code than 0.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    log = log.resolve()
    timings = log.with_suffix(".timings")
    timings.unlink(missing_ok=True)
    started = time.perf_counter()
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(argument) for argument in arguments],
            stdout=output,
            stderr=subprocess.STDOUT,
            env=os.environ | (environment or {}) | {"STRATA_TIMINGS": str(timings)},
            cwd=log.parent,
            preexec_fn=TIED,
        )
        try:
            peak, code = _wait(process)
        except BaseException:
            process.terminate()
            process.wait()
            raise
    seconds = time.perf_counter() - started
    if code:
        raise StepFailedError(code, log)
    said = log.read_text(encoding="utf-8", errors="replace")
    phases = []
    if timings.exists():
        noted = map(json.loads, timings.read_text(encoding="utf-8").splitlines())
        phases = [(phase["step"], phase["seconds"]) for phase in noted]
    return Measured(seconds, peak, phases, said)


def several(run: Callable[[], Measured]) -> list[Measured]:
    """As many runs as make a median."""
    runs = [run()]
    while len(runs) < RUNS and runs[-1].seconds <= LONG_SECONDS:
        runs.append(run())
    return runs


def summary(runs: Sequence[Measured]) -> tuple[float, int, dict[str, Any]]:
    """The median of the seconds that the runs say, their largest peak, the last answer."""
    answers = [run.answer() for run in runs]
    seconds = median_low(answer["seconds"] for answer in answers)
    return seconds, max(run.peak_bytes for run in runs), answers[-1]


def _die_with_parent() -> None:
    """Whoever kills the benchmark, however hard, kills the step as well."""
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)


# For Popen's preexec_fn.
TIED = _die_with_parent if sys.platform == "linux" else None


def _wait(process: subprocess.Popen) -> tuple[int, int]:
    """The peak in bytes and the exit code."""
    peak = 0
    while True:
        peak = max(peak, _peak_of(process.pid))
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            process.returncode = os.waitstatus_to_exitcode(status)
            return peak or usage.ru_maxrss * KILOBYTE, process.returncode
        time.sleep(0.02)


def _peak_of(pid: int) -> int:
    """The largest resident set so far, from the kernel; 0 where it does not say.

    Not ru_maxrss, which begins with what the parent held when it started the process.
    """
    try:
        status = Path(f"/proc/{pid}/status").read_text("ascii", errors="replace")
    except OSError:
        return 0
    peaks = (line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(next(peaks, 0)) * 1024
