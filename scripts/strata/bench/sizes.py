"""How big a benchmark is, and whether the disk can hold it."""

import shutil
from pathlib import Path

from strata.errors import WRONG_USE, StrataError

SIZES = {"S": 1_000_000, "M": 20_000_000, "L": 100_000_000}
SMALLEST = 1_000
# Per order, as measured at S and rounded up: raw files, warehouse and publications, and what
# each month end of history adds.
DISK_BYTES_PER_ORDER = 1_600
MONTH_END_BYTES_PER_ORDER = 35


def choose_size(name: str, orders: int | None) -> tuple[str, int]:
    """S, M or L, or as many orders as asked for: what it is called, and its orders.

    Raises:
        StrataError: no such size, or too few orders.
    """
    known = "Sizes: " + ", ".join(f"{size} ({SIZES[size]:,} orders)" for size in SIZES)
    known += f"; --orders {SMALLEST:,} or more."
    if orders is not None and orders < SMALLEST:
        raise StrataError(f"{orders:,} orders are too few to measure.", known, WRONG_USE)
    if orders is not None:
        return str(orders), orders
    if name.upper() not in SIZES:
        raise StrataError(f"Unknown size {name!r}.", known, WRONG_USE)
    return name.upper(), SIZES[name.upper()]


def require_room(orders: int, directory: Path, month_ends: int = 0) -> None:
    """Say before the start, not after an hour, that the disk will not do."""
    free = shutil.disk_usage(directory).free + bytes_in(directory)
    needed = orders * (DISK_BYTES_PER_ORDER + month_ends * MONTH_END_BYTES_PER_ORDER)
    if free < needed:
        raise StrataError(
            f"{orders:,} orders need about {gigabytes(needed)} of disk;"
            f" {directory} has {gigabytes(free)}.",
            "Choose a larger disk with --dir, a smaller --size, or fewer --month-ends.",
        )


def bytes_in(directory: Path) -> int:
    """What all files below a folder hold."""
    return sum(path.stat().st_size for path in directory.rglob("*") if path.is_file())


def gigabytes(size: float) -> str:
    """Bytes as a person reads them."""
    return f"{size / 1e9:,.1f} GB"
