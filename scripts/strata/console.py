"""What the command line says, in one voice."""

import time
from collections.abc import Iterator
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


def note(message: str) -> None:
    """A line of progress inside a step."""
    console.print(f"  [dim]{escape(message)}[/dim]")
