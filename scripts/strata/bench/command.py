"""The benchmark, step by step. What is measured is saved at once: a kill costs one step."""

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from strata.bench.child import TIED, Measured, StepFailedError, measure, several, summary
from strata.bench.data import END_DATE, stored_data
from strata.bench.news import relation
from strata.bench.nodes import read_profile
from strata.bench.result import Result, Step
from strata.bench.rfm_slice import slice_nodes
from strata.bench.sizes import bytes_in, gigabytes, require_room
from strata.console import console, note, step
from strata.errors import WRONG_USE, StrataError
from strata.files import write_aside
from strata.lock import only_writer
from strata.publish import git_revision
from strata.settings import Settings

MARKER = "_bench.json"
# A run without the month ends that history lacks: they are a step of their own.
RUN = ("run", "--history-months", "0")
LOAD = ("load", "--source", "demo")
# In the order in which they are measured: the title, and the command of Strata, if it is one.
STEPS = {
    "floor": ("Floor: one DuckDB query",),
    "load": ("First load", *LOAD, "{directory}/first"),
    "run": ("Full run", *RUN),
    "rfm": ("RFM slice",),
    "news": ("Load the news", *LOAD, "{directory}/news"),
    "refresh": ("Refresh with the news", *RUN),
    "rerun": ("Run again, nothing new", *RUN),
    "more": ("Load more of the same day", *LOAD, "{directory}/more"),
    "same_day": ("Refresh within the day", *RUN),
    "months": (
        "{month_ends} month ends",
        *("snapshots", "--from", "{first_month}", "--to", f"{END_DATE:%Y-%m}"),
    ),
}
MOST_ORDERS_WITH_HISTORY = 20_000_000
PEER = "openretailscience"
HOW_TO_GET_IT = (
    f"python -m venv peers; peers/bin/pip install {PEER}==0.48.1; then --peers-python"
    " peers/bin/python."
)
SAME = """
select
    count(*) filter (ours.r = theirs.r and ours.f = theirs.f and ours.m = theirs.m) / count(*),
    count(*) filter (ours.segment = theirs.segment) / count(*)
from read_parquet($1) as ours full join read_parquet($2) as theirs using (customer_id)
"""


@dataclass
class Bench:
    """What to measure, and how. `steps` empty: all of them; `peer` is a Python that has it."""

    size: str
    orders: int
    directory: Path
    threads: int = 2
    steps: Sequence[str] = ()
    peer: Path | None = None
    month_ends: int | None = None

    def __post_init__(self) -> None:
        """Defaults, and where things lie."""
        for name in self.steps:
            if name not in STEPS:
                known = f"Steps: {', '.join(STEPS)}."
                raise StrataError(f"Unknown step {name!r}.", known, WRONG_USE)
        if self.month_ends is None:
            self.month_ends = 0 if self.orders > MOST_ORDERS_WITH_HISTORY else 60
        month = END_DATE.year * 12 + END_DATE.month - self.month_ends
        self.directory = self.directory.resolve()
        self.figures = {
            "directory": self.directory,
            "month_ends": self.month_ends,
            "first_month": f"{month // 12}-{month % 12 + 1:02d}",
        }
        self.first = self.directory / "first"
        self.logs = self.directory / "logs"
        self.warehouse = Settings(self.directory / "warehouse")
        self.slice_file = self.directory / "slice.json"
        # Some steps alone do not overwrite what a whole benchmark found.
        part = "-part" if self.steps else ""
        self.result_file = self.directory / f"bench-{self.size}{part}.json"

    def run(self) -> None:
        """Make the data if need be, measure, leave the result and print its table.

        Raises:
            StrataError: too little room, or a step of Strata's own failed.
        """
        with only_writer(Settings(self.directory)):
            self._claim()
            require_room(self.orders, self.directory, self.month_ends)
            data = self._data()
            now = datetime.now(UTC).isoformat(timespec="seconds")
            self.result = Result(self.size, self.threads, git_revision(), now, data)
            for name in STEPS:
                if name != "floor" and self.steps and name not in self.steps:
                    continue
                if name == "months" and not self.month_ends:
                    continue
                with step(STEPS[name][0].format(**self.figures)):
                    if name == "floor":
                        runs = several(lambda: self._query("floor", self.first, self.threads))
                        self._add("floor", STEPS["floor"][0], *summary(runs)[:2])
                    elif name == "rfm":
                        self._slice_and_peer()
                    else:
                        self._command(name)
                self.result.save(self.result_file)
        console.print(self.result.table())
        console.print(f"Result      {self.result_file}")

    def _claim(self) -> None:
        """The folder is ours or empty: its warehouse will be removed and built anew."""
        self.directory.mkdir(parents=True, exist_ok=True)
        others = [path.name for path in self.directory.iterdir() if path.name != ".lock"]
        if others and not (self.directory / MARKER).exists():
            raise StrataError(
                f"{self.directory} holds other files, such as {sorted(others)[0]}.",
                "Choose an empty folder for the benchmark with --dir.",
            )
        write_aside(self.directory / MARKER, b'{"made_by": "strata bench"}\n')

    def _data(self) -> dict[str, Any]:
        if data := stored_data(self.directory, self.orders):
            console.print(f"  Data as made before, in {self.directory}")
            return data
        with step(f"Make {self.orders:,} orders and all that belongs to them (not measured)"):
            made = subprocess.run(
                [sys.executable, "-m", "strata.bench.data", self.directory, str(self.orders)],
                check=False, cwd=self.directory, preexec_fn=TIED,
            )  # fmt: skip
            data = stored_data(self.directory, self.orders)
            if made.returncode or data is None:
                raise StrataError(
                    "The data could not be made (see above).",
                    "Check disk space and memory, then run it again; it begins anew.",
                )
        return data

    def _command(self, name: str) -> None:
        """A command of Strata; dbt leaves a file of each of its invocations."""
        if name == "load":
            with only_writer(self.warehouse):
                pass  # a step of a benchmark that was stopped may still be at work in it
            shutil.rmtree(self.warehouse.warehouse_dir, ignore_errors=True)
        left = self.logs / f"{name}-results"
        shutil.rmtree(left, ignore_errors=True)
        left.mkdir(parents=True)
        environment = {
            "STRATA_WAREHOUSE": str(self.warehouse.warehouse_dir),
            "STRATA_THREADS": str(self.threads),
            "STRATA_RESULTS": str(left),
            "DBT_TARGET_PATH": "",
            "DBT_LOG_PATH": "",
        }
        title, *arguments = (part.format(**self.figures) for part in STEPS[name])
        command = [sys.executable, "-m", "strata.cli", *arguments]
        took = measure(command, self.logs / f"{name}.log", environment)
        manifest, results = self.warehouse.target_dir / "manifest.json", list(left.iterdir())
        nodes = read_profile(manifest, results) if results else {}
        more = {"phases": took.phases, "nodes": nodes}
        self._add(name, title, took.seconds, took.peak_bytes, **more)
        if name == "run":
            wanted = slice_nodes(manifest, results)
            write_aside(self.slice_file, json.dumps(wanted).encode())

    def _slice_and_peer(self) -> None:
        """The slice alone, in turns with the peer where there is one."""
        if not self.slice_file.exists():
            raise StrataError(
                "The RFM slice runs the SQL of a full run, and there was none here.",
                "Measure with --step load --step run --step rfm.",
            )
        scores, theirs = self.logs / "rfm.parquet", []

        def turn() -> Measured:
            ours = self._query(
                "rfm_slice", self.warehouse.database, self.first, self.slice_file,
                self.threads, scores,
            )  # fmt: skip
            if self.peer and all(theirs):
                theirs.append(self._peer(ours.answer()["as_of_date"]))
            return ours

        self._add("rfm", STEPS["rfm"][0], *summary(several(turn))[:2])
        if theirs and all(theirs):
            seconds, peak_bytes, answer = summary(theirs)
            with duckdb.connect() as connection:
                both = [str(scores), str(self.logs / "peer.parquet")]
                same_scores, same_segment = connection.execute(SAME, both).fetchone()
            title = f"{PEER} {answer['version']}: {same_segment:.1%} in the same segments"
            same = {"scores": same_scores, "segment": same_segment}
            self._add("peer", title, seconds, peak_bytes, same=same)

    def _peer(self, as_of: str) -> Measured | None:
        """One turn of the peer; why there was none is said."""
        inputs = [relation(self.first, feed) for feed in ("orders", "order_items", "refunds")]
        script, output = Path(__file__).with_name("peer.py"), self.logs / "peer.parquet"
        try:
            return measure(
                [self.peer.absolute(), script, *inputs, as_of, self.threads, output],
                self.logs / "peer.log",
                {"PYTHONPATH": ""},  # only its own Python's packages
            )
        except StepFailedError as failure:
            note(f"{PEER}: {failure.last_words[-1]}. {HOW_TO_GET_IT}")
            return None

    def _query(self, module: str, *arguments: object) -> Measured:
        """A module of this package in a new process."""
        command = [sys.executable, "-m", f"strata.bench.{module}", *arguments]
        return measure(command, self.logs / f"{module}.log")

    def _add(self, name: str, title: str, seconds: float, peak_bytes: int, **more: Any) -> None:
        self.result.steps.append(Step(name, title, seconds, peak_bytes, **more))
        held = bytes_in(self.directory)
        self.result.disk_bytes = max(self.result.disk_bytes, held)
        note(f"{seconds:,.2f} s, peak memory {gigabytes(peak_bytes)}")
