"""The tiers of each model in order, with their labels, including those that nobody holds."""

import csv
from functools import cache
from typing import Any

from strata.report.wording import Both, label
from strata.settings import PROJECT_DIR

TIERS_FILE = PROJECT_DIR / "seeds" / "policy" / "tiers.csv"

HIGH_VALUE_FILE = TIERS_FILE.with_name("high_value_tiers.csv")

EMPTY = {"customers": 0, "net_amount_365": 0, "net_amount_lifetime": 0}


@cache
def policy_tiers() -> list[dict[str, Any]]:
    """The rows of seeds/policy/tiers.csv, ranks as numbers."""
    with TIERS_FILE.open(encoding="utf-8", newline="") as file:
        return [{**row, "tier_rank": int(row["tier_rank"])} for row in csv.DictReader(file)]


def in_order(model: str, held: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """All tiers of a model, best first. What the marts say of a tier wins over the seed."""
    tiers = {row["tier"]: {**row, **EMPTY} for row in policy_tiers() if row["model"] == model}
    for row in held:
        given = {key: value for key, value in row.items() if value is not None}
        tiers[row["tier"]] = {**EMPTY, **tiers.get(row["tier"], {}), **given}
    return sorted(tiers.values(), key=lambda row: (row.get("tier_rank", 99), row["tier"]))


def high_value_tiers(model: str, tiers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those of a model's tiers that policy counts as high value."""
    with HIGH_VALUE_FILE.open(encoding="utf-8", newline="") as file:
        high = {row["tier"] for row in csv.DictReader(file) if row["model"] == model}
    return [row for row in tiers if row["tier"] in high]


def tier_name(row: dict[str, Any]) -> Both:
    """The name of a tier row."""
    return label(row, "tier")
