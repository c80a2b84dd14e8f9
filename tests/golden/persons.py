"""Customers as lists of facts: they can be told again, under another name, with more facts."""

import random
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from builder import Chain

TODAY = date(2025, 6, 30)
PRODUCTS = {
    "facial": ("skin_care", "dermatology"), "filler": ("injection", "injection"),
    "laser": ("energy_based", "dermatology"), "implant": ("dental", "dental"),
    "serum": ("hair", "dermatology"),
}  # fmt: skip
# Of no category: money and nothing else. Its cost is known: all of it is profit.
VOUCHER = "voucher"
# Ages of facts: none is about to leave a window, and few days on which anything lapses.
AGES = (4, 20, 48, 75, 105, 150, 240, 330, 400, 700)
KINDS = (
    "page_view", "live_watch", "live_chat", "community_post", "coupon_claimed", "coupon_used",
)  # fmt: skip


@dataclass(frozen=True)
class Fact:
    """What happened so many days ago (negative: after the as-of date)."""

    kind: str
    ago: int
    values: tuple[tuple[str, Any], ...] = ()

    def __getitem__(self, name: str) -> Any:
        return dict(self.values).get(name)

    def but(self, **values: Any) -> "Fact":
        return replace(self, values=tuple((dict(self.values) | values).items()))


def fact(kind: str, ago: int, **values: Any) -> Fact:
    return Fact(kind, ago, tuple(values.items()))


def order(ago: int, amount: Any, product: str = "facial", **values: Any) -> Fact:
    """A purchase; `listed` where it was cheaper, `refund_ago` where it was given back."""
    return fact("order", ago, amount=Decimal(str(amount)), product=product, **values)


def day(ago: int) -> str:
    return (TODAY - timedelta(ago)).isoformat()


def products(chain: Chain) -> None:
    for name, (category, department) in PRODUCTS.items():
        chain.product(name, category, department)
    chain.add("products", product_id=VOUCHER, unit_cost=0)


def tell(chain: Chain, name: str, facts: Iterable[Fact]) -> None:
    """A customer to whom these things happened."""
    chain.customer(name, motivation="efficacy" if len(name) % 2 else "experience")
    for number, one in enumerate(facts):
        key, on = f"{name}.{number}", day(one.ago)
        mine = {"customer_id": name}
        match one.kind:
            case "order":
                chain.add(
                    "orders", order_id=key, order_date=on, clinic_id="north", status="paid",
                    **mine,
                )  # fmt: skip
                chain.add(
                    "order_items", order_id=key, line_number=1, product_id=one["product"],
                    quantity=1, list_amount=one["listed"] or one["amount"],
                    net_amount=one["amount"],
                )  # fmt: skip
                if one["refund_ago"] is not None:
                    chain.refund(key, day(one["refund_ago"]), one["amount"])
            case "visit":
                chain.visit(name, on, one["type"] or "treatment", visit_id=key)
            case "response":
                chain.add(
                    "outreach", outreach_id=key, contact_date=on, has_responded="true",
                    response_date=on, **mine,
                )  # fmt: skip
            case "friend":
                chain.customer(key)
                chain.referral(name, key, on)
                if one["buys"]:
                    chain.order(key, on, 100)
            case "touch":
                chain.add(
                    "interactions", interaction_id=key, interaction_date=on,
                    interaction_type=one["type"], **mine,
                )  # fmt: skip
            case "test":
                chain.add(
                    "skin_tests", skin_test_id=key, test_date=on, **dict(one.values), **mine
                )
            case "answer":
                chain.add("surveys", survey_id=key, survey_date=on, **dict(one.values), **mine)
            case "outcome":
                chain.add(
                    "treatment_outcomes", outcome_id=key, outcome_date=on,
                    has_complication=one["harmed"] or "false",
                    follow_up_due_date=day(one["due"]),
                    is_follow_up_kept=one["kept"] or "false", **mine,
                )  # fmt: skip


def by_hand() -> dict[str, list[Fact]]:
    """Rungs that chance does not find."""
    friends = [fact("friend", 4, buys=n < 3) for n in range(10)]
    return {
        "strategist": [order(48, 1_200_000)],
        "super": [order(20, 600_000), *friends[:5]],
        "spreader": friends,
        "diamond_lost": [order(400, 600_000)],
        "silver_lost": [order(400, 25_000)],
        "gold_refunded": [order(48, 60_000, refund_ago=20), order(20, 500)],
        "loser": [order(20, 1000, "facial"), order(400, 90_000, refund_ago=48)],
        "almost_active": [order(105, 300), fact("visit", 100), fact("visit", 96)],
        "almost_loyal": [fact("visit", age) for age in (150, 140, 130, 105)],
        "two_bought": [order(400, 3000), order(105, 3000, "filler")],
        "grown": [order(20, 6000), order(24, 7000), order(48, 8000, "filler")],
        "often_long_ago": [order(700 + n, 10) for n in range(8)],
        "rule_growth": [order(48, 1500), order(75, 1500)],
        "rfm2_retain": [
            *(
                order(700 - n, 300, kind)
                for n, kind in enumerate(("facial", "filler", "laser"))
            ),
            *(fact("touch", 20 + n, type="live_chat") for n in range(6)),
        ],
        "cheap": [order(20, 100, listed=200), order(48, 100, listed=150)],
        "tested": [fact("test", 20, skin_problem_index=3)],
        "lead_with_need": [fact("test", 20, skin_problem_index=8)],
        "at_risk": [fact("test", 20, collagen_density_pct=25), order(20, 500)],
        "unhappy": [order(20, 500), fact("answer", 20, postop_satisfaction_score=5)],
        "unhappy_long_ago": [order(20, 500), fact("answer", 400, postop_satisfaction_score=5)],
        "detractor": [order(20, 500), fact("answer", 48, nps_score=3)],
        "overdue": [order(240, 500), fact("outcome", 400, due=105)],
        "due_soon": [order(240, 500), fact("outcome", 4, due=-40)],
        "harmed": [order(240, 500), fact("outcome", 150, due=105, kept="true", harmed="true")],
        "well": [order(20, 500), fact("outcome", 20, due=4, kept="true")],
        "a": [order(20, 400_000), fact("friend", 20, buys=True)],
        "b": [order(20 + n, 25_000) for n in range(3)],
        "b_refers_badly": [*(order(20 + n, 90_000) for n in range(3)), fact("friend", 20)],
        **{
            f"{kind}_only_{number}": [fact("touch", 20 + n, type=kind) for n in range(6)]
            for kind in KINDS
            for number in range(4)
        },
        "everything_once": [fact("touch", 20 + n, type=kind) for n, kind in enumerate(KINDS)],
        "nothing": [],
    }


def crowd(number: int, seed: int = 20250630) -> dict[str, list[Fact]]:
    """Customers with whatever chance gives them."""
    chance = random.Random(seed)
    people = {}
    for n in range(number):
        ages = [age for age in AGES if age >= chance.choice([0, 0, 40, 100, 200])]
        facts = []
        for _ in range(chance.choice([0, 1, 1, 2, 3, 6, 9])):
            amount = Decimal(chance.choice([300, 2500, 9000, 30_000, 120_000, 400_000]))
            listed = amount * 2 if chance.random() < 0.3 else amount
            bought = order(
                chance.choice(ages), amount, chance.choice([*PRODUCTS]), listed=listed
            )
            if chance.random() < 0.15:
                later = [age for age in AGES if age <= bought.ago]
                bought = bought.but(refund_ago=chance.choice(later))
            facts.append(bought)
        for _ in range(chance.choice([0, 1, 4, 8])):
            kind = chance.choice(["treatment", "treatment", "consultation"])
            facts.append(fact("visit", chance.choice(ages) - chance.randrange(3), type=kind))
        for _ in range(chance.choice([0, 0, 0, 1, 6])):
            facts.append(fact("friend", chance.choice(ages), buys=chance.random() < 0.4))
        for _ in range(chance.choice([0, 0, 3, 12])):
            facts.append(fact("touch", chance.choice(ages), type=chance.choice(KINDS)))
        if chance.random() < 0.4:
            facts.append(fact("response", chance.choice(ages)))
        if chance.random() < 0.3:
            facts.append(fact("answer", chance.choice(ages), nps_score=chance.randrange(11)))
        if chance.random() < 0.3:
            due = chance.choice(AGES)
            facts.append(
                fact("outcome", due + 30, due=due, kept=chance.choice(["true", "false"]))
            )
        people[f"crowd_{n}"] = facts
    return people
