"""The benchmark's data: made once by the demo generator, split into three deliveries.

python -m strata.bench.data DIR ORDERS
"""

import hashlib
import json
import shutil
import sys
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

from strata.bench.news import PARTS, split_news
from strata.console import note
from strata.demo import generate
from strata.files import write_aside

# Not a month end, whose rows would all count for the fit of that day.
END_DATE = date(2025, 12, 15)
ORDERS_PER_PERSON = 10
MADE_WITH = {
    "seed": 7,
    # Paid orders per buyer that make ten orders per person, as measured at 10,000 persons.
    "orders_per_customer": 12.5,
    "dirt_share": 0.001,
}
MARKER = "data.json"


def stored_data(directory: Path, orders: int) -> dict[str, Any] | None:
    """What is said of the data, if they were finished by this version of the generator."""
    try:
        facts = json.loads((directory / MARKER).read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return None
    return facts if facts["made_from"] == _made_from(orders) else None


def make_data(directory: Path, orders: int) -> None:
    """Make the data anew. The marker is written last: what lacks it is never trusted."""
    (directory / MARKER).unlink(missing_ok=True)
    raw = directory / "raw"
    for part in ("raw", *PARTS):
        shutil.rmtree(directory / part, ignore_errors=True)
    generate(
        raw, customers=orders // ORDERS_PER_PERSON, end_date=END_DATE, file_format="parquet",
        progress=note, **MADE_WITH,
    )  # fmt: skip
    for part in PARTS:
        (directory / part).mkdir()
    note("splitting off the news")
    newest_from, by_delivery = split_news(raw, directory, END_DATE)
    shutil.rmtree(raw)
    rows = {part: sum(by_delivery[part].values()) for part in PARTS}
    facts = {
        "made_from": _made_from(orders),
        "orders": sum(by_delivery[part]["orders"] for part in PARTS),
        "rows": sum(rows.values()),
        "news_share": round(rows["news"] / sum(rows.values()), 6),
        "more_share": round(rows["more"] / sum(rows.values()), 6),
        "newest_from": newest_from.isoformat(),
        "by_delivery": by_delivery,
    }
    write_aside(directory / MARKER, json.dumps(facts, indent=1).encode())


def _made_from(orders: int) -> str:
    """A fingerprint of the arguments, and of the code that makes and splits the data."""
    digest = hashlib.sha256(f"{orders} {END_DATE} {MADE_WITH}".encode())
    demo = files("strata.demo")
    parts = [*demo.iterdir(), *demo.joinpath("sql").iterdir()]
    parts.append(files("strata.bench").joinpath("news.py"))
    for part in sorted(parts, key=lambda part: part.name):
        if part.name.endswith((".py", ".sql", ".csv")):
            digest.update(part.read_bytes())
    return digest.hexdigest()[:16]


if __name__ == "__main__":
    make_data(Path(sys.argv[1]), int(sys.argv[2]))
