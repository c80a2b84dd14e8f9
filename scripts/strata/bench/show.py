"""The result as tables in the terminal."""

from rich.table import Table

from strata.bench.contest import MISSING, TASKS
from strata.bench.news import PARTS
from strata.bench.result import Contest, Result, Step
from strata.bench.sizes import gigabytes
from strata.console import console


def show_result(result: Result) -> None:
    """Steps, where dbt's time went, and the peers."""
    size, data = result.size, result.data
    orders = sum(data[f"{part}_rows"]["orders"] for part in PARTS)
    console.print(
        f"[bold]Strata bench {size.name}[/bold]  {size.orders:,} orders nominally;"
        f" {orders:,} and {data['rows']:,} rows of all feeds,"
        f" {data['news_share']:.2%} of them news, {data['more_share']:.2%} more of these days"
    )
    memory = gigabytes(result.machine["memory_bytes"])
    console.print(
        f"{result.machine['cpus']} CPUs ({result.machine['cpu']}), {memory};"
        f" {result.threads} threads; revision {result.revision};"
        f" {gigabytes(result.disk_bytes)} on disk"
    )
    console.print(_steps(result))
    for one in result.steps:
        if one.profile:
            console.print(_profile(one))
    for task in TASKS:
        if rows := [one for one in result.contests if one.task == task]:
            console.print(_contests(result, task, rows))
            for one in rows:
                if one.note:
                    console.print(f"  {one.who}: {one.note}", style="dim")
    if any(one.note == MISSING for one in result.contests):
        console.print(
            "Peers       python -m venv peers; peers/bin/pip install -r"
            " scripts/strata/bench/peers/requirements.txt; then --peers-python"
            " peers/bin/python"
        )


def seconds_text(seconds: float | None) -> str:
    """Seconds with as many digits as they deserve."""
    if seconds is None:
        return ""
    return f"{seconds:,.2f}" if seconds < 10 else f"{seconds:,.1f}"


def times_text(times: float | None) -> str:
    """A multiple with as many digits as it deserves."""
    if times is None:
        return ""
    return f"{times:,.1f} ×" if times < 100 else f"{times:,.0f} ×"


def _steps(result: Result) -> Table:
    table = Table(title="Steps", title_justify="left", box=None, pad_edge=False)
    table.add_column("step")
    for heading in ("seconds", "× floor", "peak memory"):
        table.add_column(heading, justify="right")
    for one in result.steps:
        table.add_row(
            one.title,
            seconds_text(one.seconds),
            times_text(result.times_floor(one.seconds)),
            gigabytes(one.peak_bytes),
            style="bold",
        )
        for name, seconds in shown_phases(one):
            times = times_text(result.times_floor(seconds))
            table.add_row(f"  {name}", seconds_text(seconds), times, "", style="dim")
    return table


def shown_phases(one: Step) -> list[tuple[str, float]]:
    """The phases of a step that has several, and what was between them."""
    if len(one.phases) < 2:
        return []
    rest = one.seconds - sum(seconds for _, seconds in one.phases)
    return [*one.phases, ("Start, and between", rest)]


def _profile(one: Step) -> Table:
    profile = one.profile
    table = Table(
        title=f"{one.title}: dbt's nodes. {profile['models']} models and seeds"
        f" {seconds_text(profile['model_seconds'])} s, {profile['tests']} tests"
        f" {seconds_text(profile['test_seconds'])} s (node seconds: threads work side by side)",
        title_justify="left",
        box=None,
        pad_edge=False,
    )
    table.add_column("room")
    table.add_column("seconds", justify="right")
    table.add_column("dearest models")
    table.add_column("seconds", justify="right")
    rooms, dearest = list(profile["rooms"].items()), profile["dearest"]
    for number in range(max(len(rooms), len(dearest))):
        room = rooms[number] if number < len(rooms) else ("", None)
        model = dearest[number] if number < len(dearest) else ("", None)
        table.add_row(room[0], seconds_text(room[1]), model[0], seconds_text(model[1]))
    return table


def seconds_and_times(result: Result, seconds: float, peak_bytes: int | None) -> str:
    """A measured thing in one line."""
    parts = [f"{seconds_text(seconds)} s", times_text(result.times_floor(seconds))]
    return " · ".join([*parts, *([gigabytes(peak_bytes)] if peak_bytes else [])])


def _contests(result: Result, task: str, rows: list[Contest]) -> Table:
    table = Table(
        title=f"Beside others: {TASKS[task]}", title_justify="left", box=None, pad_edge=False
    )
    table.add_column("by", no_wrap=True)
    headings = ["seconds", "× floor", "memory"]
    if task == "rfm":
        headings += ["same scores", "segments"]
    for heading in headings:
        table.add_column(heading, justify="right", no_wrap=True)
    for one in rows:
        if one.seconds is None:
            continue
        shares = [one.same_scores, one.same_segment][: len(headings) - 3]
        table.add_row(
            one.who,
            seconds_text(one.seconds),
            times_text(result.times_floor(one.seconds)),
            "" if one.peak_bytes is None else gigabytes(one.peak_bytes),
            *("" if share is None else f"{share:.1%}" for share in shares),
        )
    return table
