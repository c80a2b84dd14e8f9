"""Bytes into physical lines of text, block by block, and the encoding they are in."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import IO

BLOCK_BYTES = 2 * 1024 * 1024
MAX_LINE_BYTES = 4 * 1024 * 1024
_EVIDENCE_BLOCKS = 8
_EVIDENCE_CHARACTERS = 20_000
_HANZI = re.compile("[\u4e00-\u9fff]")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_FIRST_LEVEL_HANZI = range(0xB0, 0xD8)
_SYMBOLS = (0xA1, 0xA3)
_BOM = b"\xef\xbb\xbf"


@dataclass
class Lines:
    """Consecutive physical lines without their line feed (a carriage return stays).

    `first` is the number of the first of them in the file, from 1. `damaged` gives, by
    position in `lines`, why a line cannot be text; its text is then escaped.
    """

    first: int
    lines: list[str]
    damaged: dict[int, str] = field(default_factory=dict)


def byte_blocks(stream: IO[bytes], end: bytes = b"\n") -> Iterator[bytes]:
    """Blocks that end with a line end (the last may not), without a byte order mark.

    A line beyond MAX_LINE_BYTES is cut there, so that no file can exhaust the memory.
    """
    rest = b""
    data = stream.read(BLOCK_BYTES).removeprefix(_BOM)
    while data:
        if len(rest) > MAX_LINE_BYTES:
            rest, at = rest[: MAX_LINE_BYTES + 1], data.find(end)
            data = data[at:] if at >= 0 else b""
        data = rest + data
        cut = data.rfind(end) + 1
        if cut:
            yield data[:cut]
        rest = data[cut:]
        data = stream.read(BLOCK_BYTES)
    if rest:
        yield rest


def text_lines(stream: IO[bytes], encoding: str, end: str = "\n") -> Iterator[Lines]:
    """The stream's lines. One bad line does not spoil its block."""
    codec = "utf-8" if encoding == "utf-8-sig" else encoding
    end_bytes = end.encode()
    first = 1
    for block in byte_blocks(stream, end_bytes):
        raw = block.removesuffix(end_bytes)
        try:
            lines = Lines(first, raw.decode(codec).split(end))
        except UnicodeDecodeError:
            lines = _decode_each(first, raw.split(end_bytes), codec)
        if b"\0" in raw:
            _mark_nul(lines)
        if codec == "gb18030":
            _mark_utf8(lines, raw.split(end_bytes))
        # A longer line fills its block from the start: byte_blocks carries it there.
        first_length = raw.find(end_bytes) if end_bytes in raw else len(raw)
        if first_length > MAX_LINE_BYTES:
            lines.damaged[0] = f"the line is longer than {MAX_LINE_BYTES // 2**20} MB"
            lines.lines[0] = lines.lines[0][:1000]
        first += len(lines.lines)
        yield lines


def detect_encoding(stream: IO[bytes]) -> str:
    """`utf-8`, `utf-8-sig` (with a byte order mark) or `gb18030` (GBK and GB2312 included).

    A file that is UTF-8 but for a few damaged lines stays UTF-8. Otherwise it is GB18030
    if its bytes read as common Chinese characters there.
    """
    start = stream.read(len(_BOM))
    if start == _BOM:
        return "utf-8-sig"
    stream.seek(0)
    good, bad, samples = 0, 0, []
    for block in byte_blocks(stream):
        try:
            text = block.decode("utf-8")
            good += (len(block) - len(text)) // 2
        except UnicodeDecodeError:
            if len(samples) < _EVIDENCE_BLOCKS:
                text = block.decode("utf-8", errors="replace")
                replaced = text.count("\ufffd")
                bad += replaced
                good += (len(text.encode()) - len(text)) // 2 - replaced
                samples.append(block)
    return "gb18030" if bad > good and _reads_as_chinese(samples) else "utf-8"


def _reads_as_chinese(samples: list[bytes]) -> bool:
    """Whether most non-ASCII characters are first-level hanzi of GB2312, or its symbols."""
    common = others = 0
    for block in samples:
        text = block.decode("gb18030", errors="replace")
        for found in islice(_NOT_ASCII.finditer(text), _EVIDENCE_CHARACTERS):
            lead = found[0].encode("gb18030")[0]
            if lead in _FIRST_LEVEL_HANZI or lead in _SYMBOLS:
                common += 1
            else:
                others += 1
    return common > others


def _decode_each(first: int, raw: list[bytes], codec: str) -> Lines:
    lines = Lines(first, [])
    for index, line in enumerate(raw):
        try:
            lines.lines.append(line.decode(codec))
        except UnicodeDecodeError as error:
            lines.damaged[index] = (
                f"byte {error.start + 1} of the line is not {codec.upper()} text, unlike the "
                "rest of the file"
            )
            lines.lines.append(line.decode(codec, errors="backslashreplace"))
    return lines


def _mark_nul(lines: Lines) -> None:
    for index, line in enumerate(lines.lines):
        if "\0" in line:
            lines.lines[index] = line.replace("\0", "\\x00")
            lines.damaged.setdefault(index, "the line holds NUL bytes")


def _mark_utf8(lines: Lines, raw: list[bytes]) -> None:
    """GB18030 reads nearly any bytes, UTF-8 among them, as other characters than were meant."""
    for index, line in enumerate(raw):
        if line.isascii():
            continue
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError:
            continue
        if _HANZI.search(text):
            lines.lines[index] = text
            lines.damaged.setdefault(
                index, "the line is UTF-8 text, unlike the rest of the file"
            )
