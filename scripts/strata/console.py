"""What the command line says, in one voice."""

import io
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.markup import escape

# A terminal in another encoding (GBK, Latin-1) shows a sign instead of what it lacks.
for stream in (sys.stdout, sys.stderr):
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="replace")

console = Console(highlight=False, soft_wrap=True)
errors = Console(stderr=True, highlight=False, soft_wrap=True)


@contextmanager
def step(title: str) -> Iterator[None]:
    """Say that a step begins, and how long it took; also to the file STRATA_TIMINGS, if set."""
    shown = escape(title)
    console.print(f"[bold]▸ {shown}[/bold]")
    started = time.monotonic()
    yield
    seconds = time.monotonic() - started
    console.print(f"  [green]✓[/green] {shown} [dim]{seconds:.1f} s[/dim]")
    if timings := os.environ.get("STRATA_TIMINGS"):
        with Path(timings).open("a", encoding="utf-8") as file:
            file.write(json.dumps({"step": title, "seconds": seconds}) + "\n")


def now_and_then(seconds: float = 2.0) -> Callable[[str], None]:
    """Notes for a step with many small parts: what is finished, and signs of life between.

    A message that ends in `saving` closes a part; others are said once in so many seconds.
    """
    last = time.monotonic()

    def say(message: str) -> None:
        nonlocal last
        if message.endswith(", saving") or time.monotonic() - last > seconds:
            note(message.removesuffix(", saving"))
            last = time.monotonic()

    return say


def note(message: str) -> None:
    """A line of progress inside a step."""
    console.print(f"  [dim]{escape(message)}[/dim]")
