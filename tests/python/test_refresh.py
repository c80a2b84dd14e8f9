"""A refresh gives what a full build of the same raw rows gives, whatever came and when.

Hypothesis tells a chain's story: rows of every feed in any order, before what they refer to,
again with other content, damaged; files taken back; refreshes cut off between two models. What
a night built is published before the next one. At the end every table must equal the table of a
build from nothing that knows of the same publications, and of the same month end in history:
movement is measured from it.

A night builds what a refresh goes on from, and what that is made of: other models are made anew
of these in every run. The last night of the story that is written below builds them all.

STRATA_STORIES=100 tells more stories than the few that there is time for in every run.
"""

import os
import shutil
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from builder import PUBLISHED, Chain, apart_from
from strata.dbt import Dbt
from strata.history.believed import record_publication
from strata.history.fill import KEPT
from strata.landing import withdraw_files
from strata.options import RunOptions, read_project
from strata.publish import begin_next, publish
from strata.refresh import BuildPlan, plan_build, record_finished_build
from strata.run import OF_NO_DAY, build

STORIES = int(os.environ.get("STRATA_STORIES", "3"))
SOURCES = ["demo"]
UNTESTED = ("--exclude-resource-type", "test")
# What an unfinished refresh got to. The last: everything but what history makes of it.
CUT_AFTER = ["orders_checked", "order_items_checked", "customer_bridge", "order_facts",
             "customer_measures", "tier_scores", "customer_tiers"]  # fmt: skip

# In history before any story begins, with what is kept of it, by the column that names the day.
MONTH_END = date(2023, 6, 30)
KEPT_OF_MONTH_END = {
    "snapshot_days": "as_of_date",
    "customer_snapshots": "as_of_date",
    "tier_migrations": "to_date",
}

# Small pools, so that rows meet: the same customer, order or phone, again and again.
CUSTOMERS = st.sampled_from([f"c{n}" for n in range(12)])
ORDERS = st.sampled_from([f"o{n}" for n in range(25)])
PRODUCTS = st.sampled_from(["facial", "laser", "filler", "nobody_sells_this"])
# No month end: such a day stays in history, which only its own run can fill.
DAYS = st.builds(
    lambda month, day: date(2023, 1, 1) + timedelta(days=31 * month + day),
    st.integers(0, 20), st.integers(0, 20),
).filter(lambda day: (day + timedelta(days=1)).day != 1)  # fmt: skip
AMOUNTS = st.sampled_from(["100", "980.50", "5000", "20000", "80000", "-5", "much"])
SCORES = st.sampled_from(["0", "6", "9", "10", "11", ""])


def one_of_few(prefix: str, count: int) -> st.SearchStrategy[str]:
    return st.sampled_from([f"{prefix}{n}" for n in range(count)])


def rows_of(table: str, **columns: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.tuples(st.just(table), st.fixed_dictionaries(columns))


YES_NO = st.sampled_from(["true", "false"])
ROWS = st.one_of(
    rows_of(
        "customers", customer_id=CUSTOMERS, system=st.just("his"),
        phone=st.sampled_from(["13900110001", "13900110002", "13900110003", ""]),
        is_phone_verified=YES_NO, registered_date=DAYS,
        acquisition_channel=st.sampled_from(["douyin", "walk_in", ""]),
        home_clinic_id=st.sampled_from(["north", "south"]),
        motivation=st.sampled_from(["efficacy", "experience", "boredom"]),
    ),
    rows_of(
        "customer_links", link_id=one_of_few("l", 4), customer_id=CUSTOMERS,
        same_as_customer_id=CUSTOMERS, is_active=YES_NO, recorded_date=DAYS,
    ),
    rows_of(
        "products", product_id=PRODUCTS.filter(lambda name: name != "nobody_sells_this"),
        category=st.sampled_from(["skin_care", "injectable", "laser"]),
        department=st.sampled_from(["dermatology", "injection"]),
        unit_cost=st.sampled_from(["50", "300", ""]),
    ),
    rows_of(
        "orders", order_id=ORDERS, customer_id=CUSTOMERS, order_date=DAYS,
        clinic_id=st.just("north"), status=st.sampled_from(["paid", "paid", "pending"]),
    ),
    rows_of(
        "order_items", order_id=ORDERS, line_number=st.sampled_from(["1", "2"]),
        product_id=PRODUCTS, quantity=st.just("1"), list_amount=AMOUNTS, net_amount=AMOUNTS,
    ),
    rows_of(
        "refunds", refund_id=one_of_few("r", 8), order_id=ORDERS, refund_date=DAYS,
        refund_amount=AMOUNTS,
    ),
    rows_of(
        "visits", visit_id=one_of_few("v", 20), customer_id=CUSTOMERS, visit_date=DAYS,
        visit_type=st.sampled_from(["treatment", "consultation"]), clinic_id=st.just("south"),
        status=st.sampled_from(["arrived", "no_show"]), department=st.just("injection"),
    ),
    rows_of(
        "referrals", referral_id=one_of_few("f", 6), referrer_customer_id=CUSTOMERS,
        referee_customer_id=CUSTOMERS, referral_date=DAYS,
    ),
    rows_of(
        "interactions", interaction_id=one_of_few("i", 20), customer_id=CUSTOMERS,
        interaction_date=DAYS,
        interaction_type=st.sampled_from(["page_view", "live_watch", "coupon_used"]),
    ),
    rows_of(
        "skin_tests", skin_test_id=one_of_few("s", 6), customer_id=CUSTOMERS, test_date=DAYS,
        moisture_pct=st.sampled_from(["20", "60"]),
    ),
    rows_of(
        "surveys", survey_id=one_of_few("q", 8), customer_id=CUSTOMERS, survey_date=DAYS,
        nps_score=SCORES, csat_score=SCORES, postop_satisfaction_score=SCORES,
    ),
    rows_of(
        "outreach", outreach_id=one_of_few("u", 6), customer_id=CUSTOMERS, contact_date=DAYS,
        campaign=st.just("spring"), contact_channel=st.just("sms"), has_responded=YES_NO,
    ),
    rows_of(
        "treatment_outcomes", outcome_id=one_of_few("t", 6), customer_id=CUSTOMERS,
        outcome_date=DAYS, has_complication=YES_NO,
    ),
    rows_of("cards", card_id=one_of_few("k", 4), customer_id=CUSTOMERS, opened_date=DAYS),
    rows_of(
        "experiment_assignments", experiment_id=st.just("e1"), customer_id=CUSTOMERS,
        arm=st.sampled_from(["a", "b"]), assigned_date=DAYS,
    ),
    rows_of(
        "acquisition_costs", channel=st.just("douyin"),
        month=st.sampled_from(["2023-03-01", "2023-05-01"]), cost_amount=AMOUNTS,
    ),
)  # fmt: skip

NIGHTS = st.fixed_dictionaries(
    {
        "rows": st.lists(ROWS, min_size=2, max_size=12),
        "takes_back": st.booleans(),
        "cut_after": st.none() | st.sampled_from(CUT_AFTER),
        "as_of": st.none() | st.just(date(2024, 12, 10)),
    }
)

# What c1 did, known from the beginning.
LIVE_WATCH = {
    "interaction_id": "i1", "interaction_date": "2023-03-03", "interaction_type": "live_watch",
}  # fmt: skip


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Chain:
    """A chain of which something is known in every feed, built in full after a month end."""
    chain = Chain(tmp_path_factory.mktemp("begun"))
    for number in range(8):
        chain.customer(f"c{number}", phone=f"1390011000{number % 5}", is_phone_verified="true")
    for product in ("facial", "laser", "filler"):
        chain.product(product)
    for number in range(12):
        chain.order(f"c{number % 6}", f"2023-{number % 9 + 1:02}-14", order_id=f"o{number}")
    chain.refund("o3", "2023-06-02", 1000)
    chain.visit("c1", "2023-08-03")
    chain.referral("c1", "c2", "2023-02-03")
    for table, row in (
        ("interactions", LIVE_WATCH),
        ("surveys", {"survey_id": "q1", "survey_date": "2023-03-03", "nps_score": "9"}),
        ("skin_tests", {"skin_test_id": "s1", "test_date": "2023-03-03"}),
    ):
        chain.add(table, customer_id="c1", **row)
    chain.load()
    read(chain, MONTH_END).build_models([f"+{model}" for model in KEPT])
    build_in_full(chain)
    return chain


def read(chain: Chain, as_of: date | None) -> Dbt:
    """The project for a night: history has what it has, and nothing waits for a new month."""
    dbt = read_project(chain.settings, RunOptions(as_of_date=as_of))
    always = dict.fromkeys(("match_actions", "fit_outlooks"), "always")
    dbt.variables |= {"history_months": 0, **always}
    return dbt


def made_anew(dbt: Dbt) -> list[str]:
    """Models that no later night goes on from, and that nothing of that kind is made of."""
    kept = {
        node.name
        for node in dbt.manifest.nodes.values()
        if node.resource_type == "model" and node.config.materialized == "incremental"
    }
    return apart_from(dbt, kept | PUBLISHED)


def options(dbt: Dbt, is_whole: bool) -> list[str]:
    """dbt's options of a story: no tests, and all models or those that a refresh needs."""
    return [*UNTESTED, *([] if is_whole else ["--exclude", *made_anew(dbt)])]


def build_in_full(chain: Chain, as_of: date | None = None, is_whole: bool = True) -> None:
    """Build as a run does, untested."""
    dbt = read(chain, as_of)
    plan = plan_build(chain.settings, dbt, SOURCES, in_full=True)
    build(chain.settings, RunOptions(as_of_date=as_of), dbt, plan, *options(dbt, is_whole))
    record_finished_build(chain.settings, plan)


def refresh(chain: Chain, as_of: date | None, cut_after: str | None, is_whole: bool) -> None:
    """A refresh, and before it one that stops on its way."""
    dbt = read(chain, as_of)

    def plan() -> BuildPlan:
        planned = plan_build(chain.settings, dbt, SOURCES)
        assert planned.is_refresh, planned.reason
        return planned

    if cut_after:
        begin_next(chain.settings)
        dbt.go_on(*UNTESTED, select=[f"+{cut_after},{room}" for room in OF_NO_DAY])
        dbt.go_on(*UNTESTED, select=[f"+{cut_after}"], exclude=OF_NO_DAY)
    build(chain.settings, RunOptions(as_of_date=as_of), dbt, plan(), *options(dbt, is_whole))
    record_finished_build(chain.settings, plan())


def publish_build(chain: Chain, number: int) -> None:
    """What is built becomes a publication, on record."""
    publish(chain.settings, f"night {number}", datetime(2025, 1, 1 + number), SOURCES)
    assert record_publication(chain.settings)


def built_from_nothing(
    chain: Chain, begun: Chain, as_of: date | None, is_whole: bool, directory: Path
) -> Chain:
    """The same raw rows and publications in a warehouse of their own, built in full.

    Of history it knows the month end, as it was before the story: no refresh may change it.
    """
    anew = Chain(directory)
    anew.settings.warehouse_dir.mkdir(parents=True)
    with duckdb.connect(str(anew.settings.database)) as connection:
        connection.execute(f"attach '{chain.settings.database}' as old (read_only)")
        connection.execute(f"attach '{begun.settings.database}' as begun (read_only)")
        for schema, tables in (("landing", "%"), ("raw_demo", "%"), ("history", "publi%")):
            connection.execute(f"create schema {schema}")
            for (table,) in connection.execute(
                "select table_name from duckdb_tables() where database_name = 'old'"
                " and schema_name = ? and table_name like ?", [schema, tables]
            ).fetchall():  # fmt: skip
                connection.execute(
                    f"create table {schema}.{table} as from old.{schema}.{table}"
                )
        for table, day in KEPT_OF_MONTH_END.items():
            connection.execute(
                f"create table history.{table} as"
                f" from begun.history.{table} where {day} = date '{MONTH_END}'"
            )
    build_in_full(anew, as_of, is_whole)
    return anew


# Rows that an earlier night left beside those of today: they are used again, or of other days.
OF_TODAY = {
    "measures.clv_parameters":
        "fit_date in (select fit_date from {side}.measures.clv_fits_in_use)",
    # What is no alias any more: a full build never saw it.
    "entities.customer_aliases": "fault is null",
} | dict.fromkeys(
    ("actions.action_pairs", "actions.action_curves", "actions.action_uplifts"),
    "as_of_date in (select as_of_date from {side}.measures.as_of_dates)",
)  # fmt: skip
# When a row was decided, and for which night: not what it says.
OF_THE_NIGHT = {"settled_at", "matched_at"}


def differences(
    one: Chain, other: Chain, fewest: int
) -> dict[str, tuple[list[tuple], list[tuple]]]:
    """Tables of the second with rows that only one of the two has: some of these rows.

    It has at least `fewest` tables.
    """
    found = {}
    with duckdb.connect() as connection:
        for alias, side in (("one", one), ("other", other)):
            for name, file in (
                (alias, side.settings.database), (f"{alias}_marts", side.settings.next_marts),
                (f"{alias}_medical", side.settings.next_medical),
            ):  # fmt: skip
                connection.execute(f"attach '{file}' as {name} (read_only)")
        tables = connection.execute(
            "select database_name, schema_name || '.' || table_name,"
            " list(column_name order by column_index) from duckdb_columns()"
            " where database_name like 'other%' and not internal and schema_name not in"
            " ('audit', 'landing', 'raw_demo', 'refresh') and table_name != 'touched_customers'"
            " and table_oid in (select table_oid from duckdb_tables()"
            " where database_name = duckdb_columns.database_name)"
            " group by all order by all"
        ).fetchall()
        assert len(tables) >= fewest
        for database, table, columns in tables:
            names = ", ".join(name for name in columns if name not in OF_THE_NIGHT)
            sides = {
                side: f"(select {names} from {side}{database.removeprefix('other')}.{table}"
                f" where {OF_TODAY.get(table, 'true').format(side=side)})"
                for side in ("one", "other")
            }
            only = [
                connection.execute(f"{sides[a]} except all {sides[b]} limit 3").fetchall()
                for a, b in (("one", "other"), ("other", "one"))
            ]
            if any(only):
                found[f"{database.removeprefix('other')}{table}"] = tuple(only)
    return found


def night(*rows: tuple[str, dict[str, str]], **more: Any) -> dict[str, Any]:
    return {"rows": list(rows), "as_of": None, "cut_after": None, "takes_back": False} | more


def order_with_line(
    order_id: str, product_id: str = ""
) -> tuple[tuple[str, dict[str, str]], ...]:
    return (
        ("orders", {
            "order_id": order_id, "customer_id": "c0", "order_date": "2024-06-18",
            "clinic_id": "north", "status": "paid",
        }),
        ("order_items", {
            "order_id": order_id, "line_number": "1", "product_id": product_id, "quantity": "1",
            "list_amount": "5000", "net_amount": "5000",
        }),
    )  # fmt: skip


# An order is taken back with its line: nobody is known any more whom the line belonged to.
# Then comes a second order that moves the same money on the same day as another one; and
# at last its product alone is another one, which is noted as everybody's change.
# The second night says again what stood in the files that it takes back (o20), or before them
# (o5): all that changes, or nothing, is since when it is known. It merges her with another
# customer, which is a merge still when she buys again the night after; then what c1 did comes
# again as it was, beside something new (a file that was loaded before is not loaded again).
PAID = {"order_id": "o5", "customer_id": "c5", "order_date": "2023-06-14",
        "clinic_id": "north", "status": "paid"}  # fmt: skip
ODD_ORDERS = [
    night(
        *order_with_line("o17"),
        *order_with_line("o20"),
        ("orders", PAID | {"status": "pending"}),
    ),
    night(
        *order_with_line("o18"),
        *order_with_line("o20"),
        ("orders", PAID),
        ("customer_links", {
            "link_id": "l0", "customer_id": "c0", "same_as_customer_id": "c3",
            "is_active": "true", "recorded_date": "2024-06-18",
        }),
        takes_back=True,
    ),
    night(
        *order_with_line("o19", "facial"),
        ("interactions", LIVE_WATCH | {"customer_id": "c1"}),
        ("interactions", LIVE_WATCH | {"interaction_id": "i2", "customer_id": "c2"}),
    ),
    night(("products", {"product_id": "facial", "category": "injection", "unit_cost": "400"})),
]  # fmt: skip


@settings(
    max_examples=STORIES, deadline=None, derandomize=STORIES == 3, database=None,
    phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck),
    print_blob=True,
)  # fmt: skip
@example(nights=ODD_ORDERS)
@given(nights=st.lists(NIGHTS, min_size=2, max_size=3))
def test_refreshes_give_what_a_build_from_nothing_gives(
    begun: Chain, tmp_path_factory: pytest.TempPathFactory, nights: list[dict[str, Any]]
) -> None:
    directory = tmp_path_factory.mktemp("story")
    chain = Chain(directory / "refreshed")
    shutil.copytree(begun.settings.warehouse_dir, chain.settings.warehouse_dir)
    chain.deliveries = begun.deliveries  # else files of both would have the same names
    is_whole, as_of = nights == ODD_ORDERS, None
    for number, night in enumerate(nights):
        # By two threads and by one, in turns.
        chain.settings = replace(chain.settings, threads=2 - number % 2)
        publish_build(chain, number)
        for table, row in night["rows"]:
            chain.add(table, **{name: str(value) for name, value in row.items()})
        chain.load()
        if night["takes_back"] and number:
            earlier = names_of_delivery(chain, begun.deliveries + number)
            withdraw_files(chain.settings, "demo", earlier)
        as_of = night["as_of"]
        is_last = number == len(nights) - 1
        refresh(chain, as_of, night["cut_after"], is_whole and is_last)
    anew = built_from_nothing(chain, begun, as_of, is_whole, directory / "anew")
    found = differences(chain, anew, fewest=120 if is_whole else 60)
    assert [*found] == [], found
    assert anew.query("from history.tier_moves limit 1"), "movement was not compared"
    shutil.rmtree(directory)


def names_of_delivery(chain: Chain, number: int) -> list[str]:
    """The files of a delivery that are still in force."""
    return [
        name
        for (name,) in chain.query(
            f"select file_name from landing.files where file_name like '%\\_{number}.csv'"
            " escape '\\' and file_id not in (select file_id from landing.withdrawn_files)"
        )
    ]
