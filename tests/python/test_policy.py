"""Policy is data: overrides, dates, and the proof that a ladder leaves nobody out."""

from pathlib import Path

import pytest

from builder import Chain, copy_project

TODAY, NEXT_MONTH = "2025-06-30", "2025-07-31"
SIXTY_ONE_DAYS_AGO = {TODAY: "2025-04-30", NEXT_MONTH: "2025-05-31"}
PROOFS = ("tier_rfm_recency", "windows_are_held", "thresholds_used_and_defined")

# Rows of seeds/policy/thresholds.csv.
ROW = "medical_aesthetics,{name},{scope},{value},days,{valid_from},ours,test"
NORTH_ONLY = ROW.format(
    name="rfm_active_within_days", scope="clinic,north", value=60, valid_from="2000-01-01"
)
SURGEONS = ROW.format(
    name="rfm_active_within_days", scope="department,surgery", value=61, valid_from="2000-01-01"
)
FROM_JULY = ROW.format(
    name="rfm_churned_after_days", scope="chain,*", value=400, valid_from="2025-07-01"
)
UNREAD = ROW.format(name="nobody_reads_this", scope="chain,*", value=1, valid_from="2000-01-01")
NOT_HELD = ROW.format(
    name="lifecycle_loyal_within_days", scope="chain,*", value=200, valid_from="2001-01-01"
)


def add_threshold(project: Path, *rows: str) -> None:
    """Append rows to the seed, as a manager would."""
    with (project / "seeds/policy/thresholds.csv").open("a", encoding="utf-8") as seed:
        seed.writelines(row + "\n" for row in rows)


@pytest.fixture(scope="module")
def classes(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], str]:
    """The recency class by customer and day, under three changed thresholds."""
    directory = tmp_path_factory.mktemp("policy")
    project = copy_project(directory)
    add_threshold(project, NORTH_ONLY, FROM_JULY, SURGEONS)
    chain = Chain(directory, project)
    chain.product("facial")
    chain.product("facelift", "surgery", "surgery")
    for clinic in ("north", "south"):
        chain.customer(clinic, home_clinic_id=clinic)
        chain.order(clinic, SIXTY_ONE_DAYS_AGO[TODAY])
    chain.customer("surgery", home_clinic_id="north")
    chain.order("surgery", SIXTY_ONE_DAYS_AGO[TODAY], product_id="facelift")
    chain.customer("north_60", home_clinic_id="north")
    chain.order("north_60", "2025-05-01")
    # 366 days before the last of June, 397 before the last of July.
    chain.customer("long_ago", home_clinic_id="south")
    chain.order("long_ago", "2024-06-29")
    chain.load()
    chain.build(
        "--select", "+tier_rfm_recency", tests=False, as_of_date=[TODAY, NEXT_MONTH]
    )  # fmt: skip
    return {
        (name, str(day)): tier
        for name, day, tier in chain.query(
            "select customer_id, as_of_date, tier from tiers.tier_rfm_recency"
            " join customers.customer_bridge using (customer_sk)"
        )
    }


@pytest.mark.parametrize(
    ("customer", "day", "expected"),
    [
        ("north", TODAY, "cooling"),  # 61 days, its clinic allows 60
        ("north_60", TODAY, "active"),
        ("south", TODAY, "active"),  # the chain allows 90
        ("surgery", TODAY, "active"),  # the department's 61 goes before the clinic's 60
        ("long_ago", TODAY, "churned"),  # 366 days, 365 until the end of June
        ("long_ago", NEXT_MONTH, "lapsed"),  # 397 days, 400 from July on
    ],
)
def test_the_threshold_in_force_decides(
    classes: dict[tuple[str, str], str], customer: str, day: str, expected: str
) -> None:
    assert classes[customer, day] == expected


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> tuple[Chain, str]:
    """A project with one fault of each kind, and what dbt says of it."""
    directory = tmp_path_factory.mktemp("broken")
    project = copy_project(directory)
    add_threshold(project, UNREAD)
    recency = project / "models/tiers/rfm/tier_rfm_recency.sql"
    text = recency.read_text(encoding="utf-8")
    lapsed = "days_since_purchase <= rfm_churned_after_days"
    assert lapsed in text
    # From 180 days on nobody is lapsed: a year-long gap before `churned`.
    recency.write_text(text.replace(lapsed, "days_since_purchase < rfm_lapsed_from_days"))
    chain = Chain(directory, project)
    chain.product("facial")
    chain.customer("a")
    chain.order("a", TODAY)
    chain.load()
    chain.build("--select", "+tier_rfm_recency", tests=False)
    add_threshold(project, NOT_HELD)
    chain.dbt("seed", "--select", "thresholds")
    done = chain.dbt("test", "--store-failures", "--select", *PROOFS)
    return chain, done.stdout


def test_a_gap_in_a_ladder_fails_with_its_point(broken: tuple[Chain, str]) -> None:
    chain, said = broken
    assert "FAIL" in said
    problems = chain.failing_rows("ladder_is_total_tier_rfm_recency_")
    gaps = {point for problem, point, *_ in problems if problem.startswith("gap")}
    # 180 days is the first point that no rung means; 366 belongs to `churned`.
    assert "days_since_purchase = 180.0000" in gaps
    assert "days_since_purchase = 366.0000" not in gaps
    assert any("unreachable" in problem and "lapsed" in problem for problem, *_ in problems)


def test_a_threshold_nobody_reads_fails_the_build(broken: tuple[Chain, str]) -> None:
    chain, _ = broken
    assert chain.failing_rows("thresholds_used_and_defined") == [(None, "nobody_reads_this")]


def test_a_window_that_is_not_held_fails_the_build(broken: tuple[Chain, str]) -> None:
    chain, _ = broken
    windows = {row[1:] for row in chain.failing_rows("windows_are_held")}
    assert {(name, int(value)) for name, _, value in windows} == {
        ("lifecycle_loyal_within_days", 200)
    }


def test_without_tests_the_build_stops_and_says_what_to_add(broken: tuple[Chain, str]) -> None:
    chain, _ = broken
    done = chain.dbt("run", "--select", "path:models/policy")
    assert done.returncode != 0
    assert "lifecycle_loyal_within_days asks for a window of 200 days" in done.stdout
    assert "measure_windows in dbt_project.yml" in done.stdout
