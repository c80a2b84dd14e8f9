"""The months ahead: revenue as a fan, buyers who may stay away, and how far to trust both."""

from collections.abc import Callable
from typing import Any

import altair as alt
from markupsafe import Markup

from strata.report.charts import SCALE, SOFT, still
from strata.report.wording import Both, count, percent, say

Row = dict[str, Any]

SECTION = "ahead"
PARTS = {
    "forecast": "mart_revenue_forecast",
    "churn": "mart_churn",
    "backtest": "mart_outlook_backtest",
}
COMING = "#b4511a"
KINDS = (("actual", SCALE[4], [1, 0]), ("forecast", COMING, [5, 3]))  # kind, colour, dashes
TICKS = {
    "zh": "datum.value ? format(datum.value / 10000, ',') + '万' : '0'",
    "en": "format(datum.value, '~s')",
}
LABELLED = 6  # months between two labels of the axis


def ahead(there: set[str], rows: Callable[[str], list[Row]]) -> dict[str, list[Row]]:
    """The rows of each part whose mart is there; nothing if nothing lies ahead."""
    parts = {
        part: rows(f"{SECTION}_{part}") if mart in there else [] for part, mart in PARTS.items()
    }
    return parts if parts["churn"] or _coming(parts["forecast"]) else {}


def ahead_facts(parts: dict[str, list[Row]]) -> dict[str, Any]:
    """What the section shows besides its rows."""
    if not parts:
        return {}
    coming = _coming(parts["forecast"])
    return {
        "coming": coming,
        "coming_amount": sum(row["amount"] for row in coming),
        "fan_svg": fan_chart(parts["forecast"]) if coming else None,
        "forecast_words": _forecast_words(coming),
        "churn_words": _churn_words(parts["backtest"]),
    }


def fan_chart(months: list[Row]) -> dict[str, Markup]:
    """What came as a line, what is expected as another in its interval; one SVG a language."""
    values = [
        {
            "month": row["month_date"].strftime("%Y-%m"),
            "amount": float(row["amount"]),
            "low": _float(row["low_amount"]),
            "high": _float(row["high_amount"]),
            "kind": row["kind"],
        }
        for row in months
    ]
    names = [value["month"] for value in values]
    drawn = {}
    for language in ("zh", "en"):
        x = alt.X(
            "month:O",
            title=getattr(say(f"{SECTION}.axis_month"), language),
            axis=alt.Axis(values=names[::LABELLED], labelAngle=0, grid=False),
            scale=alt.Scale(type="point", domain=names),
        )
        title = getattr(say(f"{SECTION}.axis_amount"), language)
        y = alt.Y(
            "amount:Q", title=title, axis=alt.Axis(tickCount=5, labelExpr=TICKS[language])
        )
        known = alt.Data(values=[v for v in values if v["low"] is not None])
        band = alt.Chart(known).mark_area(color=COMING, opacity=0.18)
        lines = [
            alt.Chart(alt.Data(values=[v for v in values if v["kind"] == kind]))
            .mark_line(color=color, strokeWidth=2.5, strokeJoin="round", strokeDash=dash,
                       point={"size": 18, "color": color})
            .encode(x=x, y=y)
            for kind, color, dash in KINDS
        ]  # fmt: skip
        zero = alt.Chart(alt.Data(values=[{"amount": 0}])).mark_rule(color=SOFT, opacity=0.4)
        fan = band.encode(x=x, y=alt.Y("low:Q", title=title), y2="high:Q")
        drawn[language] = still(alt.layer(zero.encode(y=y), fan, *lines))
    return drawn


def _coming(months: list[Row]) -> list[Row]:
    return [row for row in months if row["kind"] == "forecast"]


def _float(value: Any) -> float | None:
    return None if value is None else float(value)


def _forecast_words(coming: list[Row]) -> list[Both]:
    """Which model speaks, why, and how such forecasts came true."""
    if not coming:
        return []
    row = coming[0]
    said = [say(f"{SECTION}.model_{row['model']}")]
    if row["mase"] is None:
        return said
    if row["missed_share"] is not None:
        said.append(say(f"{SECTION}.missed", share=percent(row["missed_share"], 1)))
    if row["model"] != "seasonal_naive" and row["naive_mase"] is not None:
        better = 1 - row["mase"] / row["naive_mase"]
        said.append(say(f"{SECTION}.better", share=percent(better, 1)))
    if row["interval_coverage"] is not None:
        said.append(say(f"{SECTION}.covered", share=percent(row["interval_coverage"], 1)))
    return said


def _churn_words(figures: list[Row]) -> list[Both]:
    used = {(row["metric"], row["band"]): row for row in figures if row["is_used"]}
    ranked, naive = (
        used.get(("auc", "all")),
        next((r for r in figures if r["model"] == "naive" and r["metric"] == "auc"), None),
    )
    if ranked is None:
        return [say(f"{SECTION}.churn_unjudged")]
    said = [
        say(f"{SECTION}.churn_model_{ranked['model']}"),
        say(f"{SECTION}.churn_ranked", share=percent(ranked["figure"], 1),
            naive=percent(naive["figure"] if naive else 0, 1), cases=count(ranked["cases"])),
    ]  # fmt: skip
    top = [used.get((metric, "01")) for metric in ("predicted_share", "actual_share")]
    if all(top):
        shares = [percent(row["figure"], 1) for row in top if row]
        said.append(say(f"{SECTION}.churn_tenth", said=shares[0], came=shares[1]))
    return said
