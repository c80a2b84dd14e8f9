"""`strata moves`: the migration matrix between any two days that history keeps."""

from datetime import date
from typing import Any

import duckdb
from rich.table import Table

from strata.console import console
from strata.errors import WRONG_USE, StrataError
from strata.history.kept import whole_days
from strata.lock import require_closed
from strata.options import Build, RunOptions, read_build, read_project, under_ruleset_of
from strata.settings import Settings

WORDS = {
    "en": {
        "title": "{model}: from {first} (rows) to {last} (columns), customers",
        "absent": "not there", "total": "total", "causes": "Why they moved",
        "cause": "cause", "up": "up", "down": "down", "other": "came or left",
    },
    "zh": {
        "title": "{model}：{first}（行）→ {last}（列），客户数",
        "absent": "不在册", "total": "合计", "causes": "变动原因",
        "cause": "原因", "up": "升级", "down": "降级", "other": "新增或离开",
    },
}  # fmt: skip


def show_moves(
    settings: Settings, options: RunOptions, first: date, last: date, model: str, language: str
) -> None:
    """Print the matrix and the causes of one model. The caller holds the lock.

    Raises:
        StrataError: a day is not in history, the days are the wrong way round, or the model is
            unknown.
    """
    if language not in WORDS:
        raise StrataError(
            f"Unknown language {language!r}.", "Use --lang en or --lang zh.", WRONG_USE
        )
    if first >= last:
        raise StrataError(
            f"{first} is not before {last}.", "Give the earlier day to --from.", WRONG_USE
        )
    require_closed(settings)  # dbt compiles with the warehouse open
    built = read_build(settings)
    options = under_ruleset_of(built, options)
    _require_days(settings, built, options.built_ruleset, first, last)
    dbt = read_project(settings, options)
    query = dbt.compiled(
        "moves_between_two_days", from_date=first.isoformat(), to_date=last.isoformat()
    )
    with duckdb.connect(str(settings.database), read_only=True) as build:
        cursor = build.execute(f"from ({query}) where model = ?", [model])
        names = [column[0] for column in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        labels = dict(
            build.execute(
                f"select tier, label_{language} from policy.tiers where model = ?"
                " order by tier_rank",
                [model],
            ).fetchall()
        )
        causes = dict(
            build.execute(
                f"select cause, label_{language} from policy.move_causes order by precedence"
            ).fetchall()
        )
    if not rows:
        raise StrataError(
            f"There is no tier model {model!r} in history on these days.",
            "The models are those in var tier_models (dbt_project.yml).",
            WRONG_USE,
        )
    words = WORDS[language]
    title = words["title"].format(model=model, first=first, last=last)
    console.print(_matrix(rows, labels, words, title))
    console.print(_causes(rows, causes, words))


def _require_days(
    settings: Settings, built: Build | None, ruleset: str, first: date, last: date
) -> None:
    if not settings.database.exists():
        raise StrataError("There is no warehouse yet.", "Load a source, then: strata run")
    kept = whole_days(settings, ruleset)
    missing = [day for day in (first, last) if day not in kept]
    if missing:
        asked = [f"--on {day}" for day in missing]
        if built and built.ruleset != ruleset:
            asked.append(f"--ruleset {ruleset}")
        if built and built.sources != set(RunOptions().sources):
            asked += [f"--source {name}" for name in sorted(built.sources)]
        raise StrataError(
            f"Not in history: {', '.join(map(str, missing))}. History keeps "
            + (", ".join(map(str, kept)) or "no day yet")
            + f" under the rule set {ruleset}.",
            f"Build them: strata snapshots {' '.join(asked)}",
        )


def _matrix(
    rows: list[dict[str, Any]], labels: dict[str, str], words: dict[str, str], title: str
) -> Table:
    """Rows and columns in the order of the tiers; who stayed lies on the diagonal."""
    counts: dict[tuple[str | None, str | None], int] = {}
    for row in rows:
        place = (row["from_tier"], row["to_tier"])
        counts[place] = counts.get(place, 0) + row["customers"]
    tiers = [*labels, None]
    names = {
        tier: f"{place} {labels[tier]}" if tier else f"– {words['absent']}"
        for place, tier in enumerate(tiers, 1)
    }
    table = Table(title=title, title_justify="left")
    table.add_column("")
    for tier in tiers:
        table.add_column(names[tier].split(" ")[0], justify="right")
    table.add_column(words["total"], justify="right")
    for before in tiers:
        line = [counts.get((before, after), 0) for after in tiers]
        if sum(line):
            cells = [
                _cell(count, before == after) for after, count in zip(tiers, line, strict=True)
            ]
            table.add_row(names[before], *cells, f"{sum(line):,}")
    totals = [sum(counts.get((before, after), 0) for before in tiers) for after in tiers]
    table.add_section()
    table.add_row(words["total"], *(_cell(count) for count in totals), f"{sum(totals):,}")
    return table


def _cell(count: int, stayed: bool = False) -> str:
    if not count:
        return ""
    return f"[bold]{count:,}[/bold]" if stayed else f"{count:,}"


def _causes(rows: list[dict[str, Any]], labels: dict[str, str], words: dict[str, str]) -> Table:
    table = Table(title=words["causes"], title_justify="left")
    table.add_column(words["cause"])
    for column in ("up", "down", "other"):
        table.add_column(words[column], justify="right")
    for cause, label in labels.items():
        moved = {"up": 0, "down": 0, "other": 0}
        for row in rows:
            if row["cause"] == cause:
                moved[_direction(row)] += row["customers"]
        if any(moved.values()):
            table.add_row(label, *(f"{count:,}" if count else "" for count in moved.values()))
    return table


def _direction(row: dict[str, Any]) -> str:
    if row["from_rank"] is None or row["to_rank"] is None:
        return "other"
    return "up" if row["to_rank"] < row["from_rank"] else "down"
