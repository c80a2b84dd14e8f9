"""`strata load --source transactions`: how flat files are read, shown and confirmed."""

import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb
import typer
from rich.markup import escape
from rich.table import Table

from strata.console import console
from strata.errors import WRONG_USE, StrataError
from strata.landing.flat import SOURCE, Reading, confirmed_headers, read_columns
from strata.landing.flat_names import OPTIONS
from strata.landing.load import files_of
from strata.landing.naming import few, readable_name
from strata.settings import Settings

STYLES = ("year_first", "day_first", "month_first", "month_named")


def read_flat(
    settings: Settings,
    places: Sequence[Path],
    asked: Mapping[str, str],
    style: str | None,
    is_confirmed: bool,
) -> list[Reading]:
    """How each file is to be read, confirmed by a flag or by who sits at the terminal.

    Raises StrataError where a guess is not confirmed: nothing is loaded then.
    """
    if style and style not in STYLES:
        raise StrataError(
            f"Unknown way to write days: {style!r}.", f"Known: {', '.join(STYLES)}.", WRONG_USE
        )
    known = _confirmed(settings)
    paths = [path for place in places for path in files_of(place, [SOURCE], {})]
    readings = [read_columns(path, asked, known, style) for path in paths]
    open_ones = {}
    for reading in readings:
        if reading.needs_word and not is_confirmed:
            open_ones.setdefault((tuple(reading.header), reading.style), reading)
    shown = open_ones.values() if open_ones else readings[:1]
    for reading in shown:
        _show(reading)
    if open_ones and not _says_yes():
        raise StrataError(
            "Nothing is loaded yet: columns are guessed, and nobody has confirmed them.",
            f"If this is right: {_command(places, asked, style)} --yes\n"
            "  Else say what a column is: "
            + " ".join(f"{option} COL" for option in OPTIONS.values())
            + " (none where there is none), --date-style day_first or month_first.",
            WRONG_USE,
        )
    return readings


def _confirmed(settings: Settings) -> dict[str, dict[str, str]]:
    if not settings.database.exists():
        return {}
    with duckdb.connect(str(settings.database), read_only=True) as connection:
        return confirmed_headers(connection)


def _show(reading: Reading) -> None:
    """What each column is taken for, with some of its values, and what is not used."""
    table = Table(
        title=f"How {escape(readable_name(reading.path))} is read", title_justify="left"
    )
    for name in ("", "column of the file", "", "values"):
        table.add_column(name, overflow="fold")
    for column, option in OPTIONS.items():
        name = reading.columns.get(column)
        if name is None:
            table.add_row(option[2:], "–", "", "", style="dim")
            continue
        how = (
            "guessed" if column in reading.guessed else "known" if reading.is_known else "named"
        )
        samples = "  ".join(text[:24] for text in reading.samples[column])
        table.add_row(option[2:], escape(name), how, escape(samples))
    console.print(table)
    for remark in _remarks(reading):
        console.print(f"  [yellow]{escape(remark)}[/yellow]")


def _remarks(reading: Reading) -> list[str]:
    """What a reader should know before the file is loaded."""
    columns, said = reading.columns, list(reading.doubts)
    if not reading.is_style_sure:
        said.append(
            "No value tells day and month apart; they are read as "
            f"{reading.style.replace('_', ' ')}. If not: --date-style month_first or year_first"
        )
    elif reading.style != "year_first":
        said.append(f"Days are read as {reading.style.replace('_', ' ')}")
    if "net_amount" not in columns:
        factors = "price × quantity" if "quantity" in columns else "the price of one unit"
        said.append(f"The amount of a row is {factors}")
    if "order_id" not in columns:
        said.append("No order number: what a customer buys on a day is one order")
    if "product" not in columns and "category" not in columns:
        said.append("No product and no category: what asks for them stays null")
    if reading.states:
        said.append(
            f"{', '.join(reading.states)} is not read: take rows that do not count, such as"
            " cancelled orders, out of the file"
        )
    if reading.given_back:
        said.append(
            f"{', '.join(reading.given_back)} is not read: deliver money given back as rows"
            " below zero"
        )
    pointed_out = {*reading.states, *reading.given_back}
    unused = [name for name in reading.unused if name not in pointed_out]
    if unused:
        said.append(f"Kept, but not used: {few(unused)}")
    return said


def _says_yes() -> bool:
    """The word of the person at the terminal, if there is one."""
    return sys.stdin.isatty() and sys.stdout.isatty() and typer.confirm("Load it so?")


def _command(places: Sequence[Path], asked: Mapping[str, str], style: str | None) -> str:
    """The command as it was given."""
    words = ["strata", "load", "--source", SOURCE, *map(str, places)]
    for column, name in asked.items():
        words += [OPTIONS[column], name]
    if style:
        words += ["--date-style", style]
    return shlex.join(words)
