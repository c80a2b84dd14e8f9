"""Landing: every record of every file is loaded or set aside, once, with its line number."""

import csv
import datetime
import gzip
import io
import os
import subprocess
import sys
import textwrap
import zipfile
from collections.abc import Callable
from decimal import Decimal

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shop import COLUMNS, DECLARATION, HEADER, MOMENT
from strata.errors import StrataError
from strata.landing import blocks, declared_tables, load_directory, standing_notes
from strata.landing.csv_header import CsvShape, read_shape
from strata.landing.csv_records import MAX_RECORD_LINES, csv_batches
from strata.landing.encodings import detect_encoding
from strata.landing.naming import nearest_name, table_for
from strata.settings import PROJECT_DIR

# --- declarations and names ------------------------------------------------------------------


def test_the_demo_source_declares_its_feeds():
    tables = declared_tables("demo")
    assert len(tables) == 16
    assert tables["order_items"] == [
        "order_id",
        "line_number",
        "product_id",
        "quantity",
        "list_amount",
        "net_amount",
        "unit_cost",
        "cost_amount",
    ]


@pytest.mark.parametrize("source", ["nowhere", "../demo", "", "demo/"])
def test_an_unknown_source_is_refused_with_the_known_ones(source):
    with pytest.raises(StrataError) as caught:
        declared_tables(source)
    assert "demo" in caught.value.message
    assert caught.value.exit_code == 2
    assert 'CONTRIBUTING.md, "Adding a source"' in caught.value.hint


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("schema: raw_shop", "schema: main", "schema: raw_shop"),
        ("{name: note}", "{name: ORDER_ID}", "twice: order_id"),
        ("{name: note}", "{name: _row}", "adds itself"),
        ("tables:", "tables: [", "not valid YAML"),
        ("{name: note}", "{name: No}", "YAML reads it as False"),
        ("{name: note}", "{name: 2024}", "in quotes"),
        ("{name: note}", "note", "a column of table orders has no name: 'note'"),
        ("- name: order_items", "- name: off", "a table of source shop is not text"),
        ("- name: order_items", "- label: x", "a table of source shop has no name"),
    ],
)
def test_a_faulty_declaration_is_named(shop, old, new, words):
    path = shop.base / "project/models/staging/shop/_shop__sources.yml"
    path.write_text(DECLARATION.replace(old, new), encoding="utf-8")
    with pytest.raises(StrataError) as caught:
        declared_tables("shop", shop.base / "project")
    assert "_shop__sources.yml" in caught.value.message
    assert words in caught.value.message + caught.value.hint


def test_a_declared_name_that_is_quoted_is_text(shop):
    path = shop.base / "project/models/staging/shop/_shop__sources.yml"
    path.write_text(DECLARATION.replace("{name: note}", '{name: "No"}'), encoding="utf-8")
    assert declared_tables("shop", shop.base / "project")["orders"][-1] == "No"


@pytest.mark.parametrize(
    ("file_name", "table"),
    [
        ("orders.csv", "orders"),
        ("Orders_2026-11.XLSX", "orders"),
        ("orders-1.csv", "orders"),
        ("orders.2026.csv.gz", "orders"),
        ("order_items_north.parquet", "order_items"),
        ("ordersnorth.csv", None),
        ("orders (1).csv", "orders"),
        ("my_orders.csv", None),
        ("orders(1).csv", "orders"),
        ("orders（2）.csv", "orders"),
        ("orders 2025-11.csv", "orders"),
        ("orders2025.csv", "orders"),
        ("orders副本.csv", "orders"),
        ("order_items (1).csv", "order_items"),
        ("Order Items 2025.csv", "order_items"),
        ("order-items.csv", "order_items"),
        ("订单_2025.csv", "orders"),
        ("订单2025.csv", "orders"),
        ("订单.csv", "orders"),
        ("订单副本.csv", "orders"),
        ("订单明细.csv", None),
    ],
)
def test_a_file_belongs_to_the_longest_table_that_begins_its_name(file_name, table):
    tables = ["orders", "order", "order_items"]
    assert table_for(file_name, tables, {"订单": "orders"}) == table


@pytest.mark.parametrize(
    ("file_name", "near"),
    [
        ("ordersnorth.csv", "orders"),
        ("my_orders.csv", "orders"),
        ("oders_2025.csv", "orders"),
        ("orderitems.csv", "order_items"),
        ("export_订单.csv", "订单"),
        ("readme.txt", None),
    ],
)
def test_a_file_left_out_is_told_the_nearest_name(file_name, near):
    assert nearest_name(file_name, ["orders", "order_items", "订单"]) == near


def test_a_source_may_give_tables_other_file_names(shop):
    path = shop.base / "project/models/staging/shop/_shop__sources.yml"
    named = "- name: orders\n        config: {meta: {file_names: [订单]}}"
    path.write_text(DECLARATION.replace("- name: orders\n", named + "\n"), encoding="utf-8")
    shop.put("订单_2025.csv", HEADER + "O1,C1,,,\n")
    assert shop.load_one().table == "orders"
    path.write_text(path.read_text(encoding="utf-8").replace("[订单]", "[no]"))
    with pytest.raises(StrataError, match="False cannot be a file name of table orders"):
        shop.load()


# --- a clean load ----------------------------------------------------------------------------


def test_a_clean_file_lands_as_it_came_with_its_lineage(shop):
    shop.put("orders.csv", HEADER + "O1, C1 ,2026-01-02,010.50,\nO2,C2,rubbish,,好\n")
    report = shop.load_one()
    assert (report.status, report.table, report.format) == ("loaded", "orders", "csv")
    assert (report.encoding, report.rows_loaded, report.rows_unreadable) == ("utf-8", 2, 0)
    assert report.notes == []
    assert shop.rows("from raw_shop.orders order by _row") == [
        ("O1", " C1 ", "2026-01-02", "010.50", None, "orders.csv", 2, MOMENT, 2**32 + 2),
        ("O2", "C2", "rubbish", None, "好", "orders.csv", 3, MOMENT, 2**32 + 3),
    ]
    assert list(shop.types()) == [*COLUMNS, "_file", "_row", "_loaded_at", "_row_id"]


def test_every_declared_table_is_there_even_without_a_file(shop):
    shop.put("orders.csv", HEADER + "O1,C1,,,\n")
    assert shop.load().tables_without_rows == ["order_items"]
    assert shop.rows("select count(*) from raw_shop.order_items") == [(0,)]
    assert shop.types("order_items")["line_number"] == "VARCHAR"


def test_a_load_counts_after_all_earlier_ones_whatever_the_clock_says(shop):
    for name, moment in (
        ("orders_1.csv", datetime.datetime(2100, 1, 1)),
        ("orders_2.csv", None),
    ):
        path = shop.put(name, HEADER + "O1,C1,,,\n" + f"{name},C1,,,\n")
        project = shop.base / "project"
        load_directory(shop.settings, "shop", path, project_dir=project, loaded_at=moment)
    newest = "select _file from raw_shop.orders order by _loaded_at desc limit 1"
    assert shop.rows(newest) == [("orders_2.csv",)]


def test_the_book_of_files_is_kept(shop):
    path = shop.put("orders.csv", HEADER + "O1,C1,,,\nbroken\n")
    shop.load()
    columns = "file_id, source, table_name, file_name, file_format, encoding, byte_size"
    assert shop.rows(
        f"select {columns}, loaded_at, rows_loaded, rows_unreadable, length(content_hash) "
        "from landing.files"
    ) == [
        (
            1,
            "shop",
            "orders",
            "orders.csv",
            "csv",
            "utf-8",
            path.stat().st_size,
            MOMENT,
            1,
            1,
            64,
        )
    ]
    assert shop.rows("from landing.unreadable_rows") == [
        (
            1,
            "shop",
            "orders",
            "orders.csv",
            3,
            "unreadable_row",
            "it has 1 fields instead of 5",
            "broken",
        )
    ]


def test_files_are_loaded_by_name_and_strangers_are_only_reported(shop):
    shop.put("orders_b.csv", HEADER + "O2,C2,,,\n")
    shop.put("orders_a.csv", HEADER + "O1,C1,,,\n")
    shop.put("readme.txt", "hello")
    for hidden in (".orders.csv", "_orders.csv", "~$orders.xlsx"):
        shop.put(hidden, HEADER + "O9,,,,\n")
    report = shop.load()
    assert [(file.file_name, file.status) for file in report.files] == [
        ("orders_a.csv", "loaded"),
        ("orders_b.csv", "loaded"),
        ("readme.txt", "no_table"),
    ]
    assert "order_items" in report.files[2].notes[0]
    assert "file_names in models/staging/shop" in report.files[2].notes[0]
    assert report.rows_loaded == 2
    assert shop.rows("select order_id, _row_id from raw_shop.orders order by 1") == [
        ("O1", 2**32 + 2),
        ("O2", 2 * 2**32 + 2),
    ]


def test_titles_above_a_csv_header_are_left_out_and_told(shop):
    shop.put("orders.csv", "Orders of May\n\nas of,2025-05-31\n" + HEADER + "O1,C1,,,\n")
    assert any(
        note == "2 rows above the header are left out: 'Orders of May'; 'as of,2025-05-31'"
        for note in shop.load_one().notes
    )
    assert shop.rows("select order_id, _row from raw_shop.orders") == [("O1", 5)]


def test_a_gzip_that_expands_beyond_measure_is_refused(shop):
    shop.put("orders.csv.gz", gzip.compress(HEADER.encode() + b"O1,C1,,,\n" * 9_000_000))
    assert "expands from" in shop.load_one().notes[0]
    assert shop.rows("select count(*) from raw_shop.orders") == [(0,)]


# --- CSV: damage -----------------------------------------------------------------------------

GOOD = "O{},C{},2026-01-02,5,fine\n"


def good(*numbers: int) -> str:
    return "".join(GOOD.format(n, n) for n in numbers)


DAMAGE = {
    "too few fields": (good(1) + "O2,C2\n" + good(3), [2, 4], {3: "2 fields instead of 5"}),
    "too many fields": (
        good(1) + "O2,C2,2026-01-02,1,000,x\n" + good(3),
        [2, 4],
        {3: "6 fields instead of 5"},
    ),
    "text behind a closing quote": (
        good(1) + 'O2,C2,,,"a"b\n' + good(3),
        [2, 4],
        {3: "behind a closing quote"},
    ),
    "a stray quote, no other quotes": (
        good(1) + 'O2,C2,,,"never closed\n' + good(*range(3, 203)),
        [2, *range(4, 204)],
        {3: "not closed within"},
    ),
    "a stray quote just before the end": (
        good(1) + 'O2,C2,,,"never closed\n' + good(3),
        [2, 4],
        {3: "a quote is opened"},
    ),
    "a stray quote closed by a later field's": (
        good(1) + 'O2,C2,,,"open\n' + good(3, 4) + 'O5,C5,,,"shut"\n' + good(6),
        [2, 4, 5, 6, 7],
        {3: "quote"},
    ),
    "two stray quotes that would swallow records": (
        good(1) + 'O2,C2,,,"open\n' + good(3, 4) + 'so shut"\n' + good(6),
        [2, 4, 5, 7],
        {3: "swallow whole records", 6: "1 fields instead of 5"},
    ),
    "undecodable bytes": (
        good(1).encode() + b"O2,C2,,,\xff\xfe\n" + "O3,C3,,,好\n".encode(),
        [2, 4],
        {3: "byte 9 of the line is not UTF-8"},
    ),
    "undecodable bytes inside quotes": (
        good(1).encode() + b'O2,C2,,,"a\n\xff"\n' + "O3,C3,,,好\n".encode(),
        [2, 5],
        {3: "not closed", 4: "not UTF-8"},
    ),
    "NUL bytes": (good(1) + "O2,C2,,\0,x\n" + good(3), [2, 4], {3: "NUL bytes"}),
    "a tail of NUL bytes": (good(1, 2) + "\0" * 5000, [2, 3], {4: "NUL bytes"}),
    "a line cut off at the end": (good(1, 2) + "O3,C", [2, 3], {4: "2 fields instead of 5"}),
    "a repeated header": (good(1) + HEADER + good(2), [2, 3, 4], {}),
    "blank lines are nothing": ("\n" + good(1) + "\n  \n" + good(2) + "\n\n", [3, 6], {}),
    "empty records are records": (good(1) + ",,,,\n", [2, 3], {}),
    "an old end-of-file mark": (good(1) + "\x1a", [2], {}),
    "a quote within a text": (good(1) + 'O2,C2,,,5" thick\n' + good(3), [2, 3, 4], {}),
    "a line of monstrous length": (
        good(1) + "x" * 9_000_000 + "\n" + good(3),
        [2, 4],
        {3: "longer than 4 MB"},
    ),
    "a line break outside of quotes": (
        good(1) + 'O2,C2,,"1",a\rb\n' + good(3),
        [2, 4],
        {3: "line break outside"},
    ),
}


@pytest.mark.parametrize(
    ("kind", "block"),
    [
        (kind, block)
        for kind in DAMAGE
        for block in (50, blocks.BLOCK_BYTES)
        if (kind, block) != ("a line of monstrous length", 50)
    ],
)
def test_damage_is_set_aside_and_the_good_rest_loads(shop, monkeypatch, kind, block):
    content, loaded, damaged = DAMAGE[kind]
    monkeypatch.setattr(blocks, "BLOCK_BYTES", block)
    body = content if isinstance(content, bytes) else content.encode()
    shop.put("orders.csv", HEADER.encode() + body)
    report = shop.load_one()
    found = shop.rows("select _row from raw_shop.orders order by _row")
    assert [number for (number,) in found] == loaded
    aside = dict(
        shop.rows("select row_number, reason from landing.unreadable_rows order by row_number")
    )
    assert list(aside) == list(damaged)
    for number, words in damaged.items():
        assert words in aside[number]
    assert (report.rows_loaded, report.rows_unreadable) == (len(loaded), len(damaged))
    assert any("first unreadable row" in note for note in report.notes) == bool(damaged)


@pytest.mark.parametrize(("lines_below", "loaded"), [(MAX_RECORD_LINES - 2, 1), (60, 60)])
def test_a_quoted_field_may_span_lines_but_not_without_end(shop, lines_below, loaded):
    shop.put("order_items.csv", 'order_id,line_number\nO1,"' + "\nO2,5" * lines_below + '\n"\n')
    assert shop.load_one().rows_loaded == loaded


def test_what_is_set_aside_keeps_its_text(shop):
    shop.put("orders.csv", HEADER.encode() + b'O1,\xff,\0\nO2,"x"y\n' + "好,,,,\n".encode())
    shop.load()
    assert shop.rows("select raw_text from landing.unreadable_rows order by row_number") == [
        ("O1,\\xff,\\x00",),
        ('O2,"x"y',),
    ]


# --- CSV: shapes -----------------------------------------------------------------------------


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"], ids=["lf", "crlf", "cr"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_separators_and_line_ends(shop, separator, line_end):
    table = [
        COLUMNS,
        ["O1", "C1", "a,b;c", "1", ""],
        ["O2", "C2", "x", 'say "ja"', line_end * 2],
    ]
    buffer = io.StringIO(newline="")
    csv.writer(buffer, delimiter=separator, lineterminator=line_end).writerows(table)
    last = ["O3", "C3", "", "", "z"]
    text = buffer.getvalue() + separator.join(last)
    shop.put("orders.csv", text)
    assert shop.load_one().rows_loaded == 3
    found = shop.rows("select * exclude (_file, _loaded_at, _row_id) from raw_shop.orders")
    assert sorted(found) == [
        ("O1", "C1", "a,b;c", "1", None, 2),
        ("O2", "C2", "x", 'say "ja"', line_end * 2, 3),
        ("O3", "C3", None, None, "z", 6),
    ]


@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
@pytest.mark.parametrize("block", [17, 64, 1000, blocks.BLOCK_BYTES])
def test_line_numbers_are_exact_whatever_the_blocks(monkeypatch, quoting, block):
    monkeypatch.setattr(blocks, "BLOCK_BYTES", block)
    texts = ["plain", "a,b", 'q"q', "two\nlines", "", "\n\nx\n", "好\n的", '"', "end\n"]
    rows = [[f"O{n}", texts[n % 9], texts[n // 9 % 9]] for n in range(300)]
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\n", quoting=quoting).writerows(rows)
    content = b"order_id,b,c\n" + buffer.getvalue().encode()
    shape = read_shape(io.BytesIO(content), "utf-8", ["order_id"])
    read, numbers = [], []
    for batch in csv_batches(io.BytesIO(content), "utf-8", shape):
        assert batch.unreadable == []
        *columns, found = batch.table.to_pydict().values()
        read += [list(row) for row in zip(*columns, strict=True)]
        numbers += found
    assert read == rows
    expected = [2]
    for row in rows[:-1]:
        expected.append(expected[-1] + 1 + sum(text.count("\n") for text in row))
    assert numbers == expected


def _records(content: bytes, block: int) -> tuple[list[dict], list]:
    """The records and those set aside, when read in blocks of so many bytes."""
    usual, blocks.BLOCK_BYTES = blocks.BLOCK_BYTES, block
    try:
        shape = CsvShape(",", "\n", 1, ("a", "b", "c", "d"), 4)
        batches = list(csv_batches(io.BytesIO(b"a,b,c,d\n" + content), "utf-8", shape))
    finally:
        blocks.BLOCK_BYTES = usual
    return (
        [row for batch in batches for row in batch.table.to_pylist()],
        [row for batch in batches for row in batch.unreadable],
    )


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.sampled_from([b",", b'"', b"\n", b"\r", b"a,b,c,d\n", b'"x"', b"x", b"\0", b"\xff"]),
        max_size=150,
    ).map(b"".join),
    st.integers(8, 60),
)
def test_whatever_comes_each_line_is_accounted_for(content, block):
    records, aside = _records(content, blocks.BLOCK_BYTES)
    assert _records(content, block) == (records, aside)
    starts = sorted([row["n"] for row in records] + [row.row_number for row in aside])
    assert len(starts) == len(set(starts))
    spans = {
        row["n"] + after
        for row in records
        for after in range(1 + sum(str(v).count("\n") for v in row.values()))
    }
    assert not spans & {row.row_number for row in aside}
    for number, line in enumerate(content.split(b"\n"), start=2):
        if line.strip(b" \r\x1a"):
            assert number in spans or number in starts


@pytest.mark.parametrize(
    ("header", "line"),
    [
        (HEADER.strip() + ",", "O1,C1,,5,x,"),
        (HEADER.strip() + ",", "O1,C1,,5,x"),
        (HEADER.strip() + ",,", "O1,C1,,5,x,,"),
        (HEADER.strip(), "O1,C1,,5,x,"),
        (" ORDER_ID , Customer_Id,order_date\u200b,\u3000net_amount,NOTE", "O1,C1,,5,x"),
        ("sep=;\n" + HEADER.strip().replace(",", ";"), "O1;C1;;5;x"),
        ("\ufeff" + HEADER.strip(), "O1,C1,,5,x"),
        (HEADER.strip().replace("note", '"note"'), "O1,C1,,5,x"),
    ],
)
def test_headers_and_trailing_separators(shop, header, line):
    shop.put("orders.csv", f"{header}\n{line}\n")
    assert shop.load_one().rows_unreadable == 0
    found = shop.rows(f"select {', '.join(COLUMNS)} from raw_shop.orders")
    assert found == [("O1", "C1", None, "5", "x")]


def test_a_value_behind_the_last_named_column_is_not_lost(shop):
    shop.put("orders.csv", HEADER.strip() + ",\n" + "O1,C1,,5,x,\n" * 3 + "O2,C2,,5,x,y\n")
    report = shop.load_one()
    assert (report.rows_loaded, report.rows_unreadable) == (3, 1)
    assert "behind the last column" in report.notes[0]


def test_a_large_file_of_every_record_kind_reconciles(shop):
    kinds = [good(1), 'O,C,,,"two\nlines"\n', "O,C\n", 'O,C,,"1",x\n', "O,C,,,多\n"]
    body = "".join(kinds[n % 5] for n in range(60_000)) * 2
    shop.put("orders.csv", HEADER + body)
    report = shop.load_one()
    assert (report.rows_loaded, report.rows_unreadable) == (96_000, 24_000)
    last = body.count("\n") + 1
    assert shop.rows("select max(_row), count(distinct _row_id) from raw_shop.orders") == [
        (last, 96_000)
    ]


# --- encodings -------------------------------------------------------------------------------

CHINESE = "O1,C1,,,张三做了光子嫩肤\nO2,C2,,,李四的术后满意度很高|好\n"


@pytest.mark.parametrize(
    ("codec", "reported"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("gbk", "gb18030"),
        ("gb18030", "gb18030"),
        ("utf-16", "utf-16-le"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
    ],
)
def test_encodings_are_detected_and_reported(shop, codec, reported):
    text = HEADER + CHINESE + ("O3,C3,,,𠮷\n" if codec != "gbk" else "")
    shop.put("orders.csv", text.encode(codec))
    report = shop.load_one()
    assert report.encoding == reported
    is_guess = codec in ("gbk", "gb18030", "utf-16-le", "utf-16-be")
    assert any(f"read as {reported}, by a guess" in note for note in report.notes) == is_guess
    notes = [note for (note,) in shop.rows("select note from raw_shop.orders order by _row")]
    assert notes == [line.split(",")[-1] for line in text.splitlines()[1:]]


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (b"plain", "utf-8"),
        ("好".encode() * 50 + b"\xff\n", "utf-8"),
        ("crème brûlée\n".encode() * 50 + b"\xff\n", "utf-8"),
        ("好的\n".encode("gbk") * 50 + b"\xff\n", "gb18030"),
        ("张三,".encode() + "王小明".encode()[:-1] + b"\n", "utf-8"),
        ("café crème à la carte\n".encode("latin-1"), "utf-8"),
        (b"x" * 5_000_000 + b"\n" + "北京朝阳门诊部\n".encode("gbk"), "gb18030"),
    ],
    ids=[
        "ascii",
        "damaged utf-8",
        "damaged French",
        "damaged gbk",
        "cut character",
        "latin-1",
        "late gbk",
    ],
)
def test_a_damaged_line_does_not_change_the_encoding(content, encoding):
    assert detect_encoding(io.BytesIO(content)).name == encoding


@pytest.mark.parametrize("name", ["衢州", "薇琳", "妍婷", "嬿熙", "统一", "㐀𠮷", "。", "茅台"])
@pytest.mark.parametrize("codec", ["gb18030", "utf-8"])
def test_one_word_is_evidence_enough(name, codec):
    # 统 is CDB3 in GB18030, which UTF-8 reads as a Greek sign that nobody writes.
    content = ("order_id,clinic_id\n" + f"O1,{name}\n" * 3 + "O2,north\n").encode(codec)
    assert detect_encoding(io.BytesIO(content)).name == codec


@pytest.mark.parametrize("text", ["crème", "Ünïté", "Москва", "Αθήνα", "50 €", "Łódź"])
def test_western_words_in_utf8_are_no_hanzi(text):
    assert detect_encoding(io.BytesIO(f"a,b\n1,{text}\n".encode())).name == "utf-8"


def test_what_is_no_character_in_utf16_costs_its_line(shop):
    text = (HEADER + "O1,C1,,,好\nO2,C2,,,?\nO3,C3,,,x\n").encode("utf-16-le")
    shop.put("orders.csv", b"\xff\xfe" + text.replace(b"?\0", b"\x3d\xd8"))
    report = shop.load_one()
    assert (report.rows_loaded, report.rows_unreadable) == (2, 1)
    assert "3, byte 9 of the line is not UTF-16-LE" in report.notes[0]


def test_gbk_reads_a_trail_byte_that_looks_like_a_separator(shop):
    # 傉 is 0x82 0x7C in GBK: its second byte is "|".
    header = HEADER.replace(",", "|")
    shop.put("orders.csv", (header + "O1|C1||1|傉店长说很好\n").encode("gbk"))
    assert shop.load_one().rows_loaded == 1
    assert shop.rows("select note from raw_shop.orders") == [("傉店长说很好",)]


# --- Parquet ---------------------------------------------------------------------------------

TYPED = (
    "select 'O' || range as order_id, range as customer_id, date '2026-01-02' as order_date, "
    "cast(12.50 as decimal(18, 2)) as net_amount, cast(null as varchar) as note from range(5)"
)


def test_parquet_keeps_its_types_and_counts_its_records(shop):
    shop.put_parquet("orders_[1]*.parquet", TYPED)
    report = shop.load_one()
    assert (report.format, report.rows_loaded) == ("parquet", 5)
    types = shop.types()
    assert [types[name] for name in COLUMNS] == [
        "VARCHAR",
        "BIGINT",
        "DATE",
        "DECIMAL(18,2)",
        "VARCHAR",
    ]
    assert shop.rows("select order_id, net_amount, _row, _row_id, _file from raw_shop.orders")[
        4
    ] == ("O4", Decimal("12.50"), 5, 2**32 + 5, "orders_[1]*.parquet")


def test_directory_names_are_not_taken_for_columns(shop):
    odd = shop.base / "year=2026"
    odd.mkdir()
    duckdb.connect().execute(f"copy (select 'O1' as order_id) to '{odd}/orders.parquet'")
    load_directory(shop.settings, "shop", odd, project_dir=shop.base / "project")
    assert "year" not in shop.types()


def test_fractional_ids_land_as_text(shop):
    shop.put_parquet(
        "orders.parquet",
        "select unnest(['12.0', 'nan']::double[]) as order_id, 1.0::float as note",
    )
    assert "order_id" in " ".join(shop.load_one().notes)
    assert shop.rows("select order_id, note from raw_shop.orders") == [
        ("12", 1.0),
        (None, 1.0),
    ]


def test_text_that_fits_the_types_is_cast(shop):
    shop.put_parquet("orders_1.parquet", TYPED)
    shop.put("orders_2.csv", HEADER + "O9,7,2026-03-04,7.25,x\n")
    shop.load()
    assert shop.types()["order_date"] == "DATE"
    assert shop.rows(
        "select customer_id, order_date from raw_shop.orders where _row_id > 2**33"
    ) == [(7, datetime.date(2026, 3, 4))]


@pytest.mark.parametrize(
    ("column", "line", "value"),
    [
        ("order_date", "O9,7,4.3.2026,7.25,x", "4.3.2026"),
        ("customer_id", "O9,007,2026-03-04,7.25,x", "007"),
        ("net_amount", "O9,7,2026-03-04,7.255,x", "7.255"),
    ],
)
def test_text_that_a_type_would_lose_widens_the_column(shop, column, line, value):
    shop.put_parquet("orders_1.parquet", TYPED)
    shop.put("orders_2.csv", HEADER + line + "\n")
    report = shop.load().files[1]
    assert f"column {column} was" in " ".join(report.notes)
    assert shop.types()[column] == "VARCHAR"
    found = shop.rows(f"select {column}, _row from raw_shop.orders order by _row_id")
    assert found[-1] == (value, 2)
    assert len(found) == 6
    assert None not in [row[0] for row in found]


def test_typed_values_become_text_in_a_text_table(shop):
    shop.put("orders_1.csv", HEADER + "O9,7,2026-03-04,7.25,x\n")
    shop.put_parquet(
        "orders_2.parquet",
        "select 1 as order_id, date '2026-01-02' as order_date, 12.0::double as net_amount",
    )
    shop.load()
    assert {shop.types()[name] for name in COLUMNS} == {"VARCHAR"}
    assert shop.rows(
        "select order_id, order_date, net_amount from raw_shop.orders order by _row_id"
    ) == [("O9", "2026-03-04", "7.25"), ("1", "2026-01-02", "12")]


def test_a_finer_type_is_not_rounded_away(shop):
    shop.put_parquet("orders_1.parquet", "select 'O1' as order_id, 2 as net_amount")
    shop.put_parquet("orders_2.parquet", "select 'O2' as order_id, 2.5 as net_amount")
    shop.load()
    found = shop.rows("select net_amount from raw_shop.orders order by _row_id")
    assert found == [("2",), ("2.5",)]


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("timestamptz '2025-10-01 00:30:00.123+08'", "zone"),
        ("timestamptz '2025-10-01 00:30:00+08'", "zone"),
        ("timestamp '2025-10-01 00:30:00.123'", "none"),
        ("timestamp_ns '2025-10-01 00:30:00.123456789'", "none"),
    ],
)
@pytest.mark.parametrize("first", ["csv", "parquet"])
def test_typed_moments_stay_readable_beside_text(shop, first, written, kind):
    names = {"csv": "orders_1", "parquet": "orders_2"}
    if first == "parquet":
        names = {"csv": "orders_2", "parquet": "orders_1"}
    shop.put(names["csv"] + ".csv", "order_id,order_date\nO1,2025-10-01\n")
    typed = f"select 'O2' as order_id, {written} as order_date"
    shop.put_parquet(names["parquet"] + ".parquet", typed)
    shop.load()
    forms = "['%Y-%m-%dT%H:%M:%S%z', '%Y-%m-%dT%H:%M:%S.%f%z']"
    if kind == "none":
        forms = "['%Y-%m-%d %H:%M:%S', '%Y-%m-%d %H:%M:%S.%f']"
    (value,) = shop.rows("select order_date from raw_shop.orders where order_id = 'O2'")[0]
    with duckdb.connect() as aside:
        aside.execute("set timezone = 'Asia/Shanghai'")
        (read,) = aside.execute(
            f"select strftime(try_strptime(?, {forms}), '%Y-%m-%d %H:%M')", [value]
        ).fetchone()
    assert read == "2025-10-01 00:30", value


def test_parquet_text_without_its_mark_is_text(shop):
    table = pa.table(
        {
            "order_id": pa.array([b"O1", "北京".encode(), None], pa.binary()),
            "note": pa.array([b"x", "北京".encode("gbk"), b"y"], pa.binary()),
        }
    )
    pq.write_table(table, shop.inbox / "orders.parquet")
    report = shop.load_one()
    assert shop.types()["order_id"] == "VARCHAR"
    assert [row[0] for row in shop.rows("select order_id from raw_shop.orders")] == [
        "O1",
        "北京",
        None,
    ]
    assert shop.types()["note"] == "BLOB"
    assert "note holds bytes that are no UTF-8 (row 2); kept as bytes" in report.notes


def test_numbers_that_duckdb_would_make_others_of_are_refused(shop):
    amounts = pa.array([Decimal("12.345")], pa.decimal256(40, 3))
    path = shop.inbox / "orders.parquet"
    pq.write_table(pa.table({"order_id": ["O1"], "net_amount": amounts}), path)
    report = shop.load_one()
    assert report.status == "unreadable"
    assert "net_amount holds numbers of more than 38 digits" in report.notes[0]


# --- drift of columns ------------------------------------------------------------------------


def test_missing_and_new_columns_are_noted(shop):
    shop.put("orders_1.csv", "order_id,Tag,note\nO1,vip,x\n")
    shop.put("orders_2.csv", "note,order_id\ny,O2\n")
    report = shop.load()
    notes = report.files[0].notes
    assert "columns missing: customer_id, order_date, net_amount" in notes
    assert "column not declared, added to the table: tag" in notes
    assert shop.rows("select order_id, note, tag from raw_shop.orders order by 1") == [
        ("O1", "x", "vip"),
        ("O2", "y", None),
    ]


def test_a_column_declared_later_is_added(shop):
    shop.put("orders_1.csv", HEADER + "O1,,,,\n")
    shop.load()
    path = shop.base / "project/models/staging/shop/_shop__sources.yml"
    path.write_text(DECLARATION.replace("{name: note}", "{name: note}, {name: channel}"))
    shop.put("orders_2.csv", "order_id,channel\nO2,wecom\n")
    shop.load()
    assert shop.rows("select channel from raw_shop.orders order by _row_id") == [
        (None,),
        ("wecom",),
    ]


# --- once, whole, and never half -------------------------------------------------------------


def test_a_content_lands_once_under_any_name(shop):
    shop.put("orders.csv", HEADER + "O1,,,,\n")
    assert shop.load_one().status == "loaded"
    shop.put("orders_copy.csv", HEADER + "O1,,,,\n")
    shop.put("orders_new.csv", HEADER + "O2,,,,\n")
    report = shop.load()
    assert [file.status for file in report.files] == [
        "already_loaded",
        "already_loaded",
        "loaded",
    ]
    assert "loaded as orders.csv on 2026-11-22" in report.files[1].notes[0]
    assert report.rows_loaded == 1
    assert shop.rows("select count(*) from raw_shop.orders") == [(2,)]


def test_the_same_content_may_land_in_two_tables(shop):
    shop.put("orders.csv", "order_id\nO1\n")
    shop.put("order_items.csv", "order_id\nO1\n")
    assert shop.load().rows_loaded == 2


def _stop_at(words: str) -> Callable[[str], None]:
    def progress(message: str) -> None:
        if words in message:
            raise KeyboardInterrupt

    return progress


@pytest.mark.parametrize("moment", ["orders_2.csv: reading", "rows read", "saving"])
def test_an_interrupted_load_leaves_whole_files_only(shop, moment):
    shop.put("orders_1.csv", HEADER + good(1, 2))
    shop.load()
    shop.put(
        "orders_2.csv", "extra," + HEADER + "".join("x," + line for line in (good(3), "bad\n"))
    )
    with pytest.raises(KeyboardInterrupt):
        shop.load(_stop_at(moment))
    assert shop.rows("select count(*) from raw_shop.orders") == [(2,)]
    assert shop.rows("select count(*) from landing.unreadable_rows") == [(0,)]
    assert "extra" not in shop.types()
    report = shop.load()
    assert [file.status for file in report.files] == ["already_loaded", "loaded"]
    assert shop.rows("select count(*), count(distinct _row_id) from raw_shop.orders") == [
        (3, 3)
    ]


def test_a_killed_process_leaves_whole_files_only(shop):
    shop.put("orders_1.csv", HEADER + good(1, 2))
    shop.put_parquet("orders_2.parquet", TYPED.replace("range(5)", "range(300000)"))
    program = f"""
        import os, signal
        from pathlib import Path
        from strata.landing import load_directory
        from strata.settings import Settings
        def progress(message):
            if "orders_2" in message and "saving" in message:
                os.kill(os.getpid(), signal.SIGKILL)
        base = Path({str(shop.base)!r})
        load_directory(Settings(base / "warehouse"), "shop", base / "inbox", progress,
                       project_dir=base / "project")
    """
    environment = os.environ | {"PYTHONPATH": str(PROJECT_DIR / "scripts")}
    killed = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], env=environment, check=False
    )
    assert killed.returncode == -9
    report = shop.load()
    assert [file.status for file in report.files] == ["already_loaded", "loaded"]
    assert shop.rows("select count(*) from raw_shop.orders") == [(300_002,)]


def test_a_file_that_grows_while_it_is_read_is_left_for_later(shop):
    path = shop.put("orders.csv", HEADER + good(1))

    def append(message: str) -> None:
        if "rows read" in message:
            with path.open("a") as stream:
                stream.write(good(2))

    (report,) = shop.load(append).files
    assert report.status == "unreadable"
    assert "changed while it was read" in report.notes[0]
    assert shop.load_one().rows_loaded == 2


# --- files of another kind than their name, and files that are no table ----------------------


def test_the_content_decides_not_the_extension(shop):
    shop.put_sheet("x.xlsx", [["order_id"], ["O1"]]).rename(shop.inbox / "orders_1.csv")
    shop.put_parquet("x.parquet", "select 'O2' as order_id").rename(shop.inbox / "orders_2.csv")
    shop.put("orders_3.parquet", "order_id\nO3\n")
    shop.put("orders_4.csv.gz", gzip.compress(b"order_id\nO4\n"))
    shop.put("orders_5.xlsx", "order_id\nO5\n")
    formats = [file.format for file in shop.load().files]
    assert formats == ["xlsx", "parquet", "csv", "csv.gz", "csv"]
    assert shop.rows("select order_id from raw_shop.orders order by 1") == [
        (f"O{n}",) for n in range(1, 6)
    ]


def _zip(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return buffer.getvalue()


UNREADABLE = {
    "empty": (b"", "empty"),
    "only blank lines": (b"\n \r\n\n", "empty"),
    "only a mark": (b"\xef\xbb\xbf", "empty"),
    "empty gzip": (gzip.compress(b""), "empty"),
    "cut parquet": (b"PAR1" + b"x" * 100, "cut short"),
    "damaged parquet": (b"PAR1" + b"x" * 100 + b"PAR1", "damaged Parquet"),
    "encrypted parquet": (b"PARE" + b"x" * 100, "encrypted Parquet"),
    "cut gzip": (gzip.compress(os.urandom(20_000).hex().encode())[:9_000], "ended before"),
    "damaged gzip": (b"\x1f\x8bxxxxxxxx", "damaged gzip"),
    "cut zip": (_zip("xl/workbook.xml")[:40], "damaged .xlsx"),
    "damaged workbook": (_zip("xl/workbook.xml"), "damaged workbook"),
    "zip": (_zip("orders.csv"), "zip archive"),
    "xlsb": (_zip("xl/workbook.bin"), ".xlsb"),
    "ods": (_zip("content.xml"), "OpenDocument"),
    "xls": (b"\xd0\xcf\x11\xe0" + b"x" * 100, "old Excel"),
    "password": (
        b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"),
        "protected with a password",
    ),
    "web page": (b"<html><table><tr><td>order_id", "web page"),
    "nothing but damage": ("order_id,note\na\nb\n", "no row of it could be read; first"),
    "no encoding fits": (b"order_id,note\nO1,\xff\xfe\n", "tried: UTF-8, GB18030"),
    "nul": (b"\0" * 100, "NUL"),
    "pdf": (b"%PDF-1.4 ...", "PDF"),
    "no header": (b"O1,C1,2026-01-02,5,x\n", "none of the table's columns"),
    "header twice": (b"order_id,note, Note\n", "names a column twice: note"),
    "reserved": (b"order_id,_row\nO1,1\n", "has _row"),
    "broken header": (b'"order_id,customer_id\nO1,C1\n', "broken quotes"),
    "undecodable header": ("order_id,备注".encode()[:-1] + "\n好\n".encode(), "cannot be read"),
}


def test_the_status_repeats_what_was_not_loaded_until_it_comes(shop):
    shop.put("orders_1.csv", "")
    shop.put("order.csv", HEADER + "O1,C1,,,\n")
    (shop.inbox / "archive").mkdir()
    (warning,) = shop.load().warnings
    assert warning.startswith("archive is a folder, and its files are not read")
    archive, *lost = sorted(standing_notes(shop.settings))
    assert archive == ("", warning)
    assert [name for name, _ in lost] == ["order.csv", "orders_1.csv"]
    assert all(note.startswith("not loaded: ") for _, note in lost)
    (shop.inbox / "order.csv").rename(shop.inbox / "orders.csv")
    shop.put("orders_1.csv", HEADER + "O2,C1,,,\n")
    (shop.inbox / "archive").rmdir()
    shop.load()
    assert [note for _, note in standing_notes(shop.settings) if "not loaded" in note] == []


@pytest.mark.parametrize("kind", UNREADABLE)
def test_an_unreadable_file_is_told_and_the_rest_loads(shop, kind):
    content, words = UNREADABLE[kind]
    shop.put("orders_1.csv", content)
    shop.put("orders_2.csv", "order_id\nO2\n")
    for _ in range(2):
        report = shop.load()
    assert [file.status for file in report.files] == ["unreadable", "already_loaded"]
    assert words in report.files[0].notes[0]
    assert str(shop.base) not in report.files[0].notes[0]
    assert shop.rows(
        "select source, file_name, reason, seen_at from landing.unreadable_files"
    ) == [("shop", "orders_1.csv", report.files[0].notes[0], MOMENT)]
    assert shop.rows("select order_id from raw_shop.orders") == [("O2",)]


def test_a_gzip_cut_in_its_rows_lands_nothing(shop):
    rows = "".join(f"O{n},{os.urandom(8).hex()},,,\n" for n in range(20_000))
    shop.put("orders.csv.gz", gzip.compress((HEADER + rows).encode())[:-20_000])
    report = shop.load_one()
    assert report.status == "unreadable"
    assert "cannot be read" in report.notes[0]
    assert shop.rows("select count(*) from raw_shop.orders") == [(0,)]


def test_a_parquet_file_with_damaged_pages_lands_nothing(shop):
    path = shop.put_parquet(
        "orders.parquet", "select md5(range::varchar) as order_id from range(50000)"
    )
    content = bytearray(path.read_bytes())
    content[1000:90_000] = os.urandom(89_000)
    path.write_bytes(content)
    report = shop.load_one()
    assert report.status == "unreadable"
    assert "damaged Parquet" in report.notes[0]


def test_a_header_without_rows_is_a_load_of_nothing(shop):
    shop.put("orders.csv", HEADER)
    report = shop.load_one()
    assert (report.status, report.rows_loaded) == ("loaded", 0)
    assert report.notes == ["it has a header and no rows"]
    assert shop.load_one().status == "already_loaded"


# --- the directory and the warehouse ---------------------------------------------------------


def test_a_directory_that_cannot_be_loaded_is_refused(shop):
    with pytest.raises(StrataError, match="holds no files"):
        shop.load()
    shop.put("orders.csv", HEADER)
    with pytest.raises(StrataError, match="does not exist"):
        load_directory(
            shop.settings, "shop", shop.base / "nowhere", project_dir=shop.base / "project"
        )
    assert not shop.settings.database.exists()


def test_a_warehouse_in_use_is_told(shop):
    shop.put("orders.csv", HEADER)
    shop.load()
    program = (
        f"import duckdb; c = duckdb.connect({str(shop.settings.database)!r}); print(1); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout.readline()
        with pytest.raises(StrataError) as caught:
            shop.load()
        other.communicate("\n")
    assert f"{shop.settings.database} open" in caught.value.message
    assert f"PID {other.pid}" in caught.value.message
    assert "Close it" in caught.value.hint
    assert caught.value.exit_code == 75
