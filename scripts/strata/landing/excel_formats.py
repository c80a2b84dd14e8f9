"""What a person sees in an Excel cell, by its value and its number format."""

import datetime
import re
from dataclasses import dataclass
from decimal import Decimal

import openpyxl
from openpyxl.styles.numbers import BUILTIN_FORMATS_MAX_SIZE, builtin_format_code
from openpyxl.utils.escape import unescape

# Built-in formats whose codes depend on Excel's language: dates in Chinese, Japanese, Korean
# and Thai, of which the file has no more than the number.
_DATES_OF_LANGUAGES = {*range(27, 37), *range(50, 59), *range(71, 82)}
_TOKEN = re.compile(r'"([^"]*)"|\\(.)|[_*].|\[[^\]]*\]|([0#?])|(.)')
# Excel keeps 15 significant digits: a longer number has already lost its end.
_DIGITS = 15
_EXACT_BELOW = 10**_DIGITS


@dataclass(frozen=True)
class Look:
    """How a number format shows a number: plain, or as one of these."""

    is_date: bool = False
    is_duration: bool = False
    is_percent: bool = False
    mask: tuple[str, ...] = ()  # digits (0, #) and literals of a format for whole numbers
    has_words: bool = False  # literals among them: only an id is written so


def look_of(code: str) -> Look:
    """The look that a format code gives to numbers above zero."""
    bare = re.sub(r'"[^"]*"|\\.|[_*].', "", code).lower().split(";")[0]
    is_duration = bool(re.search(r"\[(?:h+|m+|s+)\]", bare))
    bare = re.sub(r"\[[^\]]*\]|e[+-]", "", bare)
    if "general" in bare or "@" in bare:
        return Look()
    if is_duration or re.search(r"[ymdhsge]|a{3}", bare):
        return Look(is_date=True, is_duration=is_duration)
    if "%" in bare:
        return Look(is_percent=True)
    if re.search(r"[.,/]|[0#?]e", bare) or code.lower().count("e+"):
        return Look()
    mask = tuple(
        digit or f"'{quoted or escaped or other}"
        for quoted, escaped, digit, other in _TOKEN.findall(code.split(";")[0])
        if quoted or escaped or digit or other
    )
    has_words = any(token[0] == "'" for token in mask)
    if mask.count("0") < 2 and not has_words or not any(token[0] != "'" for token in mask):
        return Look()
    return Look(mask=mask, has_words=has_words)


def looks_of(book: openpyxl.Workbook) -> list[Look]:
    """The look of each of a workbook's cell styles; the book then reads its dates as dates."""
    looks = [look_of(_code(book, style.numFmtId)) for style in book._cell_styles]
    book._date_formats = {at for at, look in enumerate(looks) if look.is_date}
    book._timedelta_formats = {at for at, look in enumerate(looks) if look.is_duration}
    return looks


def _code(book: openpyxl.Workbook, number: int) -> str:
    if number in _DATES_OF_LANGUAGES:
        return "yyyy-mm-dd"
    if number < BUILTIN_FORMATS_MAX_SIZE:
        return builtin_format_code(number) or "General"
    return book._number_formats[number - BUILTIN_FORMATS_MAX_SIZE]


def as_text(value: object, look: Look = Look(), is_id: bool = False) -> str:
    """A cell as text: ISO dates (with a time only where there is one), numbers as they look."""
    match value:
        case None:
            return ""
        case str():
            return _unescaped(value) if "_x" in value else value
        case bool():
            return "true" if value else "false"
        case datetime.datetime():
            is_day = value.time() == datetime.time()
            return value.date().isoformat() if is_day else value.isoformat(" ")
        case datetime.timedelta():
            minutes, seconds = divmod(int(value.total_seconds()), 60)
            return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
        case int() | float():
            return _number(value, look, is_id)
        case _:
            return str(value)


def is_inexact(value: object) -> bool:
    """Whether a number has lost its end in Excel, which keeps 15 digits and puts 0 behind.

    A program may have written more of them, and they are all there.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    if abs(value) < _EXACT_BELOW:
        return False
    return isinstance(value, float) or not str(abs(value))[_DIGITS:].strip("0")


def _number(value: float, look: Look, is_id: bool) -> str:
    is_whole = value == int(value) and abs(value) < _EXACT_BELOW
    if look.is_percent:
        return _plain(Decimal(format(value, f".{_DIGITS}g")) * 100) + "%"
    if look.mask and is_whole and value >= 0 and (is_id or not look.has_words):
        return _masked(str(int(value)), look.mask)
    if is_whole:
        return str(int(value))
    if is_inexact(value):  # as Excel shows it; an id of that form is refused later
        return f"{value:.{_DIGITS - 1}E}"
    if abs(value) >= _EXACT_BELOW:
        return str(value)
    return _plain(Decimal(format(value, f".{_DIGITS}g")))


def _plain(number: Decimal) -> str:
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _masked(digits: str, mask: tuple[str, ...]) -> str:
    """The digits in the places of a mask, from the right; what is left over goes in front."""
    places = sum(token[0] != "'" for token in mask)
    rest, digits = digits[: max(0, len(digits) - places)], digits[-places:].rjust(places)
    shown, at = [], 0
    for token in mask:
        if token[0] == "'":
            shown.append(token[1:])
            continue
        shown.append(rest)
        rest = ""
        shown.append(digits[at].replace(" ", "0" if token == "0" else ""))
        at += 1
    return "".join(shown)


def _unescaped(text: str) -> str:
    """The characters that _xHHHH_ stands for, halves of one joined and NUL left out."""
    pairs = unescape(text).encode("utf-16-le", "surrogatepass")
    return pairs.decode("utf-16-le", "replace").replace("\0", "")
