"""One Great Expectations checkpoint over all tables, in one run."""

from datetime import UTC, datetime
from typing import Any

from strata.gate.expectations import suite_expectations
from strata.gate.rules import Table, TableSuite, literal

# Counts only: values from the tables never reach the stored results or Data Docs.
_RESULT_FORMAT = {"result_format": "BASIC", "partial_unexpected_count": 0}
TABLES_SUITE = "all_tables"


def run_checkpoint(
    context: Any, warehouse: Any, name: str, tables: list[Table], suites: list[TableSuite]
) -> dict[str, list[Any]]:
    """Run all suites; the expectation results by table label, and those of TABLES_SUITE."""
    import great_expectations as gx
    from great_expectations.core.run_identifier import RunIdentifier

    definitions = [_define_tables(context, warehouse, name, tables)]
    definitions += [_define(context, warehouse, name, suite) for suite in suites]
    checkpoint = context.checkpoints.add(
        gx.Checkpoint(
            name=name, validation_definitions=definitions, result_format=_RESULT_FORMAT
        )
    )
    run_id = RunIdentifier(run_name=name, run_time=datetime.now(UTC))
    outcome = checkpoint.run(run_id=run_id)
    names = {_suite_name(name, suite.table.label): suite.table.label for suite in suites}
    results: dict[str, list[Any]] = {}
    for key, result in outcome.run_results.items():
        if _strip_exceptions(result, keep_message=name == "marts"):
            context.validation_results_store.set(key, result)
        results[names.get(result.suite_name, TABLES_SUITE)] = list(result.results)
    return results


def raised(result: Any) -> list[str]:
    """Messages of the errors inside Great Expectations; empty when it was evaluated."""
    return [str(info.get("exception_message") or "unknown error") for info in _errors(result)]


def _errors(result: Any) -> list[dict[str, Any]]:
    info = result.exception_info or {}
    # One flat entry, or one for each metric that failed.
    entries = [info] if "raised_exception" in info else list(info.values())
    return [entry for entry in entries if entry.get("raised_exception")]


def _strip_exceptions(suite_result: Any, keep_message: bool) -> bool:
    """Take tracebacks, and messages that may quote personal values, out of the results."""
    found = False
    for result in suite_result.results:
        for entry in _errors(result):
            found = True
            entry["exception_traceback"] = ""
            message = str(entry.get("exception_message") or "")
            entry["exception_message"] = (
                message if keep_message else "message withheld: it may quote personal data"
            )
    return found


def _define(context: Any, warehouse: Any, name: str, suite: TableSuite) -> Any:
    asset = warehouse.add_table_asset(
        suite.table.label, table_name=suite.table.name, schema_name=suite.table.schema
    )
    label = _suite_name(name, suite.table.label)
    return _validation(context, asset, label, suite_expectations(suite))


def _suite_name(checkpoint: str, table: str) -> str:
    """Each part is a directory of Data Docs: landings/raw_demo/orders, marts/mart_a."""
    return table if table.startswith(f"{checkpoint}.") else f"{checkpoint}.{table}"


def _define_tables(context: Any, warehouse: Any, name: str, tables: list[Table]) -> Any:
    """Whether the tables are there at all."""
    import great_expectations.expectations as gxe

    schemas = ", ".join(sorted({literal(table.schema) for table in tables}))
    asset = warehouse.add_query_asset(
        f"{name}_{TABLES_SUITE}",
        query=(
            "select table_schema || '.' || table_name as table_name"
            f" from information_schema.tables where table_schema in ({schemas})"
        ),
    )
    labels = [table.label for table in tables]
    expectation = gxe.ExpectColumnDistinctValuesToContainSet(
        column="table_name",
        value_set=labels,
        severity="critical",
        description=f"table_exists: {', '.join(labels)}",
    )
    return _validation(context, asset, f"{name}.{TABLES_SUITE}", [expectation])


def _validation(context: Any, asset: Any, label: str, expectations: list[Any]) -> Any:
    import great_expectations as gx

    suite = context.suites.add(gx.ExpectationSuite(name=label, expectations=expectations))
    batch = asset.add_batch_definition_whole_table("all rows")
    return context.validation_definitions.add(
        gx.ValidationDefinition(name=label, data=batch, suite=suite)
    )
