"""What the command line prints is what it was given: brackets are no markup."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from strata import console as voice
from strata import summary
from strata.landing import FileReport, LoadReport


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """Everything that is printed."""
    paper = io.StringIO()
    console = Console(file=paper, highlight=False, soft_wrap=True)
    monkeypatch.setattr(voice, "console", console)
    monkeypatch.setattr(summary, "console", console)
    return paper


def test_a_file_name_with_brackets_is_printed_whole(said: io.StringIO) -> None:
    note = "the column [/x] is not declared"
    file = FileReport("orders_[red].csv", "loaded", "orders", notes=[note])
    summary.show_load(LoadReport("demo", "files", [file]))
    voice.note("reading orders_[/red].csv")
    assert f"orders_[red].csv: {note}" in said.getvalue()
    assert "reading orders_[/red].csv" in said.getvalue()


def test_a_step_says_what_it_does_and_how_long_it_took(said: io.StringIO) -> None:
    with voice.step(f"Load {Path('[files]')}"):
        pass
    assert said.getvalue().count("Load [files]") == 2
    assert " s" in said.getvalue()
