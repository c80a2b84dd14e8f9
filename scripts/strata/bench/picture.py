"""The result as one self-contained page: still charts, drawn by Altair."""

from html import escape
from pathlib import Path

import altair as alt
import vl_convert

from strata.bench.contest import TASKS
from strata.bench.result import Result, Step
from strata.bench.show import seconds_and_times, seconds_text, shown_phases
from strata.bench.sizes import gigabytes
from strata.files import write_aside
from strata.report.charts import INK, LINE, SCALE, SOFT

WIDTH, BAR, LABELS = 700, 26, 170
ROOM = 1.5  # of the longest bar, so that its figures fit behind it
OURS, OTHERS = SCALE[3], "#c2cbd0"
# Parts of a step, alike in all steps; neighbours differ.
PARTS = {
    "Read the project": SCALE[1],
    "Check the raw landings": SCALE[2],
    "Build and test the models": SCALE[3],  # a refresh: "Compute what … touch, and test it"
    "Audit the marts": SCALE[2],
    "Publish": SCALE[4],
    "Write the report": SCALE[1],
    "Start, and between": OTHERS,
    "All else": OTHERS,
}
PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ font: 15px/1.5 system-ui, sans-serif; color: {ink}; max-width: 980px; margin: 2em auto;
  padding: 0 1em; }}
h1 {{ font-size: 1.5em; margin-bottom: 0; }}
h2 {{ font-size: 1.1em; margin: 2em 0 .5em; }}
p {{ color: {soft}; margin: .3em 0; }}
.part {{ white-space: nowrap; font-size: .85em; }}
svg {{ max-width: 100%; height: auto; }}
</style>
<h1>{title}</h1>
{body}
</html>
"""


def write_picture(result: Result, output: Path) -> Path:
    """Write the page and return its path. The same result gives the same bytes."""
    size, data = result.size, result.data
    title = f"Strata bench {size.name}: {data['first_rows']['orders']:,} orders"
    machine = result.machine
    body = [
        f"<p>{data['rows']:,} rows in all, {data['news_share']:.2%} of them news,"
        f" {data['more_share']:.2%} more of the same days."
        f" {machine['cpus']} CPUs ({escape(machine['cpu'])}),"
        f" {gigabytes(machine['memory_bytes'])}; {result.threads} threads;"
        f" revision {escape(result.revision)}.</p>",
        "<h2>Seconds of each step, and as a multiple of the floor</h2>",
        "<p>The floor is one DuckDB query over the same Parquet orders. Behind each bar:"
        " seconds, multiple of the floor, peak memory.</p>",
        _key(),
        _steps_chart(result),
    ]
    for task in TASKS:
        if any(one.task == task and one.peak_bytes for one in result.contests):
            heading = {
                "floor": "The floor's query, by others",
                "rfm": "RFM slice: raw Parquet to scores and segments",
            }[task]
            body += [f"<h2>{heading}</h2>", _contest_chart(result, task)]
            body += [
                f"<p>{escape(one.who)}: "
                f"{seconds_text(one.seconds) + ' s, ' if one.seconds else ''}"
                f"{escape(one.note)}</p>"
                for one in result.contests
                if one.task == task and one.note
            ]
    for one in result.steps:
        if one.step == "run" and one.profile:
            body += [f"<h2>{one.title}: its dearest models</h2>", _dearest_chart(one)]
    page = PAGE.format(title=title, body="\n".join(body), ink=INK, soft=SOFT)
    write_aside(output, page.encode("utf-8"))
    return output


def _steps_chart(result: Result) -> str:
    rows = []
    for one in result.steps:
        phases = shown_phases(one) or [(one.title, one.seconds)]
        # Phases too short to be seen are one.
        large = [phase for phase in phases if phase[1] >= 0.04 * one.seconds]
        small = one.seconds - sum(seconds for _, seconds in large)
        parts = [*large, ("All else", small)] if len(large) < len(phases) else large
        for number, (name, seconds) in enumerate(parts):
            rows.append(
                {"who": one.title, "part": name if len(parts) > 1 else "", "seconds": seconds,
                 "number": number, "color": _color(name, number)}
            )  # fmt: skip
    totals = [
        {
            "who": one.title,
            "seconds": one.seconds,
            "text": seconds_and_times(result, one.seconds, one.peak_bytes),
        }
        for one in result.steps
    ]
    return _bars(rows, totals, [one.title for one in result.steps])


def _key() -> str:
    """What the colours of the parts mean."""
    meanings: dict[str, list[str]] = {}
    for part, color in PARTS.items():
        meanings.setdefault(color, []).append(part if not meanings.get(color) else part.lower())
    return "<p>" + " &ensp; ".join(
        f'<span class="part"><b style="color:{color}">■</b> {", ".join(parts)}</span>'
        for color, parts in meanings.items()
    ) + "</p>"  # fmt: skip


def _color(part: str, number: int) -> str:
    if part.startswith("Compute what"):  # a refresh says what it computes
        part = "Build and test the models"
    return PARTS.get(part, SCALE[3] if number % 2 == 0 else SCALE[2])


def _contest_chart(result: Result, task: str) -> str:
    # What was not run as this task alone has no peak of its own, and stays in words.
    ran = [one for one in result.contests if one.task == task and one.peak_bytes is not None]
    ran.sort(key=lambda one: one.seconds)
    rows = [
        {"who": one.who, "part": "", "seconds": one.seconds, "number": 0,
         "color": OURS if one.who.startswith("Strata") else OTHERS}
        for one in ran
    ]  # fmt: skip
    totals = [
        {
            "who": one.who,
            "seconds": one.seconds,
            "text": seconds_and_times(result, one.seconds, one.peak_bytes)
            + (f" · same scores {one.same_scores:.0%}" if one.same_scores is not None else ""),
        }
        for one in ran
    ]
    return _bars(rows, totals, [one.who for one in ran])


def _dearest_chart(one: Step) -> str:
    rows, totals = [], []
    for name, seconds in one.profile["dearest"]:
        rows.append({"who": name, "part": "", "seconds": seconds, "number": 0, "color": OURS})
        totals.append({"who": name, "seconds": seconds, "text": f"{seconds_text(seconds)} s"})
    return _bars(rows, totals, [row["who"] for row in rows])


def _bars(rows: list[dict], totals: list[dict], order: list[str]) -> str:
    """Horizontal bars, parts side by side, the total written behind each."""
    longest = max(total["seconds"] for total in totals)
    y = alt.Y(
        "who:N",
        sort=order,
        title=None,
        axis=alt.Axis(
            ticks=False, domain=False, labelLimit=LABELS, minExtent=LABELS, labelPadding=6
        ),
    )
    x = alt.X(
        "seconds:Q",
        title="seconds",
        stack="zero",
        scale=alt.Scale(domain=[0, longest * ROOM], nice=False),
        axis=alt.Axis(tickCount=6, format=",d" if longest > 5 else ".2~f"),
    )
    bars = (
        alt.Chart(alt.Data(values=rows))
        .mark_bar(height=BAR * 0.7)
        .encode(y=y, x=x, order="number:Q", color=alt.Color("color:N", scale=None))
    )
    texts = (
        alt.Chart(alt.Data(values=totals))
        .mark_text(align="left", dx=6, color=INK, fontSize=12)
        .encode(y=y, x=alt.X("seconds:Q"), text="text:N")
    )
    layers = [bars, texts]
    # A part is named inside its bar where the name fits.
    named = []
    for row in rows:
        start = sum(
            other["seconds"]
            for other in rows
            if other["who"] == row["who"] and other["number"] < row["number"]
        )
        pixels = row["seconds"] / (longest * ROOM) * WIDTH
        if row["part"] and pixels > 6.2 * len(row["part"]):
            ink = "#ffffff" if row["color"] in (SCALE[3], SCALE[4]) else INK
            named.append({"who": row["who"], "at": start, "part": row["part"], "ink": ink})
    if named:
        layers.append(
            alt.Chart(alt.Data(values=named))
            .mark_text(align="left", dx=4, fontSize=11)
            .encode(y=y, x=alt.X("at:Q"), text="part:N", color=alt.Color("ink:N", scale=None))
        )
    chart = (
        alt.layer(*layers)
        .properties(
            width=WIDTH, height=alt.Step(BAR), background="transparent",
            padding={"left": 5, "right": 150, "top": 5, "bottom": 5},
        )
        .configure(font="sans-serif")
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=INK, titleColor=SOFT, gridColor=LINE, domainColor=LINE,
            tickColor=LINE, labelFontSize=12, titleFontSize=12, titleFontWeight="normal",
        )
    )  # fmt: skip
    return vl_convert.vegalite_to_svg(chart.to_json())
