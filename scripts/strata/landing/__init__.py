"""Landing: files into raw tables; every record is loaded or set aside with its reason."""

from strata.landing.declared import declared_tables
from strata.landing.load import load_directory, standing_notes, withdraw_files
from strata.landing.report import FileReport, LoadReport

__all__ = [
    "FileReport",
    "LoadReport",
    "declared_tables",
    "load_directory",
    "standing_notes",
    "withdraw_files",
]
