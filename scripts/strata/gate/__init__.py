"""The guard: Great Expectations before the build and before publication.

Two suites, suites/landings.yml and suites/publication.yml, say what is asked; the limits are
policy (seeds/policy/guard_limits.csv). A check never raises for what it finds; `GateResult.ok`
says whether the run may go on, and `explain_failures` says it in words. Great Expectations is
imported only when a check runs.
"""

from strata.gate.checks import check_landings, check_publication
from strata.gate.result import GateFailure, GateResult, explain_failures

__all__ = [
    "GateFailure",
    "GateResult",
    "check_landings",
    "check_publication",
    "explain_failures",
]
