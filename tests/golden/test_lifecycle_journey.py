"""Ms Li's journey, article 001 §03, day by day (rulebook 3.4)."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from builder import Chain

CONSUMPTION = ["2020-09-16", "2020-09-20", "2020-10-13", "2020-11-15", "2020-12-15"]
# Each stage with its last day, as the rulebook tells the journey.
JOURNEY = [
    ("potential", date(2020, 9, 15)),
    ("newbie", date(2020, 9, 19)),
    ("effective", date(2020, 10, 12)),
    ("active", date(2020, 12, 14)),
    ("loyal", date(2021, 3, 15)),
    ("dormant", date(2021, 6, 12)),
    ("dead", date(2021, 12, 9)),
    ("lost", date(2021, 12, 31)),
]
FIRST_DAY = date(2020, 9, 11)


def days() -> list[date]:
    """Every day from the first browse to the end of 2021."""
    return [FIRST_DAY + timedelta(n) for n in range((JOURNEY[-1][1] - FIRST_DAY).days + 1)]


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Chain:
    """Her purchases and card visits, built for every day."""
    chain = Chain(Path(tmp_path_factory.mktemp("li")))
    chain.product("laser_hair_removal", category="hair", department="dermatology")
    chain.customer("li", registered_date=FIRST_DAY)
    chain.add(
        "interactions", interaction_id="i1", customer_id="li", interaction_date=FIRST_DAY,
        interaction_type="page_view",
    )  # fmt: skip
    chain.order("li", CONSUMPTION[0], 99, "laser_hair_removal")
    chain.order("li", CONSUMPTION[1], 1980, "laser_hair_removal")
    for day in CONSUMPTION[2:]:
        chain.visit("li", day)
    chain.load()
    every_day = [day.isoformat() for day in days()]
    built = ("+fct_lifecycle_intervals", "+tier_lifecycle")
    chain.build("--select", *built, tests=False, as_of_date=every_day)
    return chain


def test_every_day_has_the_stage_of_the_article(chain: Chain) -> None:
    stages = dict(chain.query("select as_of_date, tier from tiers.tier_lifecycle"))
    expected = {}
    first = FIRST_DAY
    for stage, last in JOURNEY:
        while first <= last:
            expected[first] = stage
            first += timedelta(1)
    assert stages == expected


def test_the_intervals_tell_the_journey(chain: Chain) -> None:
    told = chain.query(
        "select stage, valid_from, valid_to from marts.fct_lifecycle_intervals"
        " order by valid_from"
    )
    first_days = [FIRST_DAY, *(last + timedelta(1) for _, last in JOURNEY[:-1])]
    last_days = [last for _, last in JOURNEY[:-1]] + [None]
    stages = [stage for stage, _ in JOURNEY]
    assert told == list(zip(stages, first_days, last_days, strict=True))
