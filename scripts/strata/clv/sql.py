"""The learning queries, from the macros that dbt's models use too: a rule stands once."""

from functools import cache
from types import ModuleType
from typing import cast

from jinja2 import Environment

from strata.settings import PROJECT_DIR

MACROS = PROJECT_DIR / "macros" / "measures" / "customer_value.sql"


@cache
def _macros() -> ModuleType:
    return cast(ModuleType, Environment().from_string(MACROS.read_text("utf-8")).module)


def render(macro: str, *arguments: str) -> str:
    """The SQL of a macro of macros/measures/customer_value.sql."""
    return str(getattr(_macros(), macro)(*arguments))
