"""A suite as Great Expectations runs it, over the table of its facts; and Data Docs."""

import os
import re
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from strata.gate.result import NOT_EVALUATED, GateFailure
from strata.gate.suite import STRUCTURE, Rule, Suite
from strata.settings import Settings

# What is not known counts as beyond every limit.
_STOPS = "coalesce((value is null or value > fail) and not is_eased, false)"
_WARNS = f"coalesce(value is null or value > warn or value > fail, false) and not {_STOPS}"
_LEVELS = (("error", "critical", _STOPS), ("warn", "warning", _WARNS))


def _levels(rule: Rule) -> tuple[tuple[str, str, str], ...]:
    return _LEVELS[:1] if rule.kind == STRUCTURE else _LEVELS


def run_suite(suite: Suite, facts: Path, settings: Settings) -> tuple[GateFailure, ...]:
    """Let Great Expectations hold every fact against its limits, and write Data Docs."""
    with _plain_path(settings) as plain:
        facts = plain.warehouse_dir / facts.relative_to(settings.warehouse_dir)
        try:
            return _ask(suite, facts, plain)
        except Exception:
            # Results of earlier checks may be damaged; this one needs none of them.
            shutil.rmtree(_stores(plain), ignore_errors=True)
            return _ask(suite, facts, plain)


@contextmanager
def _plain_path(settings: Settings) -> Iterator[Settings]:
    """The warehouse under a name without signs that mean something to Great Expectations."""
    if re.fullmatch(r"[\w./+-]+", str(settings.warehouse_dir)):
        yield settings
        return
    with tempfile.TemporaryDirectory() as folder:
        link = Path(folder) / "warehouse"
        link.symlink_to(settings.warehouse_dir, target_is_directory=True)
        yield replace(settings, warehouse_dir=link)


def _stores(settings: Settings) -> Path:
    """What Great Expectations keeps from one checkpoint to the next."""
    return settings.warehouse_dir / "gate" / "stores"


def _ask(suite: Suite, facts: Path, settings: Settings) -> tuple[GateFailure, ...]:
    context = _open_context(settings, suite.name)
    source = context.data_sources.add_sql(
        "facts", connection_string=f"strata_duckdb:///{facts}?access_mode=read_only"
    )
    try:
        failures = _judge(suite, _run(context, source, suite))
    finally:  # both hold connections
        source.get_execution_engine().close()
        source.get_engine().dispose()
    shutil.rmtree(settings.data_docs_dir, ignore_errors=True)
    context.build_data_docs()
    # Images and fonts that no page shows.
    shutil.rmtree(settings.data_docs_dir / "static", ignore_errors=True)
    return tuple(failures)


def _run(context: Any, source: Any, suite: Suite) -> list[Any]:
    import great_expectations as gx
    from great_expectations.expectations import UnexpectedRowsExpectation

    expectations = [
        UnexpectedRowsExpectation(
            # Great Expectations puts the table in the place of {batch}.
            unexpected_rows_query=f"from {{batch}} where rule = '{rule.name}' and {rows}",
            severity=severity,
            description=f"{rule.name} ({level}): {rule.says}",
            meta={"rule": rule.name, "level": level},
        )
        for rule in suite.rules
        for level, severity, rows in _levels(rule)
    ]
    kept = context.suites.add(gx.ExpectationSuite(suite.name, expectations=expectations))
    facts = source.add_table_asset(suite.name, table_name="facts")
    batch = facts.add_batch_definition_whole_table("all facts")
    definition = context.validation_definitions.add(
        gx.ValidationDefinition(name=suite.name, data=batch, suite=kept)
    )
    checkpoint = gx.Checkpoint(
        name=suite.name,
        validation_definitions=[definition],
        result_format={"result_format": "COMPLETE"},  # with the rows found
    )
    (outcome,) = context.checkpoints.add(checkpoint).run().run_results.values()
    return outcome.results


def _judge(suite: Suite, results: list[Any]) -> list[GateFailure]:
    """What Great Expectations found; a rule without an answer is an error."""
    failures = []
    metas = [result.expectation_config.meta for result in results]
    for rule in suite.rules:
        for level, _, _ in _levels(rule):
            meta = {"rule": rule.name, "level": level}
            answer = results[metas.index(meta)] if meta in metas else None
            error = _raised(answer) if answer else "Great Expectations gave no answer"
            if error:
                found = f"{NOT_EVALUATED}: {error}"
                failures.append(GateFailure(rule.name, "", "error", found, "", rule.do))
            elif not answer.success:
                for row in answer.result["details"]["unexpected_rows"]:
                    what = (row["subject"], level, row["said"], row["limit_words"])
                    failures.append(GateFailure(rule.name, *what, rule.do))
    return failures


def _raised(answer: Any) -> str:
    """The error inside Great Expectations, which looks like a failure otherwise."""
    info = answer.exception_info or {}
    # One flat entry, or one for each metric that failed.
    entries = [info] if "raised_exception" in info else info.values()
    return "; ".join(str(e["exception_message"]) for e in entries if e["raised_exception"])


def _open_context(settings: Settings, name: str) -> Any:
    """Great Expectations, silent, with the other checkpoint's last results in its stores."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import great_expectations as gx
        from great_expectations.data_context.types.base import (
            DataContextConfig,
            FilesystemStoreBackendDefaults,
        )

        import strata.gate.adapters  # noqa: F401  (the dialect and the views)
    stores = _stores(settings)
    for old in sorted(stores.rglob(f"{name}*"), reverse=True):
        shutil.rmtree(old) if old.is_dir() else old.unlink()
    config = DataContextConfig(
        store_backend_defaults=FilesystemStoreBackendDefaults(root_directory=stores),
        data_docs_sites={"strata": _site(settings.data_docs_dir)},
        analytics_enabled=False,
        progress_bars={"globally": False},
    )
    return gx.get_context(mode="ephemeral", project_config=config)


def _site(directory: Path) -> dict[str, Any]:
    index, page = (
        {"view": {"module_name": "strata.gate.adapters", "class_name": f"Offline{kind}View"}}
        for kind in ("Index", "Page")
    )
    backend = {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(directory)}
    return {
        "class_name": "SiteBuilder",
        "show_how_to_buttons": False,
        "store_backend": backend,
        "site_index_builder": {"class_name": "DefaultSiteIndexBuilder", **index},
        "site_section_builders": {
            "expectations": page,
            "validations": page,
            "profiling": "none",
        },
    }
