"""What may be tried out: rule sets and single thresholds, as the policy seeds have them."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from pathlib import Path

from strata.errors import WRONG_USE, StrataError

THRESHOLDS = "seeds/policy/thresholds.csv"
RULESETS = "seeds/policy/rulesets.csv"
CONTINUOUS = {"cny", "share", "percent", "index", "score"}  # all other units are counted


@dataclass(frozen=True)
class Present:
    """A threshold as it is: its unit, the chain's value, and who has a value of their own."""

    name: str
    unit: str
    value: Decimal | None
    exceptions: dict[str, Decimal]

    def __str__(self) -> str:
        """The name with the value and the unit."""
        if self.value is None:
            return f"{self.name} ({self.unit}, not in force)"
        return f"{self.name} = {plain(self.value)} {self.unit}"


def plain(value: Decimal) -> str:
    """A number without needless zeros."""
    return f"{value:f}".rstrip("0").rstrip(".") if "." in f"{value:f}" else f"{value:f}"


def seed_rows(project_dir: Path, seed: str) -> list[dict[str, str]]:
    """The rows of a policy seed."""
    with (project_dir / seed).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def require_candidate(project_dir: Path, candidate: str, active: str) -> None:
    """The candidate must be a rule set, and another one than the active.

    Raises:
        StrataError: it is not.
    """
    known = [row["ruleset"] for row in seed_rows(project_dir, RULESETS)]
    if candidate not in known:
        near = get_close_matches(candidate, known, n=3)
        raise StrataError(
            f"Unknown rule set {candidate!r}.",
            (f"Nearest: {', '.join(near)}. " if near else "")
            + f"Known ({RULESETS}): {', '.join(known)}.",
            WRONG_USE,
        )
    if candidate == active:
        raise StrataError(
            f"{candidate!r} is the rule set that the build was made with.",
            "Name another one, or try single values: --set THRESHOLD=VALUE.",
            WRONG_USE,
        )


def parse_settings(
    texts: Sequence[str], known: dict[str, Present], windows: set[str], held: Sequence[int]
) -> dict[str, Decimal]:
    """`name=value` texts as values by threshold.

    `windows` are the thresholds that name a look-back window; `held` are the windows, in
    days, that the measures hold.

    Raises:
        StrataError: a text is no such pair, a name is unknown or given twice, or its value
            makes no sense in its unit.
    """
    values: dict[str, Decimal] = {}
    for text in texts:
        name, found, number = (part.strip() for part in text.partition("="))
        if not found or not name or not number:
            raise StrataError(
                f"--set {text!r} cannot be read.",
                "Write --set THRESHOLD=VALUE, for instance"
                " --set four_level_super_min_clv=300000.",
                WRONG_USE,
            )
        if name not in known:
            raise StrataError(f"Unknown threshold {name!r}.", _nearest(name, known), WRONG_USE)
        if name in values:
            raise StrataError(f"{name} is set twice.", "Give it one value.", WRONG_USE)
        values[name] = _sensible(known[name], number, name in windows, held)
    return values


def _nearest(name: str, known: dict[str, Present]) -> str:
    near = get_close_matches(name, known, n=5, cutoff=0.5)
    if not near:
        return f"All thresholds are in {THRESHOLDS}."
    return "Nearest: " + "; ".join(str(known[each]) for each in near) + "."


def _sensible(present: Present, text: str, is_window: bool, held: Sequence[int]) -> Decimal:
    def refuse(why: str) -> StrataError:
        return StrataError(
            f"{present.name}={text}: {why}.", f"At present: {present}.", WRONG_USE
        )

    try:
        value = Decimal(text)
    except InvalidOperation:
        raise refuse("not a number") from None
    if not value.is_finite() or value < 0:
        raise refuse("a threshold is zero or more")
    if value >= Decimal(10) ** 14 or value != value.quantize(Decimal("0.0001")):
        raise refuse("at most 14 digits before the point and 4 after it")
    if present.unit not in CONTINUOUS and value != value.to_integral_value():
        raise refuse(f"{present.unit} are counted in whole numbers")
    most = {"percent": 100, "score": 10}.get(present.unit)
    if present.name.endswith("_share"):
        most = 1
    if most is not None and value > most:
        raise refuse(f"it can be {most} at most")
    if is_window and value not in (0, *held):
        windows = ", ".join(str(days) for days in held)
        raise refuse(f"the measures hold the windows {windows} days, or 0 for the lifetime")
    return value


def lines_to_keep(
    project_dir: Path,
    ruleset: str,
    values: dict[str, Decimal],
    present: dict[str, Present],
    first_day: date,
    note: str = "Tried with strata simulate",
) -> list[str]:
    """The rows of thresholds.csv that make the values hold from the first day on."""
    rows = seed_rows(project_dir, THRESHOLDS)
    lines = []
    for name, value in values.items():
        taken = {
            row["valid_from"]
            for row in rows
            if (row["ruleset"], row["threshold"], row["scope_type"]) == (ruleset, name, "chain")
        }
        first = first_day
        while first.isoformat() in taken:
            first += timedelta(days=1)
        was = present[name].value
        said = note + (f"; was {plain(was)}" if was is not None else "")
        text = io.StringIO()
        csv.writer(text, lineterminator="").writerow(
            [ruleset, name, "chain", "*", plain(value), present[name].unit, first, "ours", said]
        )
        lines.append(text.getvalue())
    return lines
