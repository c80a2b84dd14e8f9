"""From the build warehouse to the book's file."""

from collections.abc import Callable
from pathlib import Path

from strata.book.read import read_book
from strata.book.words import Wording, amount, source, words
from strata.files import SHARED, write_aside
from strata.report.page import TEMPLATES, environment
from strata.settings import Settings


def write_book(
    settings: Settings, output: Path, progress: Callable[[str], None] | None = None
) -> Path:
    """Write the tier book of a build warehouse and return its path.

    The same rules give the same bytes; the file is replaced in one step.

    Raises:
        StrataError: nothing is built yet.
    """
    book = read_book(settings)
    templates = environment(Path(__file__).with_name("templates"), TEMPLATES)
    page = templates.get_template("book.html.j2").render(
        page_title=words("title"),
        book=book,
        wording=Wording(book),
        words=words,
        amount=amount,
        source=source,
    )
    content = page.encode("utf-8")
    write_aside(output, content, SHARED)
    if progress:
        progress(f"{output.name}: {len(book.models)} models, {len(content) / 1000:,.0f} kB")
    return output
