"""Before a byte is written: are the arguments possible, is the directory ours?"""

import json
import shutil
from datetime import date
from pathlib import Path

from strata.demo.tables import TABLES
from strata.errors import StrataError
from strata.files import write_aside

MIN_CUSTOMERS, MAX_CUSTOMERS = 100, 99_999_999
MARKER = "_demo.json"


def check_arguments(
    customers: int,
    seed: int,
    end_date: date,
    file_format: str,
    dirt_share: float,
    orders: float,
) -> None:
    """Raise StrataError for arguments that cannot be met."""
    if not MIN_CUSTOMERS <= customers <= MAX_CUSTOMERS:
        raise StrataError(
            f"cannot generate {customers:,} customers",
            f"choose between {MIN_CUSTOMERS:,} and {MAX_CUSTOMERS:,}",
        )
    if not 0 <= seed < 2**31:
        raise StrataError(f"the seed {seed} cannot be used", "choose 0 to 2,147,483,647")
    if not date(2016, 1, 1) <= end_date <= date(2036, 12, 31):
        raise StrataError(
            f"the end date {end_date} is outside the calendar of spring festivals",
            "choose an end date from 2016-01-01 to 2036-12-31",
        )
    if file_format not in ("csv", "parquet"):
        raise StrataError(f"unknown file format {file_format!r}", "choose csv or parquet")
    if not 0 <= dirt_share <= 0.2:
        raise StrataError(f"the dirt share {dirt_share} is too large", "choose 0 to 0.2")
    if not 3 <= orders <= 30:
        raise StrataError(f"cannot generate {orders} orders per customer", "choose 3 to 30")


def clear_directory(directory: Path) -> None:
    """Empty a directory that an earlier run filled; refuse any other that is not empty."""
    directory.mkdir(parents=True, exist_ok=True)
    present = sorted(directory.iterdir())
    if present and not (directory / MARKER).exists():
        raise StrataError(
            f"{directory} holds other files, such as {present[0].name}",
            "choose an empty directory for the demo data",
        )
    said = json.dumps({"generator": "strata demo", "note": "rewritten by every run"}) + "\n"
    write_aside(directory / MARKER, said.encode())
    names = {table.name for table in TABLES}
    for path in present:
        if path.name == "_truth":
            shutil.rmtree(path)
        elif path.suffix in (".csv", ".parquet", ".xlsx") and any(
            path.name.startswith(name) for name in names
        ):
            path.unlink()
