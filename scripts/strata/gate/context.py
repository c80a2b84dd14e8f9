"""A Great Expectations context that lives under the warehouse directory.

The suites and results of the last landings and marts checkpoints are kept in files, so
that Data Docs show both although they ran at different times.
"""

import os
import shutil
import warnings
from pathlib import Path
from typing import Any

from strata.errors import StrataError
from strata.gate import dialect
from strata.settings import Settings

SITE = "strata"


def open_context(settings: Settings, checkpoint: str) -> Any:
    """A context without telemetry or progress bars; earlier runs of `checkpoint` removed."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import great_expectations as gx
        from great_expectations.data_context.types.base import DataContextConfig

    store_dir = settings.warehouse_dir / "gate"
    for directory in ("expectations", "validations"):
        shutil.rmtree(store_dir / directory / checkpoint, ignore_errors=True)
        shutil.rmtree(settings.data_docs_dir / directory / checkpoint, ignore_errors=True)
    config = DataContextConfig(
        stores=_stores(store_dir),
        expectations_store_name="expectations",
        validation_results_store_name="validations",
        checkpoint_store_name="checkpoints",
        data_docs_sites={SITE: _site(settings.data_docs_dir)},
        analytics_enabled=False,
        progress_bars={"globally": False},
    )
    return gx.get_context(mode="ephemeral", project_config=config)


def add_warehouse(context: Any, settings: Settings) -> Any:
    """The warehouse as a read-only data source.

    Raises StrataError when the file is missing, locked, or open for writing in this process.
    """
    dialect.register()
    database = settings.database
    if not database.exists():
        raise StrataError(
            f"there is no warehouse at {database}",
            "Load a source first: `strata load --source NAME DIR`.",
        )
    url = (
        f"{dialect.DIALECT_NAME}:///{database}?access_mode=read_only&threads={settings.threads}"
    )
    try:
        # Adding a source opens a connection, to see whether it can.
        return context.data_sources.add_sql(
            "warehouse", connection_string=url, create_temp_table=False
        )
    except Exception as error:
        raise StrataError(
            f"the warehouse {database} cannot be opened for reading: {error}",
            "Wait for the writing process to end (or close this process's own connection).",
        ) from error


def build_docs(context: Any, settings: Settings) -> None:
    """Write Data Docs of all stored results, without the packaged images and fonts."""
    context.build_data_docs(site_names=[SITE])
    shutil.rmtree(settings.data_docs_dir / "static", ignore_errors=True)


def _stores(directory: Path) -> dict[str, Any]:
    def in_files(name: str) -> dict[str, Any]:
        return {
            "class_name": "TupleFilesystemStoreBackend",
            "base_directory": str(directory / name),
        }

    in_memory = {"class_name": "InMemoryStoreBackend"}
    return {
        "expectations": {
            "class_name": "ExpectationsStore",
            "store_backend": in_files("expectations"),
        },
        "validations": {
            "class_name": "ValidationResultsStore",
            "store_backend": in_files("validations"),
        },
        "checkpoints": {"class_name": "CheckpointStore", "store_backend": in_memory},
        "validation_definition_store": {
            "class_name": "ValidationDefinitionStore",
            "store_backend": in_memory,
        },
    }


def _site(directory: Path) -> dict[str, Any]:
    def view(name: str) -> dict[str, str]:
        return {"module_name": "strata.gate.views", "class_name": name}

    return {
        "class_name": "SiteBuilder",
        "show_how_to_buttons": False,
        "store_backend": {
            "class_name": "TupleFilesystemStoreBackend",
            "base_directory": str(directory),
        },
        "site_index_builder": {
            "class_name": "DefaultSiteIndexBuilder",
            "view": view("OfflineIndexView"),
        },
        "site_section_builders": {
            "expectations": {"view": view("OfflinePageView")},
            "validations": {"view": view("OfflinePageView")},
            "profiling": "none",
        },
    }
