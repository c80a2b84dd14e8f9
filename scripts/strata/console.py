"""What the command line says, in one voice."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape

console = Console(highlight=False, soft_wrap=True)
errors = Console(stderr=True, highlight=False, soft_wrap=True)


@contextmanager
def step(title: str) -> Iterator[None]:
    """Say that a step begins, and how long it took."""
    title = escape(title)
    console.print(f"[bold]▸ {title}[/bold]")
    started = time.monotonic()
    yield
    console.print(f"  [green]✓[/green] {title} [dim]{time.monotonic() - started:.1f} s[/dim]")


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
