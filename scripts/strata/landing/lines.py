"""Blocks of a text file as lines in UTF-8, with what is wrong with the bad ones."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import IO

import numpy as np

from strata.landing.blocks import MAX_LINE_BYTES, byte_blocks

_HANZI = re.compile(rb"[\xe4-\xe9][\x80-\xbf][\x80-\xbf]")  # in UTF-8


@dataclass
class Lines:
    """Consecutive physical lines, each with its line end (a carriage return before it stays).

    `first` is the number of the first of them in the file, from 1. `damaged` gives, by
    position, why a line cannot be text; its text is then escaped.
    """

    first: int
    data: bytes
    end: bytes = b"\n"
    damaged: dict[int, str] = field(default_factory=dict)

    @cached_property
    def codes(self) -> np.ndarray:
        """The bytes as numbers."""
        return np.frombuffer(self.data, np.uint8)

    @cached_property
    def ends(self) -> np.ndarray:
        """Where each line ends."""
        return np.flatnonzero(self.codes == self.end[0])

    @cached_property
    def starts(self) -> np.ndarray:
        """Where each line starts."""
        return np.concatenate([[0], self.ends[:-1] + 1]) if len(self) else self.ends

    def __len__(self) -> int:
        return len(self.ends)

    def line(self, at: int) -> str:
        """The text of one line, without its line end."""
        return self.data[self.starts[at] : self.ends[at]].decode()

    def below(self, at: int) -> "Lines":
        """The lines from a position on."""
        data = self.data[self.starts[at] :] if at < len(self) else b""
        damaged = {n - at: why for n, why in self.damaged.items() if n >= at}
        return Lines(self.first + at, data, self.end, damaged)

    def joined(self, more: "Lines") -> "Lines":
        """These lines and the ones that follow them."""
        if not self.data:
            return more
        damaged = {at + len(self): why for at, why in more.damaged.items()}
        return Lines(self.first, self.data + more.data, self.end, self.damaged | damaged)


def text_lines(stream: IO[bytes], encoding: str, end: str = "\n") -> Iterator[Lines]:
    """The stream's lines. One bad line does not spoil its block."""
    codec = "gb18030" if encoding == "gb18030" else "utf-8"
    end_byte = end.encode()
    first = 1
    for block in byte_blocks(stream, end_byte):
        raw = block if block.endswith(end_byte) else block + end_byte
        lines = Lines(first, raw, end_byte)
        if not raw.isascii():
            lines = _decoded(lines, codec, encoding)
        if b"\0" in raw:
            lines = _without_nul(lines)
        # A longer line fills its block from the start: byte_blocks carries it there.
        if len(raw) > MAX_LINE_BYTES and raw.find(end_byte) > MAX_LINE_BYTES:
            lines = _shortened(lines)
        first += len(lines)
        yield lines


def _decoded(lines: Lines, codec: str, encoding: str) -> Lines:
    try:
        text = lines.data.decode(codec)
    except UnicodeDecodeError:
        return _decoded_each(lines, codec, encoding)
    if codec == "gb18030":
        # GB18030 reads nearly any bytes, UTF-8 among them, as other characters than meant.
        if _utf8_lines(lines):
            return _decoded_each(lines, codec, encoding)
        return Lines(lines.first, text.encode(), lines.end)
    return lines


def _decoded_each(lines: Lines, codec: str, encoding: str) -> Lines:
    raw = lines.data.split(lines.end)[:-1]
    texts, damaged = [], {}
    strangers = _utf8_lines(lines) if codec == "gb18030" else {}
    for at, line in enumerate(raw):
        try:
            text = strangers.get(at) or line.decode(codec)
        except UnicodeDecodeError as error:
            text = line.decode(codec, errors="backslashreplace")
            damaged[at] = (
                f"byte {error.start + 1} of the line is not {encoding.upper()} text, unlike "
                "the rest of the file"
            )
        if at in strangers:
            damaged[at] = "the line is UTF-8 text, unlike the rest of the file"
        texts.append(text.encode())
    return Lines(lines.first, lines.end.join([*texts, b""]), lines.end, damaged)


def _utf8_lines(lines: Lines) -> dict[int, str]:
    """The lines, by position, that read as hanzi in UTF-8."""
    places = [found.start() for found in _HANZI.finditer(lines.data)]
    strangers = {}
    for at in np.unique(np.searchsorted(lines.ends, places)).tolist():
        try:
            strangers[at] = lines.line(at)
        except UnicodeDecodeError:
            continue
    return strangers


def _without_nul(lines: Lines) -> Lines:
    damaged = dict(lines.damaged)
    for at in np.unique(np.searchsorted(lines.ends, np.flatnonzero(lines.codes == 0))):
        damaged.setdefault(int(at), "the line holds NUL bytes")
    return Lines(lines.first, lines.data.replace(b"\0", b"\\x00"), lines.end, damaged)


def _shortened(lines: Lines) -> Lines:
    """The block with its first line, which is longer than any may be, cut to a sign of it."""
    start = lines.data[:4000].decode(errors="ignore")[:1000].encode()
    damaged = lines.damaged | {0: f"the line is longer than {MAX_LINE_BYTES // 2**20} MB"}
    return Lines(lines.first, start + lines.data[lines.ends[0] :], lines.end, damaged)
