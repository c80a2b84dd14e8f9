"""A front desk's own export: a few customers, each written as real chains write badly.

Files of their own (`customers_desk.csv` …), so that nothing else of the chain moves. Ids begin
with F. Nothing here is drawn: who stands where, and why, is in the comments.
"""

import csv
import io
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from strata.demo.summary import DemoFile

HEADERS = {
    "customers": (
        "customer_id", "system", "full_name", "phone", "is_phone_verified", "wechat_unionid",
        "registered_date", "acquisition_channel", "home_clinic_id", "motivation",
    ),
    "orders": ("order_id", "customer_id", "clinic_id", "order_date", "status"),
    "order_items": (
        "order_id", "line_number", "product_id", "quantity", "list_amount", "net_amount",
    ),
    "refunds": ("refund_id", "order_id", "line_number", "refund_date", "refund_amount"),
    "customer_links": (
        "link_id", "customer_id", "same_as_customer_id", "is_active", "recorded_date",
    ),
}  # fmt: skip
CLINIC = "chengdu_jinjiang"
WALK_INS_OF = 150  # customers to one purchase of the account of people without a name

# Id, name, phone, verified, unionid, motivation.
PEOPLE = (
    ("F00", "散客", "", "", "", ""),  # who does not give a name
    # Strangers with the same word or number for "unknown": nobody's twin.
    ("F01", "王䶮", "00000000000", "true", "None", "efficacy"),
    ("F02", "陈犇", "00000000000", "true", "None", ""),
    ("F03", "林一诺", "13800000000", "true", "无", ""),
    ("F04", "周可", "13800000000", "true", "无", ""),
    # Mother and daughter: one verified phone, two users of WeChat.
    ("F05", "高兰", "19755550001", "true", "oDeskMotherGaoLan0000001", "experience"),
    ("F06", "高悦", "19755550001", "true", "oDeskDaughterGaoYue00002", "efficacy"),
    # A number that nobody has checked links nobody.
    ("F07", "何静", "19755550002", "false", "", ""),
    ("F08", "何敏", "19755550002", "false", "", ""),
    # One landline, written in two ways: one person.
    ("F09", "陈洁", "+86 28 8333 4455", "true", "", ""),
    ("F10", "陈洁", "028-83334455", "true", "", ""),
    # Cells that cannot be read, in columns that need not be there.
    ("F11", "赵欣", "不详", "√", "", "不详"),
    ("F12", "黄雅婷", "19755550003", "true", "", ""),  # the other record was merged away
    # A spreadsheet made a rounded number of the id: nobody knows which customer it was.
    ("1.00234E+11", "吴佳", "19755550004", "true", "", ""),
    ("F14", "徐嘉", "19755550005", "true", "", ""),
    ("F15", "孙思涵", "19755550006", "true", "", ""),
    ("F16", "马琪", "19755550007", "true", "", ""),
    ("F17", "郭璐", "19755550008", "true", "", ""),
    ("F18", "罗曦", "19755550009", "true", "", ""),
)

# Customer as the till wrote them, days before the end, how the day is written, lines.
Lines = tuple[tuple[str, int, int], ...]
ORDERS: tuple[tuple[str, int, str, Lines], ...] = (
    ("F01", 40, "%Y-%m-%d", (("P201", 1280, 1280),)),
    ("F02", 300, "%Y-%m-%d", (("P301", 12800, 12800),)),
    ("F03", 20, "%Y-%m-%d", (("P101", 1980, 1880),)),
    ("F05", 75, "%Y/%m/%d", (("P203", 26800, 26800),)),
    ("F06", 12, "%Y/%m/%d", (("P003", 880, 880),)),
    ("F09", 200, "%Y-%m-%d", (("P103", 1680, 1680),)),
    ("F10", 30, "%Y-%m-%d", (("P103", 1680, 1680),)),
    ("F11", 55, "%Y-%m-%d", (("P202", 3980, 3980),)),
    ("FOLD12", 400, "%Y-%m-%d", (("P105", 6800, 6800),)),  # the record merged away
    ("F12", 35, "%Y-%m-%d", (("P105", 6800, 6800),)),
    ('="F14"', 25, "%Y-%m-%d", (("P004", 2680, 2680),)),  # ids as spreadsheets guard them
    ("'F14", 90, "%Y-%m-%d", (("P004", 2680, 2680),)),
    ("\uff26\uff11\uff15", 15, "%Y-%m-%d", (("P102", 3980, 3980),)),  # full width
    # Half past two at night, business time; in UTC it is the day before.
    ("F16", 61, "%Y-%m-%d 02:30:00 +0800", (("P002", 398, 398),)),
    # A coupon, and a line taken back, as lines below zero.
    ("F17", 18, "%Y-%m-%d", (("P003", 1000, 1000), ("", 0, -200))),
    ("F17", 45, "%Y-%m-%d", (("P003", 880, 880), ("P002", 398, 398), ("P002", -398, -398))),
    # Diamond for a day: all of it was given back.
    ("F18", 70, "%Y-%m-%d", (("P107", 600_000, 600_000),)),
)


def write_desk(directory: Path, end: date, customers: int) -> list[DemoFile]:
    """Write the export; in GB18030, as that desk's computer does."""
    written = []
    for table, rows in _tables(end, customers).items():
        text = io.StringIO()
        file = csv.writer(text, lineterminator="\n")
        file.writerows([HEADERS[table], *rows])
        path = directory / f"{table}_desk.csv"
        path.write_bytes(text.getvalue().encode("gb18030"))
        written.append(DemoFile(path.name, table, len(rows)))
    return written


def _tables(end: date, customers: int) -> dict[str, list[tuple[object, ...]]]:
    orders = [*ORDERS, *_walk_ins(customers)]
    keys = [f"OF{number:06d}" for number in range(len(orders))]
    known = end - timedelta(720)
    returned = next(key for key, order in zip(keys, orders, strict=True) if order[0] == "F18")
    return {
        "customers": [
            (
                key, "his", name, phone, verified, unionid,
                "不详" if key == "F11" else known, "walk_in", CLINIC, motivation,
            )
            for key, name, phone, verified, unionid, motivation in PEOPLE
        ],
        "orders": [
            (key, customer, CLINIC, (end - timedelta(ago)).strftime(written), "paid")
            for key, (customer, ago, written, _) in zip(keys, orders, strict=True)
        ],
        "order_items": [
            (key, number, product, "", listed or "", f"{paid}.00")
            for key, (_, _, _, lines) in zip(keys, orders, strict=True)
            for number, (product, listed, paid) in enumerate(lines, 1)
        ],
        "refunds": [("RF000001", returned, 1, end - timedelta(69), "600000.00")],
        "customer_links": [("LF000001", "FOLD12", "F12", "true", end - timedelta(300))],
    }  # fmt: skip


def _walk_ins(customers: int) -> Iterator[tuple[str, int, str, Lines]]:
    """The purchases without a name, spread over two years."""
    number = max(customers // WALK_INS_OF, 10)
    for n in range(number):
        yield "F00", n * 700 // number, "%Y-%m-%d", (("P001", 199, 199),)
