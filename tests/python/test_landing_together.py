"""Landing: what several files tell together, and many small ones at once."""

import os
import subprocess
import sys

import openpyxl
import pytest

from shop import DECLARATION, HEADER, Shop
from strata.errors import StrataError
from strata.landing import small_files
from strata.landing.naming import scope_of
from strata.settings import PROJECT_DIR

READING = {"one by one": 99, "together": 2}


@pytest.fixture(params=READING, ids=str)
def any_shop(shop, monkeypatch, request) -> Shop:
    """A shop whose files are loaded one by one, or together."""
    monkeypatch.setattr(small_files, "MANY", READING[request.param])
    return shop


def test_small_files_land_as_they_do_one_by_one(any_shop):
    any_shop.put("orders_a.csv", HEADER + "O1,C1,,5,x\nbad\n")
    any_shop.put("orders_b.csv", HEADER + "O2,C2,,5,\n")
    any_shop.put("orders_c.csv", ("order_id,note,tag\nO3,好的,t\n").encode("gbk"))
    any_shop.put("orders_d.csv", "title\norder_id,note,tag\nO4,x,\n")
    any_shop.put("orders_e.csv", "nothing here\n1\n")
    any_shop.put("orders_f.csv", HEADER + "O2,C2,,5,\n")
    any_shop.put_sheet("orders_g.xlsx", [["order_id"], ["O5"]])
    any_shop.put("orders_h.csv", HEADER + "\n")
    any_shop.put("strange.csv", "a\n1\n")
    report = any_shop.load()
    assert [(f.file_name, f.status, f.rows_loaded, f.encoding) for f in report.files] == [
        ("orders_a.csv", "loaded", 1, "utf-8"),
        ("orders_b.csv", "loaded", 1, "utf-8"),
        ("orders_c.csv", "loaded", 1, "gb18030"),
        ("orders_d.csv", "loaded", 1, "utf-8"),
        ("orders_e.csv", "unreadable", 0, ""),
        ("orders_f.csv", "already_loaded", 1, ""),
        ("orders_g.xlsx", "loaded", 1, ""),
        ("orders_h.csv", "loaded", 0, "utf-8"),
        ("strange.csv", "no_table", 0, ""),
    ]
    notes = [note for file in report.files for note in file.notes]
    assert notes.count("column not declared, added to the table: tag") == 1
    assert "1 rows above the header are left out: 'title'" in notes
    assert "first unreadable row: 3, it has 1 fields instead of 5" in notes
    assert any_shop.rows(
        "select order_id, note, _file, _row, _row_id % 2**32 from raw_shop.orders order by 1"
    ) == [
        ("O1", "x", "orders_a.csv", 2, 2),
        ("O2", None, "orders_b.csv", 2, 2),
        ("O3", "好的", "orders_c.csv", 2, 2),
        ("O4", "x", "orders_d.csv", 3, 3),
        ("O5", None, "orders_g.xlsx", 2, 2),
    ]
    assert any_shop.rows("select file_name, row_number from landing.unreadable_rows") == [
        ("orders_a.csv", 3)
    ]
    assert any_shop.rows(
        "select file_id, columns[1:2] from landing.files where file_name = 'orders_c.csv'"
    ) == [(3, ["order_id", "note"])]
    assert {file.status for file in any_shop.load().files} == {
        "already_loaded", "unreadable", "no_table",
    }  # fmt: skip


def test_a_small_file_that_changes_is_loaded_again_by_itself(any_shop):
    path = any_shop.put("orders_b.csv", HEADER + "O2,C2,,5,\n")
    any_shop.put("orders_c.csv", HEADER + "O3,C3,,5,\n")

    def touch(message: str) -> None:
        if "orders_c.csv" in message and path.exists():
            path.unlink()

    any_shop.load(touch)
    assert any_shop.rows("select count(*) from raw_shop.orders") == [(2,)]


# --- contradictions --------------------------------------------------------------------------

SHOPS = DECLARATION.replace("{name: customer_id}", "{name: customer_id}, {name: clinic_id}")
HEAD = "order_id,customer_id,clinic_id,order_date\n"


@pytest.mark.parametrize(
    ("ours", "theirs", "words"),
    [
        ("1,A,s,2025-01-01", "1,B,s,2025-01-01", "1 order_id, in customer_id (1)"),
        ("1,A,s,2025-01-01", "1,A,t,2025-01-01", "1 order_id, in clinic_id (1)"),
        ("1,A,s,2025-01-01", "1,A,s,2025/1/2", "order_date (1): 1 has order_date 2025-01-01"),
        ("1,A,s,2025-01-01", "1,A,s,2025/1/1", None),
        ("1,A,s,2025-01-01", "1,A,,2025-01-01", None),
        ("1,A,s,2025-01-01", "2,B,t,2025-01-02", None),
        ("1,A,s,2025-01-01\n1,A,s,2025/1/1", "2,A,s,2025-01-01", None),
        ("1,A,s,2025-01-01\n1,B,s,2025-01-01", None, "1 order_id, in customer_id (1)"),
        ("1,A,s,2025-01-01\n1,A,s,2025-01-02", None, "1 order_id, in order_date (1)"),
        ("1,A,s,2025-01-01\n1,A,s,2025-01-01", None, None),
    ],
)
def test_rows_of_one_load_that_contradict_each_other_are_told(any_shop, ours, theirs, words):
    declared = any_shop.base / "project/models/staging/shop/_shop__sources.yml"
    declared.write_text(SHOPS, encoding="utf-8")
    any_shop.put("orders_a.csv", HEAD + ours + "\n")
    if theirs:
        any_shop.put("orders_b.csv", HEAD + theirs + "\n")
    found = any_shop.load().warnings
    assert len(found) == (words is not None)
    kept = any_shop.rows("select note from landing.load_notes where file_name = ''")
    assert kept == [(text,) for text in found]
    if words:
        assert words in found[0]
        assert "(orders_a.csv row 2) and" in found[0]


SCOPED = {
    "orders_shop_A.csv": "shop_A",
    "orders_2025-11_shop_A.csv": "shop_A",
    "orders-shop_A-20251101 (1).csv": "shop_A",
    "Orders 朝阳 2025年11月.xlsx": "朝阳",
    "orders_07.csv": "07",
    "orders.csv": "",
    "orders_2025.csv": "",
    "orders 2025-11-30(2).csv.gz": "",
    "orders副本.csv": "",
}


@pytest.mark.parametrize(("name", "shop_of"), SCOPED.items(), ids=str)
def test_a_file_name_says_whose_ids_it_has(name, shop_of):
    assert scope_of(name, ["orders", "order_items"]) == shop_of


def test_ids_of_shops_that_number_alike_are_their_own(any_shop):
    any_shop.put("order_items_a.csv", "order_id,line_number\n1,1\n")
    any_shop.put("order_items_b.csv", "order_id,line_number\n1,1\n")
    any_shop.put("orders.csv", HEADER + "1,A,2025-01-01,5,\n")
    any_shop.put("orders_a.csv", HEADER + "1,B,2025-01-01,5,\n")
    any_shop.put("orders_b.csv", HEADER + "1,C,2025-01-01,5,\n")
    assert any_shop.load(scope="clinic").warnings == [
        "ids of each clinic are its own, by the files' names: a, b"
    ]
    any_shop.put("orders_b_2.csv", HEADER + "2,C,2025-01-01,5,\n")
    any_shop.put("order_items_c.csv", "order_id,line_number\n2,1\n")
    any_shop.load()
    assert any_shop.rows(
        "select file_name, scope, scoped_columns from landing.files order by 1"
    ) == [
        ("order_items_a.csv", "a", ["order_id"]),
        ("order_items_b.csv", "b", ["order_id"]),
        ("order_items_c.csv", "c", []),
        ("orders.csv", "", []),
        ("orders_a.csv", "a", ["order_id"]),
        ("orders_b.csv", "b", ["order_id"]),
        ("orders_b_2.csv", "b_2", ["order_id"]),
    ]


def test_a_scope_that_no_name_says_is_refused(shop):
    shop.put("orders_2025.csv", HEADER + "1,A,2025-01-01,5,\n")
    with pytest.raises(StrataError, match="No file's name says which clinic"):
        shop.load(scope="clinic")
    with pytest.raises(StrataError, match="Unknown scope 'shop'"):
        shop.load(scope="shop")


def test_a_source_may_say_that_its_shops_number_alike(shop):
    declared = shop.base / "project/models/staging/shop/_shop__sources.yml"
    meta = "schema: raw_shop\n    config: {meta: {scope: clinic}}\n"
    declared.write_text(DECLARATION.replace("schema: raw_shop\n", meta), encoding="utf-8")
    shop.put("orders_a.csv", HEADER + "1,A,2025-01-01,5,\n")
    shop.load()
    assert shop.rows("select scope from landing.files") == [("a",)]


def test_sheets_that_contradict_each_other_are_told(shop):
    book = openpyxl.Workbook()
    for title, customer in (("north", "A"), ("south", "B")):
        sheet = book.create_sheet(title)
        sheet.append(["order_id", "customer_id", "order_date"])
        sheet.append(["1", customer, "2025-01-01"])
    del book["Sheet"]
    book.save(shop.inbox / "orders.xlsx")
    (warning,) = shop.load().warnings
    assert "1 has customer_id A (orders.xlsx [north] row 2) and B" in warning


def test_a_number_that_many_rows_have_by_right_contradicts_nothing(shop):
    declared = shop.base / "project/models/staging/shop/_shop__sources.yml"
    text = DECLARATION.replace("- name: orders\n", "- name: experiment_assignments\n")
    declared.write_text(text, encoding="utf-8")
    shop.put("experiment_assignments.csv", HEADER + "1,A,2025-01-01,5,\n1,B,2025-01-01,5,\n")
    assert shop.load().warnings == []


def test_a_later_load_corrects_and_does_not_contradict(shop):
    shop.put("orders_a.csv", HEADER + "1,A,2025-01-01,5,\n")
    shop.load()
    shop.put("orders_b.csv", HEADER + "1,B,2025-01-01,5,\n")
    assert shop.load().warnings == []


def test_a_customer_may_move_but_not_become_another(shop):
    declared = shop.base / "project/models/staging/shop/_shop__sources.yml"
    own = "{name: customer_id}, {name: full_name}, {name: home_clinic_id}"
    text = DECLARATION.replace("- name: orders\n", "- name: customers\n")
    text = text.replace("{name: order_id}, {name: customer_id}", own)
    declared.write_text(text, encoding="utf-8")
    head = "customer_id,full_name,home_clinic_id\n"
    shop.put("customers_a.csv", head + "1,Li,north\n2,Wang,north\n")
    shop.put("customers_b.csv", head + "1,Li,south\n")
    assert shop.load().warnings == []
    shop.put("customers_c.csv", head + "3,Li,north\n")
    shop.put("customers_d.csv", head + "3,Zhou,south\n")
    assert "1 customer_id, in full_name (1), home_clinic_id (1)" in shop.load().warnings[0]


def test_lines_are_told_apart_by_their_number(shop):
    declared = shop.base / "project/models/staging/shop/_shop__sources.yml"
    extra = "{name: line_number}, {name: product_id}"
    declared.write_text(DECLARATION.replace("{name: line_number}", extra), encoding="utf-8")
    shop.put("order_items_a.csv", "order_id,line_number,product_id\n1,1,p\n")
    shop.put("order_items_b.csv", "order_id,line_number,product_id\n1,2,q\n")
    assert shop.load().warnings == []
    shop.put("order_items_c.csv", "order_id,line_number,product_id\n1,3,p\n")
    shop.put("order_items_d.csv", "order_id,line_number,product_id\n1,3,q\n")
    assert "1, 3 has product_id p (order_items_c.csv row 2)" in shop.load().warnings[0]
    shop.put("order_items_e.csv", "order_id,line_number,product_id\n2,1,p\n2,1,q\n")
    assert "1 order_id, line_number, in product_id (1)" in shop.load().warnings[0]


@pytest.mark.parametrize("name", ["currency", "Currency_Code", "币种"])
def test_amounts_in_other_money_are_told(shop, name):
    shop.put("orders_a.csv", f"order_id,{name}\n1,HKD\n2,hkd\n3,CNY\n4,\n5,人民币\n")
    (warning,) = shop.load().warnings
    assert "holds HKD (2 rows), but every amount counts as CNY" in warning
    shop.put("orders_b.csv", f"order_id,{name}\n6,CNY\n")
    assert shop.load().warnings == []


# --- remarks ---------------------------------------------------------------------------------


def test_a_file_with_some_columns_says_what_that_does(any_shop):
    any_shop.put("orders_a.csv", HEADER + "1,A,2025-01-01,5,\n")
    any_shop.load()
    any_shop.put("orders_b.csv", "order_id,note\n1,x\n")
    any_shop.put("orders_c.csv", "order_id,note\n2,x\n")
    note = any_shop.load().files[1].notes[0]
    assert note.startswith("columns missing: customer_id, order_date")
    assert "A row that was delivered before keeps what was known of it" in note
    assert any_shop.rows(
        "select note from landing.load_notes where file_name = 'orders_b.csv'"
    ) == [(note,)]


def test_thousands_of_undeclared_columns_are_one_line(shop):
    extra = [f"x{n}" for n in range(2000)]
    shop.put("orders.csv", f"order_id,{','.join(extra)}\n1{',1' * 2000}\n")
    (note,) = [note for note in shop.load_one().notes if "not declared" in note]
    assert note == (
        "2,000 columns not declared, added to the table: x0, x1, x2, x3, x4 and 1,995 more"
    )


def test_the_status_repeats_what_loads_have_remarked(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "orders.csv").write_text("order_id,currency\n1,HKD\n")
    strata("load", "--source", "demo", str(tmp_path / "in"), "--warehouse", str(tmp_path / "w"))
    told = strata("status", "--warehouse", str(tmp_path / "w")).stdout.decode()
    assert "orders.csv: columns missing: customer_id" in told
    assert "column currency holds HKD (1 rows)" in told
    strata("withdraw", "--source", "demo", "orders.csv", "--warehouse", str(tmp_path / "w"))
    told = strata("status", "--warehouse", str(tmp_path / "w")).stdout.decode()
    assert "orders.csv" not in told


# --- the command -----------------------------------------------------------------------------


def strata(*arguments: str, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "strata", *arguments],
        env=os.environ | {"PYTHONPATH": str(PROJECT_DIR / "scripts")} | environment,
        capture_output=True,
        check=False,
    )


@pytest.mark.parametrize("encoding", ["gbk", "ascii", "latin-1"])
def test_a_terminal_that_lacks_our_signs_shows_others(tmp_path, encoding):
    folder = tmp_path / "it's here"
    folder.mkdir()
    (folder / "orders_É𠮷.csv").write_text(
        "order_id,customer_id,order_date\n1,𠮷,2025-01-01\n", encoding="utf-8"
    )
    told = strata(
        "load", "--source", "demo", str(folder), "--warehouse", str(tmp_path / "it's"),
        PYTHONIOENCODING=encoding,
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    assert b"1 rows loaded" in told.stdout
    assert strata("--help", PYTHONIOENCODING=encoding).returncode == 0


def test_a_path_is_the_same_in_a_locale_without_its_signs(tmp_path):
    (tmp_path / "orders_北.csv").write_text("order_id\n1\n", encoding="utf-8")
    told = strata(
        "load", "--source", "demo", str(tmp_path), "--warehouse", str(tmp_path / "门店"),
        LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0",
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    assert (tmp_path / "门店" / "strata.duckdb").exists()


@pytest.mark.parametrize(
    ("name", "content", "code", "words"),
    [
        ("orders.csv", b"order_id,customer_id\n1,A\n", 0, b"strata run"),
        ("oders.csv", b"order_id,customer_id\n1,A\n", 1, b"Is it orders?"),
        ("orders.csv", b"order_id,customer_id\n1,\xff\xfe\n", 1, b"no row of it could be read"),
    ],
)
def test_the_exit_code_tells_of_a_file_left_out(tmp_path, name, content, code, words):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / name).write_bytes(content)
    (tmp_path / "in" / "customers.csv").write_text("customer_id\nA\n")
    told = strata(
        "load", "--source", "demo", str(tmp_path / "in"), "--warehouse", str(tmp_path / "w")
    )
    assert (told.returncode, words in told.stdout + told.stderr) == (code, True)


def test_a_name_in_bytes_of_old_windows_is_read(shop):
    path = os.fsencode(shop.inbox) + b"/orders_" + "北京".encode("gbk") + b".csv"
    with open(path, "wb") as file:  # noqa: PTH123 - a path of bytes
        file.write(HEADER.encode() + b"1,A,,,\n")
    assert shop.load_one().file_name == "orders_北京.csv"
    assert shop.rows("select _file from raw_shop.orders") == [("orders_北京.csv",)]
