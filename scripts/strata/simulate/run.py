"""A simulation: policy and tiers built once more, in a file of their own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import yaml

from strata.errors import WRONG_USE, StrataError
from strata.settings import PROJECT_DIR, Settings
from strata.simulate.aside import (
    build_aside,
    open_simulation,
    present_thresholds,
    read_build,
)  # fmt: skip
from strata.simulate.policy import (
    THRESHOLDS,
    Present,
    lines_to_keep,
    parse_settings,
    require_candidate,
)  # fmt: skip

WHAT_IF = "what_if"  # the candidate's name where single values are tried (macro what_if)
# What thresholds make: policy, and everything in the tiers room that the tiers stand on.
SELECTION = (
    "path:seeds/policy/thresholds.csv", "path:seeds/policy/rulesets.csv", "path:models/policy",
    "+customer_tiers,path:models/tiers", "+medical_tiers,path:models/tiers",
    "weights_sum_to_100",
)  # fmt: skip


@dataclass(frozen=True)
class Simulation:
    """What was tried, where it lies, and the rows that would keep it."""

    file: Path
    candidate: str
    ruleset: str
    as_of_date: date
    values: dict[str, Decimal]
    present: dict[str, Present]
    lines_to_keep: list[str]


def simulate(
    settings: Settings,
    ruleset: str | None,
    texts: Sequence[str],
    project_dir: Path = PROJECT_DIR,
) -> Simulation:
    """Place every customer under a candidate rule set, or with single values changed.

    The build is read, never written; nothing is published. The caller holds the lock, so
    that no run begins meanwhile. The result lies in warehouse/simulations/.

    Raises:
        StrataError: nothing is built, the build is of another state of the project or is
            being written, or what is asked for makes no sense.
    """
    if bool(ruleset) == bool(texts):
        raise StrataError(
            "Say what to try: a rule set or single values"
            + (", not both." if ruleset else "."),
            "strata simulate --ruleset NAME, or"
            " strata simulate --set four_level_super_min_clv=300000",
            WRONG_USE,
        )
    build = read_build(settings)
    present = present_thresholds(project_dir, build)
    values = parse_settings(texts, present, *windows(build.manifest, project_dir))
    if ruleset:
        require_candidate(project_dir, ruleset, build.ruleset)
    candidate = ruleset or WHAT_IF
    overrides = {name: str(number) for name, number in values.items()}
    file = build_aside(
        settings, build, candidate, SELECTION,
        {"candidate_rulesets": [ruleset]} if ruleset else {"threshold_overrides": overrides},
        project_dir, "Place the customers once more",
    )  # fmt: skip
    refuse_other_baseline(settings, file, build.ruleset)
    return Simulation(
        file=file,
        candidate=candidate,
        ruleset=build.ruleset,
        as_of_date=build.as_of_date,
        values=values,
        present={name: present[name] for name in values},
        lines_to_keep=lines_to_keep(
            project_dir, build.ruleset, values, present, build.as_of_date
        ),
    )


# Each customer's tier under the active rule set ($1) beside that under the candidate ($2), in
# each model that the table `models` names; of the newest day.
_COMPARED = """
create temp table compared as
with placed as (
    {placed}
)
select
    active.customer_key, active.as_of_date, active.ruleset, candidates.ruleset as candidate,
    active.model, active.tier, held.tier_rank, candidates.tier as candidate_tier,
    given.tier_rank as candidate_tier_rank, customers.net_amount_365,
    coalesce(customers.clinic_id, 'unknown') as clinic_id,
    case
        when given.tier_rank < held.tier_rank then 'up'
        when given.tier_rank > held.tier_rank then 'down'
    end as direction
from placed as active
join placed as candidates
    on active.customer_key = candidates.customer_key and active.model = candidates.model
join tiers.customer_tiers as customers
    on active.customer_key = customers.customer_key
    and active.as_of_date = customers.as_of_date and active.ruleset = customers.ruleset
left join strata.policy.tiers as held on active.model = held.model and active.tier = held.tier
left join strata.policy.tiers as given
    on candidates.model = given.model and candidates.tier = given.tier
where active.ruleset = $1 and candidates.ruleset = $2
"""
_PLACED = """
select
    customer_key, as_of_date, ruleset, tier,
    regexp_replace(tier_column, '_tier$', '') as model
from (
    select customer_key, as_of_date, ruleset, columns('_tier$') from tiers.{table}
    where as_of_date = (select max(as_of_date) from tiers.{table})
)
unpivot include nulls (tier for tier_column in (columns('_tier$')))
where regexp_replace(tier_column, '_tier$', '') in (select model from models)
"""


def compare(connection: duckdb.DuckDBPyConnection, simulation: Simulation) -> None:
    """Fill the temporary table `compared`; `models` lists the tier models to look at."""
    placed = " union all ".join(
        _PLACED.format(table=table) for table in ("customer_tiers", "medical_tiers")
    )
    connection.execute(
        _COMPARED.format(placed=placed), [simulation.ruleset, simulation.candidate]
    )


def windows(manifest: dict[str, Any], project_dir: Path) -> tuple[set[str], list[int]]:
    """The thresholds that name a window, and the windows that the measures hold."""
    names = {
        name
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model"
        for key, listed in node["config"]["meta"].items()
        if key.startswith("windows")
        for name in listed
    }
    project = yaml.safe_load((project_dir / "dbt_project.yml").read_text(encoding="utf-8"))
    return names, project["vars"]["measure_windows"]


def refuse_other_baseline(settings: Settings, file: Path, ruleset: str) -> None:
    """Built once more, the active rule set must place everybody as the build does."""
    with open_simulation(settings, file) as connection:
        (scopes,) = connection.execute(
            "select count(*) from policy.policy_scopes"
            " full join strata.policy.policy_scopes as built using (scope_id)"
            " where policy_scopes.scope_id is null or built.scope_id is null"
        ).fetchone()
        tiers = ", ".join(
            f'"{name}"'
            for (name,) in connection.execute(
                "select column_name from (describe tiers.customer_tiers)"
                " where suffix(column_name, '_tier') order by column_name"
            ).fetchall()
        )
        (moved,) = connection.execute(
            "select count(distinct customer_sk) from ("
            f"  select customer_sk, as_of_date, {tiers} from tiers.customer_tiers"
            "  where ruleset = $1"
            "  except"
            f"  select customer_sk, as_of_date, {tiers} from strata.tiers.customer_tiers"
            "  where ruleset = $1)",
            [ruleset],
        ).fetchone()
    if scopes or moved:
        raise StrataError(
            f"The rule set {ruleset} is no longer what the build was made with: "
            + (
                f"{moved:,} customers are placed otherwise today."
                if moved
                else "clinics or departments got thresholds of their own."
            ),
            f"{THRESHOLDS} changed since. Run `strata run`, then simulate again.",
        )
