"""What a packed file may expand to: real tables shrink to a hundredth at most."""

from typing import IO

from strata.landing.report import UnreadableFileError

MAX_RATIO = 100
ALWAYS_ALLOWED = 64 * 1024 * 1024
MAX_SHEET_BYTES = 4 * 1024**3
MAX_TEXTS_BYTES = 1024**3  # a workbook's shared texts, which are held in memory
MAX_CELL_CHARACTERS = 32_767  # as Excel has it


def refuse_bomb(unpacked: int, packed: int) -> None:
    """Raises UnreadableFileError where a file expands to more than any table would."""
    if unpacked > max(MAX_RATIO * packed, ALWAYS_ALLOWED):
        raise UnreadableFileError(
            f"it expands from {_size(packed)} to {_size(unpacked)} or more, which no table "
            "does. Have it exported again, or unpack it yourself"
        )


class Capped:
    """A stream out of a packed file that ends in an error once it has grown beyond measure."""

    def __init__(self, stream: IO[bytes], packed: int) -> None:
        self._stream, self._packed, self._read = stream, packed, 0

    def seek(self, position: int) -> None:
        """Back to the start (0)."""
        self._stream.seek(position)
        self._read = position

    def read(self, size: int) -> bytes:
        """The next bytes."""
        data = self._stream.read(size)
        self._read += len(data)
        refuse_bomb(self._read, self._packed)
        return data


def _size(number: int) -> str:
    return f"{number / 2**20:,.0f} MB" if number >= 2**20 else f"{number:,} bytes"
