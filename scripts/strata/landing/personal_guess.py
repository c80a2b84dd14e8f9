"""What a column of an unknown file may hold of a person: by its name, else by its values."""

import re
from collections.abc import Iterable, Sequence

from strata.landing.flat_names import personal_names
from strata.landing.personal import (
    CUSTOMER_ID,
    NAME,
    ORDER_ID,
    PERSON_ID,
    PHONE,
    RECORD_ID,
    TEXT,
    UNIONID,
    kind_by_name,
)

_SURE = 0.8  # the share of values that must look so
_SAMPLE = 2_000
_LONG = 12  # characters of a free text, on average
# A column may serve as several things: what finds a person's rows counts first.
_FIRST = (CUSTOMER_ID, PHONE, UNIONID, PERSON_ID, NAME, TEXT, ORDER_ID, RECORD_ID)
_PHONE = re.compile(r"(\+?(00)?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(\.0)?")
_DAY = r"(19|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])"
_IDENTITY_CARD = re.compile(rf"[1-9]\d{{5}}{_DAY}\d{{3}}[\dXx]")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}")
_WORDS = re.compile(
    r"[^\W\d_].*[\s,，.。!！?？;；、].*[^\W\d_]|[^\W\d_].*[.。!！?？]$", re.DOTALL
)


def guess(name: str, taken_for: Iterable[str], values: Sequence[str | None]) -> str | None:
    """What a column holds, as `holds` says it; None where nothing points at a person.

    `taken_for`: the contract's columns that it is read as.
    """
    contract = list(taken_for)
    kinds = {kind_by_name(column) for column in contract}
    for kind in _FIRST:
        if kind in kinds:
            return kind
    if contract:
        return None
    return _by_name(name) or _by_values([value for value in values[:_SAMPLE] if value])


def _by_name(name: str) -> str | None:
    bare = re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()
    words = f"_{re.sub(r'[^a-z0-9]+', '_', bare).strip('_')}_"
    for kind, known in personal_names().items():
        for word in known:
            if f"_{word}_" in words if word.isascii() else word in bare:
                return kind
    return None


def _by_values(values: Sequence[str]) -> str | None:
    told = [value.strip() for value in values if value.strip()]
    if not told:
        return None
    for kind, pattern in ((PHONE, _PHONE), (TEXT, _IDENTITY_CARD), (TEXT, _EMAIL)):
        if sum(bool(pattern.fullmatch(value)) for value in told) >= _SURE * len(told):
            return kind
    is_long = sum(map(len, told)) >= _LONG * len(told)
    is_various = len(set(told)) >= _SURE * len(told)
    is_wordy = sum(bool(_WORDS.search(value)) for value in told) >= len(told) / 2
    return TEXT if is_long and is_various and is_wordy else None
