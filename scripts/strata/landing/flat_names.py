"""The words of flat_names.yml, and the options that name columns."""

from functools import cache
from itertools import permutations
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
_YES, _NO = (
    ("yes", "y", "true", "t", "1", "10", "是"),
    ("no", "n", "false", "f", "0", "00", "否"),
)


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
def contract_hints() -> dict[str, dict[str, list[str]]]:
    """{feed: {column of its contract: parts of names that point at it}}, for `strata init`."""
    return {
        feed: {column: parts.split() for column, parts in hinted.items()}
        for feed, hinted in _file()["contract_hints"].items()
    }


@cache
def code_words(feed: str, column: str, name: str) -> dict[str, str]:
    """{a word as `plain` writes it: the contract's code} of a coded column of that name."""
    said = _file()["yes_means"].get(f"{feed}.{column}", {})
    for code, other in permutations(said, 2):
        if name in said[code].split():
            return dict.fromkeys(_YES, code) | dict.fromkeys(_NO, other)
    by_code = _file()["codes"].get(f"{feed}.{column}", {})
    return {word: code for code, words in by_code.items() for word in words.split()}


@cache
def personal_names() -> dict[str, list[str]]:
    """Words in names of columns that say something of a person, by what `holds` calls it."""
    return _words("personal")


@cache
def elsewhere() -> list[str]:
    """What makes a name with such a part mean something else."""
    return _file()["else"].split()


def says_what_counts(name: str) -> bool:
    """Whether a column, by its plain name, says which rows count."""
    return name in _file()["states"].replace("_", "").split() or _has_part(
        name, "parts_of_states"
    )


def says_what_was_given_back(name: str) -> bool:
    """Whether a column, by its plain name, says what was given back."""
    return _has_part(name, "given_back")


def _has_part(name: str, words: str) -> bool:
    return any(part in name for part in _file()[words].split())


def _words(part: str) -> dict[str, list[str]]:
    return {column: words.split() for column, words in _file()[part].items()}


@cache
def _file() -> dict:
    path = Path(__file__).with_suffix(".yml")
    return yaml.safe_load(path.read_text(encoding="utf-8"))
