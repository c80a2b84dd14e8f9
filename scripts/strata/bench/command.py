"""The benchmark, step by step. What is measured is saved at once: a kill costs one step."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from strata.bench.child import TIED, ChildFailedError, measure, require, strata
from strata.bench.contest import Arena, contest, median_of
from strata.bench.data import END_DATE, Data, stored_data
from strata.bench.nodes import read_profile
from strata.bench.result import STEPS, Contest, Result, Step
from strata.bench.rfm_slice import slice_nodes
from strata.bench.sizes import Size, choose_size, gigabytes, require_room
from strata.console import console, note, step
from strata.errors import WRONG_USE, StrataError
from strata.files import write_aside
from strata.lock import only_writer
from strata.publish import git_revision
from strata.settings import Settings

MARKER = "_bench.json"
# A run without the month ends that history lacks.
RUN = ("run", "--history-months", "0")
# Steps whose DuckDB takes what the machine has: profiles.yml is not theirs.
WITHOUT_DBT = ("floor", "load", "rfm", "news", "more")
MOST_ORDERS_WITH_HISTORY = 20_000_000
T = TypeVar("T")


@dataclass(frozen=True)
class BenchOptions:
    """What to measure. `steps` empty: all of them."""

    size: Size
    directory: Path
    threads: int = 2
    steps: Sequence[str] = ()
    peers: bool = True
    peers_python: Path = Path(sys.executable)
    month_ends: int = 0

    @property
    def settings(self) -> Settings:
        """The folder as a place to lock."""
        return Settings(self.directory, self.threads)

    def wants(self, name: str) -> bool:
        """Whether a step is to be measured."""
        if (name == "months" and not self.month_ends) or (name == "peers" and not self.peers):
            return False
        return name == "floor" or not self.steps or name in self.steps


def options_for(
    settings: Settings,
    size: str,
    orders: int | None,
    directory: Path | None,
    steps: Sequence[str],
    month_ends: int | None,
    peers: bool,
    peers_python: Path | None,
) -> BenchOptions:
    """The command line's wishes with their defaults.

    Raises:
        StrataError: no such size or step, or no such Python.
    """
    chosen = choose_size(size, orders)
    unknown = [name for name in steps if name not in STEPS]
    if unknown:
        raise StrataError(
            f"Unknown step {unknown[0]!r}.", "Steps: " + ", ".join(STEPS) + ".", WRONG_USE
        )
    if peers_python is not None and not peers_python.exists():
        raise StrataError(
            f"There is no Python at {peers_python}.",
            "Make one: python -m venv peers; it lies in peers/bin/python.",
            WRONG_USE,
        )
    if month_ends is None:
        month_ends = 0 if chosen.orders > MOST_ORDERS_WITH_HISTORY else 60
    return BenchOptions(
        chosen,
        (directory or settings.warehouse_dir / "bench" / chosen.name).resolve(),
        settings.threads,
        steps,
        peers,
        (peers_python or Path(sys.executable)).absolute(),
        month_ends,
    )


def bench_to_files(options: BenchOptions) -> None:
    """Measure, print tables, leave the result and its picture. The caller holds the lock."""
    from strata.bench.picture import write_picture
    from strata.bench.show import show_result

    result = run_bench(options)
    show_result(result)
    file = result_file(options)
    console.print(f"Result      {file}")
    console.print(f"Picture     {write_picture(result, file.with_suffix('.html'))}")


def run_bench(options: BenchOptions) -> Result:
    """Make the data if need be, measure, and return the result. The caller holds the lock.

    Raises:
        StrataError: too little room, or a step of Strata's own failed.
    """
    _claim(options.directory)
    require_room(options.size, options.directory, options.month_ends)
    data = _data(options)
    result = Result(
        options.size,
        options.threads,
        git_revision(),
        datetime.now(UTC).isoformat(timespec="seconds"),
        data.facts(),
    )
    bench = _Bench(options, data, result)
    for name in STEPS:
        if options.wants(name):
            with step(STEPS[name]):
                getattr(bench, f"step_{name}")()
            result.save(result_file(options))
    return result


def result_file(options: BenchOptions) -> Path:
    """The machine-readable result; the picture has the same name and another suffix.

    Some steps alone do not overwrite what a whole benchmark found.
    """
    part = "-part" if options.steps else ""
    return options.directory / f"bench-{options.size.name}{part}.json"


def _claim(directory: Path) -> None:
    """The folder is ours or empty: its warehouse will be removed and built anew."""
    directory.mkdir(parents=True, exist_ok=True)
    others = [path.name for path in directory.iterdir() if path.name != ".lock"]
    if others and not (directory / MARKER).exists():
        raise StrataError(
            f"{directory} holds other files, such as {sorted(others)[0]}.",
            "Choose an empty folder for the benchmark with --dir.",
        )
    write_aside(directory / MARKER, b'{"made_by": "strata bench"}\n')


def _data(options: BenchOptions) -> Data:
    size = options.size
    if data := stored_data(options.directory, size):
        console.print(f"  Data as made before: {data.rows:,} rows in {options.directory}")
        return data
    minutes = size.orders / 4_000_000
    with step(f"Make {size.orders:,} orders and all that belongs to them (not measured)"):
        if minutes > 1:
            note(f"about {minutes:,.0f} minutes on two cores; kept for the next time")
        arguments = ["-m", "strata.bench.data", str(options.directory), str(size.orders)]
        made = subprocess.run(
            [sys.executable, *arguments], check=False, cwd=options.directory, preexec_fn=TIED
        )
        data = stored_data(options.directory, size)
        if made.returncode or data is None:
            raise StrataError(
                "The data could not be made (see above).",
                "Check disk space and memory, then run it again; it begins anew.",
            )
    return data


class _Bench:
    """The steps; each appends what it measured to the result."""

    def __init__(self, options: BenchOptions, data: Data, result: Result) -> None:
        self.options, self.data, self.result = options, data, result
        self.logs = options.directory / "logs"
        self.logs.mkdir(exist_ok=True)
        self.warehouse = options.directory / "warehouse"
        self.manifest = self.warehouse / "target" / "manifest.json"
        self.arena = Arena(data.first, options.size.orders, options.threads, self.logs)
        self.slice_file = options.directory / "slice.json"
        # Peers describe the day that the slice describes.
        self.as_of = _day_before(data.newest_from)

    def step_floor(self) -> None:
        """Three new processes; the median."""
        arguments = [
            sys.executable, "-m", "strata.bench.floor",
            str(self.data.first), str(self.options.threads),
        ]  # fmt: skip
        log = self.logs / "floor.log"
        peak, seconds, answer = self._required("floor", lambda: median_of(arguments, log))
        note(f"{seconds:,.2f} s for {answer['customers']:,} customers")
        self._add("floor", seconds, peak.peak_bytes)
        self.result.contests.append(
            Contest("floor", "DuckDB (the floor)", seconds, peak.peak_bytes)
        )

    def step_load(self) -> None:
        """Into a new warehouse."""
        with only_writer(Settings(self.warehouse)):
            pass  # a step of a benchmark that was stopped may still be at work in it
        shutil.rmtree(self.warehouse, ignore_errors=True)
        self._strata("load", "load", "--source", "demo", str(self.data.first))

    def step_run(self) -> None:
        """Check, build with all tests, audit, publish, report; month ends are a step alone."""
        self._strata("run", *RUN, has_profile=True)
        nodes = slice_nodes(self.manifest, self._results("run"))
        write_aside(self.slice_file, json.dumps(nodes).encode())

    def step_rfm(self) -> None:
        """The slice alone; what went before it in the full run stands beside it."""
        if not self.slice_file.exists():
            raise StrataError(
                "The RFM slice runs the SQL of a full run, and there was none here.",
                "Measure with --step load --step run --step rfm.",
            )
        arguments = [
            sys.executable, "-m", "strata.bench.rfm_slice",
            str(self.warehouse / "strata.duckdb"), str(self.data.first), str(self.slice_file),
            str(self.options.threads), str(self.arena.output("strata", "rfm")),
        ]  # fmt: skip
        log = self.logs / "rfm.log"
        peak, seconds, answer = self._required("rfm", lambda: median_of(arguments, log))
        note(
            f"{seconds:,.2f} s for {answer['customers']:,} buyers as of {answer['as_of_date']}"
        )
        self.as_of = answer["as_of_date"]
        spent = sorted(answer["models"].items(), key=lambda item: -item[1])
        self._add("rfm", seconds, peak.peak_bytes, [(n, s) for n, s in spent if s >= 0.005])
        built = json.loads(self.slice_file.read_text(encoding="utf-8"))["built"]
        self.result.contests += [
            Contest("rfm", "Strata's own SQL", seconds, peak.peak_bytes, 1.0, 1.0),
            Contest(
                "rfm", "Strata in the full run", built["node_seconds"],
                note=f"node seconds of the {built['models']} models that the segments stand on"
                " there: rows checked, persons matched, all feeds, all measures",
            ),
        ]  # fmt: skip

    def step_peers(self) -> None:
        """The same tasks by others."""
        self.result.contests += contest(self.arena, self.options.peers_python, self.as_of)

    def step_news(self) -> None:
        """A thousandth of all rows, up to a later day."""
        self._strata("news", "load", "--source", "demo", str(self.data.news))

    def step_refresh(self) -> None:
        """Run again after the news."""
        self._strata("refresh", *RUN, has_profile=True)

    def step_rerun(self) -> None:
        """Run again although nothing came: nothing is built, so dbt has no nodes to show."""
        self._strata("rerun", *RUN)

    def step_more(self) -> None:
        """Another thousandth, of the days that are described already."""
        self._strata("more", "load", "--source", "demo", str(self.data.more))

    def step_same_day(self) -> None:
        """Run again within the day."""
        self._strata("same_day", *RUN, has_profile=True)

    def step_months(self) -> None:
        """Month ends into history, the last ones of the data."""
        months = END_DATE.year * 12 + END_DATE.month - self.options.month_ends
        first = f"{months // 12}-{months % 12 + 1:02d}"
        self._strata("months", "snapshots", "--from", first, "--to", f"{END_DATE:%Y-%m}")

    def _strata(self, name: str, *arguments: str, has_profile: bool = False) -> None:
        results = self.logs / f"{name}-results"
        shutil.rmtree(results, ignore_errors=True)
        results.mkdir()
        environment = {
            "STRATA_WAREHOUSE": str(self.warehouse),
            "STRATA_THREADS": str(self.options.threads),
            "STRATA_RESULTS": str(results),
            "DBT_TARGET_PATH": "",
            "DBT_LOG_PATH": "",
        }
        log = self.logs / f"{name}.log"
        measured = self._required(
            name, lambda: measure(strata(*arguments), log, environment, note)
        )
        profile = {}
        if has_profile:
            profile = read_profile(self.manifest, self._results(name)).facts()
        self._add(name, measured.seconds, measured.peak_bytes, measured.phases, profile)

    def _results(self, name: str) -> list[Path]:
        """What dbt left of a step, one file per invocation."""
        return list((self.logs / f"{name}-results").glob("*.json"))

    def _required(self, name: str, work: Callable[[], T]) -> T:
        try:
            return work()
        except ChildFailedError as failure:
            self.result.save(result_file(self.options))
            hint = "" if name in WITHOUT_DBT else " STRATA_MEMORY=4GB lets DuckDB hold less."
            raise require(failure, STEPS[name], hint) from None

    def _add(
        self,
        name: str,
        seconds: float,
        peak_bytes: int,
        phases: Sequence[tuple[str, float]] = (),
        profile: dict | None = None,
    ) -> None:
        title = STEPS[name]
        if name == "months":
            title = f"{self.options.month_ends} month ends"
        self.result.steps.append(
            Step(name, title, seconds, peak_bytes, list(phases), profile or {})
        )
        held = _size_of(self.options.directory)
        self.result.disk_bytes = max(self.result.disk_bytes, held)
        if name != "floor":
            note(f"peak memory {gigabytes(peak_bytes)}, on disk {gigabytes(held)}")


def _size_of(directory: Path) -> int:
    return sum(path.stat().st_size for path in directory.rglob("*") if path.is_file())


def _day_before(day: str) -> str:
    return (date.fromisoformat(day) - timedelta(days=1)).isoformat()
