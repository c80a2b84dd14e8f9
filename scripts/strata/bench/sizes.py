"""How big a benchmark is, and whether this machine can hold it."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from strata.errors import WRONG_USE, StrataError

SIZES = {"S": 1_000_000, "M": 20_000_000, "L": 100_000_000}
ORDERS_PER_PERSON = 10
SMALLEST = 1_000

# Per order, as measured at S and rounded up: raw files, warehouse and publications, and what
# each month end of history adds.
DISK_BYTES_PER_ORDER = 1_600
MONTH_END_BYTES_PER_ORDER = 35
# DuckDB spills where memory ends, but not below this.
MEMORY_FLOOR = 2_000_000_000
# What pandas held per order of the RFM slice.
PANDAS_BYTES_PER_ORDER = 250


@dataclass(frozen=True)
class Size:
    """A benchmark's name and its nominal number of orders."""

    name: str
    orders: int

    @property
    def persons(self) -> int:
        """Ten customers per hundred orders."""
        return self.orders // ORDERS_PER_PERSON


def choose_size(name: str, orders: int | None) -> Size:
    """S, M or L, or as many orders as asked for.

    Raises:
        StrataError: no such size, or too few orders.
    """
    if orders is not None:
        if orders < SMALLEST:
            raise StrataError(
                f"{orders:,} orders are too few to measure.",
                f"Give --orders {SMALLEST:,} or more, or --size S, M or L.",
                WRONG_USE,
            )
        return Size(str(orders), orders)
    if name.upper() not in SIZES:
        raise StrataError(
            f"Unknown size {name!r}.",
            "Sizes: " + ", ".join(f"{size} ({SIZES[size]:,} orders)" for size in SIZES) + ".",
            WRONG_USE,
        )
    return Size(name.upper(), SIZES[name.upper()])


def require_room(size: Size, directory: Path, month_ends: int = 0) -> None:
    """Say before the start, not after an hour, that disk or memory will not do.

    Raises:
        StrataError: too little of either.
    """
    held = sum(path.stat().st_size for path in directory.rglob("*") if path.is_file())
    free = shutil.disk_usage(directory).free + held
    needed = size.orders * (DISK_BYTES_PER_ORDER + month_ends * MONTH_END_BYTES_PER_ORDER)
    if free < needed:
        raise StrataError(
            f"{size.orders:,} orders need about {gigabytes(needed)} of disk;"
            f" {directory} has {gigabytes(free)}.",
            "Choose a folder on a larger disk with --dir, a smaller --size, or fewer"
            " --month-ends.",
        )
    memory = available_memory()
    if memory is not None and memory < MEMORY_FLOOR:
        raise StrataError(
            f"Only {gigabytes(memory)} of memory are free; {gigabytes(MEMORY_FLOOR)} are the"
            " least that a full build needs.",
            "Close other programs, or run it on a larger machine.",
        )


def available_memory() -> int | None:
    """Bytes that a new process may have; None where the system does not say."""
    try:
        for line in Path("/proc/meminfo").read_text("ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return None


def gigabytes(size: float) -> str:
    """Bytes as a person reads them."""
    return f"{size / 1e9:,.1f} GB"
