"""Charts as still SVG, drawn by Altair: no script in the page, the same on screen and paper."""

from typing import Any

import altair as alt
import vl_convert
from markupsafe import Markup

from strata.report.wording import Both, say

WIDTH, HEIGHT = 330, 250  # CSS pixels; fits a phone, scales up no further

# Mean M score 1 to 5, light to dark; the page's legend shows the same colours.
SCALE = ("#e3f1ef", "#b4dcd6", "#73bdb4", "#2f8f88", "#0b5557")
INK, SOFT, LINE, GROUND = "#1c2b33", "#51626b", "#dfe6e8", "#f4f7f7"


def concentration_chart(points: list[dict[str, Any]], axis: Both) -> dict[str, Markup]:
    """The curve of revenue over buyers, biggest first; one SVG per language."""
    top = [point for point in points if point["percent"] == 20]
    revenue = say("tiers.axis_revenue")
    drawn = {}
    for language in ("zh", "en"):
        x = alt.X(
            "percent:Q",
            title=getattr(axis, language),
            axis=alt.Axis(labelExpr="datum.value + '%'", values=list(range(0, 101, 20))),
        )
        y = alt.Y(
            "share:Q",
            title=getattr(revenue, language),
            axis=alt.Axis(format=".0%", tickCount=5),
        )
        curve = alt.Chart(alt.Data(values=points)).mark_area(
            line={"color": SCALE[4], "strokeWidth": 2}, color=SCALE[1], opacity=0.6
        )
        mark = alt.Chart(alt.Data(values=top))
        drawn[language] = still(
            curve.encode(x=x, y=y)
            + mark.mark_rule(color=SOFT, strokeDash=[4, 3]).encode(x=x)
            + mark.mark_point(color="#b4511a", filled=True, size=80, opacity=1).encode(x=x, y=y)
            + mark.mark_text(
                align="left", dx=9, dy=12, color="#9a3f0e", fontSize=15, fontWeight="bold"
            ).encode(x=x, y=y, text=alt.Text("share:Q", format=".1%"))
        )
    return drawn


def rfm_chart(cells: list[dict[str, Any]]) -> dict[str, Markup]:
    """Customers by recency and frequency score, coloured by mean monetary score."""
    scores = [1, 2, 3, 4, 5]
    ground = alt.Data(values=[{"r": r, "f": f} for r in scores for f in scores])
    values = [
        {
            "r": cell["recency_score"],
            "f": cell["frequency_score"],
            "n": cell["customers"],
            "m": round(cell["mean_monetary_score"]),
        }
        for cell in cells
    ]
    recency, frequency = say("rfm.axis_recency"), say("rfm.axis_frequency")
    drawn = {}
    for language in ("zh", "en"):
        axis = alt.Axis(labelAngle=0, ticks=False, domain=False, labelPadding=6)
        x = alt.X(
            "r:O", title=getattr(recency, language), axis=axis, scale=alt.Scale(domain=scores)
        )
        y = alt.Y(
            "f:O",
            title=getattr(frequency, language),
            axis=axis,
            scale=alt.Scale(domain=scores[::-1]),
        )
        chart = alt.Chart(alt.Data(values=values)).encode(x=x, y=y)
        color = alt.Color("m:O", legend=None, scale=alt.Scale(domain=scores, range=list(SCALE)))
        ink = alt.condition("datum.m >= 4", alt.value("#ffffff"), alt.value(INK))
        drawn[language] = still(
            alt.Chart(ground).mark_rect(color=GROUND, stroke="#ffffff").encode(x=x, y=y)
            + chart.mark_rect(stroke="#ffffff", strokeWidth=2).encode(color=color)
            + chart.mark_text(fontSize=13).encode(text=alt.Text("n:Q", format=","), color=ink)
        )
    return drawn


def calibration_chart(bars: list[dict[str, Any]]) -> dict[str, Markup]:
    """Mean predicted beside mean actual value, by tenth of predicted value."""
    kinds = ["predicted_mean", "actual_mean"]
    decile, amount = say("value.axis_decile"), say("value.axis_amount")
    drawn = {}
    for language in ("zh", "en"):
        names = [getattr(say(f"value.{kind}"), language) for kind in kinds]
        values = [{**bar, "kind": names[kinds.index(bar["kind"])]} for bar in bars]
        drawn[language] = still(
            alt.layer(
                alt.Chart(alt.Data(values=values))
                .mark_bar()
                .encode(
                    x=alt.X(
                        "decile:O",
                        title=getattr(decile, language),
                        axis=alt.Axis(labelAngle=0, ticks=False),
                    ),
                    xOffset=alt.XOffset("kind:N", sort=names),
                    y=alt.Y(
                        "amount:Q",
                        title=getattr(amount, language),
                        axis=alt.Axis(format="~s", tickCount=5),
                    ),
                    color=alt.Color(
                        "kind:N",
                        scale=alt.Scale(domain=names, range=[SCALE[1], SCALE[4]]),
                        legend=alt.Legend(title=None, orient="top"),
                    ),
                )
            )
        )
    return drawn


def still(chart: alt.LayerChart) -> Markup:
    """A chart in the report's size and colours, as SVG."""
    styled = (
        chart.properties(width=WIDTH, height=HEIGHT, background="transparent")
        .configure(font="sans-serif")
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=SOFT,
            titleColor=INK,
            gridColor=LINE,
            domainColor=LINE,
            tickColor=LINE,
            labelFontSize=12,
            titleFontSize=12,
            titleFontWeight="normal",
            titlePadding=12,
        )  # fmt: skip
    )
    # Altair has looked at each part already. The SVG is safe as it stands: Vega escapes its
    # texts, and they are this package's own and numbers.
    return Markup(vl_convert.vegalite_to_svg(styled.to_json(validate=False)))
