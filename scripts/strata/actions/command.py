"""`strata actions`: the list of a clinic, read, written and told."""

from collections import Counter
from pathlib import Path

from strata.actions.read import HEADINGS, read_actions
from strata.actions.write import require_own_place, write_list
from strata.console import console
from strata.errors import WRONG_USE, StrataError
from strata.explain.warehouse import open_explained
from strata.settings import Settings


def write_actions(
    settings: Settings,
    clinic: str,
    file: Path,
    owner: str | None = None,
    language: str = "zh",
    is_medical: bool = False,
) -> None:
    """Write what a clinic's owners are to do today, and say how much it is.

    Raises:
        StrataError: nothing is built, the clinic, owner or language is unknown, or the file
            would lie where others read.
    """
    if language not in HEADINGS:
        raise StrataError(
            f"Unknown language {language!r}.", "Use --lang zh or --lang en.", WRONG_USE
        )
    require_own_place(settings, file)
    with open_explained(settings) as build:
        actions = read_actions(build, clinic, owner, language, is_medical)
    write_list(file, actions)
    owners = actions.headings.index(HEADINGS[language][5])
    for name, count in Counter(row[owners] for row in actions.rows).items():
        console.print(f"{name}: {count:,}", markup=False)
    console.print(
        f"{len(actions.rows):,} actions in {file}" if actions.rows else f"no action; {file}",
        markup=False,
    )
    for feed in actions.missing_feeds:
        console.print(
            f"No source delivers {feed}: " + _MEANS[feed], style="yellow", markup=False
        )


_MEANS = {
    "outreach": "contacts are not known, so cool-downs and caps count none.",
    "surveys": "care risk does not know answers after treatments.",
    "treatment_outcomes": "care risk does not know complications and follow-ups.",
}
