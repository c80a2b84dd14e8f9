"""Words and figures in two languages at once."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from strata.settings import currency_symbol

TEXTS_DIR = Path(__file__).with_name("texts")

WAN = Decimal(10_000)  # 万
YI = Decimal(100_000_000)  # 亿


@dataclass(frozen=True)
class Both:
    """One thing said in Chinese and in English."""

    zh: str
    en: str


NOTHING = Both("—", "—")


@cache
def texts(name: str) -> dict[str, Any]:
    """The texts of texts/<name>.yml."""
    return yaml.safe_load((TEXTS_DIR / f"{name}.yml").read_text("utf-8"))


def say(key: str, **values: object) -> Both:
    """The sentence `key` (dots lead into the file) of page.yml, its {braces} filled in.

    A section with a file of its own, texts/<section>.yml, has its sentences there.

    Raises:
        KeyError: the sentence is not there or wants a value that is not given.
    """
    section, _, rest = key.partition(".")
    if section not in texts("page") and (TEXTS_DIR / f"{section}.yml").is_file():
        return say_in(section, rest, **values)
    return say_in("page", key, **values)


def say_in(name: str, key: str, /, **values: object) -> Both:
    """The same from texts/<name>.yml."""
    entry: Any = texts(name)
    for part in key.split("."):
        entry = entry[part]
    both = {place: _both(value) for place, value in values.items()}
    return Both(
        entry["zh"].format(**{place: value.zh for place, value in both.items()}),
        entry["en"].format(**{place: value.en for place, value in both.items()}),
    )


def join(parts: list[Both]) -> Both:
    """A list of things, with each language's comma."""
    return Both("、".join(part.zh for part in parts), ", ".join(part.en for part in parts))


def label(row: dict[str, Any], code: str, zh: str = "label_zh", en: str = "label_en") -> Both:
    """The label that the marts give a code; where they give none, the code itself."""
    return Both(row.get(zh) or row[code] or "—", row.get(en) or row[code] or "—")


def count(number: int) -> Both:
    """12,345 in both languages."""
    return Both(f"{number:,}", f"{number:,}")


def percent(part: int | float | Decimal, whole: int | float | Decimal) -> Both:
    """A share with one decimal; a dash where there is no whole."""
    if not whole or whole < 0:
        return NOTHING
    shown = f"{_round(Decimal(part) / Decimal(whole) * 100, 1):,.1f}%"
    return Both(shown, shown)


def money(amount: Decimal | None) -> Both:
    """Money with its sign: with 万 or 亿 in Chinese, whole with separators in English."""
    if amount is None:
        return NOTHING
    sign = ("-" if amount < 0 else "") + currency_symbol()
    size = abs(amount)
    yuan = f"{sign}{_round(size, 0):,.0f}"
    if size >= YI:
        return Both(f"{sign}{_round(size / YI, 2):,.2f}亿", yuan)
    if size >= 1000 * WAN:
        return Both(f"{sign}{_round(size / WAN, 0):,.0f}万", yuan)
    if size >= WAN:
        return Both(f"{sign}{_round(size / WAN, 1):,.1f}万", yuan)
    return Both(yuan, yuan)


def _round(number: Decimal, places: int) -> Decimal:
    return Decimal(number).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def _both(value: object) -> Both:
    return value if isinstance(value, Both) else Both(str(value), str(value))
