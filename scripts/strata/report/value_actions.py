"""The section on high-value actions: its figures and the picture of its two curves."""

from collections.abc import Callable
from typing import Any

import altair as alt
import duckdb
from markupsafe import Markup

from strata.report.charts import LINE, SCALE, SOFT, still
from strata.report.wording import Both, say

Row = dict[str, Any]

SECTION = "high_value_actions"
MARTS = {"mart_action_uplift", "mart_action_curves"}
DRAWN = "takers", "candidates"
TAKEN, MATCHED = SCALE[4], "#b4511a"


def value_actions(
    connection: duckdb.DuckDBPyConnection, rows: Callable[[str], list[Row]]
) -> list[Row]:
    """Each action with its `curve`; nothing where the marts are missing or empty."""
    there = {name for (name,) in connection.execute("show tables").fetchall()}
    if not there >= MARTS:
        return []
    curves: dict[str, list[Row]] = {}
    for point in rows("high_value_curves"):
        curves.setdefault(point["action"], []).append(point)
    return [
        {
            **action,
            "curve": curves.get(action["action"], []),
            # A file published before there were draws does not say so.
            "is_draw": max(action.get(f"{side}_one_in", 1) for side in DRAWN) > 1,
        }
        for action in rows("high_value_actions")
    ]


def verdict(action: Row) -> Both | None:
    """What the interval says of an action; None where there is none."""
    low, high = action["uplift_low_amount"], action["uplift_high_amount"]
    if low is None:
        return None
    word = "more" if low > 0 else "less" if high < 0 else "unclear"
    return say(f"{SECTION}.{word}")


def curve_chart(curve: list[Row]) -> dict[str, Markup]:
    """Net amount a month before and after, of both; one SVG per language.

    The day itself (month 0) is a dashed line: its amount is no month's.
    """
    lines = (("taken", TAKEN), ("matched", MATCHED))
    values = [
        {
            "month": point["month_offset"],
            "amount": float(point[f"{name}_amount"]),
            "who": name,
            "side": point["month_offset"] > 0,
        }
        for point in curve
        if point["month_offset"] != 0
        for name, _ in lines
    ]
    months = [point["month_offset"] for point in curve]
    drawn = {}
    for language in ("zh", "en"):
        x = alt.X(
            "month:Q",
            title=getattr(say(f"{SECTION}.axis_month"), language),
            axis=alt.Axis(values=[m for m in months if m % 3 == 0], grid=False),
        )
        y = alt.Y(
            "amount:Q",
            title=getattr(say(f"{SECTION}.axis_amount"), language),
            axis=alt.Axis(format=",.0f", tickCount=5),
        )
        color = alt.Color(
            "who:N",
            legend=None,
            scale=alt.Scale(
                domain=[name for name, _ in lines], range=[colour for _, colour in lines]
            ),
        )
        day = alt.Chart(alt.Data(values=[{"month": 0}])).mark_rule(
            color=SOFT, strokeDash=[4, 3]
        )
        zero = alt.Chart(alt.Data(values=[{"amount": 0}])).mark_rule(color=LINE)
        curves = alt.Chart(alt.Data(values=values)).mark_line(
            strokeWidth=2.5, point=alt.OverlayMarkDef(size=22)
        )
        drawn[language] = still(
            zero.encode(y=y)
            + day.encode(x=x)
            + curves.encode(x=x, y=y, color=color, detail="side:N")
        )
    return drawn
