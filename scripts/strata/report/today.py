"""The morning section: actions of today, KPIs, what contacts brought, and experiments."""

from collections import Counter
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from markupsafe import Markup

from strata.report.wording import NOTHING, Both, count, join, label, money, say

Row = dict[str, Any]

SECTION = "today"
PARTS = {
    "actions": "mart_action_list",
    "kpis": "mart_tier_kpis",
    "results": "mart_action_results",
    "experiments": "mart_experiments",
}
WIDTH, HEIGHT = 120, 28  # of a KPI's line


def today(there: set[str], rows: Callable[[str], list[Row]]) -> dict[str, list[Row]]:
    """The rows of each part whose mart is there; nothing if none of them has any."""
    parts = {
        part: rows(f"{SECTION}_{part}") if mart in there else [] for part, mart in PARTS.items()
    }
    return parts if any(parts.values()) else {}


def today_facts(parts: dict[str, list[Row]]) -> dict[str, Any]:
    """What the section shows besides its rows: the day and the month in a sentence or two."""
    if not parts:
        return {}
    return {
        "action_words": _action_words(parts["actions"]),
        "kpi_words": _kpi_words(parts["kpis"]),
    }


def _action_words(actions: list[Row]) -> Both:
    owners: Counter[tuple[str, str]] = Counter()
    for row in actions:
        owner = label(row, "owner")
        owners[owner.zh, owner.en] += row["actions"]
    return say(
        f"{SECTION}.actions_sum",
        actions=count(owners.total()),
        owners=join([
            say(f"{SECTION}.times", label=Both(*owner), number=count(number))
            for owner, number in owners.most_common()
        ]),
    )  # fmt: skip


def _kpi_words(kpis: list[Row]) -> list[Both]:
    """How many got better, and which targets are missed."""
    courses = Counter(_course(row) for row in kpis)
    said = [
        say(
            f"{SECTION}.kpis_sum",
            **{word: count(courses[word]) for word in ("better", "worse", "same")},
        )
    ]
    aimed = [row for row in kpis if row["target"] is not None]
    missed = [
        label(row, "kpi")
        for row in aimed
        if (row["value"] < row["target"] if row["is_better_high"]
            else row["value"] > row["target"])
    ]  # fmt: skip
    if aimed:
        key = "targets_missed" if missed else "targets_reached"
        values = {"missed": join(missed)} if missed else {}
        said.append(say(f"{SECTION}.{key}", targets=count(len(aimed)), **values))
    return said


def paid(row: Row) -> Both:
    """Whether contacts paid: what they brought beyond customers alike, against their cost."""
    if not row["is_complete"]:
        return say(f"{SECTION}.paid.open")
    extra, low, high = (
        row[f"extra_profit_amount{end}"] for end in ("", "_low", "_high")
    )  # fmt: skip
    if low is None:
        return say(f"{SECTION}.paid.uncompared")
    cost = row["cost_amount"] / row["customers"]
    word = "gain" if low > cost else "loss" if high < cost else "unclear"
    return say(f"{SECTION}.paid.{word}", extra=money(extra), low=money(low), high=money(high))


def kpi_value(value: Decimal | None, unit: str) -> Both:
    """A KPI as people write it."""
    if value is None:
        return NOTHING
    if unit == "share":
        shown = f"{value * 100:,.1f}%"
    elif unit == "cny":
        return money(value)
    elif unit in ("points", "score", "ratio", "purchases"):
        shown = f"{value:,.2f}" if unit != "points" else f"{value:,.1f}"
    else:
        return count(int(value))
    return Both(shown, shown)


def points(share: Decimal | None) -> Both:
    """A difference of shares, in percentage points."""
    return kpi_value(None if share is None else share * 100, "points")


def _course(row: Row) -> str | None:
    """Whether a KPI got better since the month before; None if that is not known."""
    before = row["previous_month_value"]
    if before is None or row["value"] is None:
        return None
    if row["value"] == before:
        return "same"
    return "better" if (row["value"] > before) == row["is_better_high"] else "worse"


def arrow(row: Row) -> Both:
    """Which way it went since the month before, and whether that is good; a dash if unknown."""
    course = _course(row)
    if course is None:
        return NOTHING
    sign = (
        "→" if course == "same" else "↑" if row["value"] > row["previous_month_value"] else "↓"
    )
    word = say(f"{SECTION}.course_{course}")
    return Both(f"{sign} {word.zh}", f"{sign} {word.en}")


def course_line(values: Sequence[Decimal]) -> Markup:
    """The last months as a line, the newest as a dot; nothing for a single month."""
    if len(values) < 2:
        return Markup("")
    low, high = min(values), max(values)
    reach = float(high - low) or 1.0
    points = [
        (
            4 + (WIDTH - 8) * place / (len(values) - 1),
            HEIGHT - 4 - (HEIGHT - 8) * float(value - low) / reach,
        )
        for place, value in enumerate(values)
    ]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    x, y = points[-1]
    return Markup(
        '<svg viewBox="0 0 {} {}" width="{}" height="{}" aria-hidden="true" class="course">'
        '<polyline points="{}" fill="none" stroke="currentColor" stroke-width="1.5"/>'
        '<circle cx="{}" cy="{}" r="2.5" fill="currentColor"/></svg>'
    ).format(WIDTH, HEIGHT, WIDTH, HEIGHT, line, f"{x:.1f}", f"{y:.1f}")
