"""The encoding of a text file, by the evidence of all its lines."""

import codecs
import re
from dataclasses import dataclass
from typing import IO

from strata.landing.blocks import UTF8_BOM, byte_blocks

_UTF16_BOMS = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_HEAD = 4096
_VOTERS = 2_000  # lines of a block that are asked, evenly spread, each for its neighbours
# Beyond two bytes UTF-8 has marks that no other encoding shows by chance: hanzi, kana, emoji.
_TELLING = re.compile("[\u0800-\U0010ffff]")
# Two-byte letters that real texts are made of; one alphabet to a line.
_ALPHABETS = re.compile(
    "[\x00-\x7f\u00a0-\u00bf]*(?:[\u00c0-\u017f\x00-\x7f\u00a0-\u00bf]*"
    "|[\u0384-\u03ce\x00-\x7f\u00a0-\u00bf]*|[\u0400-\u045f\x00-\x7f\u00a0-\u00bf]*)"
)
_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")
TRIED = "UTF-8, GB18030 (GBK, GB2312) and UTF-16"


@dataclass(frozen=True)
class Encoding:
    """An encoding's name; `guess` says what it was taken from where the file does not tell."""

    name: str
    guess: str = ""


def detect_encoding(stream: IO[bytes]) -> Encoding:
    """`utf-8`, `utf-8-sig`, `gb18030` (GBK and GB2312 included), `utf-16-le` or `utf-16-be`.

    Each line that is not plain ASCII is a vote. GB18030 reads nearly any bytes: it gets the
    lines that are no UTF-8, or that would be letters of no alphabet there. Lines that fit
    nothing have no vote; they are set aside one by one.
    """
    start = stream.read(_HEAD)
    stream.seek(0)
    if start.startswith(UTF8_BOM):
        return Encoding("utf-8-sig")
    for mark, name in _UTF16_BOMS.items():
        if start.startswith(mark):
            return Encoding(name)
    if name := _utf16_without_mark(start):
        return Encoding(name, "every other byte of its first lines is 0")
    votes = {"utf-8": 0, "gb18030": 0, "": 0}
    example = ""
    for block in byte_blocks(stream):
        if block.isascii():
            continue
        text = _decoded(block, "utf-8")
        if text is not None and _TELLING.search(text):
            votes["utf-8"] += block.count(b"\n") + 1
            continue
        lines = [line for line in block.split(b"\n") if not line.isascii()]
        stride = 1 + len(lines) // _VOTERS
        for line in lines[::stride]:
            name = _vote(line)
            votes[name] += stride
            if name == "gb18030" and not example:
                example = _NOT_ASCII.search(line.decode("gb18030"))[0]
    if votes["gb18030"] > votes["utf-8"]:
        share = votes["gb18030"] / sum(votes.values())
        return Encoding(
            "gb18030", f"{share:.0%} of the lines beyond ASCII fit, such as {example[:12]!r}"
        )
    return Encoding("utf-8")


def _vote(line: bytes) -> str:
    """The encoding that a line speaks for: "" for none of them."""
    text = _decoded(line, "utf-8")
    if text is not None and (_TELLING.search(text) or _ALPHABETS.fullmatch(text)):
        return "utf-8"
    if text is None and _is_nearly_utf8(line):
        return "utf-8"
    if _decoded(line, "gb18030") is not None:
        return "gb18030"
    return "" if text is None else "utf-8"


def _is_nearly_utf8(line: bytes) -> bool:
    """Whether most of the line is telling UTF-8: a character was cut, or a byte damaged."""
    kept = "".join(_TELLING.findall(line.decode("utf-8", errors="ignore"))).encode()
    return len(kept) * 3 > 2 * sum(byte > 127 for byte in line)


def _decoded(raw: bytes, codec: str) -> str | None:
    try:
        return raw.decode(codec)
    except UnicodeDecodeError:
        return None


def _utf16_without_mark(start: bytes) -> str | None:
    """By the zero bytes of ASCII characters: all in even places, or all in odd ones."""
    even, odd = start[::2].count(0), start[1::2].count(0)
    if min(even, odd) * 20 <= max(even, odd) and max(even, odd) * 20 > len(start):
        return "utf-16-le" if odd > even else "utf-16-be"
    return None


class AsUtf8:
    """A UTF-16 stream as one of UTF-8. What is no character becomes no UTF-8 either."""

    def __init__(self, stream: IO[bytes], encoding: str) -> None:
        self._stream, self._encoding = stream, encoding
        self.seek(0)

    def seek(self, position: int) -> None:
        """Back to the start (0)."""
        self._stream.seek(position)
        self._decoder = codecs.getincrementaldecoder(self._encoding)("surrogatepass")
        self._is_at_end = False

    def read(self, size: int) -> bytes:
        """The next bytes: few more or less than `size`, none at the end."""
        while not self._is_at_end:
            raw = self._stream.read(size)
            self._is_at_end = not raw
            try:
                text = self._decoder.decode(raw, final=not raw)
            except UnicodeDecodeError:  # half a character at the end
                return b"\xff"
            if text:
                return text.encode("utf-8", "surrogatepass")
        return b""
