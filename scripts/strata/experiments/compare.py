"""Every experiment, tier by tier: each arm against the control."""

import math
from collections.abc import Iterable
from typing import Any

import pandas as pd

from strata.experiments.statistics import (
    holm,
    newcombe,
    rates_p,
    sample_ratio_p,
    smallest_effect,
    welch,
)

ALL = "*"  # all tiers
CONTROL = "control"
COLUMNS = {
    "experiment_id": "string", "tier": "string", "arm": "string", "control_arm": "string",
    "customers": "int64", "control_customers": "int64",
    "conversions": "int64", "control_conversions": "int64",
    "rate": "float64", "control_rate": "float64",
    "rate_difference": "float64", "rate_low": "float64", "rate_high": "float64",
    "rate_p": "float64", "rate_holm_p": "float64",
    "mean_amount": "float64", "control_mean_amount": "float64",
    "amount_difference": "float64", "amount_low": "float64", "amount_high": "float64",
    "amount_p": "float64", "amount_holm_p": "float64",
    "smallest_effect": "float64", "sample_ratio_p": "float64", "is_ratio_off": "boolean",
    "tier_gap": "float64", "tier_gap_low": "float64", "tier_gap_high": "float64",
    "is_tier_gap": "boolean", "verdict": "string",
}  # fmt: skip


def compare_experiments(arms: pd.DataFrame) -> pd.DataFrame:
    """A row for each experiment, tier (ALL: all customers) and arm but the control.

    `arms` has a row per experiment, tier and arm: customers assigned, those whose days are
    over, conversions, sum and sum of squares of what they paid, and the policy's numbers.
    """
    rows: list[dict[str, Any]] = []
    for _, experiment in sorted(arms.groupby("experiment_id")):
        rows += _compared(experiment.to_dict("records"))
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(COLUMNS)


def _compared(arms: list[dict[str, Any]]) -> list[dict[str, Any]]:
    policy = arms[0]
    names = sorted({arm["arm"] for arm in arms})
    control = CONTROL if CONTROL in names else names[0]
    held = {(arm["tier"], arm["arm"]): arm for arm in arms}
    ratio_p = sample_ratio_p([held[ALL, name]["assigned"] for name in names])
    rows = [
        _one(held[tier, name], held[tier, control], control, policy)
        for tier in sorted({arm["tier"] for arm in arms})
        for name in names
        if name != control and (tier, name) in held and (tier, control) in held
        if held[tier, name]["customers"] and held[tier, control]["customers"]
    ]
    for kind in ("rate", "amount"):
        _adjust([row for row in rows if row["tier"] != ALL], kind)
        for row in rows:
            row.setdefault(f"{kind}_holm_p", row[f"{kind}_p"])
    for row in rows:
        row["sample_ratio_p"] = ratio_p
        row["is_ratio_off"] = ratio_p < policy["max_ratio_p"]
        row |= _gap(row, held, policy)
        row["verdict"] = _verdict(row, policy["confidence_level"])
    return rows


def _one(
    arm: dict[str, Any], control: dict[str, Any], name: str, policy: dict[str, Any]
) -> dict[str, Any]:
    level = policy["confidence_level"]
    counts = (
        int(arm["conversions"]), int(arm["customers"]),
        int(control["conversions"]), int(control["customers"]),
    )  # fmt: skip
    difference, low, high = newcombe(*counts, level)
    mean, other = _moments(arm), _moments(control)
    money = welch(*mean, counts[1], *other, counts[3], level)
    (amount, amount_low, amount_high), amount_p = money or ((math.nan,) * 3, math.nan)
    return {
        "experiment_id": arm["experiment_id"], "tier": arm["tier"], "arm": arm["arm"],
        "control_arm": name, "customers": counts[1], "control_customers": counts[3],
        "conversions": counts[0], "control_conversions": counts[2],
        "rate": counts[0] / counts[1], "control_rate": counts[2] / counts[3],
        "rate_difference": difference, "rate_low": low, "rate_high": high,
        "rate_p": rates_p(*counts)[1],
        "mean_amount": mean[0], "control_mean_amount": other[0],
        "amount_difference": amount, "amount_low": amount_low, "amount_high": amount_high,
        "amount_p": amount_p,
        "smallest_effect": smallest_effect(
            counts[2] / counts[3], counts[1], counts[3], level, policy["power"]
        ),
    }  # fmt: skip


def _moments(arm: dict[str, Any]) -> tuple[float, float]:
    """Mean and variance of what each customer paid."""
    size, total = int(arm["customers"]), float(arm["net_amount"])
    mean = total / size
    if size < 2:
        return mean, 0.0
    return mean, max(0.0, (float(arm["net_squares"]) - total * mean) / (size - 1))


def _adjust(rows: Iterable[dict[str, Any]], kind: str) -> None:
    """Holm over the tiers."""
    rows = [row for row in rows if not math.isnan(row[f"{kind}_p"])]
    for row, p in zip(rows, holm([row[f"{kind}_p"] for row in rows]), strict=True):
        row[f"{kind}_holm_p"] = p


def _gap(
    row: dict[str, Any], held: dict[tuple[str, str], dict[str, Any]], policy: dict[str, Any]
) -> dict[str, Any]:
    """The arm's rate in this tier against all its other customers (article 000: > 15 %)."""
    everybody = held[ALL, row["arm"]]
    others = int(everybody["customers"]) - row["customers"]
    if row["tier"] == ALL or others == 0:
        return {"tier_gap": math.nan, "tier_gap_low": math.nan, "tier_gap_high": math.nan,
                "is_tier_gap": False}  # fmt: skip
    gap, low, high = newcombe(
        row["conversions"], row["customers"],
        int(everybody["conversions"]) - row["conversions"], others,
        policy["confidence_level"],
    )  # fmt: skip
    is_clear = low > 0 or high < 0
    return {
        "tier_gap": gap, "tier_gap_low": low, "tier_gap_high": high,
        "is_tier_gap": is_clear and abs(gap) > policy["min_tier_gap"],
    }  # fmt: skip


def _verdict(row: dict[str, Any], level: float) -> str:
    """Whether the arm did better; over tiers, by Holm's p as well as by the interval."""
    if row["is_ratio_off"]:
        return "ratio_off"
    if row["rate_holm_p"] <= 1 - level and not row["rate_low"] <= 0 <= row["rate_high"]:
        return "better" if row["rate_difference"] > 0 else "worse"
    return "no_clear_difference"
