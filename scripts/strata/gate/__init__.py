"""The guard: Great Expectations before the build and before publication.

`check_landings` looks at the raw tables, `check_marts` at the built marts. The rules are
not written here: they are read from dbt's manifest (columns, contracts, generic tests).
A broken rule never raises; `GateResult.ok` says whether the run may go on, and
`explain_failures` says it in words. Great Expectations is imported only when a check runs.
"""

from strata.gate.checkpoint import check_landings, check_marts
from strata.gate.explain import explain_failures
from strata.gate.result import GateFailure, GateResult

__all__ = ["GateFailure", "GateResult", "check_landings", "check_marts", "explain_failures"]
