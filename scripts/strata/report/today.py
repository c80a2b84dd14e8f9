"""The morning section: today's actions by owner, KPIs with their course, experiments."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from markupsafe import Markup

from strata.report.wording import NOTHING, Both, count, money

Row = dict[str, Any]

SECTION = "today"
PARTS = {
    "actions": "mart_action_list",
    "kpis": "mart_tier_kpis",
    "experiments": "mart_experiments",
}
WIDTH, HEIGHT = 120, 28  # of a KPI's line


def today(there: set[str], rows: Callable[[str], list[Row]]) -> dict[str, list[Row]]:
    """The rows of each part whose mart is there; nothing if none of them has any."""
    parts = {
        part: rows(f"{SECTION}_{part}") if mart in there else [] for part, mart in PARTS.items()
    }
    return parts if any(parts.values()) else {}


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


def arrow(row: Row) -> Both:
    """Which way it went since the month before, and whether that is good; a dash if unknown."""
    before = row["previous_month_value"]
    if before is None or row["value"] is None:
        return NOTHING
    if row["value"] == before:
        return Both("→ 持平", "→ unchanged")
    has_risen = row["value"] > before
    is_good = has_risen == row["is_better_high"]
    sign = "↑" if has_risen else "↓"
    good, bad = Both("变好", "better"), Both("变差", "worse")
    word = good if is_good else bad
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
