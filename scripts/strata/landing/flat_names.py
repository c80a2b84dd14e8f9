"""The words of flat_names.yml, and the options that name columns."""

from functools import cache
from pathlib import Path

import yaml

# The option of `strata load` that names each column of raw_transactions.transactions.
OPTIONS = {
    "customer_id": "--customer",
    "order_date": "--date",
    "net_amount": "--amount",
    "order_id": "--order",
    "product": "--product",
    "category": "--category",
    "clinic_id": "--clinic",
    "quantity": "--quantity",
    "unit_price": "--price",
    "unit_cost": "--unit-cost",
    "cost_amount": "--cost",
}


@cache
def names() -> dict[str, list[str]]:
    """The names by which each column is known, the surest first."""
    return _words("names")


@cache
def hints() -> dict[str, list[str]]:
    """Parts of names that point at a needed column."""
    return _words("hints")


@cache
def contract_names() -> dict[str, list[str]]:
    """The names of all columns of the contract that `strata init` looks for."""
    own = names()
    found = own | _words("contract")
    found["home_clinic_id"] = own["clinic_id"]
    return {column: [column, *words] for column, words in found.items()}


@cache
def personal_names() -> dict[str, list[str]]:
    """Words in names of columns that say something of a person, by what `holds` calls it."""
    return _words("personal")


@cache
def elsewhere() -> list[str]:
    """What makes a name with such a part mean something else."""
    return _file()["else"].split()


@cache
def states() -> list[str]:
    """Names of columns that say which rows count."""
    return _file()["states"].split()


def _words(part: str) -> dict[str, list[str]]:
    return {column: words.split() for column, words in _file()[part].items()}


@cache
def _file() -> dict:
    path = Path(__file__).with_suffix(".yml")
    return yaml.safe_load(path.read_text(encoding="utf-8"))
