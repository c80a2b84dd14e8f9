"""A proposal of RFM² weights: learnt a year back, tested on the year since, never applied."""

import json
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from strata.console import step
from strata.errors import StrataError
from strata.files import write_aside
from strata.settings import PROJECT_DIR, Settings
from strata.simulate.aside import (
    Build,
    build_aside,
    open_simulation,
    present_thresholds,
    read_build,
)  # fmt: skip
from strata.simulate.policy import lines_to_keep
from strata.weights.data import (
    DIMENSIONS,
    FEEDS,
    THRESHOLDS,
    Buyers,
    Limits,
    first_purchase,
    missing_feeds,
    read_buyers,
    read_limits,
)  # fmt: skip
from strata.weights.model import (
    Gain,
    Importance,
    gains,
    importance,
    moved_share,
    whole_percents,
)  # fmt: skip

SELECTION = ("+tier_scores,as_of_dates+",)  # what depends on the day; all else is built
DECIMALS = 4  # of the figures in the file


@dataclass(frozen=True)
class Proposal:
    """What is proposed, on what ground, and the rows that would put it in force."""

    file: Path
    ruleset: str
    as_of_date: date
    learnt_on: date
    tested_on: date
    horizon_days: int
    buyers: dict[str, int]
    importance: Importance
    current: dict[str, Decimal]
    proposed: dict[str, Decimal]
    gains: dict[str, Gain]
    moved_share: float
    own_values: dict[str, dict[str, Decimal]]
    rows_to_append: list[str]

    @property
    def verdict(self) -> str:
        """`better`, `worse` or `no_clear_difference`, by the order of the buyers."""
        return self.gains["rank_correlation"].verdict


def propose(settings: Settings, project_dir: Path = PROJECT_DIR) -> Proposal:
    """Weigh the four scores anew, by what they told of the revenue of the year after them.

    Build, publication and policy are read, never written. The caller holds the lock. The
    proposal lies in warehouse/weight_proposals/<as-of date>.json.

    Raises:
        StrataError: nothing is built, the build is of another state of the project, or
            there is too little to learn from.
    """
    build = read_build(settings)
    limits = _require_enough(settings, build)
    day = build.as_of_date
    tested_on = day - timedelta(days=limits.horizon_days)
    learnt_on = tested_on - timedelta(days=limits.horizon_days)
    days = [learnt_on, tested_on, day]
    file = build_aside(
        settings, build, "weights", SELECTION,
        {"as_of_date": [each.isoformat() for each in days]},
        project_dir, "Score the buyers of three days",
    )  # fmt: skip
    with open_simulation(settings, file) as connection:
        then, since, now = (
            read_buyers(connection, build.ruleset, each, limits.horizon_days) for each in days
        )
    for each, buyers in zip(days, (then, since, now), strict=True):
        _require_buyers(each, buyers, limits)
    _require_difference(learnt_on, then)
    with step("Learn and test the weights"):
        learnt = importance(then)
        if learnt is None:
            raise StrataError(
                f"The scores of {learnt_on} tell nothing of the revenue after it.",
                "Nothing is proposed; the weights stay.",
            )
        present = present_thresholds(project_dir, build)
        current = {name: present[THRESHOLDS[name]].value or Decimal(0) for name in DIMENSIONS}
        shares = {name: share.value for name, share in learnt.shares.items()}
        proposed = {name: Decimal(percent) for name, percent in whole_percents(shares).items()}
        gained = gains(since, current, proposed)
    verdict = gained["rank_correlation"].verdict.replace("_", " ")
    note = (
        f"Proposed by strata weights as of {day}: SHAP on buyers of {learnt_on};"
        f" tested on those of {tested_on}: {verdict}"
    )
    proposal = Proposal(
        file=settings.warehouse_dir / "weight_proposals" / f"{day}.json",
        ruleset=build.ruleset,
        as_of_date=day,
        learnt_on=learnt_on,
        tested_on=tested_on,
        horizon_days=limits.horizon_days,
        buyers={"learnt_on": len(then), "tested_on": len(since), "as_of_date": len(now)},
        importance=learnt,
        current=current,
        proposed=proposed,
        gains=gained,
        moved_share=moved_share(now, current, proposed),
        own_values={name: present[THRESHOLDS[name]].exceptions for name in DIMENSIONS},
        rows_to_append=lines_to_keep(
            project_dir,
            build.ruleset,
            {THRESHOLDS[name]: weight for name, weight in proposed.items()},
            present,
            next_quarter(day),
            note,
        ),
    )
    write_aside(proposal.file, as_text(proposal).encode())
    return proposal


def next_quarter(day: date) -> date:
    """The first day of the quarter after a day's."""
    months = day.year * 12 + (day.month - 1) // 3 * 3 + 3
    return date(months // 12, months % 12 + 1, 1)


def as_text(proposal: Proposal) -> str:
    """The proposal as JSON: the same proposal is the same text."""
    fields = asdict(proposal) | {"verdict": proposal.verdict}
    del fields["file"]
    return json.dumps(_plain(fields), ensure_ascii=False, indent=2) + "\n"


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, float):
        return round(value, DECIMALS) + 0.0  # no -0.0
    return value.isoformat() if isinstance(value, date) else value


def _require_enough(settings: Settings, build: Build) -> Limits:
    """The limits, if the build has the feeds and the history to learn from.

    Raises:
        StrataError: it has not.
    """
    with duckdb.connect(str(settings.database), read_only=True) as connection:
        missing = missing_feeds(connection)
        first = first_purchase(connection)
        try:
            limits = read_limits(connection, build.ruleset, build.as_of_date)
        except duckdb.CatalogException:
            raise StrataError(
                "The build is of another state of the project.",
                "Run `strata run`, then try again.",
            ) from None
    if missing:
        raise StrataError(
            "RFM² cannot be scored in full; not delivered: "
            + ", ".join(f"{feed} ({FEEDS[feed]} score)" for feed in missing)
            + ". No weights are proposed.",
            "Load these feeds, then `strata run`.",
        )
    history = (build.as_of_date - first).days if first else 0
    if history < limits.min_history_days:
        raise StrataError(
            f"Too little history: {history:,} days since the first purchase, at least"
            f" {limits.min_history_days:,} are needed. No weights are proposed.",
            "Load older orders, or wait (rfm2_weights_min_history_days).",
        )
    return limits


def _require_buyers(day: date, buyers: Buyers, limits: Limits) -> None:
    if len(buyers) < limits.min_buyers:
        raise StrataError(
            f"Too few buyers: {len(buyers):,} by {day}, at least {limits.min_buyers:,} are"
            " needed. No weights are proposed.",
            "Below that the figures are chance (rfm2_weights_min_buyers).",
        )


def _require_difference(day: date, buyers: Buyers) -> None:
    """Every score must tell buyers apart: what never varies has no weight to be learnt."""
    alike = [
        dimension
        for place, dimension in enumerate(DIMENSIONS)
        if len(np.unique(buyers.scores[:, place])) == 1
    ]
    if alike:
        raise StrataError(
            f"All buyers of {day} have the same score in: {', '.join(alike)}."
            " No weights are proposed.",
            "Is the feed behind it as old as the orders? Load what is missing, then run again.",
        )
