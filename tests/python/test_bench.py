"""`strata bench`: the news are split off without loss, the floor counts what it says."""

import json
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from typer.testing import CliRunner

from builder import Chain
from strata.bench import contest, rfm_slice
from strata.bench.child import ChildFailedError, measure
from strata.bench.command import BenchOptions, run_bench
from strata.bench.compare import agreement
from strata.bench.data import END_DATE, Data, make_data, stored_data
from strata.bench.floor import floor_sql
from strata.bench.news import FEEDS, WHOLE_DAYS, Split, split_news
from strata.bench.nodes import read_profile
from strata.bench.peers.rival import duckdb_rfm, pandas_rfm
from strata.bench.picture import write_picture
from strata.bench.result import Contest, Result, Step
from strata.bench.rfm_slice import slice_nodes
from strata.bench.show import show_result
from strata.bench.sizes import Size, choose_size, require_room
from strata.cli import app
from strata.console import console
from strata.demo import generate
from strata.errors import StrataError
from strata.landing import load_directory

ORDERS = 60_000
PARTS = ("first", "news", "more")
DATED = [feed for feed in FEEDS if feed.date_column and not feed.parent]


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
    """The raw files, split: the folder of the deliveries, and what the split says."""
    directory = tmp_path_factory.mktemp("deliveries")
    return directory, split_into(directory, raw)


def split_into(directory: Path, raw: Path) -> Split:
    for part in PARTS:
        (directory / part).mkdir()
    return split_news(raw, directory, END_DATE)


def rows_in(split: Split, feed: str) -> list[int]:
    return [rows[feed] for rows in (split.first_rows, split.news_rows, split.more_rows)]


def rows_of(directory: Path, feed: str) -> str:
    """All files of a feed as a relation; corrections belong to customers."""
    files = [
        str(path)
        for path in sorted(directory.glob(f"{feed}*.parquet"))
        if feed != "customers" or not path.name.startswith("customer_")
        if feed != "orders" or not path.name.startswith("order_")
    ]
    return f"read_parquet({files})"


def query(sql: str) -> list[tuple]:
    with duckdb.connect() as connection:
        return connection.execute(sql).fetchall()


def one(sql: str):
    return query(sql)[0][0]


# --- the news --------------------------------------------------------------------------------


@pytest.mark.parametrize("feed", [*(feed.name for feed in FEEDS), "customers"])
def test_the_deliveries_are_all_rows_and_none_twice(raw, deliveries, feed):
    directory, split = deliveries
    parts = " union all ".join(
        f"select * from {rows_of(directory / part, feed)}"
        for part in PARTS
        if list((directory / part).glob(f"{feed}*.parquet"))
    )
    before = f"select * from {rows_of(raw, feed)}"
    for left, right in ((before, parts), (parts, before)):
        # As bags: a row that stands twice must stand twice.
        assert one(f"select count(*) from (({left}) except all ({right}))") == 0
    assert one(f"select count(*) from ({before})") == sum(rows_in(split, feed))


def test_news_and_more_are_a_thousandth_each(deliveries):
    directory, split = deliveries
    for rows in (split.news_rows, split.more_rows):
        total = sum(sum(part.values()) for part in (split.first_rows, rows))
        assert 0.0007 < sum(rows.values()) / total < 0.0017
        assert 0.0007 < rows["orders"] / sum(rows_in(split, "orders")) < 0.0017
    for feed in ("interactions", "surveys", "refunds", "customers"):
        assert 0 < split.news_rows[feed] / sum(rows_in(split, feed)) < 0.003, feed


def test_news_come_from_all_years_and_move_on_to_a_later_day(deliveries):
    directory, split = deliveries

    def last_visit(part: str) -> date:
        visits = rows_of(directory / part, "visits")
        return one(f"select max(visit_date) from {visits} where visit_date <= '{END_DATE}'")

    newest, news = split.newest_from, rows_of(directory / "news", "orders")
    assert last_visit("first") < newest
    assert last_visit("news") == last_visit("more") == END_DATE
    of_these_days = one(
        f"select count(*) from {news} where order_date between '{newest}' and '{END_DATE}'"
    )
    assert 0.5 < of_these_days / split.news_rows["orders"] < 0.9
    late_years = one(
        f"select count(distinct year(order_date)) from {news} where order_date < '{newest}'"
    )
    assert late_years >= 3


@pytest.mark.parametrize("feed", DATED)
def test_more_are_of_the_newest_days_only(deliveries, feed):
    directory, split = deliveries
    if split.more_rows[feed.name]:
        assert one(
            f"select count(*) from {rows_of(directory / 'more', feed.name)}"
            f" where {feed.date_column} between '{split.newest_from}' and '{END_DATE}'"
        ) == split.more_rows[feed.name]  # fmt: skip
    else:
        assert feed.name not in WHOLE_DAYS


def test_the_newest_days_are_whole(deliveries):
    directory, split = deliveries
    for feed in FEEDS:
        if feed.name in WHOLE_DAYS:
            left = one(
                f"select count(*) from {rows_of(directory / 'first', feed.name)}"
                f" where {feed.date_column} between '{split.newest_from}' and '{END_DATE}'"
            )
            assert left == 0, feed.name


@pytest.mark.parametrize(
    ("earlier", "later"), [("first", "news"), ("first", "more"), ("news", "more")]
)
def test_nothing_refers_to_an_order_or_a_visit_of_a_later_delivery(deliveries, earlier, later):
    directory, _ = deliveries
    for feed, key, parent in (
        ("order_items", "order_id", "orders"),
        ("refunds", "order_id", "orders"),
        ("treatment_outcomes", "visit_id", "visits"),
    ):
        late = f"(select {key} from {rows_of(directory / later, parent)})"
        early = rows_of(directory / earlier, feed)
        assert one(f"select count(*) from {early} semi join {late} using ({key})") == 0


@pytest.mark.parametrize("part", ["news", "more"])
def test_no_line_comes_without_its_order(deliveries, part):
    directory, _ = deliveries
    lines, orders = (rows_of(directory / part, feed) for feed in ("order_items", "orders"))
    late = f"(select order_id from {orders} where order_id is not null)"
    # Lines have no day of their own.
    assert one(f"select count(*) from {lines} where order_id not in {late}") == 0


def test_nobody_is_missing_whom_the_first_load_names(raw, deliveries):
    directory, split = deliveries
    known = f"(select customer_id from {rows_of(raw, 'customers')})"
    first = f"(select customer_id from {rows_of(directory / 'first', 'customers')})"
    for feed in FEEDS:
        for column in feed.customer_columns:
            lost = one(
                f"select count(*) from {rows_of(directory / 'first', feed.name)}"
                f" where {column} in {known} and {column} not in {first}"
            )
            assert lost == 0, f"{feed.name}.{column}"
    # So that this proves something: some newcomers did go with the news.
    assert split.news_rows["customers"] > 0


def test_newcomers_stay_where_the_first_load_names_them(raw, tmp_path):
    """Sixty thousand newcomers of the last day, every other one with a survey of old."""
    (tmp_path / "raw").mkdir()
    for path in raw.glob("*.parquet"):
        if not path.name.startswith(("customers", "surveys")):
            (tmp_path / "raw" / path.name).symlink_to(path)
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
    split = split_into(tmp_path, tmp_path / "raw")
    assert 5 < split.news_rows["customers"] < 60
    came, late = (
        [name for (name,) in query(f"select customer_id from '{tmp_path}/news/{feed}.parquet'")]
        for feed in ("customers_news", "surveys_news")
    )
    # Only a survey that came late itself lets its customer come late.
    assert all(int(name[1:]) % 2 == 1 or name in late for name in came)


def test_the_split_is_the_same_each_time(raw, deliveries, tmp_path):
    directory, split = deliveries
    assert split_into(tmp_path, raw) == split
    for path in sorted(directory.glob("*/*.parquet")):
        again = tmp_path / path.relative_to(directory)
        assert again.read_bytes() == path.read_bytes()


def test_data_are_made_once_and_never_trusted_unfinished(tmp_path):
    size = choose_size("", 1_000)
    made = make_data(tmp_path, size)
    assert stored_data(tmp_path, size) == made
    assert not (tmp_path / "raw").exists()
    assert stored_data(tmp_path, choose_size("", 2_000)) is None
    (tmp_path / "data.json").write_text("{ half", encoding="utf-8")
    assert stored_data(tmp_path, size) is None


# --- the floor and the slice -----------------------------------------------------------------


@pytest.fixture
def tiny(tmp_path) -> Path:
    """Three customers; by hand: a refund in full, an unpaid order, a line without product."""
    day = date(2025, 6, 30)
    orders = [
        ("o1", "ann", day, "paid"),
        ("o2", "ann", day - timedelta(days=364), "paid"),
        ("o3", "ann", day - timedelta(days=365), "paid"),
        ("o4", "ann", day, "pending"),
        ("o5", "bea", day - timedelta(days=10), "paid"),
        ("o6", "cat", day - timedelta(days=900), "paid"),
    ]
    items = [
        ("o1", 1, "p1", 100.25),
        ("o1", 2, "p2", 50.50),
        ("o2", 1, "p1", 10),
        ("o3", 1, "p3", 1),
        ("o4", 1, "p4", 9999),
        ("o5", 1, None, 70),
        ("o6", 1, "p2", 5),
        ("o6", 2, "p2", 6),
    ]
    products = [("p1", "skin"), ("p2", "laser"), ("p3", "skin"), ("p4", "body")]
    refunds = [("o5", day, 70.0)]
    frames = {
        "orders": (orders, ["order_id", "customer_id", "order_date", "status"]),
        "order_items": (items, ["order_id", "line_number", "product_id", "net_amount"]),
        "products": (products, ["product_id", "category"]),
        "refunds": (refunds, ["order_id", "refund_date", "refund_amount"]),
    }
    for name, (rows, columns) in frames.items():
        pd.DataFrame(rows, columns=columns).to_parquet(tmp_path / f"{name}.parquet")
    return tmp_path


def test_the_floor_by_hand(tiny):
    with duckdb.connect() as connection:
        connection.execute(floor_sql(tiny))
        found = connection.execute("from floor order by customer_id").fetchall()
    end = date(2025, 6, 30)
    days = [end - timedelta(days=ago) for ago in (10, 365, 900)]
    assert found == [
        # the day 365 days ago is outside the last 365 days
        ("ann", end, days[1], 3, 161.75, 2, 160.75, 2),
        ("bea", days[0], days[0], 1, 70.0, 1, 70.0, 0),
        ("cat", days[2], days[2], 1, 11.0, 0, None, 1),
    ]


def test_the_floor_by_pandas(deliveries):
    directory, _ = deliveries
    first = directory / "first"
    with duckdb.connect() as connection:
        connection.execute(floor_sql(first))
        found = connection.execute("from floor").df().set_index("customer_id").sort_index()
    orders, items = (pd.read_parquet(first / f"{n}.parquet") for n in ("orders", "order_items"))
    paid = orders[orders["status"] == "paid"].assign(
        order_date=lambda frame: pd.to_datetime(frame["order_date"])
    )
    paid = paid[paid["customer_id"].notna() & paid["order_id"].notna()]
    items = items.assign(net_amount=items["net_amount"].astype(float))
    lines = paid.merge(items[items["order_id"].notna()], on="order_id")
    lines = lines.merge(
        pd.read_parquet(first / "products.parquet").dropna(subset="product_id"),
        on="product_id", how="left",
    )  # fmt: skip
    by_customer = lines.groupby("customer_id")
    found = found[found.index.notna()]
    assert list(found.index) == sorted(by_customer.groups)
    assert (found["amount"].astype(float) - by_customer["net_amount"].sum()).abs().max() < 1e-6
    first_lines = lines[lines["line_number"] == 1].groupby("customer_id").size()
    assert (found["orders"] == first_lines.reindex(found.index, fill_value=0)).all()
    assert (found["categories"] == by_customer["category"].nunique()).all()


def test_a_refund_in_full_is_no_purchase(tiny):
    scored = pandas_rfm(tiny, date(2025, 6, 30)).set_index("customer_id")
    assert sorted(scored.index) == ["ann", "cat"]
    assert scored.loc["ann", "segment"] == "champions"
    assert scored.loc["cat", "segment"] == "general_winback"


def test_the_slice_is_the_project_s_own_answer(tmp_path, monkeypatch):
    """Pandas and one query score alike; so does the build, for whom it knows by one record."""
    generate(
        tmp_path / "raw", customers=300, file_format="parquet", dirt_share=0,
        orders_per_customer=12.5,
    )  # fmt: skip
    chain = Chain(tmp_path)
    chain.settings.warehouse_dir.mkdir()
    load_directory(chain.settings, "demo", tmp_path / "raw")
    chain.build("--select", "+tier_rfm_segment", tests=False)
    monkeypatch.setenv("STRATA_THREADS", "2")
    nodes = tmp_path / "nodes.json"
    target = chain.settings.target_dir
    wanted = slice_nodes(target / "manifest.json", [target / "run_results.json"])
    nodes.write_text(json.dumps(wanted), encoding="utf-8")
    rfm_slice.main(
        chain.settings.database, tmp_path / "raw", nodes, 2, tmp_path / "slice.parquet"
    )
    found = query(f"from '{tmp_path}/slice.parquet' order by customer_id")
    ((day,),) = chain.query("select as_of_date from measures.as_of_dates")
    by_hand = pandas_rfm(tmp_path / "raw", day).sort_values("customer_id")
    assert found == [tuple(row) for row in by_hand.itertuples(index=False)]
    in_one_query = duckdb_rfm(tmp_path / "raw", day).order("customer_id").fetchall()
    assert in_one_query == found
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


def test_agreement_counts_whom_only_one_has(tmp_path):
    ours = pd.DataFrame(
        {"customer_id": ["a", "b", "c"], "r": 1, "f": 2, "m": 3, "segment": ["x", "y", "y"]}
    )
    theirs = ours.assign(f=[2, 2, 1]).replace({"customer_id": {"b": "d"}})
    files = [str(tmp_path / f"{name}.parquet") for name in ("ours", "theirs")]
    ours.to_parquet(files[0])
    theirs.to_parquet(files[1])
    # a agrees in both, c in the segment only, b and d are each with one side only
    assert agreement(*files) == {"same_scores": 1 / 4, "same_segment": 2 / 4}


# --- processes -------------------------------------------------------------------------------


def test_seconds_peak_and_phases_of_a_process(tmp_path):
    program = (
        "from strata.console import step\n"
        "with step('Take much'):\n"
        "    held = bytearray(200_000_000)\n"
        "    held[::4096] = bytes(len(held[::4096]))\n"
    )
    small = measure([sys.executable, "-c", "print(1)"], tmp_path / "small.log")
    large = measure([sys.executable, "-c", program], tmp_path / "large.log")
    assert large.peak_bytes - small.peak_bytes > 150_000_000
    assert [name for name, _ in large.phases] == ["Take much"]
    assert 0 < large.phases[0][1] < large.seconds
    assert small.phases == []
    assert small.answer() == 1


def test_a_failing_process_says_its_last_words(tmp_path):
    with pytest.raises(ChildFailedError) as failure:
        measure([sys.executable, "-c", "print('why'); exit(7)"], tmp_path / "x.log")
    assert (failure.value.code, failure.value.last_words) == (7, ["why"])
    assert not failure.value.killed


def test_a_process_spills_where_its_log_lies(tmp_path):
    program = "import os; print(os.getcwd())"
    measured = measure([sys.executable, "-c", program], tmp_path / "logs" / "x.log")
    assert Path(measured.output.strip()) == (tmp_path / "logs").resolve()


@pytest.mark.parametrize("said", ["nothing", "", "3", '{"seconds": 1}'])
def test_a_peer_that_says_something_else_ends_no_benchmark(tmp_path, monkeypatch, said):
    talker = tmp_path / "talker.py"
    talker.write_text(f"print({said!r})")
    monkeypatch.setattr(contest, "__file__", str(tmp_path / "contest.py"))
    (tmp_path / "peers").mkdir()
    talker.rename(tmp_path / "peers" / "rival.py")
    arena = contest.Arena(tmp_path, 1, 1, tmp_path / "logs")
    found = contest.contest(arena, Path(sys.executable), "2025-12-15")
    assert len(found) == len(contest.PEERS) * len(contest.TASKS)
    assert {one.note.split(" (")[0] for one in found} == {"failed: its answer cannot be read"}


@pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux tells a child of its parent's end"
)
def test_a_killed_benchmark_leaves_no_step_behind(tmp_path):
    step = "import time, pathlib; time.sleep(2); pathlib.Path('late').touch()"
    bench = (
        "import sys; from pathlib import Path; from strata.bench.child import measure\n"
        f"measure([sys.executable, '-c', {step!r}], Path('step.log'))"
    )
    process = subprocess.Popen([sys.executable, "-c", bench], cwd=tmp_path)
    while not (tmp_path / "step.log").exists():
        time.sleep(0.05)
    time.sleep(0.3)
    process.kill()
    process.wait()
    time.sleep(2.2)
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
            node("tier_scores", "tiers", ["customer_measures", "thresholds_in_force"]),
            node("tier_rfm_segment", "tiers", ["tier_scores"]),
            node("a_test", "orders", kind="test"),
        ]
    )
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
    assert (profile.models, profile.tests, profile.test_seconds) == (14, 1, 14.0)
    assert profile.model_seconds == sum(range(14)) == sum(profile.rooms.values())
    assert profile.rooms["tiers"] == 12 + 13
    assert len(profile.dearest) == 10
    assert profile.dearest[0] == ("tier_rfm_segment", 13.0)


def test_the_slice_stops_at_what_is_out(target):
    found = slice_nodes(target / "manifest.json", [target / "run_results.json"])
    names = [name for name, _, _ in found["models"]]
    assert "measures_engagement" not in names
    assert "touched_customers" not in names
    assert found["policy"] == ["thresholds_in_force"]
    for before, after in (
        ("orders", "order_facts"), ("customer_bridge", "order_facts"),
        ("order_facts", "measures_purchase"), ("measures_money", "customer_measures"),
        ("customer_measures", "tier_scores"), ("tier_scores", "tier_rfm_segment"),
    ):  # fmt: skip
        assert names.index(before) < names.index(after)
    kinds = {name: kind for name, kind, _ in found["models"]}
    assert (kinds["measures_money"], kinds["order_facts"]) == ("view", "table")
    # What stands above in the whole project, measures_engagement too; not measures_money.
    assert found["built"] == {
        "models": 11,
        "node_seconds": 0 + 3 + 4 + 5 + 6 + 7 + 9 + 10 + 11 + 12 + 13,
    }


# --- sizes, results --------------------------------------------------------------------------


def test_sizes_and_what_is_refused(tmp_path):
    assert choose_size("m", None) == Size("M", 20_000_000)
    assert choose_size("S", None).persons == 100_000
    for name, orders in (("XL", None), ("S", 999)):
        with pytest.raises(StrataError):
            choose_size(name, orders)
    with pytest.raises(StrataError, match="of disk"):
        require_room(Size("huge", 10**12), tmp_path)
    (tmp_path / "holiday.jpg").touch()
    with pytest.raises(StrataError, match="holiday"):
        run_bench(BenchOptions(choose_size("", 1_000), tmp_path))


def test_the_lock_of_a_new_folder_is_no_file_of_others(tmp_path):
    wanted = ["bench", "--orders", "2000", "--step", "floor", "--no-peers"]
    ran = CliRunner().invoke(app, [*wanted, "--dir", str(tmp_path / "new")])
    assert ran.exit_code == 0, ran.output
    assert (tmp_path / "new" / "bench-2000-part.json").exists()
    (tmp_path / "diary.txt").write_text("mine", encoding="utf-8")
    ran = CliRunner().invoke(app, [*wanted, "--dir", str(tmp_path)])
    assert ran.exit_code == 1
    assert "diary.txt" in ran.output


def test_a_wrong_step_is_a_wrong_use(tmp_path):
    ran = CliRunner().invoke(app, ["bench", "--step", "paint", "--dir", str(tmp_path)])
    assert ran.exit_code == 2
    assert "floor, load, run" in ran.stderr


@pytest.fixture
def result() -> Result:
    data = Data(Path("x"), "2025-12-14", 0.0003, {"orders": 998}, {"orders": 1}, {"orders": 1})
    steps = [
        Step("floor", "Floor: one DuckDB query", 0.5, 10**8),
        Step(
            "run", "Full run", 60.0, 2 * 10**9, [("Read the project", 8.0), ("Publish", 50.0)],
            {"models": 2, "model_seconds": 3.0, "tests": 1, "test_seconds": 1.0,
             "rooms": {"tiers": 3.0}, "dearest": [("tier_final", 2.0)]},
        ),
    ]  # fmt: skip
    contests = [
        Contest("floor", "DuckDB (the floor)", 0.5, 10**8),
        Contest("rfm", "Strata's own SQL", 1.0, 10**8, 1.0, 1.0),
        Contest("rfm", "polars", note="not installed"),
    ]
    return Result(
        Size("S", 1000), 2, "abc", "2026-01-01", data.facts(), steps, contests,
        machine={"cpus": 2, "cpu": "Some <CPU>", "memory_bytes": 8 * 10**9},
    )  # fmt: skip


def test_tables_tell_seconds_and_multiples(result):
    with console.capture() as captured:
        show_result(result)
    text = captured.get()
    lines = {line.split("  ")[0].strip(): line for line in text.splitlines()}
    assert "120 ×" in lines["Full run"]
    assert "2.0 GB" in lines["Full run"]
    assert any("Publish" in line and "100 ×" in line for line in text.splitlines())
    assert any("between" in line and "2.00" in line for line in text.splitlines())
    assert any("polars" in line and "not installed" in line for line in text.splitlines())
    assert "tier_final" in text


def test_the_file_tells_the_same(result, tmp_path):
    result.save(tmp_path / "bench-S.json")
    facts = json.loads((tmp_path / "bench-S.json").read_text())
    assert facts["steps"][1]["times_floor"] == 120
    assert facts["steps"][1]["phases"][1] == {
        "phase": "Publish", "seconds": 50.0, "times_floor": 100,
    }  # fmt: skip
    assert facts["contests"][2]["seconds"] is None
    assert facts["data"]["news_share"] == 0.001


def test_the_picture_is_one_page_that_asks_for_nothing(result, tmp_path):
    page = write_picture(result, tmp_path / "bench-S.html").read_text("utf-8")
    assert page.count("<svg") == 4  # steps, two tasks, dearest models
    assert "polars: not installed" in page
    assert "Some &lt;CPU&gt;" in page
    for asking in ("<script", "<link", "src=", "@import"):
        assert asking not in page
