"""The demo generator: repeatable, clean where it claims to be, dirty exactly as planned.

Behaviours are measured on the delivered files by SQL of this file's own; `clean` is the
same chain without dirt.
"""

import csv
import hashlib
from collections import Counter
from datetime import date
from pathlib import Path

import duckdb
import openpyxl
import pytest

from strata.demo import generate, generator
from strata.demo.tables import TABLES
from strata.errors import StrataError
from strata.landing import load_directory
from strata.settings import Settings

CUSTOMERS = 4_000
END = date(2025, 12, 31)
START = date(2021, 1, 1)
NAMES = [table.name for table in TABLES]


def digests(directory: Path) -> dict[str, str]:
    return {
        str(path.relative_to(directory)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(directory.rglob("*"))
        if path.is_file()
    }


def table_of(stem: str) -> str:
    return max((name for name in NAMES if stem.startswith(name)), key=len)


def records(directory: Path) -> dict[str, Counter]:
    """Every delivered record as text, per table; the corrections stand apart, the front
    desk's files are left out."""
    found: dict[str, Counter] = {name: Counter() for name in [*NAMES, "corrections"]}
    for path in sorted(directory.glob("*.csv")):
        if path.stem.endswith("_desk"):
            continue
        name = "corrections" if "corrections" in path.stem else table_of(path.stem)
        encoding = "gbk" if name == "products" else "utf-8"
        with path.open(encoding=encoding, newline="") as file:
            rows = csv.reader(file)
            next(rows)
            found[name].update(tuple(row) for row in rows)
    sheet = openpyxl.load_workbook(directory / "acquisition_costs.xlsx").active
    rows = sheet.iter_rows(min_row=2, values_only=True)
    found["acquisition_costs"].update(tuple(row) for row in rows)
    return found


def database(directory: Path) -> duckdb.DuckDBPyConnection:
    """The delivered CSV files as views of text columns; broken lines are skipped."""
    connection = duckdb.connect()
    paths: dict[str, list[str]] = {}
    for path in sorted(directory.glob("*.csv")):
        if path.stem not in ("products", "customers_corrections") and "_desk" not in path.stem:
            paths.setdefault(table_of(path.stem), []).append(str(path))
    for name, files in paths.items():
        connection.execute(
            f"create table {name} as select * from read_csv({files!r}, header = true, "
            "delim = ',', quote = '\"', all_varchar = true, ignore_errors = true, "
            "auto_detect = true)"
        )
    with (directory / "products.csv").open(encoding="gbk", newline="") as file:
        header, *rows = list(csv.reader(file))
    connection.execute(f"create table products ({' varchar, '.join(header)} varchar)")
    connection.executemany(
        f"insert into products values ({', '.join('?' for _ in header)})",
        [[cell or None for cell in row] for row in rows],
    )
    return connection


@pytest.fixture(scope="module")
def clean_dir(tmp_path_factory):
    directory = tmp_path_factory.mktemp("clean")
    generate(directory, CUSTOMERS, dirt_share=0, truth=True)
    return directory


@pytest.fixture(scope="module")
def dirty_dir(tmp_path_factory):
    return tmp_path_factory.mktemp("dirty")


@pytest.fixture(scope="module")
def summary(dirty_dir):
    return generate(dirty_dir, CUSTOMERS)


@pytest.fixture(scope="module")
def dirty(dirty_dir, summary):
    return database(dirty_dir)


@pytest.fixture(scope="module")
def clean(clean_dir):
    connection = database(clean_dir)
    truth = clean_dir / "_truth" / "customers_truth.csv"
    connection.execute(f"create table truth as select * from read_csv('{truth}')")
    connection.execute(f"set variable end_date = date '{END}'")
    connection.execute(
        """
        create table purchases as
        select truth.person_id, order_id, order_date::date as day, clinic_id,
            sum(net_amount::decimal(12, 2)) as net, sum(list_amount::decimal(12, 2)) as list
        from orders
        inner join order_items using (order_id)
        inner join truth using (customer_id)
        where status = 'paid'
        group by all
        having sum(net_amount::decimal(12, 2)) > 0;

        create table consumption as
        select person_id, day from purchases
        union
        select person_id, visit_date::date
        from visits inner join truth using (customer_id)
        where visit_type = 'treatment' and status = 'arrived';

        create table referral_people as
        select giver.person_id as referrer, taker.person_id as referee,
            referral_date::date as day
        from referrals
        inner join truth as giver on giver.customer_id = referrer_customer_id
        inner join truth as taker on taker.customer_id = referee_customer_id;
        """
    )
    return connection


def values(connection, sql):
    return connection.execute(sql).fetchall()


def value(connection, sql):
    return values(connection, sql)[0][0]


def stages(connection, day):
    """Seven-stage lifecycle (article 001 §03) on a day, person by person."""
    return dict(
        values(
            connection,
            f"""
            with metrics as (
                select person_id, date '{day}' - max(day) as r, count(*) as f,
                    count(*) filter (date '{day}' - day <= 180) as f180,
                    count(*) filter (date '{day}' - day <= 120) as f120,
                    count(*) filter (date '{day}' - day <= 90) as f90
                from consumption where day <= date '{day}' group by all
            )
            select truth.person_id, case
                when r is null then 'potential'
                when r <= 180 and f180 >= 5 then 'loyal'
                when r <= 120 and f120 >= 3 then 'active'
                when r <= 90 and f90 >= 2 then 'effective'
                when f = 1 and r <= 30 then 'newbie'
                when r < 90 then 'lapsing'
                when r < 180 then 'dormant'
                when r < 360 then 'dead'
                else 'lost' end
            from truth left join metrics using (person_id)
            """,
        )
    )


# --- same arguments, same bytes --------------------------------------------------------------


@pytest.mark.parametrize("file_format", ["csv", "parquet"])
def test_bytes_do_not_depend_on_threads_or_on_the_run(tmp_path, file_format):
    generate(tmp_path / "a", 300, file_format=file_format, truth=True, threads=1)
    generate(tmp_path / "b", 300, file_format=file_format, truth=True, threads=2)
    generate(tmp_path / "c", 500, seed=8, file_format=file_format, threads=2)
    generate(tmp_path / "c", 300, file_format=file_format, truth=True, threads=2)
    assert digests(tmp_path / "a") == digests(tmp_path / "b") == digests(tmp_path / "c")


def test_another_seed_is_another_chain(tmp_path):
    generate(tmp_path / "a", 300)
    generate(tmp_path / "b", 300, seed=8)
    same = digests(tmp_path / "a").items() & digests(tmp_path / "b").items()
    drawn = {name for name, _ in same if not name.endswith("_desk.csv")}
    assert drawn <= {"_demo.json", "_truth/dirt.csv", "products.csv"}


def test_the_truth_file_does_not_change_the_delivery(tmp_path):
    generate(tmp_path / "told", 300, truth=True)
    generate(tmp_path / "untold", 300, truth=False)
    told = digests(tmp_path / "told")
    assert told.pop("_truth/customers_truth.csv")
    assert told == digests(tmp_path / "untold")


def test_chunks_make_one_chain(tmp_path, monkeypatch):
    monkeypatch.setattr(generator, "CHUNK_SIZE", 150)
    written = generate(tmp_path, 400, file_format="parquet")
    names = {file.name for file in written.files}
    assert {"orders_001.parquet", "orders_003.parquet", "products.parquet"} <= names
    connection = duckdb.connect()
    for name, key in (("customers_0", "customer_id"), ("orders_0", "order_id")):
        rows, keys = values(
            connection,
            f"select count(*), count(distinct {key}) from '{tmp_path}/{name}*.parquet' "
            f"where {key} is not null",
        )[0]
        table = name.removesuffix("_0")
        repeated = written.planted(table, "duplicate_row")
        repeated += written.planted(table, "conflicting_duplicate")
        assert rows - keys == repeated


def test_summary_counts_what_is_in_the_files(dirty_dir, summary):
    counted = records(dirty_dir)
    counted["customers"] += counted.pop("corrections")
    rows = {name: counted[name].total() for name in NAMES}
    for path in dirty_dir.glob("*_desk.csv"):
        rows[table_of(path.stem)] += len(path.read_text("gb18030").splitlines()) - 1
    assert rows == {name: summary.rows(name) for name in NAMES}


# --- dirt as planned -------------------------------------------------------------------------


def test_dirt_comes_on_top_of_untouched_clean_rows(clean_dir, dirty_dir, summary):
    clean, dirty = records(clean_dir), records(dirty_dir)
    for name in NAMES:
        planned = sum(
            d.rows for d in summary.dirt if d.table == name and d.rule != "superseded"
        )
        assert clean[name] - dirty[name] == Counter()
        assert (dirty[name] - clean[name]).total() == planned, name
    keys = {row[0] for row in clean["customers"]}
    assert {row[0] for row in dirty["corrections"]} <= keys
    assert not dirty["corrections"] & clean["customers"]
    assert dirty["corrections"].total() == summary.planted("customers", "superseded") == 80


def test_the_plan_file_tells_the_summary(dirty_dir, summary):
    with (dirty_dir / "_truth" / "dirt.csv").open(encoding="utf-8") as file:
        plan = [tuple(row.values()) for row in csv.DictReader(file)]
    assert plan == [(d.table, d.rule, d.column_name, str(d.rows)) for d in summary.dirt]


def test_every_rule_is_planted_even_for_a_few_hundred(tmp_path):
    rules = {d.rule for d in generate(tmp_path, 300).dirt if d.rows > 0}
    assert rules == {
        "missing_value", "unparsable_value", "unknown_reference", "negative_value",
        "absurd_value", "future_date", "too_early_date", "not_allowed_value",
        "duplicate_row", "conflicting_duplicate",
        "impossible_sequence", "self_reference", "unreadable_row",
        "superseded",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("table", "rule", "condition"),
    [
        ("customers", "missing_value", "customer_id is null"),
        ("orders", "missing_value", "order_id is null or customer_id is null"),
        ("order_items", "missing_value", "net_amount is null"),
        ("visits", "missing_value", "visit_date is null"),
        ("orders", "unparsable_value", "try_cast(order_date as date) is null"),
        ("order_items", "unparsable_value",
         "net_amount is not null and try_cast(net_amount as decimal(12, 2)) is null"),
        ("acquisition_costs", "unparsable_value", None),
        ("orders", "unknown_reference",
         "customer_id not in (select customer_id from customers "
         "where customer_id is not null)"),
        ("surveys", "unknown_reference",
         "customer_id not in (select customer_id from customers "
         "where customer_id is not null)"),
        ("order_items", "unknown_reference",
         "order_id not in (select order_id from orders where order_id is not null)"),
        ("refunds", "negative_value", "try_cast(refund_amount as decimal(12, 2)) < 0"),
        ("order_items", "absurd_value", "try_cast(net_amount as decimal(12, 2)) > 5000000"),
        ("orders", "future_date", "try_cast(order_date as date) > date '2026-12-31'"),
        ("visits", "future_date", "try_cast(visit_date as date) > date '2026-12-31'"),
        ("orders", "not_allowed_value", "status not in ('paid', 'cancelled', 'pending')"),
        ("referrals", "self_reference", "referrer_customer_id = referee_customer_id"),
        ("customer_links", "self_reference", "customer_id = same_as_customer_id"),
        ("refunds", "impossible_sequence",
         "refund_date < (select any_value(order_date) from orders "
         "where orders.order_id = refunds.order_id)"),
    ],
)  # fmt: skip
def test_planned_faults_are_in_the_files(dirty, dirty_dir, summary, table, rule, condition):
    planned = summary.planted(table, rule)
    assert planned > 0
    if condition is None:
        costs = records(dirty_dir)[table]
        assert sum(n for row, n in costs.items() if isinstance(row[2], str)) == planned
    else:
        assert value(dirty, f"select count(*) from {table} where {condition}") == planned


@pytest.mark.parametrize("name", ["orders", "visits", "interactions", "surveys", "refunds"])
def test_repeated_keys_are_the_planned_ones_and_the_clean_row_is_last(
    dirty_dir, clean_dir, summary, name
):
    seen: dict[tuple, list[tuple]] = {}
    for path in sorted(dirty_dir.glob("*.csv")):
        if table_of(path.stem) == name and "_desk" not in path.stem:
            with path.open(encoding="utf-8", newline="") as file:
                for row in list(csv.reader(file))[1:]:
                    if row[0]:
                        seen.setdefault((path.name, row[0]), []).append(tuple(row))
    repeated = [rows for rows in seen.values() if len(rows) > 1]
    same = [rows for rows in repeated if len(set(rows)) == 1]
    assert len(same) == summary.planted(name, "duplicate_row")
    assert len(repeated) - len(same) == summary.planted(name, "conflicting_duplicate")
    clean = records(clean_dir)[name]
    assert all(rows[-1] in clean and len(rows) == 2 for rows in repeated)


def test_landing_sets_aside_the_broken_lines_and_nothing_else(dirty_dir, summary, tmp_path):
    report = load_directory(Settings(tmp_path), "demo", dirty_dir)
    broken = sum(d.rows for d in summary.dirt if d.rule == "unreadable_row")
    assert {file.status for file in report.files} == {"loaded"}
    assert report.rows_unreadable == broken > 0
    assert report.rows_loaded == sum(file.rows for file in summary.files) - broken


# --- clean rows are clean --------------------------------------------------------------------

REFERENCES = [
    ("orders", "customer_id", "customers", "customer_id"),
    ("order_items", "order_id", "orders", "order_id"),
    ("order_items", "product_id", "products", "product_id"),
    ("refunds", "order_id", "orders", "order_id"),
    ("visits", "customer_id", "customers", "customer_id"),
    ("visits", "product_id", "products", "product_id"),
    ("referrals", "referrer_customer_id", "customers", "customer_id"),
    ("referrals", "referee_customer_id", "customers", "customer_id"),
    ("interactions", "customer_id", "customers", "customer_id"),
    ("skin_tests", "customer_id", "customers", "customer_id"),
    ("surveys", "customer_id", "customers", "customer_id"),
    ("outreach", "customer_id", "customers", "customer_id"),
    ("experiment_assignments", "customer_id", "customers", "customer_id"),
    ("treatment_outcomes", "visit_id", "visits", "visit_id"),
    ("treatment_outcomes", "customer_id", "customers", "customer_id"),
    ("cards", "customer_id", "customers", "customer_id"),
    ("cards", "product_id", "products", "product_id"),
    ("customer_links", "same_as_customer_id", "customers", "customer_id"),
]


@pytest.mark.parametrize(("table", "column", "parent", "key"), REFERENCES)
def test_references_hold(clean, table, column, parent, key):
    orphans = value(
        clean,
        f"select count(*) from {table} where {column} is not null "
        f"and {column} not in (select {key} from {parent})",
    )
    assert orphans == 0
    assert value(clean, f"select count({column}) from {table}") > 0


@pytest.mark.parametrize("table", [t for t in TABLES if t.name != "acquisition_costs"])
def test_keys_are_unique(clean, table):
    key = ", ".join(table.key)
    rows, keys = values(clean, f"select count(*), count(distinct ({key})) from {table.name}")[0]
    assert rows == keys > 0


def test_days_lie_within_five_years(clean):
    planned_days = {"expires_date", "follow_up_due_date"}
    columns = values(
        clean,
        "select table_name, column_name from duckdb_columns() "
        "where column_name like '%_date' and data_type = 'VARCHAR'",
    )
    assert len(columns) >= 14
    for table, column in columns:
        if column not in planned_days:
            first, last = values(
                clean, f"select min({column}::date), max({column}::date) from {table}"
            )[0]
            assert START <= first <= last <= END, (table, column)


def test_money_has_two_decimals(clean):
    amounts = {
        "order_items": ("list_amount", "net_amount"),
        "refunds": ("refund_amount",),
        "products": ("list_price", "unit_cost"),
        "outreach": ("cost_amount",),
    }
    for table, columns in amounts.items():
        for column in columns:
            odd = f"not regexp_full_match({column}, '[0-9]+[.][0-9][0-9]')"
            assert value(clean, f"select count(*) from {table} where {odd}") == 0


def test_nobody_acts_before_she_is_known(clean):
    for table, day in (("orders", "order_date"), ("visits", "visit_date"),
                       ("interactions", "interaction_date")):  # fmt: skip
        early = f"""
            select count(*) from {table} inner join customers using (customer_id)
            where {day} < registered_date
        """
        assert value(clean, early) == 0, table


# --- behaviours ------------------------------------------------------------------------------


def test_mean_orders_per_buyer(clean):
    mean = value(clean, "select count(*) / count(distinct person_id) from purchases")
    assert 4.0 <= mean <= 5.2


def test_more_orders_on_request(tmp_path):
    generate(tmp_path, 1_000, orders_per_customer=10, dirt_share=0)
    mean = value(
        database(tmp_path),
        "select count(*) / count(distinct customer_id) from orders where status = 'paid'",
    )
    assert 8 <= mean <= 12


def test_the_year_has_its_seasons(clean):
    def per_day(first, last):
        days = f"day between '{first}' and '{last}'"
        return value(
            clean,
            f"select count(*) / (date '{last}' - date '{first}' + 1) "
            f"from purchases where {days}",
        )

    normal = per_day("2025-03-01", "2025-05-31")
    assert per_day("2025-01-27", "2025-02-06") < 0.5 * normal
    assert per_day("2025-06-08", "2025-06-18") > 1.3 * normal
    assert per_day("2025-11-01", "2025-11-11") > 1.3 * normal


def test_hair_removal_peaks_before_summer(clean):
    share = dict(
        values(
            clean,
            """
            select month(day) between 3 and 6,
                avg((product_id in ('P502', 'P503'))::int)
            from purchases inner join order_items using (order_id) group by all
            """,
        )
    )
    assert share[True] > 1.5 * share[False]


def test_every_lifecycle_stage_occurs_on_the_end_date(clean):
    counts = Counter(stages(clean, END).values())
    assert set(counts) == {
        "loyal", "active", "effective", "newbie", "lapsing", "dormant", "dead", "lost",
        "potential",
    }  # fmt: skip
    assert min(counts.values()) >= 5


@pytest.mark.parametrize(
    ("day", "stage"),
    [
        ("2024-09-15", "potential"),
        ("2024-09-16", "newbie"),
        ("2024-09-20", "effective"),
        ("2024-10-13", "active"),
        ("2024-12-14", "active"),
        ("2024-12-15", "loyal"),
        ("2025-03-15", "loyal"),
        ("2025-03-16", "dormant"),
        ("2025-06-13", "dead"),
        ("2025-12-10", "lost"),
    ],
)
def test_ms_li_lives_the_article(clean, day, stage):
    assert stages(clean, day)["PERSON000000001"] == stage


def test_the_eight_segments_occur(clean):
    segments = values(
        clean,
        """
        with metrics as (
            select person_id, date '2025-12-31' - max(day) as r,
                count(*) filter (day > date '2024-12-31') as f,
                coalesce(sum(net) filter (day > date '2024-12-31'), 0) as m
            from purchases group by all
        ),
        scored as (
            select ntile(5) over (order by r desc) as r, ntile(5) over (order by f) as f,
                ntile(5) over (order by m) as m from metrics
        )
        select r > 3, f > 3, m > 3, count(*) from scored group by all
        """,
    )
    assert len(segments) == 8
    assert min(row[3] for row in segments) >= 5


def test_whales_and_negative_profit(clean):
    strategic, super_spend, great_year, loss = values(
        clean,
        """
        with costs as (
            select order_id, sum(quantity::int * unit_cost::decimal(12, 2)) as cost
            from order_items inner join products using (product_id) group by all
        ),
        people as (
            select person_id, sum(net) as m, sum(net - cost) as profit,
                sum(net) filter (day > date '2024-12-31') as m365
            from purchases inner join costs using (order_id) group by all
        )
        select count(*) filter (m >= 1000000), count(*) filter (m >= 500000),
            count(*) filter (m365 >= 300000), count(*) filter (profit < 0)
        from people
        """,
    )[0]
    assert min(strategic, super_spend, great_year, loss) >= 5


def test_referral_trees(clean):
    spreaders, advocates, referrers = values(
        clean,
        """
        with counts as (
            select referrer, count(*) as n from referral_people
            where day > date '2024-12-31' group by all
        )
        select count(*) filter (n >= 10), count(*) filter (n between 5 and 9),
            count(*) filter (n < 5) from counts
        """,
    )[0]
    assert min(spreaders, advocates, referrers) >= 4
    converted, all_referees = values(
        clean,
        "select count(distinct person_id), count(distinct referee) from referral_people "
        "left join purchases on referee = person_id",
    )[0]
    assert 0.3 < converted / all_referees < 0.95
    second_level = value(
        clean,
        "select count(*) from referral_people as a inner join referral_people as b "
        "on b.referrer = a.referee inner join purchases on b.referee = person_id",
    )
    assert second_level > 0
    too_early = value(
        clean,
        "select count(*) from referral_people left join "
        "(select person_id, min(day) as first_day from purchases group by all) "
        "on referrer = person_id where referral_people.day <= first_day",
    )
    assert too_early <= 0.1 * all_referees


def test_super_customers_and_a_class(clean):
    super_customers = value(
        clean,
        """
        with value as (select person_id, sum(net) as m from purchases group by all),
        year as (select person_id, sum(net) as m365 from purchases
            where day > date '2024-12-31' group by all),
        spread as (
            select referrer, count(*) as n, count(distinct person_id) as converted
            from referral_people left join (select distinct person_id from purchases)
                on referee = person_id
            where day > date '2024-12-31' group by all
        )
        select count(*) from spread
        inner join value on spread.referrer = value.person_id
        inner join year on spread.referrer = year.person_id
        where m >= 500000 and n >= 5 and m365 >= 300000 and converted / n >= 0.15
        """,
    )
    assert super_customers >= 1


def test_refunds_follow_their_orders_and_stay_below_them(clean):
    wrong, partial, full = values(
        clean,
        """
        with totals as (
            select order_id, line_number, sum(refund_amount::decimal(12, 2)) as back,
                min(refund_date) as first_day
            from refunds group by all
        )
        select count(*) filter (back > net_amount::decimal(12, 2)
                or first_day <= order_date or status <> 'paid'),
            count(*) filter (back < net_amount::decimal(12, 2)),
            count(*) filter (back = net_amount::decimal(12, 2))
        from totals inner join order_items using (order_id, line_number)
        inner join orders using (order_id)
        """,
    )[0]
    assert wrong == 0
    assert min(partial, full) >= 20


def test_price_sensitive_customers_stand_out(clean):
    shares = [
        row[0]
        for row in values(
            clean,
            "select avg((net < list)::int) from purchases group by person_id "
            "having count(*) >= 4",
        )
    ]
    assert sum(share >= 0.6 for share in shares) > 0.1 * len(shares)
    assert sum(share <= 0.3 for share in shares) > 0.3 * len(shares)


def test_cards_are_redeemed_without_orders(clean):
    mismatched = value(
        clean,
        "select count(*) from cards where sessions_used::int > sessions_total::int "
        "or sessions_used::int < 1",
    )
    assert mismatched == 0
    redeemed = value(
        clean,
        """
        select count(*) from visits
        inner join cards using (customer_id, product_id)
        where visit_type = 'treatment' and visit_date > opened_date
            and (customer_id, visit_date) not in (select (customer_id, order_date) from orders)
        """,
    )
    assert redeemed > 100


def test_leads_of_every_kind_never_buy(clean):
    leads = dict(
        values(
            clean,
            """
            select archetype, count(distinct person_id) from truth
            where archetype like 'lead%'
                and person_id not in (select person_id from purchases) group by all
            """,
        )
    )
    everyone = value(
        clean, "select count(distinct person_id) from truth where archetype like 'lead%'"
    )
    assert set(leads) == {"lead_browser", "lead_tested", "lead_consulted"}
    assert sum(leads.values()) == everyone


def test_skin_risks_occur(clean):
    counts = values(
        clean,
        """
        select count(*) filter (collagen_density_pct::double < 30),
            count(*) filter (uv_damage_index::double >= 7),
            count(*) filter (pigmentation_pct::double > 15),
            count(*) filter (skin_problem_index::double >= 7),
            count(*) filter (collagen_density_pct::double >= 30
                and uv_damage_index::double < 7 and pigmentation_pct::double <= 15)
        from skin_tests
        """,
    )[0]
    assert min(counts) >= 20


def test_care_risks_occur(clean):
    assert value(clean, "select count(*) from treatment_outcomes where has_complication") > 10
    overdue = "not is_follow_up_kept::boolean and follow_up_due_date <= '2025-12-31'"
    assert value(clean, f"select count(*) from treatment_outcomes where {overdue}") > 100
    low, high, comments = values(
        clean,
        "select count(*) filter (postop_satisfaction_score::int <= 6), "
        "count(*) filter (nps_score::int >= 9), count(distinct comment_text) from surveys",
    )[0]
    assert low > 50
    assert high > 200
    assert comments >= 20


def test_silent_customers_have_a_habit(clean):
    habits = dict(
        values(
            clean,
            """
            with mixes as (
                select person_id, interaction_type, count(*) as n from interactions
                inner join truth using (customer_id)
                where interaction_date > '2025-07-04' and person_id not in (
                    select person_id from purchases where day > date '2025-07-04')
                group by all
            ),
            shares as (
                select *, n / sum(n) over (partition by person_id) as share from mixes
            )
            select interaction_type, count(*) from shares
            where share > 0.7 and n >= 3 group by all
            """,
        )
    )
    for habit in ("coupon_claimed", "live_watch", "page_view", "community_post"):
        assert habits[habit] >= 20


def test_the_experiment_works_for_repeat_customers_only(clean):
    rows = values(
        clean,
        """
        with before as (
            select person_id, assigned_date::date as since, arm,
                count(*) filter (day < assigned_date::date) >= 4 as is_repeat,
                bool_or(day > assigned_date::date
                    and day <= assigned_date::date + 30)::int as has_converted
            from experiment_assignments
            inner join truth using (customer_id)
            inner join purchases using (person_id)
            where experiment_id = 'exp_linked_item_48h'
            group by all
        )
        select is_repeat, arm, avg(has_converted) from before group by all
        """,
    )
    rates = {(is_repeat, arm): rate for is_repeat, arm, rate in rows}
    assert rates[True, "treatment"] > rates[True, "control"] + 0.1
    assert abs(rates[False, "treatment"] - rates[False, "control"]) < 0.05


def test_outreach_is_answered_and_paid_for(clean):
    rows = values(
        clean,
        "select contact_channel, avg(has_responded::boolean::int) from outreach group by all",
    )
    rates = dict(rows)
    assert 0 < rates["sms"] < rates["wecom"] < rates["phone"] < 0.5


def test_six_in_a_hundred_have_several_records(clean):
    several, people = values(
        clean,
        "select count(*) filter (n > 1), count(*) "
        "from (select count(*) as n from truth group by person_id)",
    )[0]
    assert people == CUSTOMERS
    assert 0.045 < several / people < 0.075


def test_every_second_record_can_be_linked_and_no_stranger_is(clean):
    clean.execute(
        """
        create or replace temp table identifiers as
        select customer_id, 'phone:' || right(regexp_replace(phone, '[^0-9]', '', 'g'), 11)
            as identifier
        from customers where is_phone_verified::boolean and phone is not null
        union all
        select customer_id, 'unionid:' || wechat_unionid from customers
        where wechat_unionid is not null
        union all
        select customer_id, 'link:' || link_id from customer_links where is_active::boolean
        union all
        select same_as_customer_id, 'link:' || link_id from customer_links
        where is_active::boolean
        """
    )
    switchboard = values(
        clean,
        "select identifier, count(*) from identifiers group by all having count(*) > 3",
    )
    assert switchboard == [("phone:13800138000", 36)]
    mixed = value(
        clean,
        """
        select count(*) from (
            select identifier from identifiers inner join truth using (customer_id)
            where identifier <> 'phone:13800138000'
            group by identifier having count(distinct person_id) > 1
        )
        """,
    )
    assert mixed == 0
    unlinked = value(
        clean,
        """
        select count(*) from truth where not is_primary_record and not exists (
            select 1 from identifiers as a inner join identifiers as b using (identifier)
            where a.customer_id = truth.customer_id and b.customer_id <> truth.customer_id
        )
        """,
    )
    assert unlinked == 0
    assert value(clean, "select count(*) from customer_links where not is_active") >= 1
    assert value(clean, "select count(*) from customers where phone like '+86 %-%-%'") > 20


def test_search_ads_cost_too_much(clean, clean_dir):
    costs = Counter()
    for (channel, _, amount), n in records(clean_dir)["acquisition_costs"].items():
        costs[channel] += amount * n
    values_by_channel = dict(
        values(
            clean,
            """
            select acquisition_channel, sum(net) from purchases
            inner join truth using (person_id) inner join customers using (customer_id)
            where is_primary_record group by all
            """,
        )
    )
    ratio = {channel: float(values_by_channel[channel]) / costs[channel] for channel in costs}
    assert min(ratio, key=ratio.get) == "search_ads"


def test_the_truth_tells_who_stopped_and_what_is_to_come(clean):
    assert (
        value(
            clean,
            "select count(*) from truth inner join purchases using (person_id) "
            "where day > true_dropout_date",
        )
        == 0
    )
    assert (
        value(
            clean,
            "select count(*) from truth where true_value_36_months < true_value_12_months",
        )
        == 0
    )
    gone, alive = (
        value(
            clean,
            f"select sum(true_value_36_months) from truth where true_dropout_date is {is_null}",
        )
        for is_null in ("not null", "null")
    )
    assert gone == 0
    last_year = value(clean, "select sum(net) from purchases where year(day) = 2025")
    next_year = value(
        clean, "select sum(true_value_12_months) from truth where is_primary_record"
    )
    assert alive > 0
    assert 0.5 < next_year / float(last_year) < 1.5


# --- refusals --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        {"customers": 10},
        {"customers": 10**9},
        {"seed": -1},
        {"end_date": date(2050, 1, 1)},
        {"file_format": "xml"},
        {"dirt_share": 0.9},
        {"orders_per_customer": 0},
    ],
)
def test_impossible_arguments_are_refused(tmp_path, arguments):
    with pytest.raises(StrataError) as caught:
        generate(tmp_path / "demo", **{"customers": 300, **arguments})
    assert caught.value.hint
    assert not (tmp_path / "demo").exists()


def test_a_foreign_directory_is_left_alone(tmp_path):
    (tmp_path / "orders_of_the_real_clinic.csv").write_text("precious")
    with pytest.raises(StrataError, match="orders_of_the_real_clinic"):
        generate(tmp_path, 300)
    assert [path.name for path in tmp_path.iterdir()] == ["orders_of_the_real_clinic.csv"]


def test_another_end_date_moves_the_five_years(tmp_path):
    generate(tmp_path, 300, end_date=date(2024, 2, 29), dirt_share=0)
    first, last = values(
        database(tmp_path),
        "select min(registered_date), max(order_date) from customers, orders",
    )[0]
    assert first >= "2019-03-01"
    assert "2024-01-01" <= last <= "2024-02-29"
