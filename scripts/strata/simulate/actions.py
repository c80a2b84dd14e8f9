"""The day's list under other strategies, triggers or thresholds, beside the list as built."""

from collections.abc import Sequence
from pathlib import Path

from rich.table import Table

from strata.console import console
from strata.settings import PROJECT_DIR, Settings
from strata.simulate.aside import (
    build_aside,
    open_simulation,
    present_thresholds,
    read_build,
)  # fmt: skip
from strata.simulate.policy import parse_settings
from strata.simulate.run import SELECTION, WHAT_IF, refuse_other_baseline, windows

# What the list is made of, beside the tiers.
ACTIONS = (
    "path:seeds/policy/strategies.csv", "path:seeds/policy/triggers.csv", "tier_outlooks",
    "action_rules", "tiers_in_reach", "action_moments", "action_occasions", "action_candidates",
)  # fmt: skip

_COMPARED = """
with tried as (
    select action, kind, held_by, customer_key from outputs.action_candidates
    where ruleset = $tried
),

built as (
    select action, kind, held_by, customer_key from strata.outputs.action_candidates
    where ruleset = $built
)

select
    coalesce(tried.action, built.action) as action,
    any_value(coalesce(tried.kind, built.kind)) as kind,
    count(*) filter (built.action is not null and built.held_by is null) as listed,
    count(*) filter (tried.action is not null and tried.held_by is null) as would_be_listed,
    count(*) filter (built.action is not null) as due,
    count(*) filter (tried.action is not null) as would_be_due
from tried
full join built on tried.action = built.action and tried.customer_key = built.customer_key
group by all
having listed != would_be_listed or due != would_be_due
order by abs(would_be_listed - listed) desc, abs(would_be_due - due) desc, action
"""


def simulate_actions(
    settings: Settings, texts: Sequence[str], project_dir: Path = PROJECT_DIR
) -> list[tuple]:
    """Build the list once more, aside: with the seeds as they are now, and values tried out.

    Rows: action, kind, listed, would be listed, due, would be due; of actions that change.
    The build is read, never written. The caller holds the lock.

    Raises:
        StrataError: nothing is built, or the build is of another state of the project.
    """
    build = read_build(settings)
    values = parse_settings(
        texts, present_thresholds(project_dir, build), *windows(build.manifest, project_dir)
    )
    overrides = {name: str(number) for name, number in values.items()}
    file = build_aside(
        settings, build, WHAT_IF, [*SELECTION, *ACTIONS],
        {"threshold_overrides": overrides} if overrides else {},
        project_dir, "Make the list once more",
    )  # fmt: skip
    refuse_other_baseline(settings, file, build.ruleset)
    with open_simulation(settings, file) as connection:
        return connection.execute(
            _COMPARED,
            {"tried": WHAT_IF if overrides else build.ruleset, "built": build.ruleset},
        ).fetchall()


def show_actions(rows: Sequence[tuple]) -> None:
    """The actions of which more or fewer would be on the list."""
    if not rows:
        console.print("The list would be the same.")
        return
    table = Table(title="Actions of the day: as built, and as tried")
    table.add_column("action")
    table.add_column("kind")
    for heading in ("listed", "would be", "due", "would be due"):
        table.add_column(heading, justify="right")
    for action, kind, *numbers in rows:
        table.add_row(action, kind, *(f"{number:,}" for number in numbers))
    console.print(table)
    console.print("Nothing that is built or published was changed.")
