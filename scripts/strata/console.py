"""What the command line says, in one voice."""

import io
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.text import Text

# A terminal in another encoding (GBK, Latin-1) shows a sign instead of what it lacks.
for stream in (sys.stdout, sys.stderr):
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="replace")

# What moves the cursor, colours, rings, renames the window or turns the writing round.
_CONTROLS = {
    code: f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
    for code in [
        *range(0x20), *range(0x7F, 0xA0), 0x061C, 0x200E, 0x200F, 0x2028, 0x2029,
        *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF,
    ]
    if chr(code) not in "\n\t"
}  # fmt: skip


def printable(text: str) -> str:
    """The text with control characters spelled out: no file's content steers a terminal."""
    return text.translate(_CONTROLS)


class SafeConsole(Console):
    """A console to which texts of any origin may be printed."""

    def render_str(self, text: str, **options: Any) -> Text:
        """Every text that is printed passes here, cells of tables included."""
        return super().render_str(printable(text), **options)


console = SafeConsole(highlight=False, soft_wrap=True)
errors = SafeConsole(stderr=True, highlight=False, soft_wrap=True)


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
