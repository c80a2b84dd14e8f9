"""Damaged deliveries: every raw row is served rightly or set aside with its true reason.

One build for all: VALUES are single cells in otherwise good rows, FILES whole files.
"""

import csv
import datetime
import gzip
import io
import json
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from builder import Chain
from strata.check import _words
from strata.landing import FileReport, declared_tables, load_directory
from strata.landing.declared import declared_optional

# In Shanghai, 04:00 of the day after.
LOADED_AT = datetime.datetime(2030, 1, 1, 20)

MISSING, UNPARSABLE, UNKNOWN = "missing_value", "unparsable_value", "unknown_reference"
NEGATIVE, ABSURD, OUTSIDE = "negative_value", "absurd_value", "out_of_range_value"
RULES = {MISSING, UNPARSABLE, UNKNOWN, NEGATIVE, ABSURD, OUTSIDE} | {
    "too_early_date", "future_date", "not_allowed_value", "rounded_id",
}  # fmt: skip

NO_BREAK, ZERO_WIDTH, BOM, SOFT_HYPHEN = "\u00a0", "\u200b", "\ufeff", "\u00ad"

# Table and column; then raw text and its fate: the rule it breaks, or the value served.
VALUES: dict[tuple[str, str], dict[str, str | None]] = {
    ("orders", "order_date"): {
        "2024-02-30": UNPARSABLE,
        "2024-06-31": UNPARSABLE,
        "31/12/2024": UNPARSABLE,
        "12/31/24": UNPARSABLE,
        "24-03-05": UNPARSABLE,
        "05/03/24": UNPARSABLE,
        "45291": UNPARSABLE,  # a day as Excel counts it
        "1709600000": UNPARSABLE,
        "2024121": UNPARSABLE,
        "202412": UNPARSABLE,
        "二〇二四年三月五日": UNPARSABLE,
        '="2024-03-05"': "2024-03-05",
        "'2024/3/5": "2024-03-05",
        "today": UNPARSABLE,
        "infinity": UNPARSABLE,
        "0000-00-00": UNPARSABLE,
        "10000-01-01": UNPARSABLE,
        "2024-03-05 (BC)": UNPARSABLE,
        "2024-03-05 24:00:00": UNPARSABLE,
        "2024-03-05 99:00": UNPARSABLE,
        "2024-03-0516:00": UNPARSABLE,
        "2024年3-5日": UNPARSABLE,
        "1709600000000000": UNPARSABLE,
        "2024-03-05T16:00+8": UNPARSABLE,
        "2024-03-05 10:30:00 PM": "2024-03-05",
        "2024/03/05 下午 3:20": "2024-03-05",
        "2024-03-05,2024-03-06": UNPARSABLE,
        "2024-03-05,06": UNPARSABLE,
        "2024-03-05,10:30": "2024-03-05",
        "2024-03-05\t10:30": "2024-03-05",
        f"2024-03-05{NO_BREAK}10:30": "2024-03-05",
        "2024-03-05T16": "2024-03-05",
        "2024-03-05 (二)": "2024-03-05",
        "2024/3/5 周二 16:30": "2024-03-05",
        "2024/3/5 16:30:00 星期二": "2024-03-05",
        "2024-03-05 16:00:00 GMT+00:00": "2024-03-06",
        "1900-01-01": "too_early_date",
        "1970-01-01": "too_early_date",
        "9999-12-31": "future_date",
        "2030-01-03": "future_date",
        "2030-01-02": "2030-01-02",  # today in Shanghai, tomorrow in UTC
        "2024-03-05 00:00": "2024-03-05",
        "2024-03-05 00:00:00.000": "2024-03-05",
        "2024-03-05T15:59:59Z": "2024-03-05",
        "2024-03-05T16:00:00Z": "2024-03-06",
        "2024-03-05T16:00:00.000Z": "2024-03-06",
        "2024-03-05 00:30:00+09:00": "2024-03-04",
        "2024-03-05T23:30:00+08:00": "2024-03-05",
        "2024-03-05T23:30:00+0800": "2024-03-05",
        "2024-03-05 16:00 +0000": "2024-03-06",
        "2024-03-05 16:00:00.5 UTC": "2024-03-06",
        "2024-03-05  07:59:59 +08:00": "2024-03-05",
        "2024-03-05T16:00Z": "2024-03-06",
        "2024-03-05T16:00:00,123456789+00": "2024-03-06",
        "2024-03-05T21:29:59+05:30": "2024-03-05",
        "2024-03-05T21:30:00+05:30": "2024-03-06",
        "2024-03-05T15:00:00+08:00[Asia/Shanghai]": "2024-03-05",
        "2024/3/5 16:00:00 +0000": "2024-03-06",
        "20240305T160000Z": "2024-03-06",
        "20240305T155959.999Z": "2024-03-05",
        "20240305 160000+0000": "2024-03-06",
        "20240305235959": "2024-03-05",
        "202403052359": "2024-03-05",
        "20240305 23:59": "2024-03-05",
        "20240305.0": "2024-03-05",
        "2024年3月5日 15:30:00": "2024-03-05",
        "2024年3月5日15时30分": "2024-03-05",
        "2024年03月05日 星期二 下午3点": "2024-03-05",
        "2024 年 3 月 5 日": "2024-03-05",
        "２０２４－０３－０５": "2024-03-05",
        "2024年3月5日": "2024-03-05",
        f"{NO_BREAK}2024-03-05{NO_BREAK}": "2024-03-05",
        f"{ZERO_WIDTH}2024-03-05": "2024-03-05",
        "2024-03-05\t": "2024-03-05",
        "   ": MISSING,
        NO_BREAK: MISSING,
        "NULL": MISSING,
        "\\N": MISSING,
        " #N/A ": MISSING,
    },
    ("order_items", "net_amount"): {
        "1,234.5": "1234.50",
        "1.234,50": UNPARSABLE,
        "(500)": "-500.00",
        "（¥1,500.00）": "-1500.00",
        "¥(500)": "-500.00",
        "(-500)": UNPARSABLE,
        ".5": "0.50",
        "RMB 1,200": "1200.00",
        "-0": "0.00",
        "NaN": UNPARSABLE,
        "Infinity": UNPARSABLE,
        "1e5": UNPARSABLE,
        "¥ 1 200": UNPARSABLE,
        "¥ 1200": "1200.00",
        "1200 元": "1200.00",
        "1200元": "1200.00",
        "1200 CNY": "1200.00",
        "1200 HKD": UNPARSABLE,
        "$100": UNPARSABLE,
        "１２３": "123.00",
        "￥１，２３４．５０": "1234.50",
        "一千二百": UNPARSABLE,
        "1.2万": UNPARSABLE,
        "1,23,456": UNPARSABLE,
        "1,2345": UNPARSABLE,
        "500-": UNPARSABLE,
        "−500": "-500.00",
        "-500": "-500.00",
        "-5000000.01": ABSURD,
        "0,500": UNPARSABLE,
        "01,500": UNPARSABLE,
        "1,500": "1500.00",
        "--5": UNPARSABLE,
        "+-5": UNPARSABLE,
        "12%": UNPARSABLE,
        "0x10": UNPARSABLE,
        "1_000": UNPARSABLE,
        "12.345": "12.35",
        "12.300000000000001": "12.30",
        "99999999999999999999": UNPARSABLE,
        "5000000.01": ABSURD,
        f"{NO_BREAK}1200{NO_BREAK}": "1200.00",
        f"1{NO_BREAK}200": UNPARSABLE,
        "\u202d1200\u202c": "1200.00",
        "=1+1": UNPARSABLE,
        "'1200": "1200.00",
        '="1,200.50"': "1200.50",
        "free": UNPARSABLE,
        "-": UNPARSABLE,
        "null": MISSING,
    },
    ("order_items", "quantity"): {
        "-1": NEGATIVE,
        "0": "0",
        "1.5": UNPARSABLE,
        "2.0": "2",
        "100000": "100000",
        "100001": ABSURD,
        "99999999999": UNPARSABLE,
        "2个": UNPARSABLE,
    },
    ("surveys", "nps_score"): {
        "11": OUTSIDE,
        "-1": OUTSIDE,
        "9.5": UNPARSABLE,
        "9/10": UNPARSABLE,
        "90%": UNPARSABLE,
        "满意": UNPARSABLE,
        "NULL": None,
    },
    ("skin_tests", "moisture_pct"): {
        "45%": "45.0000",
        "45.5 %": "45.5000",
        "４５％": "45.0000",
        "180%": OUTSIDE,
        "%": UNPARSABLE,
        "100.1": OUTSIDE,
        "0.45": "0.4500",
        "nan": UNPARSABLE,
    },
    ("orders", "status"): {
        "已支付": "not_allowed_value",
        "refunded": "not_allowed_value",
        "ｐａｉｄ": "not_allowed_value",
        " PAID ": "paid",
        '="paid"': "paid",
        f"paid{NO_BREAK}": "paid",
    },
    ("customers", "is_phone_verified"): {
        "是": "true",
        "否": "false",
        "TRUE": "true",
        "1.0": "true",
        "2": UNPARSABLE,
        "有": UNPARSABLE,
    },
    ("customers", "phone"): {
        "1.38E+10": UNPARSABLE,
        "1.38001e10": UNPARSABLE,
        "13800138000.0": "13800138000",
        "１３８００１３８０００": "13800138000",
        "+86 138-0013-8000": "13800138000",
        "0086(138)0013 8000": "13800138000",
        "13800138000/13900139000": UNPARSABLE,
        "0": UNPARSABLE,
        "无": UNPARSABLE,
    },
    ("customers", "wechat_unionid"): {
        "NULL": None,
        "null": None,
        "#N/A": None,
        f"ox{ZERO_WIDTH}12": "ox12",
    },
    ("customers", "full_name"): {
        "<script>alert(1)</script>": "<script>alert(1)</script>",
        "Null": "Null",
        '="王芳"': "王芳",
        "'王'": "'王'",
        "小红👩\u200d⚕️": "小红👩\u200d⚕️",
    },
    ("orders", "customer_id"): {
        " good  ": "good",
        "good\t": "good",
        "good\r\n": "good",
        f"good{NO_BREAK}": "good",
        "good\u3000": "good",
        f"go{ZERO_WIDTH}od": "good",
        f"{BOM}good": "good",
        f"go{SOFT_HYPHEN}od": "good",
        "GOOD": UNKNOWN,
        "0good": UNKNOWN,
        "“good”": UNKNOWN,
        "never_registered": UNKNOWN,
        "born_in_february_30": "born_in_february_30",
        '="good"': "good",
        "'good": "good",
        "`good": "good",
        "'good'": "good",
        "ｇｏｏｄ": "good",
        "10023.0": "10023",
        "１００２３": "10023",
        '="10023"': "10023",
        "10023.5": UNKNOWN,
        "1.0023E+4": "rounded_id",
        "1.0023e4": "rounded_id",
        "1E+11": "rounded_id",
        "1E11": UNKNOWN,
        "good'; drop table orders; --": UNKNOWN,
        '=HYPERLINK("http://x","good")': UNKNOWN,
        "NULL": MISSING,
    },
}

GOOD_ROWS = {
    "orders": {
        "order_id": "{key}", "customer_id": "good", "clinic_id": "north",
        "order_date": "2024-03-05", "status": "pending",
    },
    "order_items": {"order_id": "ledger", "line_number": "{key}", "net_amount": "1"},
    "surveys": {"survey_id": "{key}", "customer_id": "good", "survey_date": "2024-03-05"},
    "skin_tests": {"skin_test_id": "{key}", "customer_id": "good", "test_date": "2024-03-05"},
    "customers": {"customer_id": "{key}", "system": "his", "registered_date": "2020-01-01"},
}  # fmt: skip


class Delivery(NamedTuple):
    """A damaged file and its fate.

    `loaded` and `unreadable` count records; `words` stand in the report's notes. `rejected`
    gives rule and column by row; the other loaded rows are served, or superseded.
    """

    content: bytes | None
    status: str = "loaded"
    loaded: int = 0
    unreadable: int = 0
    words: str = ""
    rejected: dict[int, tuple[str, str]] = {}
    superseded: int = 0


def lines(table: str, *rows: str, encoding: str = "utf-8") -> bytes:
    """A CSV file of the table's declared columns but the optional ones."""
    optional = declared_optional("demo")
    names = [name for name in declared_tables("demo")[table] if (table, name) not in optional]
    header = ",".join(names)
    return "\n".join([header, *rows, ""]).encode(encoding)


def order(order_id: str, day: str = "2024-05-01", clinic: str = "north") -> str:
    return f"{order_id},good,{clinic},{day},pending"


def customer(customer_id: str, phone: str = "", unionid: str = "") -> str:
    return f"{customer_id},his,,{phone},true,{unionid},2020-01-01,,north,"


def sheets(*tables: list[list[Any]]) -> bytes:
    """A workbook of several sheets, each with a header of its own."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for table in tables:
        sheet = book.create_sheet()
        for row in table:
            sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def workbook(*rows: list[Any]) -> bytes:
    """A first sheet of orders, and a second one."""
    book, stream = openpyxl.Workbook(), io.BytesIO()
    for row in [declared_tables("demo")["orders"], *rows]:
        book.active.append(row)
    book.create_sheet("more")
    book.save(stream)
    return stream.getvalue()


def parquet(**columns: Any) -> bytes:
    stream = io.BytesIO()
    pq.write_table(pa.table(columns), stream)
    return stream.getvalue()


HEADER = lines("orders")
# What is left of orders with lines below zero.
LOWERED = {"coupon": 800, "returned": None, "below": None}
LATER = lines(
    "orders", order("late", clinic=""), order("same", "2024-13-01"),
    order("moved", "2024-05-02"), order("whose", clinic="y"),
)  # fmt: skip
SPELLINGS = ["13700137000", "+86 137 0013 7000", "１３７００１３７０００", "13700137000.0"]
NIGHT = datetime.datetime(2024, 5, 1, 16, 30, tzinfo=datetime.UTC)
ORDER_ID, DAY = "order_id", "order_date"

FILES: dict[str, Delivery] = {
    # Bytes and encodings
    "orders_joined.csv": Delivery(
        lines("orders", order("joined_1")) + BOM.encode() + lines("orders", order("joined_2")),
        loaded=3, rejected={3: (UNPARSABLE, DAY)},
    ),
    "orders_nul.csv": Delivery(
        lines("orders", order("nul", clinic="no\0rth"), order("no_nul")),
        loaded=1, unreadable=1, words="NUL bytes", rejected={2: ("unreadable_row", "")},
    ),
    "orders_gbk_line.csv": Delivery(
        lines("orders", order("u1", clinic="北院"), order("u2", clinic="南院"))
        + order("u3", clinic="北院").encode("gbk"),
        loaded=2, unreadable=1, words="not UTF-8 text", rejected={4: ("unreadable_row", "")},
    ),
    "orders_utf8_line.csv": Delivery(
        lines("orders", *(order(f"g{n}", clinic="北院") for n in range(4)), encoding="gbk")
        + order("g9", clinic="北院").encode(),
        loaded=4, unreadable=1, words="UTF-8 text, unlike",
        rejected={6: ("unreadable_row", "")},
    ),
    "orders_emoji.csv": Delivery(
        lines("orders", order("emoji", clinic="北院的皮肤科😀"), encoding="gb18030"), loaded=1
    ),
    "orders_utf16.csv": Delivery(
        lines("orders", order("utf16"), encoding="utf-16"), loaded=1
    ),
    "orders_utf16_no_mark.csv": Delivery(
        lines("orders", order("utf16_le"), encoding="utf-16-le"),
        loaded=1, words="read as utf-16-le, by a guess",
    ),
    "orders_cut.csv.gz": Delivery(
        gzip.compress(lines("orders", *(order(f"cut{n}") for n in range(999))))[:-99],
        "unreadable", words="ended before",
    ),
    # Headers
    "orders_cased.csv": Delivery(
        b'Order_ID , CUSTOMER_ID,"Clinic_Id",order_date ,Status\n' + order("cased").encode(),
        loaded=1,
    ),
    "orders_words.csv": Delivery(
        b"Order ID,Customer ID,Clinic ID,Order Date,Status\n" + order("words").encode(),
        loaded=1, words="columns missing", rejected={2: (MISSING, ORDER_ID)},
    ),
    "orders_chinese.csv": Delivery(
        "订单号,客户号,门店,日期,状态\n".encode() + order("chinese").encode(),
        "unreadable", words="none of the table's columns",
    ),
    "orders_twice.csv": Delivery(
        b"order_id,order_id,status\na,b,paid\n", "unreadable", words="a column twice: order_id"
    ),
    "orders_headless.csv": Delivery(
        order("headless").encode(), "unreadable", words="none of the table's columns"
    ),
    "orders_title.csv": Delivery(
        b"Orders of May\n" + HEADER + order("title").encode(),
        loaded=1, words="1 rows above the header are left out: 'Orders of May'",
    ),
    "orders_narrow.csv": Delivery(
        b"status,order_date,customer_id,order_id\npending,2024-05-01,good,narrow\n",
        loaded=1, words="missing: clinic_id",
    ),
    "orders_keyless.csv": Delivery(
        b"customer_id,clinic_id,order_date,status\ngood,north,2024-05-01,paid\n",
        loaded=1, words="missing: order_id", rejected={2: (MISSING, ORDER_ID)},
    ),
    "orders_wide.csv": Delivery(
        HEADER.strip() + ",source,row_id,备注\n".encode() + order("wide").encode() + b",x,y,z",
        loaded=1, words="3 columns not declared, added to the table: source, row_id, 备注",
    ),
    "orders_none.csv": Delivery(b"", "unreadable", words="it is empty"),
    "orders_blank.csv": Delivery(b"\n \n", "unreadable", words="it is empty"),
    "orders_header.csv": Delivery(HEADER, words="a header and no rows"),
    "orders_page.xls": Delivery(b"<html><table>", "unreadable", words="a web page"),
    "orders_list.csv": Delivery(
        b'[{"order_id": "j"}]\n', "unreadable", words="none of the table's columns"
    ),
    "customers_links.csv": Delivery(
        lines("customer_links", "l1,good,c1,true,2024-01-01"),
        "unreadable", words="those of customer_links",
    ),
    # Records
    "orders_semicolons.csv": Delivery(
        lines("orders", order("semicolons")).replace(b",", b";"), loaded=1
    ),
    "orders_tabs.tsv": Delivery(
        lines("orders", order("tabs")).replace(b",", b"\t"), loaded=1
    ),
    "orders_ends.csv": Delivery(
        lines("orders", order("e1") + "\r" + order("e2"), order("e3") + "\r"),
        loaded=1, unreadable=1, words="9 fields instead of 5",
        rejected={2: ("unreadable_row", "")},
    ),
    "orders_quotes.csv": Delivery(
        lines("orders", 'q1,good,"north,2024-05-01,paid', order("q2"), order('"q"3')),
        loaded=1, unreadable=2, words="behind a closing quote",
        rejected={2: ("unreadable_row", ""), 4: ("unreadable_row", "")},
    ),
    "orders_smart.csv": Delivery(
        lines("orders", "“smart”,“good”,north,“2024-05-01”,paid"),
        loaded=1, rejected={2: (UNPARSABLE, DAY)},
    ),
    "orders_total.csv": Delivery(
        lines("orders", order("summed"), "合计,,,,", "共 1 条"),
        loaded=2, unreadable=1, words="1 fields instead of 5",
        rejected={3: (MISSING, "customer_id"), 4: ("unreadable_row", "")},
    ),
    "orders_torn.csv": Delivery(
        lines("orders", order("torn"))[:-4],
        loaded=1, rejected={2: ("not_allowed_value", "status")},
    ),
    "surveys_long.csv": Delivery(
        lines("surveys", f"long,good,2024-05-01,9,9,9,{'长' * 400_000}",
              'breaks,good,2024-05-01,9,9,9,"很好\n再来"'),
        loaded=2,
    ),
    # Excel and Parquet
    "orders_cells.xlsx": Delivery(
        workbook(
            ["x1", "good", "north", datetime.datetime(2024, 5, 1), "pending"],
            ["x2", "good", "north", 45413, "pending"],
            ["x3", "good", "north", "=TODAY()", "pending"],
            ["x4", "good", "north", datetime.datetime(2024, 5, 1, 23, 30), "pending"],
            ["x5", None, None, "2024-05-01", "pending"],  # the rest of merged cells
            [45413.0, "good", "#N/A", datetime.date(2024, 5, 1), "pending"],
        ),
        loaded=5, unreadable=1, words="no stored result",
        rejected={3: (UNPARSABLE, DAY), 4: ("unreadable_row", ""), 6: (MISSING, "customer_id")},
    ),
    "cards_typed.parquet": Delivery(
        parquet(
            card_id=["night", "yes"], customer_id=["good", "good"],
            opened_date=pa.array([NIGHT, NIGHT], pa.timestamp("us", "UTC")),
            sessions_total=[12.0, 12.5], sessions_used=[False, False],
        ),
        loaded=2,
    ),
    # Files that are none
    "orders.parquet": Delivery(None, "unreadable", words="it is a directory"),
    "orders (1).csv": Delivery(
        lines("orders", order("browser")), loaded=1
    ),
    "订单.csv": Delivery(
        lines("orders", order("foreign")), "no_table", words="begins with no table"
    ),
    # Rows that do not go together
    "orders_repeated.csv": Delivery(
        lines("orders", order("same"), order("same"), order("two"), order("two", clinic="x"),
              order("late"), order("spaced "), order("spaced"), order("moved"),
              order("whose", clinic="x"), order("same_twice"), order("same_twice")),
        loaded=11, superseded=1,
        rejected={
            2: ("duplicate_row", ORDER_ID), 4: ("contradicting_rows", ORDER_ID),
            5: ("contradicting_rows", ORDER_ID),
            7: ("conflicting_duplicate", ORDER_ID), 9: ("contradicting_rows", ORDER_ID),
            10: ("contradicting_rows", ORDER_ID), 11: ("duplicate_row", ORDER_ID),
        },
    ),
    "orders_at_odds.csv": Delivery(
        lines("orders", order("who"), order("who").replace("good", "c1"),
              order("where"), order("where", clinic="south"),
              order("when"), order("when", "2024-05-02"),
              order("paid_when").replace("pending", "paid"),
              order("paid_when", "2024-05-02").replace("pending", "paid"),
              order("until_paid"),
              order("until_paid", "2024-05-02").replace("pending", "paid")),
        loaded=10,
        rejected=dict.fromkeys((2, 3, 4, 5, 6, 8, 9, 10), ("contradicting_rows", ORDER_ID)),
    ),
    "order_items_at_odds.csv": Delivery(
        lines("order_items", "paid_when,1,facial,1,100,100", "paid_when,2,facial,1,200,200",
              "until_paid,1,facial,1,100,100"),
        loaded=3, rejected=dict.fromkeys((2, 3), ("rejected_reference", ORDER_ID)),
    ),
    "customers_at_odds.csv": Delivery(
        lines("customers", "0003,his,王三,13512340005,true,,2020-01-01,,north,",
              "0003,his,李三,13512340006,true,,2020-01-01,,north,",
              "0004,his,王四,13512340007,true,,2020-01-01,,north,",
              "0004,his,王四,13512340008,true,,2020-01-01,,north,"),
        loaded=4, rejected={
            2: ("contradicting_rows", "customer_id"), 3: ("contradicting_rows", "customer_id"),
            4: ("conflicting_duplicate", "customer_id"),
        },
    ),
    "orders_repeated_later.csv": Delivery(
        LATER, loaded=4, rejected={3: (UNPARSABLE, DAY), 5: ("contradicting_rows", ORDER_ID)},
    ),
    "orders_repeated_twin.csv": Delivery(
        LATER, "already_loaded", 4,
        words="the same content was loaded as orders_repeated_later.csv",
    ),
    "refunds_beyond.csv": Delivery(
        lines("refunds",
              "r1,paid_1,,2024-06-01,600", "r2,paid_1,,2024-06-02,600",
              "r3,paid_2,,2024-06-01,1000.01", "r4,paid_2,,2024-06-02,1000",
              "r5,paid_3,,2024-04-30,700", "r6,paid_3,,2024-06-01,400",
              "r7,paid_3,,2024-06-02,600", "r8,paid_3,,2024-06-03,0.01",
              "r9,paid_4,,2024-06-01,700", "r9,paid_4,,2024-06-01,800",
              "r10,paid_4,,2024-06-02,200", "r11,paid_4,,2024-06-01,-5"),
        loaded=12,
        rejected={
            5: ("exceeds_paid", "refund_amount"),
            6: ("impossible_sequence", "refund_date"), 9: ("exceeds_paid", "refund_amount"),
            10: ("conflicting_duplicate", "refund_id"), 13: (NEGATIVE, "refund_amount"),
        },
    ),
    # Rows of one load that contradict each other
    "customers_north.csv": Delivery(
        lines("customers", "0001,his,王一,13512340001,true,,2020-01-01,,north,",
              "0002,his,王二,13512340002,true,,2020-01-01,,north,"),
        loaded=2, superseded=1, rejected={2: ("contradicting_rows", "customer_id")},
    ),
    "customers_south.csv": Delivery(
        lines("customers", "0001,his,李一,13512340003,true,,2021-01-01,,south,",
              "0002,his,王二,13512340004,true,,2020-01-01,,north,"),
        loaded=2, rejected={2: ("contradicting_rows", "customer_id")},
    ),
    "orders_of_strangers.csv": Delivery(
        lines("orders", "strange,0001,north,2024-05-01,paid",
              "known,0002,north,2024-05-01,paid"),
        loaded=2, rejected={2: ("rejected_reference", "customer_id")},
    ),
    "order_items_of_strangers.csv": Delivery(
        lines("order_items", "strange,1,facial,1,100,100", "known,1,facial,1,100,100",
              "never,1,facial,1,100,100"),
        loaded=3,
        rejected={2: ("rejected_reference", ORDER_ID), 4: (UNKNOWN, ORDER_ID)},
    ),
    # Lines below zero
    "orders_lowered.csv": Delivery(
        lines("orders", *(f"{name},good,north,2024-05-01,paid" for name in LOWERED)), loaded=3
    ),
    "order_items_lowered.csv": Delivery(
        lines("order_items", "coupon,1,facial,1,1000,1000", "coupon,2,,,,-200",
              "returned,1,facial,1,500,500", "returned,2,facial,-1,-500,-500",
              "below,1,facial,1,100,100", "below,2,facial,-1,-100,-100.01"),
        loaded=6, rejected=dict.fromkeys((6, 7), ("below_zero", "net_amount")),
    ),
    # Files with some columns
    "customers_some.csv": Delivery(
        b"customer_id,phone\nc1,13600136000\nnewcomer,13600136001\n",
        loaded=2, words="keeps what was known", superseded=1,
    ),
    "customers_sheets.xlsx": Delivery(
        sheets(
            [["customer_id", "phone"], ["in_sheets", "13600136002"], ["c2", "13600136003"]],
            [["customer_id", "full_name"], ["c2", "Two"]],
        ),
        loaded=3, words="sheet 'Sheet1' lacks phone: its rows keep what was known",
        superseded=2,
    ),
    "orders_statuses.csv": Delivery(
        b"order_id,status\nnoted,cancelled\nunheard_of,paid\n",
        loaded=2, superseded=1, rejected={3: (MISSING, "customer_id")},
    ),
    "referrals_circle.csv": Delivery(
        lines("referrals", "f1,good,c1,2024-05-01", "f2,c1,good,2024-05-02",
              "f3,good,good,2024-05-01", "f4,c2,c1,2024-05-01"),
        loaded=4, rejected={4: ("self_reference", "referrer_customer_id")},
    ),
    "customer_links_self.csv": Delivery(
        lines("customer_links", "s1,good,good,true,2024-01-01"),
        loaded=1, rejected={2: ("self_reference", "customer_id")},
    ),
    "customers_strangers.csv": Delivery(
        lines("customers",
              *(customer(f"stranger_{n}", "1.38E+10") for n in range(3)),
              *(customer(f"stranger_{n}", unionid="NULL") for n in range(3, 6)),
              *(customer(f"stranger_{n}", "02087654321") for n in range(6, 26)),
              *(customer(f"one_{n}", phone) for n, phone in enumerate(SPELLINGS))),
        loaded=30,
    ),
}  # fmt: skip

# Shops that number alike: each file has the same ids.
SHOPS = {
    "customers": "7,his,,,,,2020-01-01,,{shop},",
    "orders": "7,7,{shop},2024-05-01,paid",
    "order_items": "7,1,facial,1,,{amount}",
}
PURCHASES = {"paid_1": 0, "paid_2": 0, "paid_3": 0, "paid_4": 0}
CAPPED = {"r2": 400, "r3": 1000}


class Damage(NamedTuple):
    """The built chain, and each file's report."""

    chain: Chain
    reports: dict[str, FileReport]
    set_aside: dict[str, list[tuple[int, str, str, str]]]


@pytest.fixture(scope="module")
def damage(tmp_path_factory: pytest.TempPathFactory) -> Damage:
    chain = Chain(Path(tmp_path_factory.mktemp("damage")))
    for customer_id in ("good", "c1", "c2", "10023"):
        chain.customer(customer_id)
    chain.customer("in_sheets", full_name="Known")
    chain.customer("born_in_february_30", registered_date="2020-02-30")
    chain.product("facial")
    chain.order("good", "2024-01-01", order_id="ledger", status="pending", amount=0)
    for number in range(1, 5):
        chain.order("good", "2024-05-01", order_id=f"paid_{number}")
    chain.order("c1", "2024-05-01", order_id="noted")
    chain.visit("good", "2024-05-01")
    chain.load()
    # What follows is a refresh: rows of these keys are held.
    chain.build("--select", "path:models/entities", "path:seeds", tests=False)
    folder = chain.files / "damaged"
    folder.mkdir()
    for table in GOOD_ROWS:
        write_cells(folder / f"{table}_cells.csv", table)
    for name, delivery in FILES.items():
        if delivery.content is None:
            (folder / name).mkdir()
        else:
            (folder / name).write_bytes(delivery.content)
    (folder / "orders_gone.csv").symlink_to("nowhere")
    report = load_directory(chain.settings, "demo", folder, loaded_at=LOADED_AT)
    shops = chain.files / "shops"
    shops.mkdir()
    for shop in ("north", "south"):
        for table, row in SHOPS.items():
            (shops / f"{table}_{shop}_2024-05.csv").write_bytes(
                lines(table, row.format(shop=shop, amount=len(shop) * 100 + ord(shop[0])))
            )
    load_directory(chain.settings, "demo", shops, loaded_at=LOADED_AT, scope="clinic")
    chain.build(
        "--select", "+rejected_rows", "+row_accounts", "+purchases", "path:models/entities",
        tests=False,
    )  # fmt: skip
    set_aside: dict[str, list] = {}
    for file_name, *found in chain.query(
        "select file_name, row_number, rule, coalesce(column_name, ''), raw_row"
        " from entities.rejected_rows order by all"
    ):
        set_aside.setdefault(file_name, []).append(tuple(found))
    return Damage(chain, {file.file_name: file for file in report.files}, set_aside)


def write_cells(path: Path, table: str) -> None:
    """One row for each damaged cell, good but for it."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, declared_tables("demo")[table])
        writer.writeheader()
        for key, column, raw in cells(table):
            row = {name: text.format(key=key) for name, text in GOOD_ROWS[table].items()}
            writer.writerow(row | {column: raw})


def cells(table: str) -> list[tuple[str, str, str]]:
    """Key, column and raw text of the damaged cells of a table."""
    found = [
        (column, raw)
        for (owner, column), raws in VALUES.items()
        if owner == table
        for raw in raws
    ]
    return [(str(1000 + at), *cell) for at, cell in enumerate(found)]


def fate_of(damage: Damage, table: str, key: str, column: str) -> str | None:
    """The rule and column that the row broke, or the column's value as it is served."""
    key_column = next(name for name, text in GOOD_ROWS[table].items() if text == "{key}")
    for _, rule, broken, raw_row in damage.set_aside.get(f"{table}_cells.csv", []):
        if json.loads(raw_row)[key_column] == key:
            return f"{rule} {broken}"
    served = damage.chain.query(
        f"select cast({column} as varchar), flagged from entities.{table}_checked"
        f" where cast({key_column} as varchar) = '{key}' and fault is null"
    )
    assert len(served) == 1, "lost without a trace"
    value, flagged = served[0]
    if flagged is None:
        return value
    rule, broken = flagged.split(":")[:2]
    return f"{rule} {broken}" + (f" and yet {value}" if value else "")


@pytest.mark.parametrize("table", GOOD_ROWS)
def test_each_cell_meets_its_fate(damage: Damage, table: str) -> None:
    met, due = {}, {}
    for key, column, raw in cells(table):
        met[column, raw] = fate_of(damage, table, key, column)
        fate = VALUES[table, column][raw]
        due[column, raw] = f"{fate} {column}" if fate in RULES else fate
    assert met == due


@pytest.mark.parametrize("name", FILES)
def test_each_file_meets_its_fate(damage: Damage, name: str) -> None:
    due, report = FILES[name], damage.reports[name]
    assert (report.status, report.rows_loaded, report.rows_unreadable) == (
        due.status, due.loaded, due.unreadable,
    )  # fmt: skip
    assert due.words in "; ".join(report.notes)
    found = damage.set_aside.get(name, [])
    assert {row: (rule, column) for row, rule, column, _ in found} == due.rejected
    assert len(found) == len(due.rejected)


def test_lines_below_zero_lower_their_order(damage: Damage) -> None:
    found = damage.chain.query(
        "select order_id, net_amount from entities.orders left join measures.purchases"
        f" using (source, order_id) where order_id in {tuple(LOWERED)}"
    )
    assert dict(found) == LOWERED


def test_a_file_changes_only_the_columns_that_it_has(damage: Damage) -> None:
    assert damage.chain.query(
        "select customer_id, phone, cast(registered_date as varchar), home_clinic_id, system"
        " from entities.customers where customer_id in ('c1', 'newcomer') order by 1"
    ) == [
        ("c1", "13600136000", "2020-01-01", "north", "his"),
        ("newcomer", "13600136001", None, None, None),
    ]
    assert damage.chain.query(
        "select customer_id, full_name, phone, home_clinic_id from entities.customers"
        " where customer_id in ('c2', 'in_sheets') order by 1"
    ) == [("c2", "Two", "13600136003", "north"), ("in_sheets", "Known", "13600136002", "north")]
    assert damage.chain.query(
        "select customer_id, clinic_id, cast(order_date as varchar), status"
        " from entities.orders where order_id = 'noted'"
    ) == [("c1", "north", "2024-05-01", "cancelled")]


def test_shops_that_number_alike_have_ids_of_their_own(damage: Damage) -> None:
    assert damage.chain.query(
        "select orders.order_id, orders.customer_id, orders.clinic_id, net_amount"
        " from entities.orders join entities.order_items using (order_id)"
        " where orders.order_id like '%/%' order by all"
    ) == [
        ("north/7", "north/7", "north", 500 + ord("n")),
        ("south/7", "south/7", "south", 500 + ord("s")),
    ]


def test_a_broken_link_is_told(damage: Damage) -> None:
    assert damage.reports["orders_gone.csv"].status == "unreadable"


def test_every_row_is_accounted_for(damage: Damage) -> None:
    fates = dict(
        damage.chain.query(
            "select outcome, sum(rows) from entities.row_accounts where is_carrier"
            " group by outcome"
        )
    )
    loaded, unreadable = damage.chain.query(
        "select sum(rows_loaded), sum(rows_unreadable) from landing.files"
    )[0]
    assert sum(fates.values()) == loaded
    assert fates["rejected"] + unreadable == sum(map(len, damage.set_aside.values()))
    assert fates["superseded"] == sum(delivery.superseded for delivery in FILES.values())


def test_each_rejection_says_what_to_do(damage: Damage) -> None:
    silent = damage.chain.query(
        "select distinct rule from entities.rejected_rows"
        " where label_en is null or label_zh is null or what_to_do is null"
        " union all select distinct rule from entities.flagged_cells"
        " where label_en is null or label_zh is null or what_to_do is null"
    )
    assert silent == []
    # Where a word is no code, the codes and the file's words are said.
    for told in damage.chain.query(
        "select distinct what_to_do from entities.rejected_rows"
        " where rule = 'not_allowed_value' and entity = 'orders'"
    ):
        assert told[0].startswith("Known: paid, pending, cancelled. ")
    with duckdb.connect(str(damage.chain.settings.database), read_only=True) as built:
        assert _words(built, "orders", "status").startswith("pend (1), refunded (1)")


def test_refunds_beyond_the_payment_do_not_reach_the_purchases(damage: Damage) -> None:
    found = dict(
        damage.chain.query(
            "select order_id, net_amount from entities.orders left join measures.purchases"
            " using (source, order_id) where order_id like 'paid%'"
        )
    )
    assert {key: value or 0 for key, value in found.items()} == PURCHASES


def test_a_refund_beyond_the_payment_counts_up_to_it_and_is_flagged(damage: Damage) -> None:
    flagged = damage.chain.query(
        "select refund_id, refund_amount from entities.flagged_cells"
        " join entities.refunds on contains(raw_row, '\"' || refund_id || '\"')"
        " where entity = 'refunds' and rule = 'exceeds_paid'"
    )
    assert dict(flagged) == CAPPED


def test_the_night_belongs_to_the_day_in_shanghai(damage: Damage) -> None:
    days = damage.chain.query(
        "select cast(opened_date as varchar) from entities.cards_checked order by card_id"
    )
    assert days == [("2024-05-02",)] * 2


def test_damaged_identifiers_fuse_no_strangers(damage: Damage) -> None:
    people = damage.chain.query(
        "select split_part(customer_id, '_', 1), count(*), count(distinct customer_key)"
        " from customers.customer_bridge"
        " where customer_id like 'stranger_%' or customer_id like 'one_%' group by all"
        " order by all"
    )
    assert people == [("one", 4, 1), ("stranger", 26, 26)]


def test_a_file_named_after_the_wrong_table_blanks_nobody(damage: Damage) -> None:
    assert damage.chain.query(
        "select registered_date is not null from entities.customers where customer_id = 'good'"
    ) == [(True,)]


def test_older_content_delivered_again_does_not_undo_a_correction(tmp_path: Path) -> None:
    chain = Chain(tmp_path)
    first, second = lines("orders", order("o", "2024-05-01")), lines("orders", order("o"))
    second = second.replace(b"2024-05-01", b"2024-05-02")
    for day, content in enumerate([first, second, first], start=1):
        folder = tmp_path / str(day)
        folder.mkdir()
        (folder / "orders.csv").write_bytes(content)
        report = load_directory(chain.settings, "demo", folder)
    (note,) = report.files[0].notes
    assert note.endswith("newer content came under that name since and stays in force")
