"""The page: who the customer is, the headline, then every model by family, in one language."""

from pathlib import Path
from typing import Any

import duckdb
import yaml
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from strata.console import console
from strata.errors import WRONG_USE, StrataError
from strata.explain.evidence import evidence
from strata.explain.reasons import Person, Reason, models_behind, person_of, reasons_of
from strata.explain.warehouse import key_of, open_explained
from strata.settings import Settings, currency_symbol

WORDS: dict[str, dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parent / "words.yml").read_text(encoding="utf-8")
)
WIDTH = 100
HEADLINE = "final"


def explain_customer(
    settings: Settings,
    customer: str,
    language: str,
    with_evidence: bool,
    model: str | None = None,
    is_medical: bool = False,
) -> None:
    """Print a page about one customer, by their key or by the customer id of a source.

    Raises:
        StrataError: nothing is built yet, nobody has that key or id, or there is no such
            model or language.
    """
    if language not in WORDS:
        raise StrataError(
            f"Unknown language {language!r}.", "Use --lang en or --lang zh.", WRONG_USE
        )
    words = WORDS[language]
    with open_explained(settings) as connection:
        person = person_of(connection, key_of(connection, customer.strip()))
        reasons = reasons_of(connection, person, language, is_medical=False)
        medical = reasons_of(connection, person, language, True) if is_medical else {}
        headline = reasons[HEADLINE]
        shown = _only(reasons | medical, model)
        _print(_head(person, headline, words))
        for title, members in _families(words, reasons):
            chosen = [shown[name] for name in members if name in shown]
            if chosen:
                _print(Rule(f"[bold]{title}[/bold]", align="left"))
            for reason in chosen:
                _print(_entry(reason, _behind(connection, reason, reasons), words))
        chosen = [medical[name] for name in medical if name in shown]
        if chosen:
            _print(Rule(f"[bold red]{words['medical']}[/bold red]", align="left", style="red"))
        for reason in chosen:
            _print(_entry(reason, [], words))
        if with_evidence:
            _print(Rule(f"[bold]{words['evidence']}[/bold]", align="left"))
            for table in evidence(connection, person.key, words, is_medical):
                _print(table)


def _print(part: RenderableType) -> None:
    with console.capture() as paper:
        console.print(part, width=min(console.width, WIDTH), soft_wrap=False)
    for line in paper.get().splitlines():
        console.out(line.rstrip())


def _only(reasons: dict[str, Reason], model: str | None) -> dict[str, Reason]:
    if model is None:
        return reasons
    if model not in reasons:
        raise StrataError(
            f"There is no model {model!r} to show.",
            f"Models: {', '.join(reasons)}; with --medical the medical team's as well.",
            WRONG_USE,
        )
    return {model: reasons[model]}


def _families(words: dict[str, Any], reasons: dict[str, Reason]) -> list[tuple[str, list[str]]]:
    """The models by family; those that no family names come last."""
    named = [name for _, members in words["families"] for name in members]
    others = [name for name in reasons if name not in named]
    return [*words["families"], (words["others"], others)]


def _head(person: Person, headline: Reason, words: dict[str, Any]) -> Group:
    facts = {
        "key": person.key,
        "day": person.as_of_date,
        "tier": headline.tier_label or words["not_known"],
        "clinic": person.clinic or words["unknown"],
        "department": person.department or words["none"],
        "first_contact": person.first_contact,
        "last_purchase": person.last_purchase or words["none"],
        "purchases": person.purchases,
        "net_amount": _money(person.net_amount),
        "net_amount_year": _money(person.net_amount_year),
        "value": _money(person.value),
        "currency": currency_symbol(),
        "records": person.records,
        "since": person.stage_since,
    }
    names = ["place", "value", "last", *(["since"] if person.stage_since else []), "records"]
    lines = [words[line].format(**facts) for line in names]
    title = Text(words["head"].format(**facts), style="bold")
    title.append(f"  {words['day'].format(**facts)}", style="dim not bold")
    return Group(title, *(Text(line) for line in lines))


def _money(amount: Any) -> str:
    return f"{amount or 0:,.2f}".removesuffix(".00")


def _behind(
    connection: duckdb.DuckDBPyConnection, reason: Reason, reasons: dict[str, Reason]
) -> list[Reason]:
    """For the headline tier: the models that it rests on, with what is missing there."""
    if reason.model != HEADLINE:
        return []
    return [reasons[name] for name in models_behind(connection, reason) if name in reasons]


def _entry(reason: Reason, behind: list[Reason], words: dict[str, Any]) -> Group:
    """One model: its label and tier, its question, then the three sentences."""
    tier = reason.tier_label or words["not_known"]
    title = Text(f"{reason.model_label} · {tier}", style="bold")
    title.append(f"  {reason.question}", style="dim not bold")
    lines = Table.grid(padding=(0, 1))
    lines.add_column(style="dim", no_wrap=True)
    lines.add_column(overflow="fold")
    for name in ("why", "missing", "keeps"):
        sentence = getattr(reason, name)
        if sentence:
            lines.add_row(words[name], escape(sentence))
    for other in behind:
        rest = words["dash"].join(filter(None, (other.tier_label, other.missing)))
        lines.add_row(words["behind"], escape(f"{other.model_label}{words['colon']}{rest}"))
    return Group(title, Padding(lines, (0, 0, 1, 2), expand=False))
