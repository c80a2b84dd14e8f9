"""What a reason asks for, read from its English sentence, and the facts that fulfil it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from decimal import ROUND_CEILING, Decimal

from persons import PRODUCTS, VOUCHER, Fact, fact, order

FEN = Decimal("0.01")
AFTER = 3  # days after the reason on which all of it is done
LIVE = ("live_watch", "live_chat", "community_post")


@dataclass(frozen=True)
class Wish:
    """What is asked for together; `in_all` counts what the customer has already."""

    buys: int = 0
    spends: Decimal = Decimal(0)
    same_category: int = 0
    new_categories: int = 0
    days: int = 0
    visits: int = 0
    responses: int = 0
    friends: int = 0
    buying_friends: int = 0
    share_of_friends: Decimal = Decimal(0)
    tests: int = 0
    average: Decimal = Decimal(0)
    share_discounted: Decimal = Decimal(0)
    discount: Decimal = Decimal(0)
    follow_ups: int = 0
    touches: int = 0
    purchases_in_all: int = 0
    spent_in_all: Decimal = Decimal(0)
    categories_in_all: int = 0
    touches_in_all: int = 0
    profit_rank: bool = False

    def __add__(self, other: "Wish") -> "Wish":
        pairs = {
            one.name: (getattr(self, one.name), getattr(other, one.name))
            for one in fields(Wish)
        }
        return Wish(
            **{
                name: max(pair) if name.endswith(("in_all", "rank")) else sum(pair)
                for name, pair in pairs.items()
            }
        )

    def of(self, facts: list[Fact]) -> "Wish":
        """The same for a customer: what they have already need not be done."""
        bought = _standing(facts)
        paid = sum((one["amount"] for one in bought), Decimal(0))
        known = {one["product"] for one in bought} - {VOUCHER}
        touched = sum(
            one.kind == "touch" and one["type"] in LIVE and one.ago <= 365 - AFTER
            for one in facts
        )
        return replace(
            self,
            buys=max(self.buys, self.purchases_in_all - len(bought)),
            spends=max(self.spends, self.spent_in_all - paid),
            new_categories=max(self.new_categories, self.categories_in_all - len(known)),
            touches=max(self.touches, self.touches_in_all - touched),
            purchases_in_all=0, spent_in_all=Decimal(0), categories_in_all=0, touches_in_all=0,
        )  # fmt: skip

    def smaller(self) -> Iterator["Wish"]:
        """The same with one thing a step less; what cannot be less is left out."""
        for name in (
            "buys", "same_category", "new_categories", "days", "visits", "responses",
            "friends", "buying_friends", "tests", "follow_ups", "touches",
        ):  # fmt: skip
            # One purchase does all that is asked of it: it may buy, in a new category, a sum.
            same = max(
                self.same_category, self.new_categories, bool(self.spends or self.average)
            )
            if getattr(self, name) and (name != "buys" or self.buys > same):
                yield replace(self, **{name: getattr(self, name) - 1})
        for name in ("spends", "average"):
            if getattr(self, name):
                yield replace(self, **{name: getattr(self, name) - FEN})


# A step of a sentence, and what it asks. Amounts: ¥1,234.50; shares: 15%.
STEPS = [
    (r"buy something", lambda: Wish(buys=1)),
    (r"buy (\d+) (?:more )?times? in the same category", lambda n: Wish(same_category=int(n))),
    (r"buy (\d+) (?:more )?times?", lambda n: Wish(buys=int(n))),
    (r"buy in (\d+) (?:more )?categor(?:y|ies)", lambda n: Wish(new_categories=int(n))),
    (r"spend ¥([\d,.]+)(?: more)?", lambda x: Wish(spends=_money(x))),
    # Lifetime value by the formula is what was spent.
    (
        r"(?:raise lifetime value by|bring lifetime value to) ¥([\d,.]+)",
        lambda x: Wish(spends=_money(x)),
    ),
    (r"raise the year's gross profit by ¥([\d,.]+)", lambda x: Wish(spends=_money(x))),
    (
        r"(?:raise the average order by|bring the average order to) ¥([\d,.]+)",
        lambda x: Wish(average=_money(x)),
    ),
    (r"keep every order within ¥[\d,.]+", lambda: Wish()),
    (r"come for a treatment or purchase", lambda: Wish(days=1)),
    (r"consume on (\d+) (?:more )?days?", lambda n: Wish(days=int(n))),
    (r"come (\d+) (?:more )?times?", lambda n: Wish(visits=int(n))),
    (r"respond to outreach (\d+) (?:more )?times?", lambda n: Wish(responses=int(n))),
    (r"refer (\d+) (?:more )?friends?", lambda n: Wish(friends=int(n))),
    (r"refer friends so that at least [\d.]+% of them buy", lambda: Wish(buying_friends=1)),
    (
        r"raise the share of referred friends who buy from [\d.]+% to ([\d.]+)%",
        lambda x: Wish(share_of_friends=_share(x)),
    ),
    (r"take (\d+) (?:more )?skin tests?", lambda n: Wish(tests=int(n))),
    (
        r"buy at full price until fewer than ([\d.]+)% of purchases are discounted \(now .*?\)",
        lambda x: Wish(share_discounted=_share(x)),
    ),
    (
        r"buy at full price until the average discount is below ([\d.]+)% \(now .*?\)",
        lambda x: Wish(discount=_share(x)),
    ),
    (r"come to the follow-up that is overdue", lambda: Wish(follow_ups=1)),
    (r"rise in profit until .*", lambda: Wish(profit_rank=True)),
    (r".*?(\S+) score \d must pass all buyers' bar of ([\d.]+)",
     lambda name, bar: _scores(name, int(Decimal(bar)) + 1)),
    (r".*?(\S+) score \d must rise to (\d)", lambda name, floor: _scores(name, int(floor))),
]  # fmt: skip

# What a score takes in all, where the policy's numbers decide (seeds/policy/thresholds.csv).
PURCHASES = {2: 2, 3: 3, 4: 4, 5: 6}
AMOUNTS = {2: 2000, 3: 10_000, 4: 50_000, 5: 200_000}
CATEGORIES = {2: 1, 3: 2, 4: 3, 5: 3}
TOUCHES = {2: 1, 3: 3, 4: 6, 5: 12}


def _scores(name: str, floor: int) -> Wish:
    match name:
        case "recency" | "cycle":  # a purchase of these days is in time for any of them
            return Wish(buys=1)
        case "frequency":
            return Wish(purchases_in_all=PURCHASES[floor])
        case "amount":
            return Wish(spent_in_all=Decimal(AMOUNTS[floor]))
        case "breadth":
            return Wish(categories_in_all=CATEGORIES[floor])
        case "private-domain":
            return Wish(touches_in_all=TOUCHES[floor])
    raise ValueError(f"nothing is known that raises the {name} score")


def _money(text: str) -> Decimal:
    return Decimal(text.replace(",", ""))


def _share(text: str) -> Decimal:
    return Decimal(text) / 100


def read_step(text: str) -> Wish:
    """A single step; a ValueError where the sentence asks what no test can do."""
    for pattern, wish in STEPS:
        if match := re.fullmatch(pattern, text):
            return wish(*match.groups())
    raise ValueError(f"nothing is known that does: {text}")


def split_goal(sentence: str) -> tuple[str, str, str] | None:
    """Steps, `reach` or `leave`, and the rung's label; None where nothing is asked."""
    match = re.fullmatch(r"(.*) to (reach|leave) (.*?)", sentence)
    return match.groups() if match else None


def alternatives(steps: str) -> list[list[str]]:
    """The ways that a sentence offers, each a list of steps that belong together."""
    if "(" not in steps.replace("(now", ""):
        if " or " in steps and "live streams or" not in steps and "treatment or" not in steps:
            return [[one] for one in steps.split(" or ")]
        return [re.split(r", and ", steps)]
    ways: list[list[str]] = [[]]
    for part in re.split(r", and (?![^()]*\))", steps):
        options = part[1:-1].split(" or ") if part.startswith("(") else [part]
        ways = [[*way, option] for way in ways for option in options]
    return ways


def fulfil(wish: Wish, facts: list[Fact]) -> list[Fact]:
    """A customer's facts with what is asked for done, some days after the reason."""
    return [*_corrected(wish, facts), *_orders(wish, facts), *_others(wish, facts)]


def _corrected(wish: Wish, facts: list[Fact]) -> list[Fact]:
    if not wish.follow_ups:
        return facts
    return [one.but(kept="true") if one.kind == "outcome" else one for one in facts]


def _standing(facts: list[Fact]) -> list[Fact]:
    return [one for one in facts if one.kind == "order" and one["refund_ago"] is None]


def _orders(wish: Wish, facts: list[Fact]) -> list[Fact]:
    bought = _standing(facts)
    count = max(
        wish.buys, wish.same_category, wish.new_categories,
        int(bool(wish.spends or wish.average)), _at_full_price(wish, bought),
    )  # fmt: skip
    if not count:
        return []
    amounts = [Decimal(1)] * count
    if wish.share_discounted or wish.discount:
        amounts = [Decimal(1000)] * count
    if wish.spends:
        amounts[-1] = wish.spends - sum(amounts[:-1])
    if wish.average:
        paid = [one["amount"] for one in bought]
        now = sum(paid, Decimal(0)) / len(paid) if paid else Decimal(0)
        target = now.quantize(FEN) + wish.average
        amounts[-1] = target * (len(paid) + count) - sum(paid, Decimal(0)) - (count - 1)
    known = [one["product"] for one in bought]
    fresh = [name for name in PRODUCTS if name not in known]
    kinds = [VOUCHER] * count
    if wish.same_category:
        most = max(known, key=known.count, default="facial")
        kinds[: wish.same_category] = [most] * wish.same_category
    kinds[: wish.new_categories] = fresh[: wish.new_categories]
    return [order(-AFTER, amount, kind) for amount, kind in zip(amounts, kinds, strict=True)]


def _at_full_price(wish: Wish, bought: list[Fact]) -> int:
    """How many orders of 1,000 at full price it takes."""
    if not wish.share_discounted and not wish.discount:
        return 0
    listed = sum((one["listed"] or one["amount"] for one in bought), Decimal(0))
    paid = sum((one["amount"] for one in bought), Decimal(0))
    cut = sum((one["listed"] or one["amount"]) > one["amount"] for one in bought)
    count = 0
    while (wish.share_discounted and cut >= wish.share_discounted * (len(bought) + count)) or (
        wish.discount and listed - paid >= wish.discount * (listed + 1000 * count)
    ):
        count += 1
    return count


def _others(wish: Wish, facts: list[Fact]) -> Iterator[Fact]:
    for number in range(wish.days):
        yield fact("visit", number - AFTER)
    for number in range(wish.visits):
        yield fact("visit", number - AFTER, type="consultation")
    for _ in range(wish.responses):
        yield fact("response", -AFTER)
    for _ in range(wish.friends - wish.buying_friends):
        yield fact("friend", -AFTER)
    for _ in range(wish.buying_friends + _friends_to_buy(wish, facts)):
        yield fact("friend", -AFTER, buys=True)
    for _ in range(wish.tests):
        yield fact("test", -AFTER, skin_problem_index=3)
    for _ in range(wish.touches):
        yield fact("touch", -AFTER, type="live_chat")


def _friends_to_buy(wish: Wish, facts: list[Fact]) -> int:
    if not wish.share_of_friends:
        return 0
    friends = [one for one in facts if one.kind == "friend" and one.ago <= 365 - AFTER]
    buy = sum(bool(one["buys"]) for one in friends)
    more = (wish.share_of_friends * len(friends) - buy) / (1 - wish.share_of_friends)
    return max(int(more.to_integral_value(ROUND_CEILING)), 0)
