"""A result in words: which rule, which rows, what to do."""

from strata.gate.result import NOT_EVALUATED, GateFailure, GateResult


def explain_failures(result: GateResult) -> str:
    """The message for people; one line when everything held."""
    checked = sum(result.expectations.values())
    done = (
        f"Guard on the {result.checkpoint}: {checked} rules on"
        f" {len(result.expectations)} tables, {result.seconds:.1f} s."
    )
    if not result.failures:
        return f"{done} All hold."
    errors = sum(failure.severity == "error" for failure in result.failures)
    warnings = len(result.failures) - errors
    verdict = (
        "Warnings do not stop the run."
        if result.ok
        else "Nothing is published; the last good publication stays as it is."
    )
    ordered = sorted(result.failures, key=lambda failure: failure.severity != "error")
    parts = [f"{done} {_count(errors, 'error')}, {_count(warnings, 'warning')}. {verdict}"]
    parts += [_explain(number, failure) for number, failure in enumerate(ordered, start=1)]
    parts.append(f"All results: {result.docs / 'index.html'}")
    return "\n\n".join(parts)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _explain(number: int, failure: GateFailure) -> str:
    rule = f"{failure.rule} on {failure.column}" if failure.column else failure.rule
    state = f" {NOT_EVALUATED}" if failure.kind == NOT_EVALUATED else ""
    lines = [f"{number}. {failure.severity.upper()} {failure.table}: {rule}{state}"]
    lines.append(f"   found: {failure.observed}")
    if failure.rows:
        lines.append("   rows:  " + "; ".join(_row(row) for row in failure.rows))
    lines.append(f"   do:    {failure.hint}")
    if failure.origin:
        lines.append(f"   rule:  {failure.origin}")
    return "\n".join(lines)


def _row(row: dict[str, str]) -> str:
    if set(row) == {"_file", "_row"}:
        return f"{row['_file']} row {row['_row']}"
    return ", ".join(f"{name}={value}" for name, value in row.items())
