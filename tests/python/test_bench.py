"""`strata bench`: the news are split off without loss, the floor counts what it says."""

import json
import subprocess
import sys
import time
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from typer.testing import CliRunner

from builder import Chain
from reference.measures import quintile_scores, rounded
from reference.models import SEGMENTS
from strata.bench import rfm_slice
from strata.bench.child import Measured, StepFailedError, measure
from strata.bench.command import HOW_TO_GET_IT, SAME, Bench
from strata.bench.data import END_DATE, stored_data
from strata.bench.floor import floor_sql
from strata.bench.news import FEEDS, PARTS, WHOLE_DAYS, Rows, relation, split_news
from strata.bench.nodes import read_profile
from strata.bench.result import Result, Step
from strata.bench.rfm_slice import slice_nodes
from strata.bench.sizes import choose_size, require_room
from strata.cli import app
from strata.console import console
from strata.demo import generate
from strata.errors import StrataError
from strata.landing import load_directory

ORDERS = 60_000


def query(sql: str) -> list[tuple]:
    with duckdb.connect() as connection:
        return connection.execute(sql).fetchall()


def one(sql: str):
    return query(sql)[0][0]


# --- the news --------------------------------------------------------------------------------


def split_into(directory: Path, raw: Path) -> tuple[date, Rows]:
    for part in PARTS:
        (directory / part).mkdir()
    return split_news(raw, directory, END_DATE)


@pytest.fixture(scope="module")
def raw(tmp_path_factory) -> Path:
    directory = tmp_path_factory.mktemp("raw")
    generate(
        directory, customers=ORDERS // 10, end_date=END_DATE, file_format="parquet",
        dirt_share=0.01, orders_per_customer=12.5,
    )  # fmt: skip
    return directory


@pytest.fixture(scope="module")
def deliveries(raw, tmp_path_factory):
    """The raw files, split: the folder, the first of the newest days, the rows."""
    directory = tmp_path_factory.mktemp("deliveries")
    return directory, *split_into(directory, raw)


def delivered(directory: Path, part: str, feed: str) -> str:
    """A feed's file of a delivery as a relation."""
    name = feed if part == "first" else f"{feed}_{part}"
    return f"'{directory / part / name}.parquet'"


def test_the_deliveries_are_all_rows_and_none_twice(raw, deliveries):
    directory, _, rows = deliveries
    for feed in (feed.name for feed in FEEDS):
        counts = {part: rows[part][feed] for part in PARTS}
        parts = " union all ".join(
            f"select * from {delivered(directory, part, feed)}"
            for part in PARTS
            if counts[part]
        )
        # As bags: a row that stands twice must stand twice.
        before, after = (
            query(f"select count(*), sum(hash(row)) from ({rows}) as row")
            for rows in (f"select * from {relation(raw, feed)}", parts)
        )
        assert before == after, feed
        assert before[0][0] == sum(counts.values()), feed


def test_news_and_more_are_a_thousandth_each(deliveries):
    _, _, rows = deliveries
    total = sum(sum(feeds.values()) for feeds in rows.values())
    orders = sum(feeds["orders"] for feeds in rows.values())
    for part in ("news", "more"):
        assert 0.0007 < sum(rows[part].values()) / total < 0.0017
        assert 0.0007 < rows[part]["orders"] / orders < 0.0017
    for feed in ("interactions", "surveys", "refunds", "customers"):
        assert 0 < rows["news"][feed] / sum(rows[part][feed] for part in PARTS) < 0.003, feed


def test_news_come_from_all_years_and_move_on_to_a_later_day(deliveries):
    directory, newest, rows = deliveries

    def last_visit(part: str) -> date:
        visits = delivered(directory, part, "visits")
        return one(f"select max(visit_date) from {visits} where visit_date <= '{END_DATE}'")

    assert last_visit("first") < newest
    assert last_visit("news") == last_visit("more") == END_DATE
    news = delivered(directory, "news", "orders")
    of_these_days = one(
        f"select count(*) from {news} where order_date between '{newest}' and '{END_DATE}'"
    )
    assert 0.5 < of_these_days / rows["news"]["orders"] < 0.9
    late_years = one(
        f"select count(distinct year(order_date)) from {news} where order_date < '{newest}'"
    )
    assert late_years >= 3


def test_the_newest_days_are_whole_and_more_are_of_them_only(deliveries):
    directory, newest, rows = deliveries
    for feed in FEEDS:
        if feed.date_column and not feed.parent and rows["more"][feed.name]:
            of_these_days = f"where {feed.date_column} between '{newest}' and '{END_DATE}'"
            counts = {
                part: one(
                    f"select count(*) from {delivered(directory, part, feed.name)}"
                    f" {of_these_days}"
                )
                for part in ("first", "more")
            }
            assert counts["more"] == rows["more"][feed.name], feed.name
            assert (counts["first"] == 0) == (feed.name in WHOLE_DAYS), feed.name
    assert all(rows["more"][feed] for feed in WHOLE_DAYS)


def test_nothing_refers_to_an_order_or_a_visit_of_a_later_delivery(deliveries):
    directory, _, rows = deliveries
    for feed, key, parent in (
        ("order_items", "order_id", "orders"),
        ("refunds", "order_id", "orders"),
        ("treatment_outcomes", "visit_id", "visits"),
    ):
        for earlier, later in (("first", "news"), ("first", "more"), ("news", "more")):
            late = f"(select {key} from {delivered(directory, later, parent)})"
            if rows[earlier][feed]:
                early = delivered(directory, earlier, feed)
                found = one(f"select count(*) from {early} semi join {late} using ({key})")
                assert found == 0, (feed, earlier, later)
    for part in ("news", "more"):  # lines have no day of their own
        lines, orders = (delivered(directory, part, feed) for feed in ("order_items", "orders"))
        known = f"(select order_id from {orders} where order_id is not null)"
        assert one(f"select count(*) from {lines} where order_id not in {known}") == 0


def test_nobody_is_missing_whom_the_first_load_names(raw, deliveries):
    directory, _, rows = deliveries
    known = f"(select customer_id from {relation(raw, 'customers')})"
    first = f"(select customer_id from {delivered(directory, 'first', 'customers')})"
    names = {
        "referrals": ("referrer_customer_id", "referee_customer_id"),
        "customer_links": ("customer_id", "same_as_customer_id"),
        "customers_corrections": ("customer_id",),
    } | dict.fromkeys(("orders", "visits", "interactions", "surveys"), ("customer_id",))
    for feed, columns in names.items():
        for column in columns:
            lost = one(
                f"select count(*) from {delivered(directory, 'first', feed)}"
                f" where {column} in {known} and {column} not in {first}"
            )
            assert lost == 0, f"{feed}.{column}"
    # So that this proves something: some newcomers did go with the news.
    assert rows["news"]["customers"] > 0


def test_newcomers_stay_where_the_first_load_names_them(raw, tmp_path):
    """Sixty thousand newcomers of the last day, every other one with a survey of old."""
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "orders.parquet").symlink_to(raw / "orders.parquet")
    with duckdb.connect() as connection:
        connection.execute(
            f"copy (select 'n' || i as customer_id, date '{END_DATE}' as registered_date"
            f" from range(60000) as t (i)) to '{tmp_path}/raw/customers.parquet'"
        )
        connection.execute(
            "copy (select 's' || i as survey_id, 'n' || i as customer_id,"
            " date '2023-01-01' as survey_date"
            f" from range(0, 60000, 2) as t (i)) to '{tmp_path}/raw/surveys.parquet'"
        )
    _, rows = split_into(tmp_path, tmp_path / "raw")
    assert 5 < rows["news"]["customers"] < 60
    came, late = (
        [name for (name,) in query(f"select customer_id from '{tmp_path}/news/{feed}.parquet'")]
        for feed in ("customers_news", "surveys_news")
    )
    # Only a survey that came late itself lets its customer come late.
    assert all(int(name[1:]) % 2 == 1 or name in late for name in came)


# --- the floor and the slice -----------------------------------------------------------------


def test_the_floor_by_hand(tmp_path):
    """Three customers: an unpaid order, a line without product, a day 365 days ago."""
    day = date(2025, 6, 30)
    frames = {
        "orders": (
            [
                ("o1", "ann", day, "paid"),
                ("o2", "ann", day - timedelta(days=364), "paid"),
                ("o3", "ann", day - timedelta(days=365), "paid"),
                ("o4", "ann", day, "pending"),
                ("o5", "bea", day - timedelta(days=10), "paid"),
                ("o6", "cat", day - timedelta(days=900), "paid"),
            ],
            ["order_id", "customer_id", "order_date", "status"],
        ),
        "order_items": (
            [
                ("o1", 1, "p1", 100.25),
                ("o1", 2, "p2", 50.50),
                ("o2", 1, "p1", 10),
                ("o3", 1, "p3", 1),
                ("o4", 1, "p4", 9999),
                ("o5", 1, None, 70),
                ("o6", 1, "p2", 5),
                ("o6", 2, "p2", 6),
            ],
            ["order_id", "line_number", "product_id", "net_amount"],
        ),
        "products": (
            [("p1", "skin"), ("p2", "laser"), ("p3", "skin"), ("p4", "body")],
            ["product_id", "category"],
        ),
    }
    for name, (rows, columns) in frames.items():
        pd.DataFrame(rows, columns=columns).to_parquet(tmp_path / f"{name}.parquet")
    with duckdb.connect() as connection:
        connection.execute(floor_sql(tmp_path))
        found = connection.execute("from floor order by customer_id").fetchall()
    days = [day - timedelta(days=ago) for ago in (10, 365, 900)]
    assert found == [
        ("ann", day, days[1], 3, 161.75, 2, 160.75, 2),
        ("bea", days[0], days[0], 1, 70.0, 1, 70.0, 0),
        ("cat", days[2], days[2], 1, 11.0, 0, None, 1),
    ]


def scored_by_hand(raw: Path, day: date) -> list[tuple]:
    """The rulebook's scores and segments, each record a person: id, r, f, m, segment."""
    worth = query(
        f"""
        select customer_id, order_date, items.amount - coalesce(refunds.amount, 0)
        from {relation(raw, "orders")} as orders
        join (
            select order_id, sum(net_amount) as amount
            from {relation(raw, "order_items")} group by order_id
        ) as items using (order_id)
        left join (
            select order_id, sum(refund_amount) as amount
            from {relation(raw, "refunds")} where refund_date <= '{day}' group by order_id
        ) as refunds using (order_id)
        where status = 'paid' and order_date <= '{day}'
        """
    )
    days, money = {}, {}
    for who, on, amount in worth:
        money[who] = money.get(who, 0) + amount
        if amount > 0:  # else it was given back: no purchase
            days.setdefault(who, []).append(on)
    recency = {who: Decimal((day - max(on)).days) for who, on in days.items()}
    scores = [
        quintile_scores(recency, falls=True),
        quintile_scores({who: Decimal(len(on)) for who, on in days.items()}, falls=False),
        quintile_scores({who: money[who] for who in days}, falls=False),
    ]
    cuts = [rounded(Fraction(sum(own.values()), len(own)), Decimal("0.1")) for own in scores]
    found = []
    for who in sorted(days):
        own = [of[who] for of in scores]
        high = tuple(score > cut for score, cut in zip(own, cuts, strict=True))
        found.append((who, *own, SEGMENTS[high]))
    return found


def test_the_slice_is_the_rulebook_s_own_answer(tmp_path):
    """So is the build's, for whom it knows by one record."""
    generate(
        tmp_path / "raw", customers=300, file_format="parquet", dirt_share=0,
        orders_per_customer=12.5,
    )  # fmt: skip
    chain = Chain(tmp_path)
    chain.settings.warehouse_dir.mkdir()
    load_directory(chain.settings, "demo", tmp_path / "raw")
    chain.build("--select", "+tier_rfm_segment", tests=False)
    target = chain.settings.target_dir
    wanted = slice_nodes(target / "manifest.json", [target / "run_results.json"])
    nodes, scored = tmp_path / "nodes.json", tmp_path / "slice.parquet"
    nodes.write_text(json.dumps(wanted), encoding="utf-8")
    rfm_slice.main(chain.settings.database, tmp_path / "raw", nodes, 2, scored)
    found = query(f"from '{scored}' order by customer_id")
    ((day,),) = chain.query("select as_of_date from measures.as_of_dates")
    assert found == scored_by_hand(tmp_path / "raw", day)
    assert len({row[4] for row in found}) == 8  # every segment is there to be wrong about

    # The build knows persons: those with one record have the same recency, count and money
    # there, so equal scores but for the cut points, which the persons shift a little.
    built = chain.query(
        "select bridge.customer_id, scores.recency_score, scores.frequency_score,"
        " scores.monetary_score from tiers.tier_scores as scores"
        " inner join customers.customer_bridge as bridge using (customer_sk)"
    )
    ours = {row[0]: row[1:4] for row in found}
    same = [ours[key] == tuple(scores) for key, *scores in built if key in ours]
    assert len(same) > 200
    assert sum(same) / len(same) > 0.85


def scores_file(file: Path, rows: list[tuple]) -> Path:
    pd.DataFrame(rows, columns=["customer_id", *"rfm", "segment"]).to_parquet(file)
    return file


def test_the_slice_and_its_peer_agree_where_both_have_the_customer(tmp_path):
    # a agrees in both, c in the segment only, b and d are each with one side only
    ours = [("a", 1, 2, 3, "x"), ("b", 1, 2, 3, "y"), ("c", 1, 2, 3, "y")]
    theirs = [("a", 1, 2, 3, "x"), ("d", 1, 2, 3, "y"), ("c", 1, 1, 3, "y")]
    files = [scores_file(tmp_path / "a", ours), scores_file(tmp_path / "b", theirs)]
    with duckdb.connect() as connection:
        assert connection.execute(SAME, [*map(str, files)]).fetchone() == (1 / 4, 2 / 4)


@pytest.fixture
def turns(tmp_path, result, monkeypatch):
    """A benchmark whose slice takes no time; the log of the turns; a peer as a shell script."""
    log, ours = tmp_path / "turns", tmp_path / "ours"
    scores_file(ours, [("a", 1, 2, 3, "x")])
    (tmp_path / "slice.json").touch()

    def of_slice(self, module: str, *arguments: object) -> Measured:
        with log.open("a") as file:
            file.write("slice\n")
        arguments[-1].parent.mkdir(exist_ok=True)
        arguments[-1].write_bytes(ours.read_bytes())
        return Measured(1, 1, [], '{"seconds": 1, "as_of_date": "2025-12-15"}')

    monkeypatch.setattr(Bench, "_query", of_slice)

    def peer(script: str) -> list[Step]:
        file = tmp_path / "python"
        file.write_text(f"#!/bin/sh\necho peer $5 >> {log}\n{script}")
        file.chmod(0o700)
        bench = Bench("S", 1000, tmp_path, peer=file)
        bench.result = result
        result.steps.clear()
        bench._slice_and_peer()
        return result.steps

    return peer, log


def test_the_slice_and_its_peer_take_turns(turns):
    peer, log = turns
    said = '{"seconds": 2, "version": "7"}'
    ours, theirs = peer(f"cp ../ours $7; echo '{said}'")
    assert log.read_text().splitlines() == ["slice", "peer 2025-12-15"] * 3
    assert (ours.seconds, theirs.seconds) == (1, 2)
    assert theirs.title == "openretailscience 7: 100.0% in the same segments"


def test_without_its_peer_the_slice_is_measured_alone(turns):
    peer, log = turns
    with console.capture() as captured:
        steps = peer("echo No module; exit 1")
    assert [step.step for step in steps] == ["rfm"]
    assert "No module" in captured.get()
    assert HOW_TO_GET_IT in captured.get()
    assert log.read_text().count("peer") == 1


# --- processes -------------------------------------------------------------------------------


def test_seconds_peak_and_phases_of_a_process(tmp_path):
    program = (
        "from strata.console import step\n"
        "with step('Take much'):\n"
        "    held = bytearray(200_000_000)\n"
        "    held[::4096] = bytes(len(held[::4096]))\n"
        "    import time; time.sleep(0.1)\n"
    )
    small = measure([sys.executable, "-c", "print(1)"], tmp_path / "small.log")
    large = measure([sys.executable, "-c", program], tmp_path / "large.log")
    assert large.peak_bytes - small.peak_bytes > 150_000_000
    assert [name for name, _ in large.phases] == ["Take much"]
    assert 0 < large.phases[0][1] < large.seconds
    assert small.phases == []
    assert small.answer() == 1


def test_a_failing_process_says_its_last_words(tmp_path):
    with pytest.raises(StepFailedError, match=r"x failed \(exit code 7\)") as failure:
        measure([sys.executable, "-c", "print('why'); exit(7)"], tmp_path / "x.log")
    assert failure.value.last_words == ["why"]
    with pytest.raises(StepFailedError, match="memory"):
        measure(["sh", "-c", "kill -9 $$"], tmp_path / "x.log")


def test_a_process_spills_where_its_log_lies(tmp_path):
    measured = measure(["pwd", "-P"], tmp_path / "logs" / "x.log")
    assert Path(measured.output.strip()) == (tmp_path / "logs").resolve()


@pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux tells a child of its parent's end"
)
def test_a_killed_benchmark_leaves_no_step_behind(tmp_path):
    step = "touch began; sleep 1; touch late"
    bench = (
        "from pathlib import Path; from strata.bench.child import measure\n"
        f"measure(['sh', '-c', {step!r}], Path('step.log'))"
    )
    process = subprocess.Popen([sys.executable, "-c", bench], cwd=tmp_path)
    while not (tmp_path / "began").exists():
        time.sleep(0.02)
    process.kill()
    process.wait()
    time.sleep(1.2)
    assert not (tmp_path / "late").exists()


# --- what dbt leaves -------------------------------------------------------------------------


@pytest.fixture
def target(tmp_path) -> Path:
    """A build of a few nodes, as dbt records it."""

    def node(name, room, parents=(), kind="model", materialized="table", schema="main"):
        return f"{kind}.strata.{name}", {
            "name": name, "resource_type": kind, "fqn": ["strata", room, name],
            "schema": schema, "relation_name": f'"strata"."{room}"."{name}"',
            "config": {"materialized": materialized},
            "depends_on": {"nodes": [f"model.strata.{parent}" for parent in parents]},
        }  # fmt: skip

    nodes = dict(
        [
            node("orders", "entities"),
            node("order_items", "entities"),
            node("refunds", "entities"),
            node("customer_bridge", "customers"),
            node("as_of_dates", "measures", ["orders"]),
            node("touched_customers", "customers", ["orders"]),
            node("order_facts", "measures", ["orders", "customer_bridge", "touched_customers"]),
            node("measures_purchase", "measures", ["order_facts"]),
            node("measures_money", "measures", ["order_facts"], materialized="view"),
            node("measures_engagement", "measures"),
            node("customer_measures", "measures", ["measures_purchase", "measures_engagement"]),
            node("thresholds_in_force", "policy", ["as_of_dates"]),
            node("pyramid_ranks", "tiers"),
            node(
                "tier_scores", "tiers",
                ["customer_measures", "thresholds_in_force", "pyramid_ranks"],
            ),
            node("tier_rfm_segment", "tiers", ["tier_scores"]),
            node("a_test", "orders", kind="test"),
        ]
    )  # fmt: skip
    results = [
        {
            "unique_id": name, "execution_time": float(number),
            # What a full build reads: not the customers that a refresh asks for.
            "compiled_code": " ".join(
                f'"strata"."{nodes[parent]["fqn"][1]}"."{nodes[parent]["name"]}"'
                for parent in node["depends_on"]["nodes"] if "touched" not in parent
            ),
        }
        for number, (name, node) in enumerate(nodes.items())
    ]  # fmt: skip
    (tmp_path / "manifest.json").write_text(json.dumps({"nodes": nodes}))
    (tmp_path / "run_results.json").write_text(json.dumps({"results": results}))
    return tmp_path


def test_the_profile_adds_up(target):
    profile = read_profile(target / "manifest.json", [target / "run_results.json"])
    assert (profile["models"], profile["tests"], profile["test_seconds"]) == (15, 1, 15.0)
    assert profile["model_seconds"] == sum(range(15)) == sum(profile["rooms"].values())
    assert profile["rooms"]["tiers"] == 12 + 13 + 14
    assert len(profile["dearest"]) == 10
    assert profile["dearest"][0] == ("tier_rfm_segment", 14.0)


def test_the_slice_stops_at_what_is_out(target):
    found = slice_nodes(target / "manifest.json", [target / "run_results.json"])
    names = [name for name, _, _ in found["models"]]
    assert "measures_engagement" not in names
    assert "touched_customers" not in names
    assert found["copied"] == ["thresholds_in_force", "pyramid_ranks"]
    for before, after in (
        ("orders", "order_facts"), ("customer_bridge", "order_facts"),
        ("order_facts", "measures_purchase"), ("measures_money", "customer_measures"),
        ("customer_measures", "tier_scores"), ("tier_scores", "tier_rfm_segment"),
    ):  # fmt: skip
        assert names.index(before) < names.index(after)
    kinds = {name: kind for name, kind, _ in found["models"]}
    assert (kinds["measures_money"], kinds["order_facts"]) == ("view", "table")


# --- sizes, results --------------------------------------------------------------------------


def test_sizes_and_what_is_refused(tmp_path):
    assert choose_size("m", None) == ("M", 20_000_000)
    assert choose_size("S", 1_000) == ("1000", 1_000)
    for name, orders in (("XL", None), ("S", 999)):
        with pytest.raises(StrataError):
            choose_size(name, orders)
    with pytest.raises(StrataError, match="of disk"):
        require_room(10**12, tmp_path)
    ran = CliRunner().invoke(app, ["bench", "--step", "paint", "--dir", str(tmp_path)])
    assert ran.exit_code == 2
    assert "floor, load, run" in ran.stderr


def test_a_folder_is_new_or_ours_and_its_data_are_trusted_when_finished(tmp_path):
    wanted = ["bench", "--orders", "1000", "--step", "floor", "--no-peers", "--dir"]
    ran = CliRunner().invoke(app, [*wanted, str(tmp_path / "new")])
    assert ran.exit_code == 0, ran.output
    facts = json.loads((tmp_path / "new" / "bench-1000-part.json").read_text())
    assert [step["step"] for step in facts["steps"]] == ["floor"]
    assert stored_data(tmp_path / "new", 1_000) == facts["data"]
    assert not (tmp_path / "new" / "raw").exists()
    assert stored_data(tmp_path / "new", 2_000) is None
    (tmp_path / "new" / "data.json").write_text("{ half", encoding="utf-8")
    assert stored_data(tmp_path / "new", 1_000) is None
    (tmp_path / "diary.txt").write_text("mine", encoding="utf-8")
    ran = CliRunner().invoke(app, [*wanted, str(tmp_path)])
    assert ran.exit_code == 1
    assert "diary.txt" in ran.output


@pytest.fixture
def result() -> Result:
    data = {"orders": 1000, "rows": 5000, "news_share": 0.001, "more_share": 0.0015}
    steps = [
        Step("floor", "Floor: one DuckDB query", 0.5, 10**8),
        Step(
            "run", "Full run", 60.0, 2 * 10**9, [("Read the project", 8.0), ("Publish", 50.0)],
            {"models": 2, "model_seconds": 3.0, "tests": 1, "test_seconds": 1.5,
             "rooms": {"tiers": 3.0}, "dearest": [("tier_final", 2.5)]},
        ),
    ]  # fmt: skip
    return Result(
        "S", 2, "abc", "2026-01-01", data, steps,
        machine={"cpus": 2, "cpu": "Some CPU", "memory_bytes": 8 * 10**9},
    )  # fmt: skip


def test_the_table_tells_seconds_multiples_and_where_they_went(result):
    with console.capture() as captured:
        console.print(result.table())
    rows = [line.split("  ") for line in captured.get().splitlines()]
    told = [[cell.strip() for cell in row if cell.strip()] for row in rows]
    assert ["Full run", "60.00", "120.0 ×", "2.0 GB"] in told
    assert ["Publish", "50.00", "100.0 ×"] in told
    assert ["start, and between", "2.00", "4.0 ×"] in told
    assert ["dbt: 1 tests", "1.50", "3.0 ×"] in told
    assert ["dbt: tier_final", "2.50", "5.0 ×"] in told
    assert "0.10% of them news, 0.15% more" in captured.get()


def test_the_file_tells_the_same(result, tmp_path):
    result.save(tmp_path / "bench-S.json")
    facts = json.loads((tmp_path / "bench-S.json").read_text())
    assert facts["steps"][1]["times_floor"] == 120
    assert facts["steps"][1]["phases"][1] == ["Publish", 50.0]
    assert facts["steps"][1]["nodes"]["rooms"] == {"tiers": 3.0}
