"""A refresh gives what a full build of the same raw rows gives, whatever came and when.

Dice tell stories: rows of every feed in any order, before what they refer to, again with other
content, damaged; files taken back; refreshes cut off between two models. What a night built is
published before the next one. At the end every table must equal the table of a build from
nothing that knows of the same publications, and of the same month end in history: movement is
measured from it.

Ten stories are told side by side, each of customers of its own, in the same three nights of one
warehouse: a night takes no longer, and a customer of whom nothing came must stay as they were.

A night builds what a refresh goes on from, and what that is made of: other models are made anew
of these in every run. The last night of the story that is written below builds them all.

STRATA_STORIES=50 tells more stories than there is time for in every run.
"""

import os
import random
import shutil
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from builder import PUBLISHED, Chain, apart_from
from strata.dbt import Dbt
from strata.history.believed import record_publication
from strata.history.fill import KEPT
from strata.landing import withdraw_files
from strata.options import RunOptions, read_project
from strata.publish import begin_next, publish
from strata.refresh import BuildPlan, plan_build, record_finished_build
from strata.run import OF_NO_DAY, build

TOGETHER = 10
STORIES = int(os.environ.get("STRATA_STORIES", str(TOGETHER)))
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
# What stands for `{own}` and `{two}` is the story's own.
CUSTOMERS = [f"{{own}}c{n}" for n in range(12)]
ORDERS = [f"{{own}}o{n}" for n in range(25)]
PRODUCTS = ["facial", "laser", "filler", "nobody_sells_this"]
# No month end: such a day stays in history, which only its own run can fill.
DAYS = [
    str(day)
    for day in (date(2023, 1, 1) + timedelta(days=n) for n in range(640))
    if (day + timedelta(days=1)).day != 1
]
AMOUNTS = ["100", "980.50", "5000", "20000", "80000", "-5", "much"]
SCORES = ["0", "6", "9", "10", "11", ""]
YES_NO = ["true", "false"]


def few(prefix: str, count: int) -> list[str]:
    return [f"{{own}}{prefix}{n}" for n in range(count)]


ROWS = {
    "customers": {
        "customer_id": CUSTOMERS, "system": ["his"], "is_phone_verified": YES_NO,
        "phone": ["139{two}110001", "139{two}110002", "139{two}110003", ""],
        "registered_date": DAYS, "acquisition_channel": ["douyin", "walk_in", ""],
        "home_clinic_id": ["north", "south"],
        "motivation": ["efficacy", "experience", "boredom"],
    },
    "customer_links": {
        "link_id": few("l", 4), "customer_id": CUSTOMERS, "same_as_customer_id": CUSTOMERS,
        "is_active": YES_NO, "recorded_date": DAYS,
    },
    "orders": {
        "order_id": ORDERS, "customer_id": CUSTOMERS, "order_date": DAYS,
        "clinic_id": ["north"], "status": ["paid", "paid", "pending"],
    },
    "order_items": {
        "order_id": ORDERS, "line_number": ["1", "2"], "product_id": PRODUCTS,
        "quantity": ["1"], "list_amount": AMOUNTS, "net_amount": AMOUNTS,
    },
    "refunds": {
        "refund_id": few("r", 8), "order_id": ORDERS, "refund_date": DAYS,
        "refund_amount": AMOUNTS,
    },
    "visits": {
        "visit_id": few("v", 20), "customer_id": CUSTOMERS, "visit_date": DAYS,
        "visit_type": ["treatment", "consultation"], "clinic_id": ["south"],
        "status": ["arrived", "no_show"], "department": ["injection"],
    },
    "referrals": {
        "referral_id": few("f", 6), "referrer_customer_id": CUSTOMERS,
        "referee_customer_id": CUSTOMERS, "referral_date": DAYS,
    },
    "interactions": {
        "interaction_id": few("i", 20), "customer_id": CUSTOMERS, "interaction_date": DAYS,
        "interaction_type": ["page_view", "live_watch", "coupon_used"],
    },
    "skin_tests": {
        "skin_test_id": few("s", 6), "customer_id": CUSTOMERS, "test_date": DAYS,
        "moisture_pct": ["20", "60"],
    },
    "surveys": {
        "survey_id": few("q", 8), "customer_id": CUSTOMERS, "survey_date": DAYS,
        "nps_score": SCORES, "csat_score": SCORES, "postop_satisfaction_score": SCORES,
    },
    "outreach": {
        "outreach_id": few("u", 6), "customer_id": CUSTOMERS, "contact_date": DAYS,
        "campaign": ["spring"], "contact_channel": ["sms"], "has_responded": YES_NO,
    },
    "treatment_outcomes": {
        "outcome_id": few("t", 6), "customer_id": CUSTOMERS, "outcome_date": DAYS,
        "has_complication": YES_NO,
    },
    "cards": {"card_id": few("k", 4), "customer_id": CUSTOMERS, "opened_date": DAYS},
    "experiment_assignments": {
        "experiment_id": ["e1"], "customer_id": CUSTOMERS, "arm": ["a", "b"],
        "assigned_date": DAYS,
    },
    "acquisition_costs": {
        "channel": ["douyin"], "month": ["2023-03-01", "2023-05-01"], "cost_amount": AMOUNTS,
    },
}  # fmt: skip
# What they say of a product, all customers are computed again for: not every night.
PRODUCT = {
    "product_id": PRODUCTS[:3], "category": ["skin_care", "injectable", "laser"],
    "department": ["dermatology", "injection"], "unit_cost": ["50", "300", ""],
}  # fmt: skip


def names_of(story: int) -> dict[str, str]:
    """What stands for `{own}` and `{two}`; the story that is written below is the first one."""
    return {"own": f"{story}_" if story else "", "two": f"{story:02}"}


def drawn_nights(seed: int) -> list[dict[str, Any]]:
    """Three nights of as many stories as are told together, by these dice."""
    dice = random.Random(seed)

    def row(columns: dict[str, list[str]], story: int) -> dict[str, str]:
        names = names_of(story)
        return {name: dice.choice(pool).format(**names) for name, pool in columns.items()}

    def night(as_of: date | None) -> dict[str, Any]:
        rows = [
            (table, row(ROWS[table], story))
            for story in range(TOGETHER)
            for table in dice.choices([*ROWS], k=dice.randint(0, 9))
        ]
        if dice.random() < 0.3:
            rows.append(("products", row(PRODUCT, 0)))
        return {
            "rows": dice.sample(rows, len(rows)),
            "takes_back": dice.random() < 0.5,
            "cut_after": dice.choice([None, *CUT_AFTER]),
            "as_of": as_of,
        }

    # On the same day only whom something touches is computed again.
    same = date(2024, 12, 10)
    days = dice.choice([[None, same, same], [same, same, same], [same, same, None]])
    return [night(day) for day in days]


# What c1 did, known from the beginning.
LIVE_WATCH = {
    "interaction_id": "i1", "interaction_date": "2023-03-03", "interaction_type": "live_watch",
}  # fmt: skip


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Chain:
    """A chain of which something is known in every feed, built in full after a month end."""
    chain = Chain(tmp_path_factory.mktemp("begun"))
    for product in ("facial", "laser", "filler"):
        chain.product(product)
    for story in range(TOGETHER):
        own, two = names_of(story).values()
        for n in range(8):
            phone = f"139{two}11000{n % 5}"
            chain.customer(f"{own}c{n}", phone=phone, is_phone_verified="true")
        for n in range(12):
            day = f"2023-{n % 9 + 1:02}-14"
            chain.order(f"{own}c{n % 6}", day, order_id=f"{own}o{n}")
        chain.refund(f"{own}o3", "2023-06-02", 1000)
        chain.visit(f"{own}c1", "2023-08-03")
        chain.referral(f"{own}c1", f"{own}c2", "2023-02-03")
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


@pytest.mark.parametrize(
    "nights",
    [ODD_ORDERS, *(drawn_nights(seed) for seed in range(-(-STORIES // TOGETHER)))],
    ids=lambda nights: "written" if nights is ODD_ORDERS else "drawn",
)
def test_refreshes_give_what_a_build_from_nothing_gives(
    begun: Chain, tmp_path_factory: pytest.TempPathFactory, nights: list[dict[str, Any]]
) -> None:
    directory = tmp_path_factory.mktemp("story")
    chain = Chain(directory / "refreshed")
    shutil.copytree(begun.settings.warehouse_dir, chain.settings.warehouse_dir)
    chain.deliveries = begun.deliveries  # else files of both would have the same names
    is_whole, as_of = nights is ODD_ORDERS, None
    for number, night in enumerate(nights):
        # By two threads and by one, in turns.
        chain.settings = replace(chain.settings, threads=2 - number % 2)
        publish_build(chain, number)
        for table, row in night["rows"]:
            chain.add(table, **row)
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
