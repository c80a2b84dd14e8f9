"""What a check found."""

from dataclasses import dataclass
from pathlib import Path

BROKEN = "broken"
NOT_EVALUATED = "could not be evaluated"


@dataclass(frozen=True)
class GateFailure:
    """One rule that did not hold on one table, or could not be evaluated."""

    table: str
    rule: str
    column: str
    severity: str
    observed: str
    rows: tuple[dict[str, str], ...]
    hint: str
    kind: str = BROKEN
    origin: str = ""


@dataclass(frozen=True)
class GateResult:
    """Outcome of one checkpoint. Only failures of severity error stop a run."""

    checkpoint: str
    failures: tuple[GateFailure, ...]
    expectations: dict[str, int]
    seconds: float
    docs: Path
    left_to_dbt: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """True unless a rule of severity error failed or could not be evaluated."""
        return not any(failure.severity == "error" for failure in self.failures)
