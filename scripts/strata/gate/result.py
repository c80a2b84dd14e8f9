"""What a check found, and the same in words."""

from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

NOT_EVALUATED = "could not be evaluated"


@dataclass(frozen=True)
class GateFailure:
    """One thing beyond its limit (severity error or warn), or a rule that was not evaluated."""

    rule: str
    subject: str
    severity: str
    found: str
    limit: str
    hint: str


@dataclass(frozen=True)
class GateResult:
    """Outcome of one checkpoint. Only failures of severity error stop a run."""

    checkpoint: str
    failures: tuple[GateFailure, ...]
    asked: dict[str, int]  # by rule: of how many things it was asked
    seconds: float
    docs: Path
    eased: str = ""  # why limits of drift only warn this time

    @property
    def ok(self) -> bool:
        """True unless something is beyond a limit that stops, or could not be evaluated."""
        return not any(failure.severity == "error" for failure in self.failures)


def explain_failures(result: GateResult) -> str:
    """The message for people; one line when all is within its limits."""
    done = (
        f"Guard on the {result.checkpoint}: {len(result.asked)} rules asked of"
        f" {sum(result.asked.values())} things, {result.seconds:.1f} s."
    )
    if not result.failures:
        return f"{done} All hold."
    errors = sum(failure.severity == "error" for failure in result.failures)
    verdict = (
        "Warnings do not stop the run."
        if result.ok
        else "Nothing is published; the last publication stays as it is."
    )
    counts = f"{errors} beyond what stops, {len(result.failures) - errors} warned of."
    parts = [f"{done} {counts} {verdict}"]
    if result.eased:
        parts.append(f"What moved only warns this time: {result.eased}.")
    ordered = sorted(result.failures, key=lambda failure: failure.severity != "error")
    for (severity, rule), group in groupby(ordered, key=lambda f: (f.severity, f.rule)):
        failures = list(group)
        lines = [f"{'STOP' if severity == 'error' else 'WARNING'} {rule}"]
        lines += [f"  found: {failure.found}" for failure in failures]
        for title, texts in (
            ("limit", {failure.limit for failure in failures}),
            ("do", {failure.hint for failure in failures}),
        ):
            lines += [f"  {title + ':':<6} {text}" for text in sorted(texts) if text]
        parts.append("\n".join(lines))
    return "\n\n".join([*parts, f"All results: {result.docs / 'index.html'}"])
