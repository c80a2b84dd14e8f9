"""dbt, in this process: parse once, build with progress, say what failed."""

import gc
import json
import logging
import os
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from strata.console import console, note
from strata.errors import MORE_MEMORY, StrataError
from strata.files import make_folder
from strata.settings import PROJECT_DIR, Settings, project_variables
from strata.stop import asked_by
from strata.trouble import DAMAGE_HINT, is_damage, refusal_in
from strata.warehouse import connect_patiently

# What a run describes, and how much of it is computed: not what the build is made from.
_OF_THE_RUN = {"as_of_date", "keep_snapshots", "history_months"}
# What dbt looks up only when it executes a model: the project reads the same without them.
LOOKED_UP_LATE = _OF_THE_RUN | {"ruleset", "candidate_rulesets", "threshold_overrides"}
# What a refresh leaves as it is: seeds, and views but those of the marts, whose file is new,
# and of staging, which know files by their ids (macros/entities/landed.sql).
UNCHANGED = (
    "path:seeds",
    *(f"path:models/{room},config.materialized:view" for room in (
        "entities", "customers", "policy", "measures", "tiers", "history", "actions", "outputs",
    )),
)  # fmt: skip
# Unit tests look at the code alone: `dbt build` and `dbt test` run them.
_WITHOUT_UNIT_TESTS = ("--exclude-resource-type", "unit_test")
_WITHOUT_SEEDS = ("--exclude-resource-type", "seed")
_WITHOUT_TESTS = ("--exclude-resource-type", "test")
# Tests of the project's files alone: they hold as long as these stay as they are.
PROOFS = ("tag:proof", "path:seeds,resource_type:test")
OUT_OF_MEMORY = "Out of Memory Error"  # DuckDB's words
# dbt makes millions of small objects and keeps most of them. To look for garbage among them as
# often as Python does by itself took a fifth of a run's CPU time.
NEW_OBJECTS_BEFORE_CLEANING = 200_000
PERSONAL_COLUMNS = {
    "full_name", "phone", "wechat_unionid", "person_id", "comment_text", "raw_row",
}  # fmt: skip


@dataclass(frozen=True)
class Failure:
    """A node that failed: a model that did not build, or a test that found rows."""

    name: str
    severity: str
    message: str
    rows: list[str]


def default_ruleset() -> str:
    """The rule set of dbt_project.yml, which is built if none is asked for."""
    return project_variables()["ruleset"]


class Dbt:
    """One dbt invocation environment: project, profile, variables, warehouse."""

    def __init__(
        self,
        settings: Settings,
        variables: Mapping[str, Any],
        project_dir: Path | None = None,
        target: str = "duckdb",
        database: Path | None = None,
    ) -> None:
        """`database` is the file that `target` builds; dbt's own output then lies beside it."""
        from dbt.cli.main import dbtRunner

        gc.set_threshold(NEW_OBJECTS_BEFORE_CLEANING)
        project_dir = project_dir or PROJECT_DIR
        self.project_dir = project_dir
        os.environ["STRATA_WAREHOUSE"] = str(settings.warehouse_dir)
        os.environ["STRATA_THREADS"] = str(settings.threads)
        # Who builds otherwise ends the refresh (macros/engines/records.sql).
        os.environ["STRATA_RUNS"] = "true"
        # dbt attaches files there.
        make_folder(settings.next_marts.parent)
        # A log line that finds the disk full is no failure: what it tells of is told itself.
        logging.raiseExceptions = False
        self._runner_class = dbtRunner
        self.database = database or settings.database
        self._is_build = self.database == settings.database
        self._target_dir = self.database.with_name("target")
        self.variables = dict(variables)
        self.manifest: Any = None
        self._fixed_arguments = [
            "--project-dir", str(project_dir),
            "--profiles-dir", str(project_dir / "profiles"),
            "--target", target,
            "--target-path", str(self._target_dir),
            "--log-path", str(self.database.with_name("logs")),
            "--log-level", "none",
            "--log-level-file", "info",
        ]  # fmt: skip

    @property
    def _arguments(self) -> list[str]:
        return [*self._fixed_arguments, "--vars", json.dumps(self.variables)]

    def variable(self, name: str) -> Any:
        """What a variable says in this run."""
        return self.variables.get(name, project_variables(self.project_dir).get(name))

    @property
    def built_variables(self) -> dict[str, Any]:
        """What a build is made from beside the project's files: variables given otherwise."""
        said = project_variables(self.project_dir)
        return {
            name: value
            for name, value in self.variables.items()
            if name not in _OF_THE_RUN and value != said.get(name)
        }

    @property
    def read_variables(self) -> dict[str, Any]:
        """The variables that the project is read with."""
        return {
            name: value
            for name, value in self.built_variables.items()
            if name not in LOOKED_UP_LATE
        }

    @property
    def manifest_file(self) -> Path:
        """The manifest of the last parse or build."""
        return self._target_dir / "manifest.json"

    def parse(self) -> None:
        """Read the project; raise StrataError with dbt's words if it cannot be read."""
        result = self._runner_class().invoke(
            ["parse", *self._fixed_arguments, "--vars", json.dumps(self.read_variables)]
        )
        _whole(result)
        if not result.success:
            raise refusal_in(str(result.exception)) or StrataError(
                f"The dbt project cannot be read: {result.exception}",
                "Mend what dbt names above, then run again.",
            )
        self.manifest = result.result
        # Of a project that was read before and has moved since, dbt would load the old seeds.
        for node in self.manifest.nodes.values():
            if node.resource_type == "seed":
                node.root_path = str(self.project_dir)

    def build(
        self,
        *options: str,
        select: Sequence[str] = (),
        exclude: Sequence[str] = (),
        **variables: Any,
    ) -> None:
        """Seeds, models, data tests anew; raise StrataError if one of severity error fails."""
        self._invoke(
            "build", "--full-refresh", *_WITHOUT_UNIT_TESTS, *_chosen(select, exclude),
            *options, **variables,
        )  # fmt: skip

    def build_models(
        self, select: Sequence[str] = (), exclude: Sequence[str] = (), **variables: Any
    ) -> None:
        """Seeds and models anew, without tests; with other variables, if given."""
        self.build(*_WITHOUT_TESTS, select=select, exclude=exclude, **variables)

    def go_on(
        self,
        *options: str,
        select: Sequence[str] = (),
        exclude: Sequence[str] = (),
        **variables: Any,
    ) -> None:
        """Tables and their tests, from what is there; seeds and views stay as they are.

        Raises StrataError as `build` does.
        """
        self._invoke(
            "build", *_WITHOUT_UNIT_TESTS, *_WITHOUT_SEEDS,
            *_chosen(select, [*exclude, *UNCHANGED, *PROOFS]), *options, **variables,
        )  # fmt: skip

    def test(self, exclude: Sequence[str] = ()) -> None:
        """The data tests alone; raise StrataError if any of severity error fails."""
        self._invoke("test", *_WITHOUT_UNIT_TESTS, *_chosen((), exclude))

    def compiled(self, name: str, **variables: Any) -> str:
        """The SQL of a model or an analysis, with other variables."""
        result = self._runner_class(manifest=self.manifest).invoke(
            ["compile", *self._arguments, "--select", name,
             "--vars", json.dumps(self.variables | variables)]
        )  # fmt: skip
        close_warehouse()
        _whole(result)
        if not result.success:
            raise StrataError(f"{name} cannot be compiled: {result.exception}")
        return result.result.results[0].node.compiled_code

    def _invoke(self, command: str, *arguments: str, **variables: Any) -> None:
        said = ["--vars", json.dumps(self.variables | variables)]
        result = self._run([command, *self._fixed_arguments, *said, *arguments])
        if any(OUT_OF_MEMORY in (item.message or "") for item in _results(result)):
            note("what ran out of memory beside other models is done again, one at a time")
            result = self._run(["retry", *self._fixed_arguments, "--threads", "1"])
        if not result.success:
            failures = self._failures(result, said)
            text = _failure_text(failures, result.exception)
            raise StrataError(text, _failure_hint(failures, text))

    def _run(self, arguments: list[str]) -> Any:
        """Let dbt do it, and say how far it is; the warehouse is closed afterwards."""
        with Progress(
            TextColumn("  {task.description:<44}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
        ) as progress:
            task = progress.add_task("starting", total=None)

            def on_event(event: Any) -> None:
                if event.info.name == "LogStartLine":
                    data = event.data
                    progress.update(
                        task,
                        description=data.node_info.node_name[:44],
                        total=data.total or None,
                        completed=max(data.index - 1, 0),
                    )

            if self._is_build:
                connect_patiently(self.database).close()
            try:
                runner = self._runner_class(manifest=self.manifest, callbacks=[on_event])
                result = _whole(runner.invoke(arguments))
            finally:
                close_warehouse()
        _keep_results(self._target_dir)
        return result

    def _failures(self, result: Any, said: Sequence[str]) -> list[Failure]:
        """What failed; each test that found rows runs once more and stores them."""
        failed = [item for item in _results(result) if item.status in ("error", "fail")]
        tests = [item.node.name for item in failed if item.status == "fail"]
        if tests:
            self._run(
                ["test", *self._fixed_arguments, *said, "--store-failures", "--select", *tests]
            )
        return [
            Failure(
                name=item.node.name,
                severity=item.node.resource_type,
                message=(item.message or "").strip(),
                rows=self._failing_rows(item) if item.status == "fail" else [],
            )
            for item in failed
        ]

    def _failing_rows(self, item: Any, limit: int = 5) -> list[str]:
        """The first rows that a test stored, without personal data; none if it could not."""
        with duckdb.connect(str(self.database), read_only=True) as connection:
            try:
                cursor = connection.execute(
                    f'select * from {item.node.schema}."{item.node.alias}" limit {limit}'
                )
            except duckdb.CatalogException:  # on a full disk, say: what failed first is told
                return []
            names = [column[0] for column in cursor.description]
            return [
                ", ".join(
                    f"{name}={value}"
                    for name, value in zip(names, row, strict=True)
                    if name not in PERSONAL_COLUMNS
                )
                for row in cursor.fetchall()
            ]


def _results(result: Any) -> list[Any]:
    """The nodes that dbt dealt with; none if it did not come so far."""
    return getattr(result.result, "results", [])


def _chosen(select: Sequence[str], exclude: Sequence[str]) -> list[str]:
    """The options that say which nodes; none for all of them.

    A test goes with the file in which it stands, and with no model elsewhere that it reads: so
    each test runs once where a build is made in parts.
    """
    chosen = ["--select", *select] if select else []
    chosen += ["--exclude", *exclude] if exclude else []
    return [*chosen, "--indirect-selection", "empty"] if chosen else []


def _whole(result: Any) -> Any:
    """dbt's result, unless it was asked to stop, which it takes for a failure of its own."""
    if asked_by() or isinstance(result.exception, KeyboardInterrupt | SystemExit):
        raise KeyboardInterrupt
    return result


def _keep_results(target_dir: Path) -> None:
    """dbt keeps the results of its last invocation; the folder STRATA_RESULTS, if set, all."""
    results = target_dir / "run_results.json"
    if (folder := os.environ.get("STRATA_RESULTS")) and results.exists():
        shutil.copy(results, Path(folder) / f"{time.time_ns()}.json")


def close_warehouse() -> None:
    """dbt-duckdb keeps the file open until its process ends; the guard reads it next."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    environment = DuckDBConnectionManager._ENV
    DuckDBConnectionManager.close_all_connections()
    if environment is not None:
        environment.close()


def _failure_text(failures: list[Failure], exception: BaseException | None) -> str:
    if not failures:
        return f"dbt stopped: {exception}"
    lines = [f"{len(failures)} of dbt's models or tests failed; nothing is published."]
    for failure in failures[:10]:
        lines.append(f"  {failure.severity} {failure.name}: {failure.message}")
        lines.extend(f"    {row}" for row in failure.rows)
    if len(failures) > 10:
        lines.append(f"  … and {len(failures) - 10} more")
    return "\n".join(lines)


def _failure_hint(failures: list[Failure], text: str) -> str:
    if OUT_OF_MEMORY in text:
        return MORE_MEMORY
    if refusal := refusal_in(text):
        return refusal.hint
    if is_damage(text):
        return DAMAGE_HINT
    if any(failure.rows for failure in failures):
        first = next(failure for failure in failures if failure.rows)
        return (
            f"All failing rows are in the warehouse: select * from audit.{first.name}. "
            "Mend the input or the rule, then run again; the last publication stays until then."
        )
    return "Mend what dbt names, then run again; the last publication stays until then."
