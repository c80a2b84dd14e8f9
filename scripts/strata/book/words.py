"""Conditions and numbers in words, in two languages at once."""

import re
from decimal import Decimal
from functools import partial
from typing import Any

from strata.book.read import Book, Threshold
from strata.report.wording import NOTHING, Both, money, say_in, texts
from strata.settings import currency_symbol

SIGNS = {">=": "≥", "<=": "≤", ">": ">", "<": "<", "=": "=", "!=": "≠"}
NAMED_BY_THE_MEASURE = set(texts("book")["units"])  # an English measure says its unit itself
words = partial(say_in, "book")


class Wording:
    """Says what the book's rules mean."""

    def __init__(self, book: Book) -> None:
        """For the measures, tiers and thresholds of this book."""
        self._book = book

    def condition(self, rule: dict[str, Any]) -> Both:
        """One condition: a measure against a number, a code, or another measure."""
        measure = self.measure(rule["measure"], rule["window"])
        if rule["asks_for"] == "null":
            return words("unknown" if rule["comparison"] == "=" else "known", measure=measure)
        if rule["threshold"]:
            threshold = self._book.thresholds[rule["threshold"]]
            target = amount(threshold.value, threshold.unit)
            if threshold.value is not None and threshold.unit in NAMED_BY_THE_MEASURE:
                target = Both(target.zh, plain(threshold.value))  # not "3 visits ≥ 1 visits"
        elif rule["target_code"]:
            target = self._code(rule["measure"], rule["target_code"])
        else:
            target = words("cut")
        return words("compares", measure=measure, sign=SIGNS[rule["comparison"]], target=target)

    def measure(self, name: str, window: str | None = None) -> Both:
        """A measure by its label, with the days that it looks back."""
        if window:
            days = self._book.thresholds[window].value
            if not days:
                return words("lifetime", measure=self._label(name))
            return words("window", measure=self._label(name), days=plain(days))
        base = name.removesuffix("_lifetime")
        label = self._label(base)
        return words("lifetime", measure=label) if base != name else label

    def exceptions(self, threshold: Threshold) -> list[Both]:
        """Clinics and departments with a value of their own, and values that begin later."""
        said = [
            words(
                "own",
                scope=_scope(row["kind"], row["scope"]),
                value=amount(row["value"], threshold.unit),
            )
            for row in threshold.own
        ]
        for row in threshold.later:
            value = amount(row["value"], threshold.unit)
            if row["scope_type"] == "chain":
                said.append(words("from", day=row["valid_from"], value=value))
            else:
                scope = _scope(row["scope_type"], row["scope_id"])
                said.append(
                    words("scoped_from", scope=scope, day=row["valid_from"], value=value)
                )
        return said

    def value(self, threshold: Threshold) -> Both:
        """The chain's value; a window of 0 days is the whole lifetime."""
        if threshold.value == 0 and threshold.name.endswith("_window"):
            return words("whole_lifetime")
        return amount(threshold.value, threshold.unit)

    def names(self, rule: dict[str, Any]) -> list[Threshold]:
        """The thresholds of a condition: the one compared with, and the window's."""
        named = [rule["threshold"], rule["window"]]
        return [self._book.thresholds[name] for name in named if name]

    def _label(self, measure: str) -> Both:
        row = self._book.measures.get(measure)
        return Both(row["label_zh"], row["label_en"]) if row else Both(measure, measure)

    def _code(self, measure: str, code: str) -> Both:
        row = self._book.labels.get((measure.removesuffix("_tier"), code))
        return Both(row["label_zh"], row["label_en"]) if row else Both(code, code)


def _scope(kind: str, name: str) -> Both:
    return words(kind, name=name)


def plain(value: Decimal) -> str:
    """A number with thousands separators and without needless zeros."""
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def amount(value: Decimal | None, unit: str) -> Both:
    """A value with its unit."""
    if value is None:
        return words("missing")
    if unit == "cny":
        return Both(money(value).zh, f"{currency_symbol()}{plain(value)}")
    if unit == "share":
        return Both(f"{plain(value * 100)}%", f"{plain(value * 100)}%")
    if unit == "percent":
        return Both(f"{plain(value)}%", f"{plain(value)}%")
    if unit in texts("book")["units"]:
        return words(f"units.{unit}", value=plain(value))
    return Both(plain(value), plain(value))


def source(said: str) -> Both:
    """The articles behind a number or a model, or that there is none."""
    if not said:
        return NOTHING
    if said == "ours":
        return words("ours")
    articles = re.split(r",\s*", said)
    return words("article", articles=Both("、".join(articles), ", ".join(articles)))
