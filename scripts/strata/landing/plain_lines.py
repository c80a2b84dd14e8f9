"""Which lines of a block are whole records that need no care, told for all of them at once."""

import numpy as np

from strata.landing.lines import Lines

_QUOTE, _RETURN, _FEED = ord('"'), ord("\r"), ord("\n")


def plain_lines(lines: Lines, separator: str, width: int) -> np.ndarray:
    """For each line whether it is a record of `width` fields, quoted well or not at all.

    Such a line begins and ends outside of quotes and has no line break within. What the
    lines before it are does not matter.
    """
    codes, ends = lines.codes, lines.ends
    separators = np.flatnonzero(codes == ord(separator))
    counts = _per_line(separators, ends)
    is_plain = np.ones(len(ends), bool)
    if b'"' in lines.data:
        is_plain, is_quoted = _quotes(lines, separators, counts, ord(separator))
        line_of = np.repeat(np.arange(len(ends)), counts)
        counts = np.bincount(line_of[~is_quoted], minlength=len(ends))
    is_plain &= counts == width - 1
    is_plain[_lines_of(_stray_breaks(lines), ends)] = False
    is_plain[list(lines.damaged)] = False
    if width == 1:  # a blank line is no record: its characters have to be looked at
        is_plain[lines.ends - lines.starts < 4] = False
    return is_plain


def _per_line(places: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """How many of the places lie in each line."""
    return np.diff(np.searchsorted(places, ends), prepend=0)


def _lines_of(places: np.ndarray, ends: np.ndarray) -> np.ndarray:
    return np.searchsorted(ends, places)


def _stray_breaks(lines: Lines) -> np.ndarray:
    """Line breaks of another kind than the file's own."""
    other = _RETURN if lines.end == b"\n" else _FEED
    if other not in lines.data:
        return np.array([], int)
    found = np.flatnonzero(lines.codes == other)
    if other == _FEED:
        return found
    return found[lines.codes[found + 1] != _FEED]


def _quotes(
    lines: Lines, separators: np.ndarray, separator_counts: np.ndarray, separator: int
) -> tuple[np.ndarray, np.ndarray]:
    """Whether each line's quotes are in order; whether each separator stands inside quotes."""
    codes, ends, end = lines.codes, lines.ends, lines.end[0]
    quotes = np.flatnonzero(codes == _QUOTE)
    counts = _per_line(quotes, ends)
    line_of = np.repeat(np.arange(len(ends)), counts)
    before_line = np.cumsum(counts) - counts
    rank = np.arange(len(quotes)) - before_line[line_of]
    opens = rank % 2 == 0
    before, after = codes[quotes - 1], codes[quotes + 1]
    is_first = quotes == lines.starts[line_of]
    begins_field = is_first | (before == separator) | ((before == _QUOTE) & (rank > 0))
    ends_field = (after == separator) | (after == end) | (after == _QUOTE)
    if b"\r" in lines.data:
        last = np.minimum(quotes + 2, len(codes) - 1)
        ends_field |= (after == _RETURN) & (codes[last] == end)
    in_order = np.where(opens, begins_field, ends_field)
    is_well_quoted = counts % 2 == 0
    is_well_quoted[line_of[~in_order]] = False
    before_separator = np.searchsorted(quotes, separators)
    line_of_separator = np.repeat(np.arange(len(ends)), separator_counts)
    return is_well_quoted, (before_separator - before_line[line_of_separator]) % 2 == 1
