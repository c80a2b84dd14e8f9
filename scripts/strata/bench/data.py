"""The benchmark's data: made once by the demo generator, split into three deliveries.

python -m strata.bench.data DIR ORDERS
"""

import hashlib
import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

from strata.bench.news import PARTS, split_news
from strata.bench.sizes import Size, choose_size
from strata.console import note
from strata.demo import generate
from strata.files import write_aside

SEED = 7
# Not a month end, whose rows would all count for the fit of that day.
END_DATE = date(2025, 12, 15)
# Paid orders per buyer that make ten orders per person, as measured at 10,000 persons.
ORDERS_PER_CUSTOMER = 12.5
DIRT_SHARE = 0.001
MARKER = "data.json"


@dataclass(frozen=True)
class Data:
    """Where the deliveries lie, and how many rows each feed has in them."""

    directory: Path
    newest_from: str
    late_share: float
    first_rows: dict[str, int]
    news_rows: dict[str, int]
    more_rows: dict[str, int]

    @property
    def first(self) -> Path:
        """The Parquet files of the first load; the floor and the peers read them, too."""
        return self.directory / "first"

    @property
    def news(self) -> Path:
        """The Parquet files that come later and move the chain on to a later day."""
        return self.directory / "news"

    @property
    def more(self) -> Path:
        """The Parquet files that come last: more of the same days."""
        return self.directory / "more"

    @property
    def rows(self) -> int:
        """All rows of all deliveries."""
        return sum(
            sum(rows.values()) for rows in (self.first_rows, self.news_rows, self.more_rows)
        )

    def facts(self) -> dict[str, Any]:
        """What the result file says about the data."""
        return {key: value for key, value in asdict(self).items() if key != "directory"} | {
            "rows": self.rows,
            "news_share": round(sum(self.news_rows.values()) / self.rows, 6),
            "more_share": round(sum(self.more_rows.values()) / self.rows, 6),
        }


def stored_data(directory: Path, size: Size) -> Data | None:
    """The data of these arguments, if they were finished by this version of the generator."""
    try:
        marker = json.loads((directory / MARKER).read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return None
    if marker.pop("made_from") != _made_from(size):
        return None
    return Data(directory, **marker)


def make_data(directory: Path, size: Size, say: Callable[[str], None] = lambda _: None) -> Data:
    """Make the data anew. The marker is written last: what lacks it is never trusted."""
    (directory / MARKER).unlink(missing_ok=True)
    raw = directory / "raw"
    for part in ("raw", *PARTS):
        shutil.rmtree(directory / part, ignore_errors=True)
    generate(
        raw,
        customers=size.persons,
        seed=SEED,
        end_date=END_DATE,
        file_format="parquet",
        dirt_share=DIRT_SHARE,
        orders_per_customer=ORDERS_PER_CUSTOMER,
        progress=say,
    )
    for part in PARTS:
        (directory / part).mkdir()
    split = split_news(raw, directory, END_DATE, say)
    shutil.rmtree(raw)
    marker = asdict(split) | {
        "newest_from": split.newest_from.isoformat(),
        "made_from": _made_from(size),
    }
    write_aside(directory / MARKER, json.dumps(marker, indent=1).encode())
    return stored_data(directory, size)


def _made_from(size: Size) -> dict[str, Any]:
    """The arguments, and a fingerprint of the code that makes and splits the data."""
    digest = hashlib.sha256()
    demo = files("strata.demo")
    parts = [*demo.iterdir(), *demo.joinpath("sql").iterdir()]
    parts.append(files("strata.bench").joinpath("news.py"))
    for part in sorted(parts, key=lambda part: part.name):
        if part.name.endswith((".py", ".sql", ".csv")):
            digest.update(part.read_bytes())
    return {
        "persons": size.persons,
        "seed": SEED,
        "end_date": END_DATE.isoformat(),
        "orders_per_customer": ORDERS_PER_CUSTOMER,
        "dirt_share": DIRT_SHARE,
        "generator": digest.hexdigest()[:16],
    }


if __name__ == "__main__":
    make_data(Path(sys.argv[1]), choose_size("", int(sys.argv[2])), note)
