"""What was accepted, by customer: plain records read from the entities of a built warehouse."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

ZERO = Decimal(0)
LIVE = ("live_watch", "live_chat", "community_post")


@dataclass(frozen=True)
class Line:
    """A line of an order; `cost` is what it costs the clinic, to the last digit."""

    number: int
    category: str | None
    department: str | None
    net: Decimal
    list_price: Decimal | None
    cost: Decimal


@dataclass(frozen=True)
class Refund:
    day: date
    amount: Decimal
    line: int | None
    key: tuple[str, str]


@dataclass
class Order:
    key: tuple[str, str]
    day: date
    lines: list[Line]
    refunds: list[Refund] = field(default_factory=list)

    @property
    def paid(self) -> Decimal:
        return sum((line.net for line in self.lines), ZERO)

    def refunded(self, day: date) -> Decimal:
        """What was given back by a day."""
        return sum((refund.amount for refund in self.refunds if refund.day <= day), ZERO)

    def net(self, day: date) -> Decimal:
        return self.paid - self.refunded(day)

    def standing(self, day: date) -> list[Line]:
        """The lines that still stand on a day: paid for, and not refunded in full."""
        back: dict[int | None, Decimal] = defaultdict(Decimal)
        for refund in self.refunds:
            if refund.day <= day:
                back[refund.line] += refund.amount
        return [line for line in self.lines if line.net > back[line.number]]


@dataclass
class Customer:
    """A person: what is known of them in all their records."""

    key: str
    first_contact: date
    motivation: str | None
    orders: list[Order] = field(default_factory=list)
    visits: list[tuple[date, str, str | None]] = field(default_factory=list)
    interactions: list[tuple[date, str]] = field(default_factory=list)
    responses: list[date] = field(default_factory=list)
    surveys: list[dict[str, Any]] = field(default_factory=list)
    skin_tests: list[dict[str, Any]] = field(default_factory=list)
    outcomes: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class World:
    """All customers, the referrals that count (DECISIONS, "Social value"), and the feeds."""

    customers: dict[str, Customer]
    referrals: list[tuple[str, str, date]]
    feeds: set[str]
    cycles: dict[str, int]


FEEDS = (
    "refunds", "interactions", "skin_tests", "surveys", "outreach", "treatment_outcomes",
    "referrals",
)  # fmt: skip


def read(connection: duckdb.DuckDBPyConnection) -> World:
    """The facts of a build."""

    def rows(sql: str) -> list[dict[str, Any]]:
        found = connection.execute(sql)
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def of(feed: str) -> list[dict[str, Any]]:
        return rows(
            f"select bridge.customer_key as customer, facts.* from entities.{feed} as facts"
            " inner join customers.customer_bridge as bridge using (record_sk)"
            " order by facts.row_id"
        )

    people = {
        row["customer_key"]: Customer(
            row["customer_key"], row["first_contact_date"], row["motivation"]
        )
        for row in rows("select * from customers.customer_profiles")
    }
    for order in _orders(rows):
        people[order[0]].orders.append(order[1])
    for row in of("visits"):
        if row["status"] == "arrived":
            people[row["customer"]].visits.append(
                (row["visit_date"], row["visit_type"], row["department"])
            )
    for row in of("interactions"):
        people[row["customer"]].interactions.append(
            (row["interaction_date"], row["interaction_type"])
        )
    for row in of("outreach"):
        if row["has_responded"]:
            people[row["customer"]].responses.append(
                row["response_date"] or row["contact_date"]
            )
    for feed, field_name in (
        ("surveys", "surveys"), ("skin_tests", "skin_tests"),
        ("treatment_outcomes", "outcomes"),
    ):  # fmt: skip
        for row in of(feed):
            getattr(people[row["customer"]], field_name).append(row)
    return World(
        people,
        _referrals(rows),
        {feed for feed in FEEDS if rows(f"select 1 from entities.{feed} limit 1")},
        {row["category"]: row["cycle_days"] for row in rows("from policy.treatment_cycles")},
    )


def _orders(rows: Any) -> list[tuple[str, Order]]:
    margins = {
        row["category"]: row["margin_share"] for row in rows("from policy.category_margins")
    }
    products = {row["product_sk"]: row for row in rows("from entities.products")}
    lines: dict[int, list[Line]] = defaultdict(list)
    for row in rows("select * from entities.order_items order by row_id"):
        product = products.get(row["product_sk"], {})
        category = product.get("category")
        unit_cost = product.get("unit_cost") if row["unit_cost"] is None else row["unit_cost"]
        # A line below zero: goods that come back with their cost, or a coupon.
        is_back, list_price = row["net_amount"] < 0, row["list_amount"]
        if is_back and list_price is None:
            list_price = ZERO
        if row["cost_amount"] is not None:
            cost = row["cost_amount"]
        elif unit_cost is not None:
            cost = unit_cost * (1 if row["quantity"] is None else row["quantity"])
        elif is_back and not product:
            cost = ZERO
        else:
            cost = row["net_amount"] * (1 - margins.get(category, margins["*"]))
        lines[row["order_sk"]].append(
            Line(
                row["line_number"],
                category,
                product.get("department"),
                row["net_amount"],
                list_price,
                -abs(cost) if is_back else cost,
            )  # fmt: skip
        )
    refunds: dict[int, list[Refund]] = defaultdict(list)
    for row in rows("select * from entities.refunds"):
        refunds[row["order_sk"]].append(
            Refund(
                row["refund_date"],
                row["refund_amount"],
                row["line_number"],
                (row["source"], row["refund_id"]),
            )  # fmt: skip
        )
    return [
        (
            row["customer_key"],
            Order(
                (row["source"], row["order_id"]),
                row["order_date"],
                lines[row["order_sk"]],
                refunds[row["order_sk"]],
            ),  # fmt: skip
        )
        for row in rows(
            "select bridge.customer_key, orders.* from entities.orders"
            " inner join customers.customer_bridge as bridge using (record_sk)"
            " where orders.status = 'paid'"
        )
        if lines[row["order_sk"]]
    ]


def _referrals(rows: Any) -> list[tuple[str, str, date]]:
    """One referrer a person, the earliest; none of oneself; none that closes a circle."""
    told = rows(
        "select one.customer_key as referrer, other.customer_key as referee, referral_date,"
        " referrals.source, referral_id from entities.referrals"
        " inner join customers.customer_bridge as one"
        " on referrals.referrer_record_sk = one.record_sk"
        " inner join customers.customer_bridge as other"
        " on referrals.referee_record_sk = other.record_sk"
    )
    told.sort(key=lambda row: (row["referral_date"], row["source"], row["referral_id"]))
    referrer: dict[str, str] = {}
    named: set[str] = set()
    counted = []
    for row in told:
        by, who = row["referrer"], row["referee"]
        if by == who or who in named:
            continue
        named.add(who)
        above: str | None = by
        while above is not None and above != who:
            above = referrer.get(above)
        if above is None:
            referrer[who] = by
            counted.append((by, who, row["referral_date"]))
    return counted


def warehouse(directory: Path) -> Path:
    """The build of a warehouse folder."""
    return directory / "strata.duckdb"
