"""What customers say in surveys: praise and complaint, by month, topic, clinic and tier."""

from collections.abc import Callable
from itertools import groupby
from typing import Any

import altair as alt
from markupsafe import Markup

from strata.report.charts import SOFT, still
from strata.report.labels import tier_name
from strata.report.wording import Both, count, label, percent, say

Row = dict[str, Any]

SECTION = "voice"
MART = "mart_voice"
PARTS = ("months", "sums")
SIDES = (("positive_comments", 1, "#3fa79b"), ("negative_comments", -1, "#eda45a"))
LABELLED = 3  # months between two labels of the axis
UNKNOWN = "unknown"  # what the mart calls no clinic and no tier
CLINICS = 10  # those with most complaints; a manager of a larger chain asks for its own page


def voice(there: set[str], rows: Callable[[str], list[Row]]) -> dict[str, list[Row]]:
    """Comments of the last 12 months by month, and their sums; nothing without the mart."""
    return {part: rows(f"{SECTION}_{part}") for part in PARTS} if MART in there else {}


def voice_facts(parts: dict[str, list[Row]], tiers: list[Row]) -> dict[str, Any]:
    """What the section shows besides its rows; `tiers` are the headline tiers in order."""
    if not parts:
        return {}
    kinds = {
        kind: list(group) for kind, group in groupby(parts["sums"], lambda row: row["kind"])
    }
    (year,), (before,) = kinds.get("all", [None]), kinds.get("before", [None])
    topics = [row | {"name": label(row, "code")} for row in kinds.get("topic", [])]
    clinics = sorted(kinds.get("clinic", []), key=lambda row: -row["negative_comments"])
    by_tier = {row["code"]: row for row in kinds.get("tier", [])}
    names = {row["tier"]: tier_name(row) for row in tiers}
    names[UNKNOWN] = say(f"{SECTION}.no_tier")
    return {
        "voice_year": year,
        "voice_before": before,
        "voice_topics": topics,
        "voice_clinics": [row | {"name": _clinic(row["code"])} for row in clinics[:CLINICS]]
        if len(clinics) > 1
        else [],
        "voice_tiers": [
            by_tier[code] | {"name": name} for code, name in names.items() if code in by_tier
        ],
        "voice_svg": months_chart(parts["months"]) if year else None,
        "voice_words": _words(year, topics),
    }


def months_chart(months: list[Row]) -> dict[str, Markup]:
    """Praise above the line, complaint below it, month by month; one SVG a language."""
    names = [row["month_date"].strftime("%Y-%m") for row in months]
    drawn = {}
    for language in ("zh", "en"):
        x = alt.X(
            "month:O",
            title=getattr(say(f"{SECTION}.axis_month"), language),
            axis=alt.Axis(values=names[::LABELLED], labelAngle=0, grid=False),
            scale=alt.Scale(domain=names),
        )
        y = alt.Y(
            "comments:Q",
            title=getattr(say(f"{SECTION}.axis_comments"), language),
            axis=alt.Axis(
                tickMinStep=1, tickCount=5, labelExpr="format(abs(datum.value), 'd')"
            ),
        )
        bars = [
            alt.Chart(
                alt.Data(
                    values=[
                        {"month": name, "comments": sign * row[side]}
                        for name, row in zip(names, months, strict=True)
                    ]
                )
            )
            .mark_bar(color=color)
            .encode(x=x, y=y)
            for side, sign, color in SIDES
        ]
        zero = alt.Chart(alt.Data(values=[{"comments": 0}])).mark_rule(color=SOFT)
        drawn[language] = still(alt.layer(*bars, zero.encode(y=y)))
    return drawn


def _clinic(code: str) -> Both:
    return say("clinic_missing") if code == UNKNOWN else Both(code, code)


def _words(year: Row | None, topics: list[Row]) -> list[Both]:
    """What stands out: how many praise and complain, and about what most."""
    if year is None:
        return []
    said = [
        say(
            f"{SECTION}.summary",
            comments=count(year["comments"]),
            positive=count(year["positive_comments"]),
            praise=percent(year["positive_comments"], year["comments"]),
            negative=count(year["negative_comments"]),
            complaint=percent(year["negative_comments"], year["comments"]),
        )
    ]
    for side in ("negative", "positive"):
        most = max(topics, key=lambda row: row[f"{side}_comments"], default=None)
        if most and most[f"{side}_comments"]:
            said.append(
                say(
                    f"{SECTION}.most_{side}",
                    topic=most["name"],
                    number=count(most[f"{side}_comments"]),
                    comments=count(most["comments"]),
                )
            )
    return said
