"""A step as a process of its own: its seconds, its peak memory, its phases."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from strata.errors import StrataError

KILOBYTE = 1 if sys.platform == "darwin" else 1024  # the unit of ru_maxrss


@dataclass(frozen=True)
class Measured:
    """What a process took. `phases` are the steps that it said, in order."""

    seconds: float
    peak_bytes: int
    phases: list[tuple[str, float]] = field(default_factory=list)
    output: str = ""

    def answer(self) -> dict[str, Any]:
        """The JSON that the process printed last."""
        return json.loads(self.output.strip().splitlines()[-1])


class ChildFailedError(Exception):
    """A process ended badly; `killed` if by a signal, as when memory ran out."""

    def __init__(self, code: int, log: Path) -> None:
        lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        self.killed = code < 0
        self.last_words = [line for line in lines[-8:] if line.strip()]
        self.code, self.log = code, log
        super().__init__(f"exit code {code}")


def measure(
    arguments: Sequence[str],
    log: Path,
    environment: dict[str, str] | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> Measured:
    """Run a command and measure it; what it prints goes to `log`.

    Peak memory is the largest resident set of the process, as the kernel counted it. It works
    where the log lies: an engine without a file of its own spills there, not where the user is.

    Raises:
        ChildFailedError: it ended with another exit code than 0.
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
            peak, code = _wait(process, timings, say)
        except BaseException:
            process.terminate()
            process.wait()
            raise
    seconds = time.perf_counter() - started
    if code:
        raise ChildFailedError(code, log)
    return Measured(
        seconds,
        peak,
        _read_phases(timings),
        log.read_text(encoding="utf-8", errors="replace"),
    )


def _die_with_parent() -> None:
    """Whoever kills the benchmark, however hard, kills the step as well."""
    import ctypes

    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)


# For Popen's preexec_fn.
TIED = _die_with_parent if sys.platform == "linux" else None


def strata(*arguments: str) -> list[str]:
    """The command line of `strata` with this very Python."""
    return [sys.executable, "-m", "strata.cli", *arguments]


def require(failure: ChildFailedError, what: str, when_killed: str = "") -> StrataError:
    """The failure of a step that the benchmark cannot do without."""
    reason = "was killed (memory?)" if failure.killed else f"failed (exit code {failure.code})"
    return StrataError(
        f"{what} {reason}:\n  " + "\n  ".join(failure.last_words),
        f"All it said: {failure.log}. What was measured before stands in the result file."
        + (when_killed if failure.killed else ""),
    )


def _wait(
    process: subprocess.Popen, timings: Path, say: Callable[[str], None]
) -> tuple[int, int]:
    """The peak in bytes and the exit code; phases are said as they end."""
    peak, told, looked, started = 0, 0, 0.0, time.monotonic()
    while True:
        peak = max(peak, _peak_of(process.pid))
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid or time.monotonic() - looked > 0.5:
            phases, looked = _read_phases(timings), time.monotonic()
            for name, seconds in phases[told:]:
                say(f"{name}: {seconds:,.1f} s")
            told = len(phases)
        if pid:
            process.returncode = os.waitstatus_to_exitcode(status)
            return peak or usage.ru_maxrss * KILOBYTE, process.returncode
        # Short steps are looked at often; long ones must not pay for being watched.
        time.sleep(0.01 if time.monotonic() - started < 5 else 0.1)


def _peak_of(pid: int) -> int:
    """The largest resident set so far, from the kernel; 0 where it does not say.

    Not ru_maxrss, which begins with what the parent held when it started the process.
    """
    try:
        status = Path(f"/proc/{pid}/status").read_text("ascii", errors="replace")
    except OSError:
        return 0
    for line in status.splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0


def _read_phases(timings: Path) -> list[tuple[str, float]]:
    if not timings.exists():
        return []
    lines = timings.read_text(encoding="utf-8").splitlines()
    return [(phase["step"], phase["seconds"]) for phase in map(json.loads, lines)]
