"""What a simulation says: from which tier to which, with the revenue at stake; the list."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
from rich.markup import escape
from rich.table import Table

from strata.console import console
from strata.errors import WRONG_USE, StrataError
from strata.listing import write_csv
from strata.report.wording import money
from strata.settings import Settings
from strata.simulate.policy import plain
from strata.simulate.run import Simulation, compare, open_simulation

LISTED = 10  # customers shown on the terminal; --csv has them all
WORDS = {
    "en": {
        "title": "{ruleset} → {candidate}, as of {day}",
        "set": "{name}: {was} → {now} {unit}",
        "keep own": "  {scopes} keep their own value",
        "nobody": "Nobody would move{where}.",
        "moves": "{moved} of {customers} customers would move in {model} ({up} up, {down}"
        " down): {amount} of net revenue in 365 days at stake",
        "matrix": "{model}: from (row) to (column)",
        "from": "from", "stays": "stay", "none": "none", "models": "All models that change",
        "model": "model", "moved": "move", "up": "up", "down": "down", "revenue": "revenue",
        "clinics": "By clinic: {model}", "clinic": "clinic", "customers": "customers",
        "list": "{model}: {shown} of the {moved} who would move, most revenue first",
        "customer": "customer", "to": "to", "unknown": "unknown",
        "csv": "List        {file} ({rows} rows)",
        "file": "Tables      {file} (tiers.customer_tiers, tiers.medical_tiers)",
        "untouched": "Nothing that is built or published was changed.",
        "keep line": "To keep it: append this line to seeds/policy/thresholds.csv:",
        "keep lines": "To keep it: append these lines to seeds/policy/thresholds.csv:",
        "keep set": "To keep it: strata run --ruleset {candidate}"
        " (or ruleset: {candidate} in dbt_project.yml)",
    },
    "zh": {
        "title": "{ruleset} → {candidate}，截至 {day}",
        "set": "{name}：{was} → {now} {unit}",
        "keep own": "  {scopes} 仍用各自的值",
        "nobody": "没有客户会变动{where}。",
        "moves": "{model}：{customers} 位客户中 {moved} 位会变动（升 {up}，降 {down}），"
        "涉及近 365 天净收入 {amount}",
        "matrix": "{model}：由（行）到（列）",
        "from": "由", "stays": "不变", "none": "无", "models": "有变动的全部模型",
        "model": "模型", "moved": "变动", "up": "升", "down": "降", "revenue": "涉及收入",
        "clinics": "按门店：{model}", "clinic": "门店", "customers": "客户",
        "list": "{model}：{moved} 位变动客户中收入最高的 {shown} 位",
        "customer": "客户", "to": "到", "unknown": "未登记",
        "csv": "名单        {file}（{rows} 行）",
        "file": "数据表      {file}（tiers.customer_tiers、tiers.medical_tiers）",
        "untouched": "已建与已发布的内容均未改动。",
        "keep line": "如要采用：把下面这一行加到 seeds/policy/thresholds.csv 末尾：",
        "keep lines": "如要采用：把下面几行加到 seeds/policy/thresholds.csv 末尾：",
        "keep set": "如要采用：strata run --ruleset {candidate}"
        "（或在 dbt_project.yml 里写 ruleset: {candidate}）",
    },
}  # fmt: skip


def require_language(language: str) -> None:
    """Refuse a language that the words are not written in."""
    if language not in WORDS:
        raise StrataError(
            f"Unknown language {language!r}.", "Use --lang en or --lang zh.", WRONG_USE
        )


def require_model(settings: Settings, model: str | None) -> None:
    """Refuse a tier model that is not there."""
    if model is None or not settings.database.exists():
        return
    with duckdb.connect(str(settings.database), read_only=True) as build:
        known = [
            name for (name,) in build.execute("select model from policy.tier_models").fetchall()
        ]
    if model not in known:
        raise StrataError(
            f"Unknown tier model {model!r}.", f"Known: {', '.join(known)}.", WRONG_USE
        )


def show_simulation(
    settings: Settings,
    simulation: Simulation,
    model: str | None = None,
    language: str = "en",
    csv_file: Path | None = None,
) -> None:
    """Print the summary and write the list of all who move.

    Shown first is the headline model, else the one in which most move; `model` names
    another. The medical team's models are shown only when named.
    """
    words = WORDS[language]
    with open_simulation(settings, simulation.file) as connection:
        connection.execute(_SHOWN.format(language=language), [model])
        compare(connection, simulation)
        connection.execute(_VIEWS.format(language=language))

        def rows(sql: str, *values: Any) -> list[tuple[Any, ...]]:
            return connection.execute(sql, list(values)).fetchall()

        _title(simulation, words)
        moved = rows(_MOVED)
        if not moved:
            where = rows("select label from models where model = ?", model) if model else []
            console.print(words["nobody"].format(where=f" ({where[0][0]})" if where else ""))
        else:
            first, label, *_ = moved[0]
            _headline(moved[0], rows, words, language)
            _matrix(first, label, rows, words, language)
            _models(moved, words, language)
            _clinics(first, label, rows, words, language)
            _people(first, label, rows, words, language)
        if csv_file:
            console.print(
                words["csv"].format(file=csv_file, rows=f"{_write_csv(connection, csv_file):,}")
            )
    console.print(words["file"].format(file=simulation.file))
    console.print(words["untouched"])
    _how_to_keep(simulation, words)


_SHOWN = """
create temp table models as
select model, label_{language} as label from strata.policy.tier_models
where coalesce(model = $1, audience = 'everybody')
"""

_VIEWS = """
create temp view agreement as
select
    model, tier, candidate_tier, clinic_id, count(*) as customers,
    sum(net_amount_365) as net_amount_365
from compared
group by model, tier, candidate_tier, clinic_id;
create temp view moves as
select
    compared.*, candidate_tier_rank as candidate_rank,
    here.label_{language} as label, there.label_{language} as candidate_label
from compared
left join strata.policy.tiers as here
    on compared.model = here.model and compared.tier = here.tier
left join strata.policy.tiers as there
    on compared.model = there.model and compared.candidate_tier = there.tier
where compared.tier is distinct from compared.candidate_tier;
"""

_MOVED = """
select
    model, models.label, count(*) as moved,
    count(*) filter (where direction = 'up'), count(*) filter (where direction = 'down'),
    sum(net_amount_365)
from moves
join models using (model)
group by model, models.label
order by model != 'final', moved desc, model
"""


def _title(simulation: Simulation, words: dict[str, str]) -> None:
    title = words["title"].format(
        ruleset=simulation.ruleset, candidate=simulation.candidate, day=simulation.as_of_date
    )
    console.print(f"\n[bold]{escape(title)}[/bold]")
    for name, value in simulation.values.items():
        present = simulation.present[name]
        was = plain(present.value) if present.value is not None else words["none"]
        said = words["set"].format(name=name, was=was, now=plain(value), unit=present.unit)
        console.print(escape(said))
        if present.exceptions:
            scopes = ", ".join(
                f"{scope.strip('*/')} ({plain(own)})"
                for scope, own in present.exceptions.items()
            )
            console.print(words["keep own"].format(scopes=scopes))


Rows = Callable[..., list[tuple[Any, ...]]]


def _headline(row: tuple[Any, ...], rows: Rows, words: dict[str, str], language: str) -> None:
    model, label, moved, up, down, amount = row
    ((customers,),) = rows("select sum(customers) from agreement where model = ?", model)
    said = words["moves"].format(
        moved=f"{moved:,}", customers=f"{customers:,}", model=label, up=f"{up:,}",
        down=f"{down:,}", amount=_money(amount, language),
    )  # fmt: skip
    console.print(f"[bold]{escape(said)}[/bold]")


def _matrix(model: str, label: str, rows: Rows, words: dict[str, str], language: str) -> None:
    """Only the tiers that customers leave, against those that customers reach."""
    cells = rows(
        "select tier, label, candidate_tier, candidate_label, count(*), sum(net_amount_365)"
        " from moves where model = ? group by all"
        " order by min(tier_rank) nulls last, min(candidate_rank) nulls last",
        model,
    )
    stay = dict(
        rows(
            "select tier, sum(customers) from agreement where model = ?"
            " and tier is not distinct from candidate_tier group by tier",
            model,
        )
    )
    ranks = dict(rows("select tier, tier_rank from strata.policy.tiers where model = ?", model))
    reached = sorted({cell[2]: cell[3] for cell in cells}.items(), key=_by_rank(ranks))
    found = {(cell[0], cell[2]): (cell[4], cell[5]) for cell in cells}
    table = Table(title=words["matrix"].format(model=label), title_justify="left")
    table.add_column(words["from"])
    table.add_column(words["stays"], justify="right")
    for _, to in reached:
        table.add_column(f"→ {to or words['none']}", justify="right")
    for tier, name in sorted({cell[0]: cell[1] for cell in cells}.items(), key=_by_rank(ranks)):
        shown = [f"{stay.get(tier, 0):,}"]
        for to, _ in reached:
            customers, amount = found.get((tier, to), (0, None))
            shown.append(f"{customers:,}\n{_money(amount, language)}" if customers else "")
        table.add_row(name or words["none"], *shown)
    console.print(table)


def _by_rank(ranks: dict[str, int]) -> Callable[[tuple[str, str]], int]:
    return lambda item: ranks.get(item[0], len(ranks) + 1)


def _models(moved: list[tuple[Any, ...]], words: dict[str, str], language: str) -> None:
    if len(moved) == 1:
        return
    table = Table(title=words["models"], title_justify="left")
    table.add_column(words["model"])
    for heading in ("moved", "up", "down", "revenue"):
        table.add_column(words[heading], justify="right")
    for model, label, count, up, down, amount in moved:
        table.add_row(
            f"{label} [dim]{model}[/dim]",
            f"{count:,}", f"{up:,}", f"{down:,}", _money(amount, language),
        )  # fmt: skip
    console.print(table)


def _clinics(model: str, label: str, rows: Rows, words: dict[str, str], language: str) -> None:
    table = Table(title=words["clinics"].format(model=label), title_justify="left")
    table.add_column(words["clinic"])
    for heading in ("customers", "moved", "up", "down", "revenue"):
        table.add_column(words[heading], justify="right")
    for clinic, customers, moved, up, down, amount in rows(
        """
        with movers as (
            select
                clinic_id, count(*) as moved,
                count(*) filter (where direction = 'up') as up,
                count(*) filter (where direction = 'down') as down,
                sum(net_amount_365) as amount
            from moves where model = $1 group by clinic_id
        )
        select clinic_id, sum(customers), moved, up, down, amount
        from agreement join movers using (clinic_id) where model = $1
        group by clinic_id, moved, up, down, amount order by moved desc, clinic_id
        """,
        model,
    ):
        table.add_row(
            escape(clinic if clinic != "unknown" else words["unknown"]),
            f"{customers:,}", f"{moved:,}", f"{up:,}", f"{down:,}", _money(amount, language),
        )  # fmt: skip
    console.print(table)


def _people(model: str, label: str, rows: Rows, words: dict[str, str], language: str) -> None:
    people = rows(
        "select cast(customer_key as varchar), label, candidate_label, net_amount_365,"
        " clinic_id, count(*) over () from moves where model = ?"
        f" order by net_amount_365 desc, customer_key limit {LISTED}",
        model,
    )
    title = words["list"].format(model=label, shown=len(people), moved=f"{people[0][-1]:,}")
    table = Table(title=title, title_justify="left")
    table.add_column(words["customer"], no_wrap=True, min_width=36)
    # In a narrow terminal the words fold: the key must stay whole, to be copied.
    for heading in ("from", "to"):
        table.add_column(words[heading], overflow="fold")
    table.add_column(words["revenue"], justify="right", no_wrap=True)
    table.add_column(words["clinic"], overflow="fold")
    for key, tier, candidate, amount, clinic, _ in people:
        table.add_row(
            key, tier or words["none"], candidate or words["none"], _money(amount, language),
            escape(clinic if clinic != "unknown" else words["unknown"]),
        )  # fmt: skip
    console.print(table)


def _money(amount: Decimal | None, language: str) -> str:
    said = money(amount)
    return said.zh if language == "zh" else said.en


def _write_csv(connection: duckdb.DuckDBPyConnection, file: Path) -> int:
    """All who move, in all models shown."""
    cursor = connection.execute(
        "select customer_key, as_of_date, clinic_id, model, tier, label as tier_label,"
        " candidate_tier, candidate_label as candidate_tier_label, direction, net_amount_365"
        " from moves order by model != 'final', model, net_amount_365 desc, customer_key"
    )
    names = [column[0] for column in cursor.description]
    found = cursor.fetchall()
    try:
        write_csv(file, names, found)
    except OSError as failure:
        raise StrataError(
            f"{file} cannot be written: {failure.strerror}.", "Name another file.", WRONG_USE
        ) from failure
    return len(found)


def _how_to_keep(simulation: Simulation, words: dict[str, str]) -> None:
    lines = simulation.lines_to_keep
    if not lines:
        console.print(words["keep set"].format(candidate=simulation.candidate))
        return
    console.print(words["keep line" if len(lines) == 1 else "keep lines"])
    for line in lines:
        console.print(escape(line))
