"""From the published marts to the report file."""

from collections.abc import Callable
from pathlib import Path

from strata.files import SHARED, write_aside
from strata.report.figures import read_figures
from strata.report.page import render


def write_report(
    marts_file: Path,
    output: Path,
    progress: Callable[[str], None] | None = None,
    clinic: str | None = None,
) -> Path:
    """Write the managers' report of a published marts file, or of one clinic in it, and
    return its path.

    The same marts give the same bytes. The file is replaced in one step: a reader has the
    old report or the new one, never half of one.

    Raises:
        StrataError: the marts file is not there, cannot be read, lacks a mart, or knows no such
            clinic.
    """
    say = progress or (lambda _: None)
    say(f"reading {marts_file.name}")
    figures = read_figures(marts_file, clinic)
    say("drawing the report")
    page = render(figures).encode("utf-8")
    write_aside(output, page, SHARED)
    say(f"{output.name}: {len(page) / 1000:,.0f} kB")
    return output
