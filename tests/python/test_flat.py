"""A flat file of transactions: columns guessed; rows are orders, refunds, customers."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from strata.check import check
from strata.cli import app
from strata.console import console
from strata.errors import StrataError
from strata.flat import read_flat
from strata.landing import load_directory
from strata.landing.flat import SOURCE, date_style, read_columns
from strata.settings import Settings


def written(folder: Path, name: str, text: str, encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize(
    ("header", "row", "found"),
    [
        (
            "会员号,下单时间,实付金额(元),订单号,商品名称,品类,门店,订单状态",
            "M1,2025/3/1 14:02,1200,D1,水光针,注射,天河店,已完成",
            ["会员号", "下单时间", "实付金额(元)", "订单号", "商品名称", "品类", "门店"],
        ),
        (
            "Customer ID,Invoice Date,Invoice,Description,Quantity,Price,Country",
            "13085,12/13/2009 07:45,489434,GLASS BALL,12,6.95,United Kingdom",
            ["customer id", "invoice date", None, "invoice", "description", None, None],
        ),
        (
            "household_key;BASKET_ID;SALES_VALUE;trans_date;COMMODITY;STORE_ID",
            "2375;26984851472;1.39;2024-01-05;POTATOES;364",
            ["household_key", "trans_date", "sales_value", "basket_id", None, "commodity",
             "store_id"],
        ),
        # A name that only hints, and one that hints at something else.
        (
            "birth date,member since,client ref,when was the date of sale,sales in usd",
            "1980-01-01,2020-02-02,K7,2024-05-06,88",
            ["client ref", "when was the date of sale", "sales in usd", None, None, None, None],
        ),
    ],
)  # fmt: skip
def test_columns_are_guessed_by_their_names(tmp_path, header, row, found):
    reading = read_columns(written(tmp_path, "sales.csv", f"{header}\n{row}\n"), {}, {})
    order = ["customer_id", "order_date", "net_amount", "order_id", "product", "category",
             "clinic_id"]  # fmt: skip
    assert [reading.columns.get(column) for column in order] == found
    assert reading.guessed == set(reading.columns)


def test_a_name_whose_values_do_not_fit_is_passed_over(tmp_path):
    text = (
        "customer,date,day,total,amount\nA,spring,2024-01-02,many,5\nB,fall,2024-01-03,few,6\n"
    )
    reading = read_columns(written(tmp_path, "sales.csv", text), {}, {})
    assert (reading.columns["order_date"], reading.columns["net_amount"]) == ("day", "amount")


def test_quantity_and_price_stand_in_for_an_amount_only(tmp_path):
    text = "customer,date,qty,price,amount\nA,2024-01-02,2,5,10\n"
    path = written(tmp_path, "sales.csv", text)
    assert "unit_price" not in read_columns(path, {}, {}).columns
    assert read_columns(path, {"net_amount": "none"}, {}).columns["unit_price"] == "price"


def test_what_is_named_wins_and_what_is_missing_is_said(tmp_path):
    path = written(
        tmp_path, "sales.csv", "who,date,amount,Other Day\nA,2024-01-02,5,2024-02-03\n"
    )
    with pytest.raises(StrataError, match="no column looks like --customer.*who"):
        read_columns(path, {}, {})
    with pytest.raises(StrataError, match="no column 'whom'.*who, date, amount, other day"):
        read_columns(path, {"customer_id": "whom"}, {})
    asked = {"customer_id": "WHO", "order_date": "other_day"}
    reading = read_columns(path, asked, {})
    assert reading.columns["order_date"] == "other day"
    assert reading.guessed == {"net_amount"}


@pytest.mark.parametrize(
    ("values", "style", "is_sure"),
    [
        (["2024-03-05", "20240306", "2024年3月7日"], "year_first", True),
        (["03/05/2024", "13/05/2024"], "day_first", True),
        (["03/05/2024", "05/13/2024 8:26"], "month_first", True),
        (["03/05/2024", "12/12/2024"], "day_first", False),
        (["03/05/24", "05.31.24"], "month_first", True),
        (["5 Mar 2024", "14-Apr-2024"], "month_named", True),
        ([None, "", "x"], "year_first", True),
        # Years of two digits: the end that varies more is the day.
        (["24-12-31", "25-1-5", "25-03-17"], "year_first", True),
        (["31.12.24", "05.01.25", "17.03.25"], "day_first", True),
        (["24/3/5"], "day_first", False),
    ],
)
def test_days_tell_how_they_are_written(values, style, is_sure):
    assert date_style(values) == (style, is_sure)


ORDER_LINES = "".join(
    f"{number},M{number},2024-01-0{number},{50 * number},{line},{25 * number}\n"
    for number in range(1, 7)
    for line in (1, 1)
)


def test_the_total_of_an_order_on_each_of_its_rows_is_no_amount_of_a_row(tmp_path):
    header = "order,customer,date,total,qty,price\n"
    path = written(tmp_path, "lines.csv", header + ORDER_LINES)
    reading = read_columns(path, {}, {})
    assert "net_amount" not in reading.columns
    assert (reading.columns["unit_price"], reading.doubts) == ("price", [])
    path = written(tmp_path, "totals.csv", header.replace("price", "weight") + ORDER_LINES)
    reading = read_columns(path, {}, {})
    assert reading.columns["net_amount"] == "total"
    (doubt,) = reading.doubts
    assert (
        "total seems to be the total of an order, on each of its rows (2 rows of 1 say 50)"
        in doubt
    )
    # One price for everything is no total.
    path = written(tmp_path, "one_price.csv", header + ORDER_LINES.replace("price", "x"))
    alike = "".join(f"{n // 2},A,2024-01-05,9.9,1,9.9\n" for n in range(40))
    path = written(tmp_path, "one_price.csv", header + alike)
    assert read_columns(path, {}, {}).columns["net_amount"] == "total"


def test_a_total_that_stands_once_an_order_is_told(tmp_path):
    reading = read_columns(written(tmp_path, "web.csv", FILES["web.csv"]), {}, {})
    assert reading.columns["order_id"] == "name"
    assert (reading.columns["net_amount"], reading.columns["unit_price"]) == (
        "total", "lineitem price",
    )  # fmt: skip
    (doubt,) = reading.doubts
    assert "total stands once an order: its rows share it" in doubt


@pytest.mark.parametrize(
    ("header", "row", "doubts"),
    [
        ("买家昵称,日期,金额", "t**1,2024-01-05,9", ["买家昵称 is masked (t**1)"]),
        ("姓名,日期,金额", "王芳,2024-01-05,9", ["姓名 holds names: people of one name"]),
        ("member,date,amount", "A,2024-01-05,$9.50", ["amount has amounts in $"]),
        ("member,date,amount", "A,2024-01-05,¥9.50", []),
    ],
)
def test_what_may_be_read_wrongly_is_said(tmp_path, header, row, doubts):
    reading = read_columns(written(tmp_path, "sales.csv", f"{header}\n{row}\n"), {}, {})
    assert len(reading.doubts) == len(doubts)
    assert all(map(str.startswith, reading.doubts, doubts))


def test_decimal_commas_are_named(tmp_path):
    path = written(tmp_path, "kasse.csv", "client;date;amount\nA;2024-01-05;1.250,00\n")
    with pytest.raises(StrataError, match="no column looks like --amount") as refused:
        read_columns(path, {}, {})
    assert "amount has decimal commas (1.250,00)" in refused.value.hint


def test_a_file_of_which_no_row_can_be_read_says_why(tmp_path):
    text = "customer,date,amount,note\n1,2025-03-05,5,café\n"
    with pytest.raises(
        StrataError, match="row 2: byte 19 of the line is not UTF-8 text"
    ) as refused:
        read_columns(written(tmp_path, "sales.csv", text, "latin-1"), {}, {})
    assert refused.value.hint == "Mend the file, then load it again."
    with pytest.raises(StrataError, match="names a column twice: amount"):
        read_columns(written(tmp_path, "twice.csv", "customer,amount,amount\n"), {}, {})


def test_what_says_which_rows_count_is_pointed_out(tmp_path):
    text = (
        "member,date,amount,Financial Status,交易类型,Refunded Amount\nA,2024-01-05,9,x,y,0\n"
    )
    reading = read_columns(written(tmp_path, "sales.csv", text), {}, {})
    assert reading.states == ["financial status", "交易类型"]
    assert reading.given_back == ["refunded amount"]


def test_nothing_is_loaded_until_the_guess_is_confirmed(tmp_path):
    path = written(tmp_path, "sales.csv", "customer,date,amount\nA,2024-01-02,5\n")
    command = ["load", "--source", SOURCE, str(path), "--warehouse", str(tmp_path / "wh")]
    asked = CliRunner().invoke(app, command)
    assert asked.exit_code == 2
    assert "nobody has confirmed them" in asked.output
    assert "sales.csv --yes" in asked.output.replace("\n", "")
    assert CliRunner().invoke(app, [*command, "--yes"]).exit_code == 0
    # The same header needs no word again; another one does.
    written(tmp_path, "sales.csv", "customer,date,amount\nB,2024-02-02,6\n")
    assert CliRunner().invoke(app, command).exit_code == 0
    written(tmp_path, "sales.csv", "customer,date,amount,price\nB,2024-02-02,6,7\n")
    assert CliRunner().invoke(app, command).exit_code == 2
    named = [
        "--customer",
        "customer",
        "--date",
        "date",
        "--amount",
        "amount",
        "--price",
        "none",
    ]
    assert CliRunner().invoke(app, [*command, *named]).exit_code == 0
    assert (
        CliRunner().invoke(app, ["load", "--source", "demo", str(path), "--yes"]).exit_code == 2
    )


EAN = "6901234567892"
NUMBERED = "no,who,day,paid,item,kind,shop\n"
FILES = {
    # Two lines of one receipt that are alike are two; the number 7 is also the north shop's.
    "january.csv": NUMBERED
    + "7,A,2024-01-05,10,soap,care,south\n7,A,2024-01-05,10,soap,care,south\n"
    + "7,,2024-01-05,6,brush,,south\n"
    + "7,B,2024-01-05,30,brush,,north\n8,,2024-01-06,99,brush,,north\n9,C,,5,soap,care,north\n"
    + "10,散客,2024-01-06,99,brush,,north\n11,N/A,2024-01-06,-9,brush,,north\n",
    # Delivered again with one line more, a return under its number, and a later one without.
    "february.csv": NUMBERED
    + "7,A,2024-01-05,10,soap,care,south\n7,A,2024-01-05,10,soap,care,south\n"
    + "7,A,2024-01-05,4,sponge,care,south\n7,A,2024-02-01,-4,sponge,care,south\n"
    + "R1,B,2024-02-02,-12.50,brush,,north\n",
    # Nobody numbers here: the same again is bought again.
    "kiosk.csv": "Client,Date,Qty,Price\nD,13/03/2024,0.5,3.99\nD,13/03/2024,2,1\n",
    "kiosk 2.csv": "Client,Date,Qty,Price\nD,13/03/2024,2,1\nD,01/04/2024,x,1\n",
    # Rows with costs of their own; 13 digits, and what spreadsheets make of them.
    "till.csv": "member,date,amount,sku,qty,unit cost,cost\n"
    + f"E,2024-03-14,10,{EAN},2,1.50,\nE,2024-03-14,20,{EAN}.0,1,2,7\n"
    + "E,2024-03-14,30,6.90123E+12,1,dear,\n1.00234E+11,2024-03-14,40,soap,1,1,\n"
    + "E,2024-03-14,0,,1,1,\n",
    # What an order paid stands on its first row, and so may who it is and when.
    "web.csv": "Name,Email,Total,Created at,Lineitem quantity,Lineitem name,Lineitem price\n"
    + "#1,F,160,2024-03-01,1,serum,150\n#1,F,,2024-03-01,2,mask,25\n"
    + "#2,G,10,2024-03-02,1,serum,1\n#2,,,,1,mask,1\n#2,,,,1,scrub,1\n",
}
ASKED = {
    "order_id": "no",
    "customer_id": "who",
    "order_date": "day",
    "net_amount": "paid",
    "category": "kind",
}


class Flat:
    """Flat files, landed one after the other, and what `strata check` made of them."""

    def __init__(self, directory: Path) -> None:
        self.settings = Settings(directory / "warehouse")
        self.settings.warehouse_dir.mkdir()
        self.warnings: dict[str, list[str]] = {}
        for name, text in FILES.items():
            path = written(directory, name, text)
            asked = ASKED if "no," in text else {}
            readings = read_flat(self.settings, [path], asked, None, is_confirmed=True)
            report = load_directory(self.settings, SOURCE, path, readings=readings)
            self.warnings[name] = report.warnings
        with console.capture() as said:
            check(self.settings, [SOURCE])
        self.said = said.get()

    def query(self, sql: str) -> list[tuple]:
        aside = self.settings.warehouse_dir / "check" / "strata.duckdb"
        with duckdb.connect(str(aside), read_only=True) as built:
            return built.execute(sql).fetchall()


@pytest.fixture(scope="module")
def flat(tmp_path_factory):
    return Flat(Path(tmp_path_factory.mktemp("flat")))


def test_an_order_is_a_number_a_customer_a_shop_and_a_day(flat):
    rows = flat.query(
        "select customer_id, order_date, clinic_id, sum(net_amount), count(*)"
        " from entities.orders join entities.order_items using (source, order_id)"
        " group by all order by all"
    )
    assert rows == [
        ("A", date(2024, 1, 5), "south", Decimal("24.00"), 3),
        ("B", date(2024, 1, 5), "north", Decimal("30.00"), 1),
        # 0.5 × 3.99 is 1.995, and a fraction is no number of units.
        ("D", date(2024, 3, 13), None, Decimal("6.00"), 3),
        ("E", date(2024, 3, 14), None, Decimal("60.00"), 4),
        ("F", date(2024, 3, 1), None, Decimal("160.00"), 2),
        ("G", date(2024, 3, 2), None, Decimal("10.00"), 3),
    ]


def test_a_total_on_the_first_row_of_an_order_is_shared_among_its_rows(flat):
    rows = flat.query(
        "select product_id, net_amount from entities.order_items where order_id like '#%'"
        " order by order_id, product_id"
    )
    paid = [("mask", "40.00"), ("serum", "120.00"),  # 160 for what is priced 2 × 25 and 150
            ("mask", "3.34"), ("scrub", "3.33"), ("serum", "3.33")]  # fmt: skip
    assert rows == [(product, Decimal(amount)) for product, amount in paid]


def test_a_row_below_zero_is_given_back_for_the_order_it_belongs_to(flat):
    rows = flat.query(
        "select orders.order_date, orders.customer_id, refund_date, refund_amount"
        " from entities.refunds join entities.orders using (source, order_id) order by all"
    )
    assert rows == [
        (date(2024, 1, 5), "A", date(2024, 2, 1), Decimal("4.00")),
        (date(2024, 1, 5), "B", date(2024, 2, 2), Decimal("12.50")),
    ]


def test_every_row_is_accounted_for(flat):
    fates = flat.query(
        "select outcome, rule, sum(rows) from entities.row_accounts where is_carrier"
        " group by all order by all"
    )
    # The row without a day; walk-ins, however written; a rounded id; `x` pieces;
    # two lines that came again.
    assert fates == [
        ("accepted", "", 18),
        ("rejected", "missing_value", 1),
        ("rejected", "nobody_named", 4),
        ("rejected", "rounded_id", 1),
        ("rejected", "unparsable_value", 1),
        ("superseded", "superseded", 2),
    ]


def test_products_and_customers_come_from_the_rows(flat):
    assert flat.query("select product_id, category from entities.products order by 1") == [
        (EAN, None), ("brush", None), ("mask", None), ("scrub", None), ("serum", None),
        ("soap", "care"), ("sponge", "care"),
    ]  # fmt: skip
    assert flat.query(
        "select customer_id, registered_date, home_clinic_id from entities.customers order by 1"
    ) == [
        ("A", date(2024, 1, 5), "south"), ("B", date(2024, 1, 5), "north"),
        ("C", None, "north"), ("D", date(2024, 3, 13), None),
        ("E", date(2024, 3, 14), None), ("F", date(2024, 3, 1), None),
        ("G", date(2024, 3, 2), None),
    ]  # fmt: skip


def test_a_row_has_its_own_cost_and_a_bad_cell_costs_the_cell(flat):
    assert flat.query(
        "select product_id, unit_cost, cost_amount from entities.order_items"
        " where net_amount in (10, 20, 30) and quantity is not null and order_id like 'E%'"
        " order by net_amount"
    ) == [(EAN, Decimal("1.50"), None), (EAN, 2, 7), (None, None, None)]
    assert flat.query("select rule, column_name from entities.flagged_cells order by 1") == [
        ("rounded_id", "product"), ("unparsable_value", "unit_cost"),
    ]  # fmt: skip


def test_what_files_have_in_common_is_said(flat):
    assert flat.warnings["january.csv"] == []
    again, further = flat.warnings["february.csv"]
    assert (
        "2 of its 5 rows stand in earlier files or sheets too, with the same order number"
        in again
    )
    assert "1 orders of earlier files or sheets have further lines" in further
    (kiosk,) = flat.warnings["kiosk 2.csv"]
    assert "1 of its 2 rows" in kiosk
    assert "they count again" in kiosk


def test_a_sheet_that_repeats_others_is_told(tmp_path):
    book = openpyxl.Workbook()
    january, everything = book.active, book.create_sheet("all")
    for sheet in (january, everything):
        sheet.append(["member", "date", "amount"])
        sheet.append(["A", date(2024, 1, 5), 9])
    everything.append(["A", date(2024, 2, 5), 7])
    path = tmp_path / "sales.xlsx"
    book.save(path)
    settings = Settings(tmp_path / "warehouse")
    readings = read_flat(settings, [path], {}, None, is_confirmed=True)
    (told,) = load_directory(settings, SOURCE, path, readings=readings).warnings
    assert "sales.xlsx [all]: 1 of its 2 rows stand in earlier files or sheets too" in told


def test_check_says_what_a_run_would_make_of_it(flat):
    said = " ".join(flat.said.split())
    # 24 + 30 + 6 + 60 + 170 paid; seven persons are named, six of them have an order.
    assert "Customers 7, 6 of them with a paid order" in said
    assert "Orders 6 from 2024-01-05 to 2024-03-14" in said
    assert "¥290.00 paid, ¥16.50 given back" in said
    assert "3 rows of order_items.customer_id: Nobody is named: a walk-in" in said
    assert "first: january.csv, row 4:" in said
    assert "1 cells of order_items.unit_cost: The value cannot be read" in said
    assert "rfm2 (interactions)" in said
    assert "lifecycle (consumption)" not in said
    # Nothing but the folder `check` was written.
    with duckdb.connect(str(flat.settings.database), read_only=True) as warehouse:
        schemas = warehouse.execute(
            "select distinct schema_name from duckdb_tables()"
        ).fetchall()
    assert {name for (name,) in schemas} == {"landing", "raw_transactions"}


def test_check_tells_why_nothing_is_accepted(tmp_path):
    path = written(tmp_path, "sales.csv", "member,date,amount\nA,2024-01-05,$9\n")
    settings = Settings(tmp_path / "warehouse")
    readings = read_flat(settings, [path], {}, None, is_confirmed=True)
    load_directory(settings, SOURCE, path, readings=readings)
    with console.capture() as said, pytest.raises(StrataError, match="nothing to tier"):
        check(settings, [SOURCE])
    assert "1 rows of order_items.net_amount: The value cannot be read as a day" in said.get()


def test_every_kind_of_file_is_read(tmp_path):
    pq.write_table(
        pa.table({"Member": [1.0, 2.0], "day": [date(2024, 1, 2)] * 2, "Total": [3.5, -1.0]}),
        tmp_path / "sales.parquet",
    )
    settings = Settings(tmp_path / "warehouse")
    readings = read_flat(settings, [tmp_path / "sales.parquet"], {}, None, is_confirmed=True)
    report = load_directory(settings, SOURCE, tmp_path, readings=readings)
    assert [file.status for file in report.files] == ["loaded"]
    with duckdb.connect(settings.database) as warehouse:
        rows = warehouse.execute(
            "select customer_id, cast(order_date as varchar), net_amount, date_style"
            " from raw_transactions.transactions order by 1"
        ).fetchall()
    assert rows == [
        ("1", "2024-01-02", 3.5, "year_first"), ("2", "2024-01-02", -1.0, "year_first"),
    ]  # fmt: skip
