"""The KPIs of one month once more, from the raw rows as they landed (rulebook §7, kpis.csv).

Of the build only who is the same person, since when, and at home in which clinic is taken: that
has tests of its own. On demand: `python tests/python/reference/kpis.py WAREHOUSE 2025-06`.
"""

import sys
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import Any

import duckdb

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

from reference.measures import rounded

MARGINS = Path(__file__).parents[3] / "seeds" / "policy" / "category_margins.csv"
FOUR, FEN, SIX = Decimal("0.0001"), Decimal("0.01"), Decimal("0.000001")
DAY = timedelta(days=1)
RETENTION, RESULT = timedelta(days=90), timedelta(days=30)
ALL = "*"

# Of each raw table: what names a row, and what it must hold in a form that can be read.
RAW = {
    "orders": (["order_id"], {"order_date": "date"}, ["order_id", "customer_id"]),
    "order_items": (["order_id", "line_number"], {"net_amount": "amount"}, ["order_id"]),
    "refunds": (
        ["refund_id"], {"refund_date": "date", "refund_amount": "amount"}, ["order_id"],
    ),
    "visits": (["visit_id"], {"visit_date": "date"}, ["visit_id", "customer_id"]),
    "surveys": (["survey_id"], {"survey_date": "date"}, ["survey_id", "customer_id"]),
    "outreach": (["outreach_id"], {"contact_date": "date"}, ["outreach_id", "customer_id"]),
    "products": (["product_id"], {}, ["product_id", "category"]),
}  # fmt: skip
READ = {
    "date": "try_cast(replace({}, '/', '-') as date)",
    "amount": "try_cast({} as decimal(18, 2))",
}
PARTS = ("revenue_share", "profit_share")  # 1 of all customers: the numerator is looked at
OLDEST, DEAREST = date(2000, 1, 1), 10_000_000


@dataclass
class Order:
    """What was paid and given back for an order, and what it cost the clinic."""

    day: date
    paid: Decimal
    cost: Decimal
    refunds: list[tuple[date, Decimal]] = field(default_factory=list)

    def back(self, day: date) -> Decimal:
        return sum((amount for on, amount in self.refunds if on <= day), Decimal(0))

    @property
    def standing(self) -> Decimal:
        """What it was worth when its month ended; of a purchase above 0."""
        return self.paid - self.back(month_after(self.day) - DAY)

    @property
    def profit(self) -> Decimal:
        return self.standing - self.cost

    def movements(self) -> list[tuple[date, Decimal, Decimal]]:
        """Day, money and gross profit; the cost comes back with the last of what was paid."""
        moved = [(self.day, self.paid, self.paid - self.cost)]
        given = Decimal(0)
        for on, amount in self.refunds:
            is_last = given < self.paid <= given + amount
            given += amount
            moved.append((on, -amount, -amount + (self.cost if is_last else 0)))
        return moved


@dataclass
class Person:
    """A customer, with the facts that KPIs ask for."""

    clinic: str
    since: date
    orders: list[Order] = field(default_factory=list)
    treatments: list[date] = field(default_factory=list)
    surveys: list[dict[str, Any]] = field(default_factory=list)
    contacts: list[dict[str, Any]] = field(default_factory=list)

    @property
    def purchases(self) -> list[Order]:
        return [order for order in self.orders if order.standing > 0]

    @property
    def debut(self) -> date | None:
        return min((order.day for order in self.purchases), default=None)


def month_after(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def people(connection: duckdb.DuckDBPyConnection) -> dict[str, Person]:
    """The customers of a build, with what the raw tables say of them."""

    def rows(sql: str) -> list[dict[str, Any]]:
        found = connection.execute(sql)
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def raw(table: str) -> list[dict[str, Any]]:
        """The rows that can be read; of several of one key the last."""
        key, kinds, needed = RAW[table]
        read = ", ".join(f"{READ[kind].format(name)} as {name}" for name, kind in kinds.items())
        kept = " and ".join(
            f"{name} is not null" for name in {**kinds, **dict.fromkeys(key + needed)}
        )
        replaced = f"replace ({read})" if read else ""
        return rows(
            f"with told as (select * {replaced} from raw_demo.{table})"
            f" select * from told where {kept} qualify row_number() over ("
            f"partition by {', '.join(key)} order by _row_id desc) = 1 order by _row_id"
        )

    day = rows("select max(as_of_date) as day from measures.as_of_dates")[0]["day"]
    persons = {
        row["customer_key"]: Person(
            row["home_clinic_id"] or "unknown", row["first_contact_date"]
        )
        for row in rows("select * from customers.customer_profiles")
    }
    of = {
        row["customer_id"]: persons[row["customer_key"]]
        for row in rows("select customer_id, customer_key from customers.customer_bridge")
    }
    for name, order in _orders(raw, day):
        if name in of:
            of[name].orders.append(order)
    for row in raw("visits"):
        arrived = (row["visit_type"], row["status"]) == ("treatment", "arrived")
        if arrived and row["customer_id"] in of and OLDEST < row["visit_date"] <= day:
            of[row["customer_id"]].treatments.append(row["visit_date"])
    for table, held in (("surveys", "surveys"), ("outreach", "contacts")):
        for row in raw(table):
            if row["customer_id"] in of:
                getattr(of[row["customer_id"]], held).append(row)
    return persons


def _orders(raw: Any, day: date) -> list[tuple[str, Order]]:
    """The paid orders, each with the raw id of its customer."""
    with duckdb.connect() as seeds:
        margins = dict(
            seeds.execute(
                f"select category, cast(margin_share as decimal(5, 2)) from '{MARGINS}'"
            ).fetchall()
        )
    products = {row["product_id"]: row for row in raw("products")}
    lines = defaultdict(list)
    for row in raw("order_items"):
        if row["net_amount"] <= DEAREST:
            lines[row["order_id"]].append(row)
    refunds = defaultdict(list)
    for row in raw("refunds"):
        if row["refund_amount"] > 0:
            refunds[row["order_id"]].append((row["refund_date"], row["refund_amount"]))

    def cost(line: dict[str, Any]) -> Decimal:
        product = products.get(line["product_id"], {})
        unit = line["unit_cost"] or product.get("unit_cost")
        if line["cost_amount"]:
            return Decimal(line["cost_amount"])
        if unit:
            return Decimal(unit) * Decimal(line["quantity"] or 1)
        share = margins.get(product.get("category"), margins[ALL])
        return line["net_amount"] * (1 - share)

    orders = []
    for row in raw("orders"):
        held = lines[row["order_id"]]
        if row["status"] != "paid" or not held or not OLDEST < row["order_date"] <= day:
            continue
        order = Order(
            row["order_date"],
            sum((line["net_amount"] for line in held), Decimal(0)),
            rounded(Fraction(rounded(Fraction(sum(map(cost, held))), SIX)), FEN),
        )
        for on, amount in sorted(refunds[row["order_id"]]):
            if order.day <= on <= day and order.back(day) + amount <= order.paid:
                order.refunds.append((on, amount))
        orders.append((row["customer_id"], order))
    return orders


def kpis(persons: list[Person], month: date) -> dict[str, Decimal | None]:
    """The values of a month for these customers, by the formulas of kpis.csv."""
    end = month_after(month)

    def within(day: date) -> bool:
        return month <= day < end

    members = [one for one in persons if one.since < month]
    bought = {
        id(one): [order for order in one.purchases if within(order.day)] for one in persons
    }
    purchases = [order for orders in bought.values() for order in orders]
    profit = {
        id(one): sum(
            gain for order in one.orders for on, _, gain in order.movements() if within(on)
        )
        for one in persons
    }
    old = [one for one in members if one.debut and one.debut < month]
    active = [
        one
        for one in members
        if any(
            month <= day < month + RETENTION
            for day in [*one.treatments, *(order.day for order in one.purchases)]
        )
    ]
    answers = [row for one in persons for row in one.surveys if within(row["survey_date"])]
    scores = [int(row["nps_score"]) for row in answers if row["nps_score"]]
    csat = [int(row["csat_score"]) for row in answers if row["csat_score"]]
    debuts = [one for one in persons if one.debut and within(one.debut)]
    single = [
        one
        for one in debuts
        if not any(one.debut < order.day <= one.debut + RETENTION for order in one.purchases)
    ]
    contacts = [
        (one, row) for one in persons for row in one.contacts if within(row["contact_date"])
    ]
    cost = sum(Decimal(row["cost_amount"] or 0) for _, row in contacts)
    gained = sum(
        order.profit for one in persons for order, row in _credited(one)
        if within(row["contact_date"])
    )  # fmt: skip
    buyers = sorted((profit[key] for key, orders in bought.items() if orders), reverse=True)
    top = sum(buyers[: ceil(len(buyers) * Fraction(1, 5))])
    return {
        "customers": Decimal(len(members)),
        "aov": _share(sum(order.standing for order in purchases), len(purchases)),
        "purchases_per_customer": _share(len(purchases), len(members)),
        "repurchase_rate": _share(sum(1 for one in old if bought[id(one)]), len(old)),
        "retention_rate": _share(len(active), len(members)),
        "nps": _share(
            100 * (sum(1 for s in scores if s >= 9) - sum(1 for s in scores if s <= 6)),
            len(scores),
        ),
        "csat": _share(sum(csat), len(csat)),
        "campaign_roi": _share(gained - cost, cost),
        "no_second_purchase": _share(len(single), len(debuts)),
        "top20_contribution": _share(top, sum(profit.values())),
        "manual_interventions": Decimal(
            sum(1 for _, row in contacts if row["contact_channel"] == "phone")
        ),
        # PARTS: the money itself.
        "revenue_share": sum(
            (
                amount
                for one in persons for order in one.orders
                for on, amount, _ in order.movements() if within(on)
            ),
            Decimal(0),
        ),
        "profit_share": Decimal(sum(profit.values())),
    }  # fmt: skip


def _credited(one: Person) -> list[tuple[Order, dict[str, Any]]]:
    """Each purchase with the last contact before it, if that was within the days."""
    credited = []
    for order in one.purchases:
        before = [
            row
            for row in one.contacts
            if row["contact_date"] < order.day <= row["contact_date"] + RESULT
        ]
        if before:
            last = max(before, key=lambda row: (row["contact_date"], row["outreach_id"]))
            credited.append((order, last))
    return credited


def _share(part: Any, whole: Any) -> Decimal | None:
    return rounded(Fraction(part) / Fraction(whole), FOUR) if whole else None


def differences(build: Path, marts: Path, month: date) -> list[str]:
    """What the mart says otherwise than the raw rows, for the chain and each clinic."""
    with duckdb.connect(str(build), read_only=True) as connection:
        persons = [*people(connection).values()]
    with duckdb.connect(str(marts), read_only=True) as connection:
        told = {
            (clinic, kpi): numerator if kpi in PARTS else value
            for clinic, kpi, value, numerator in connection.execute(
                "select clinic_id, kpi, value, numerator from mart_tier_kpis"
                f" where month_date = date '{month}' and model = '*'"
            ).fetchall()
        }  # fmt: skip
    clinics = sorted({one.clinic for one in persons})
    found = []
    for clinic in [ALL, *clinics]:
        here = [one for one in persons if clinic in (ALL, one.clinic)]
        found += [
            f"{month:%Y-%m} {clinic} {kpi}: raw rows {value}, mart {told.get((clinic, kpi))}"
            for kpi, value in kpis(here, month).items()
            if told.get((clinic, kpi)) != value
        ]
    return found


if __name__ == "__main__":
    directory = Path(sys.argv[1])
    asked = date.fromisoformat(f"{sys.argv[2]}-01")
    wrong = differences(
        directory / "strata.duckdb", directory / "published" / "marts.duckdb", asked
    )
    print("\n".join([*wrong, f"{len(wrong)} differences"]))
    sys.exit(bool(wrong))
