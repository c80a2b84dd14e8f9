"""What of a flat file's values may not be what it seems: names, masks, totals, other money."""

import re

import pyarrow as pa
import pyarrow.compute as pc

from strata.settings import currency_symbol

_SIGNS = re.compile(r"(?:HK|US|NT|A|C)?\$|[¥￥£€₩₹]")
_ENOUGH_ORDERS, _NEARLY_ALL = 5, 0.95  # orders of several rows that show what an amount is


def customer_doubts(name: str, plain_name: str, values: list[str]) -> list[str]:
    """Values of which several people may have the same one."""
    if sum("*" in value for value in values) * 2 > len(values):
        return [
            f"{name} is masked ({values[0].strip()[:24]}): people whose masks are alike count"
            " as one. Export it without the mask, or name another column: --customer COL"
        ]
    if "姓名" in plain_name or plain_name in ("name", "fullname", "customername", "clientname"):
        return [f"{name} holds names: people of one name count as one"]
    return []


def money_doubts(name: str, values: list[str]) -> list[str]:
    """Amounts in another currency than the project's."""
    own = {"¥", "￥"} if currency_symbol() in "¥￥" else {currency_symbol()}
    signs = sorted({sign for value in values for sign in _SIGNS.findall(value)} - own)
    if not signs:
        return []
    return [
        f"{name} has amounts in {' '.join(signs)}, and the project counts in"
        f" {currency_symbol()}: such rows are rejected. Set currency and currency_symbol in"
        " dbt_project.yml"
    ]


def total_doubts(name: str, example: str) -> list[str]:
    """An amount that seems to be the total of an order; `example`: of such an order, or ""."""
    if not example:
        return []
    return [
        f"{name} seems to be the total of an order, on each of its rows ({example}), and counts"
        " once a row. Name the amount of a row: --amount COL, or --amount none --quantity COL"
        " --price COL"
    ]


def order_total(orders: pa.ChunkedArray, amounts: pa.ChunkedArray) -> str:
    """An order whose rows all have the same amount, if nearly all orders of several rows do."""
    rows = pa.table([orders, amounts], ["order", "amount"])
    asked = [("amount", "count"), ("amount", "count_distinct"), ("amount", "max")]
    found = rows.filter(pc.is_valid(orders)).group_by("order").aggregate(asked)
    several = found.filter(pc.greater(found["amount_count"], 1))
    alike = several.filter(pc.equal(several["amount_count_distinct"], 1))
    if alike.num_rows < max(_ENOUGH_ORDERS, _NEARLY_ALL * several.num_rows):
        return ""
    if len(pc.unique(alike["amount_max"])) < _ENOUGH_ORDERS:
        return ""
    example = alike.slice(0, 1).to_pylist()[0]
    return f"{example['amount_count']} rows of {example['order']} say {example['amount_max']}"


def is_told_once(orders: pa.ChunkedArray, amounts: pa.ChunkedArray) -> bool:
    """Whether nearly all orders of several rows have an amount on one row only."""
    said = [bool(text and text.strip()) for text in amounts.to_pylist()]
    rows = pa.table({"order": orders, "is_said": said})
    found = rows.filter(pc.is_valid(orders)).group_by("order")
    counted = found.aggregate([("is_said", "count"), ("is_said", "sum")])
    several = counted.filter(pc.greater(counted["is_said_count"], 1))
    once = several.filter(pc.equal(several["is_said_sum"], 1))
    return several.num_rows > 0 and once.num_rows >= _NEARLY_ALL * several.num_rows
