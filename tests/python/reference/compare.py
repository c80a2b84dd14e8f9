"""The reference held against a build: who differs in what, with both answers and the facts.

On demand: `python tests/python/reference/compare.py WAREHOUSE [RULESET]` (20,000 customers take
about a minute).
"""

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

from reference.facts import Customer, read
from reference.measures import Measured, Population, rounded
from reference.models import BEHAVIOURS, EVERYBODY, MEDICAL
from reference.rulebook import Numbers

PROJECT = Path(__file__).parents[3]
FOUR = Decimal("0.0001")


@dataclass(frozen=True)
class Difference:
    """A customer whom the reference and the build answer differently."""

    customer: str
    model: str
    reference: Any
    build: Any
    facts: str

    def __str__(self) -> str:
        return (
            f"{self.customer} {self.model}: by the rulebook {self.reference!r},"
            f" in the mart {self.build!r}; {self.facts}"
        )


def differences(
    build: Path, marts: Path, ruleset: str = "medical_aesthetics"
) -> Iterator[Difference]:
    """Every answer of the marts that is not the reference's.

    Args:
        build: the build warehouse, for the facts.
        marts: the file of the marts.
        ruleset: the rule set under which both answer.
    """
    numbers = Numbers(PROJECT / "seeds" / "policy" / "thresholds.csv", ruleset)
    with duckdb.connect() as connection:
        connection.execute(f"attach '{build}' as strata (read_only)")
        connection.execute(f"attach '{marts}' as marts (read_only)")
        connection.execute("use strata")
        served = _served(connection)
        centers = _rows(connection, "select * from tiers.private_domain_centers")
        world = read(connection)
    (day,) = {row["as_of_date"] for row in served.values()}
    people = {
        key: Measured(customer, day, world)
        for key, customer in world.customers.items()
        if customer.first_contact <= day
    }
    population = Population(people, world, numbers)
    mixes = [
        {kind: float(row[f"{kind}_share"]) for kind in BEHAVIOURS}
        for row in centers
        if row["ruleset"] == ruleset and _day(row["as_of_date"]) == day
    ]
    yield from (
        Difference(key, "who is there", key in people, key in served, "")
        for key in sorted(people.keys() ^ served.keys())
    )
    social = _social_values(people, population, served)
    for key in sorted(people.keys() & served.keys()):
        one, row = people[key], served[key]
        answers: dict[str, str | None] = {}
        for name, model in {**EVERYBODY, **MEDICAL}.items():
            if name != "final":
                answers[name] = model(
                    one, population, numbers, row | {"centers": mixes}, answers
                )
        answers["final"] = EVERYBODY["final"](one, population, numbers, row, answers)
        for name, answer in answers.items():
            if row[f"{name}_tier"] != answer:
                yield Difference(key, name, answer, row[f"{name}_tier"], facts_of(one, row))
        for name, answer in {**measures(one, population), **social.get(key, {})}.items():
            if name in row and row[name] != answer:
                yield Difference(key, name, answer, row[name], facts_of(one, row))


def measures(one: Measured, population: Population) -> dict[str, Any]:
    """Base metrics as the marts and the measures have them."""
    bought = bool(one.purchases)
    _, share, discount = one.discounts()
    retained = max(Fraction(_span(one)), Fraction("365.25")) if bought else None
    priced = bought and one.discounts()[0] > 0
    return {
        "days_since_purchase": one.recency,
        "days_since_consumption": one.consumption_recency,
        "purchases_365": one.frequency(365),
        "purchases_lifetime": one.frequency(),
        "net_amount_365": one.money(365),
        "net_amount_lifetime": one.money(),
        "gross_profit_365": one.profit(365),
        "average_order_value": one.aov,
        "categories_lifetime": len(one.categories()),
        "max_category_purchases": one.most_in_one_category,
        "department": one.department,
        "discounted_purchase_share": _cut_off(share) if priced else None,
        "average_discount_share": _cut_off(discount) if priced else None,
        "purchases_per_year": rounded(one.frequency() * Fraction("365.25") / retained, FOUR)
        if retained
        else None,
        "weighted_score": population.weighted(one.customer.key) if bought else None,
    }


def _social_values(
    people: dict[str, Measured], population: Population, served: dict[str, dict[str, Any]]
) -> dict[str, dict[str, Any]]:
    """Willingness × (direct + converted second level), and × the mean LTV of converted
    referees (3.10), rounded once."""
    world = next(iter(people.values())).world
    if not {"referrals", "surveys"} <= world.feeds:
        return {}
    says = {
        key: one.latest(one.customer.surveys, "nps_score", "survey_date", "survey_id")[0]
        for key, one in people.items()
    }
    answered = [Fraction(score, 10) for score in says.values() if score is not None]
    usual = sum(answered) / len(answered)
    worths = [
        Fraction(served[who]["clv_amount"] or 0)
        for one in people.values()
        for on, who in population.referrals(one, 0)
        if population.is_converted(who, on)
    ]
    worth = sum(worths, Fraction(0)) / len(worths) if worths else Fraction(0)
    values = {}
    for key, one in people.items():
        direct = population.referrals(one, 0)
        second = [
            1
            for since, who in direct
            for on, whom in population.referred[who]
            if since <= on <= one.day and population.is_converted(whom, on)
        ]
        willing = usual if says[key] is None else Fraction(says[key], 10)
        brought = willing * (len(direct) + len(second))
        values[key] = {
            "social_value": rounded(brought, FOUR),
            "social_value_amount": rounded(brought * worth),
        }
    return values


def _cut_off(share: Fraction) -> Decimal:
    """Four decimals, never rounded up: 0.19999 has not reached 0.2."""
    return (share * 10_000).__floor__() * FOUR


def _span(one: Measured) -> int:
    return (one.purchases[-1].day - one.purchases[0].day).days


def facts_of(one: Measured, row: dict[str, Any]) -> str:
    """What a reader needs to judge a difference by hand."""
    customer: Customer = one.customer
    orders = [
        f"{order.day} {order.paid}"
        + "".join(f" -{back.amount} on {back.day}" for back in order.refunds)
        + " ".join(f" [{line.category} {line.net}]" for line in order.lines)
        for order in sorted(one.orders, key=lambda order: order.day)
    ]
    came = [f"{on} {kind}" for on, kind, _ in sorted(customer.visits)[-4:]]
    outcomes = [
        f"{row['outcome_date']} due {row['follow_up_due_date']} kept {row['is_follow_up_kept']}"
        for row in customer.outcomes[-4:]
    ]
    return (
        f"as of {one.day}; orders {orders[-12:]}; visits {came}; CLV {row['clv_amount']};"
        f" outcomes {outcomes}"
    )


def _served(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, Any]]:
    """The build's answers by customer: measures first, what is published over them."""
    served: dict[str, dict[str, Any]] = {}
    for table in (
        "strata.measures.customer_measures", "strata.tiers.customer_tiers",
        "strata.tiers.medical_tiers", "marts.mart_customer_tiers", "marts.mart_social_value",
        "marts.fct_customer_value",
    ):  # fmt: skip
        for row in _rows(connection, f"select * from {table}"):
            served.setdefault(row["customer_key"], {}).update(row)
    return served


def _rows(connection: duckdb.DuckDBPyConnection, sql: str) -> list[dict[str, Any]]:
    found = connection.execute(sql)
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _day(value: Any) -> date:
    return value.date() if hasattr(value, "date") else value


def main(directory: Path, ruleset: str = "medical_aesthetics") -> int:
    """Print what differs in a published warehouse; 1 if anything does."""
    marts = directory / "published" / "marts.duckdb"
    found = list(differences(directory / "strata.duckdb", marts, ruleset))
    shown: Counter[str] = Counter()
    for one in found:
        shown[one.model] += 1
        if shown[one.model] <= 3:
            print(one)
    print(f"{len(found)} differences", dict(shown))
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), *sys.argv[2:3]))
