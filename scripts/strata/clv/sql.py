"""The learning queries, from the macros that dbt's models use too: a rule stands once."""

from functools import cache
from types import ModuleType
from typing import cast

from jinja2 import Environment

from strata.settings import PROJECT_DIR

MACROS = PROJECT_DIR / "macros"
ENGINE = "duckdb"
WORDS = ("days_between", "exact_ratio")  # of macros/engines/portable.sql, used by the macros


def _module(path: str, environment: Environment) -> ModuleType:
    text = (MACROS / path).read_text("utf-8")
    return cast(ModuleType, environment.from_string(text).module)


@cache
def _macros() -> ModuleType:
    words = _module("engines/portable.sql", Environment())
    environment = Environment()
    environment.globals = {word: getattr(words, f"{ENGINE}__{word}") for word in WORDS}
    return _module("measures/customer_value.sql", environment)


def render(macro: str, *arguments: str) -> str:
    """The SQL of a macro of macros/measures/customer_value.sql."""
    return str(getattr(_macros(), macro)(*arguments))
