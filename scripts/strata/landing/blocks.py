"""Bytes of a text file, block by block, each of whole lines."""

from collections.abc import Iterator
from typing import IO

BLOCK_BYTES = 2 * 1024 * 1024
MAX_LINE_BYTES = 4 * 1024 * 1024
UTF8_BOM = b"\xef\xbb\xbf"


def byte_blocks(stream: IO[bytes], end: bytes = b"\n") -> Iterator[bytes]:
    """Blocks that end with a line end (the last may not), without a byte order mark.

    A line beyond MAX_LINE_BYTES is cut there, so that no file can exhaust the memory.
    """
    rest = b""
    data = stream.read(BLOCK_BYTES).removeprefix(UTF8_BOM)
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
