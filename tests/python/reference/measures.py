"""What the tier models ask of a customer on a day, counted by the rulebook (section 2)."""

from bisect import bisect_left
from collections import Counter, defaultdict
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from statistics import median
from typing import Any

from reference.facts import LIVE, ZERO, Customer, Line, Order, World
from reference.rulebook import Numbers

FEN = Decimal("0.01")


def rounded(value: Fraction, step: Decimal = FEN) -> Decimal:
    """Half up, away from zero, from the exact value."""
    steps = value / Fraction(step)
    whole = int(abs(steps) + Fraction(1, 2))
    return (whole if value >= 0 else -whole) * step


class Measured:
    """A customer on a day; each property is a base metric of section 2."""

    def __init__(self, customer: Customer, day: date, world: World) -> None:
        self.customer, self.day, self.world = customer, day, world
        self.orders = [order for order in customer.orders if order.day <= day]
        self.purchases = sorted(
            (order for order in self.orders if order.net(day) > 0), key=lambda o: o.day
        )
        treatments = [
            (on, department)
            for on, kind, department in customer.visits
            if kind == "treatment" and on <= day
        ]
        self.department_of: dict[date, list[str]] = defaultdict(list)
        for on, department in treatments:
            self.department_of[on] += [department] if department else []
        for order in self.purchases:
            self.department_of[order.day] += filter(None, [department_of(order, day)])
        self.consumption_days = sorted(
            {on for on, _ in treatments} | {order.day for order in self.purchases}
        )

    def ago(self, on: date) -> int:
        return (self.day - on).days

    def within(self, on: date, window: Any) -> bool:
        """Whether a day lies in a window of the last so many days; 0 is the whole past."""
        return self.ago(on) >= 0 and (window == 0 or self.ago(on) <= window)

    @property
    def recency(self) -> int | None:
        return self.ago(self.purchases[-1].day) if self.purchases else None

    @property
    def consumption_recency(self) -> int | None:
        return self.ago(self.consumption_days[-1]) if self.consumption_days else None

    @property
    def department(self) -> str | None:
        """That of the last consumption day that has one; of several the last by name."""
        for on in reversed(self.consumption_days):
            if self.department_of[on]:
                return max(self.department_of[on])
        return None

    def frequency(self, window: Any = 0) -> int:
        return sum(self.within(order.day, window) for order in self.purchases)

    def money(self, window: Any = 0) -> Decimal:
        """Payments on their day, refunds on their own."""
        return sum((amount for on, amount in self.movements() if self.within(on, window)), ZERO)

    def movements(self, standing: bool = False) -> list[tuple[date, Decimal]]:
        """Money and the day on which it moved; `standing`: of orders not refunded in full."""
        moved = []
        for order in self.purchases if standing else self.orders:
            moved.append((order.day, order.paid))
            moved += [
                (back.day, -back.amount) for back in order.refunds if back.day <= self.day
            ]
        return moved

    def profit(self, window: Any) -> Decimal:
        """Net less cost; the cost comes back with the refund that returns all that was paid."""
        profit = ZERO
        for order in self.orders:
            cost = sum((line.cost for line in order.lines), ZERO)
            cost = cost.quantize(Decimal("0.000001"), ROUND_HALF_UP).quantize(
                FEN, ROUND_HALF_UP
            )
            if self.within(order.day, window):
                profit += order.paid - cost
            left = order.paid
            for number, back in enumerate(sorted(order.refunds, key=lambda b: (b.day, b.key))):
                returns_all = left - back.amount <= 0 and (left > 0 or number == 0)
                left -= back.amount
                if self.within(back.day, window):
                    profit += (cost if returns_all else 0) - back.amount
        return profit

    @property
    def aov(self) -> Decimal | None:
        if not self.purchases:
            return None
        return rounded(Fraction(self.money()) / len(self.purchases))

    def kept_lines(self) -> list[tuple[Order, Line]]:
        return [(order, line) for order in self.purchases for line in order.standing(self.day)]

    def categories(self, window: Any = 0) -> set[str]:
        return {
            line.category
            for order, line in self.kept_lines()
            if line.category and self.within(order.day, window)
        }

    @property
    def most_in_one_category(self) -> int:
        bought = {
            (line.category, order.key) for order, line in self.kept_lines() if line.category
        }
        return max(Counter(category for category, _ in bought).values(), default=0)

    @property
    def largest_order(self) -> Decimal | None:
        return max((order.net(self.day) for order in self.purchases), default=None)

    @property
    def days_to_second(self) -> int | None:
        if len(self.purchases) < 2:
            return None
        return (self.purchases[1].day - self.purchases[0].day).days

    @property
    def lateness(self) -> Fraction | None:
        """How far beyond the expected cycle the present gap is, as a share of it."""
        if self.recency is None:
            return None
        cycle = self.cycle
        return max(Fraction(self.recency) - cycle, Fraction(0)) / cycle if cycle else None

    @property
    def cycle(self) -> Fraction | None:
        """The own median gap between purchase days, else that of what was bought last."""
        days = sorted({order.day for order in self.purchases})
        gaps = [(after - before).days for before, after in zip(days, days[1:], strict=False)]
        if gaps:
            return Fraction(median(gaps))
        last = [
            (line.net, line.category or "*")
            for order, line in self.kept_lines()
            if order.day == days[-1]
        ]
        category = max(last)[1] if last else "*"
        return Fraction(self.world.cycles.get(category, self.world.cycles["*"]))

    def discounts(self) -> tuple[int, Fraction, Fraction]:
        """Purchases whose every line has a list price; the share discounted; the discount."""
        priced = []
        for order in self.purchases:
            if all(line.list_price is not None for line in order.lines):
                listed = sum((line.list_price or ZERO for line in order.lines), ZERO)
                priced.append((listed, order.paid))
        listed = Fraction(sum((one for one, _ in priced), ZERO))
        paid = Fraction(sum((other for _, other in priced), ZERO))
        share = Fraction(sum(other < one for one, other in priced), max(len(priced), 1))
        return len(priced), share, (listed - paid) / listed if listed else Fraction(0)

    def visits(self, window: Any) -> int:
        return sum(self.within(on, window) for on, _, _ in self.customer.visits)

    def responses(self, window: Any) -> int:
        return sum(self.within(on, window) for on in self.customer.responses)

    def live_touches(self, window: Any) -> int:
        return sum(
            self.within(on, window) and kind in LIVE for on, kind in self.customer.interactions
        )

    def latest(self, rows: list[dict[str, Any]], value: str, day: str, key: str) -> Any:
        """The latest answer or indicator that there is, and its day."""
        known = [row for row in rows if row[day] <= self.day and row[value] is not None]
        last = max(known, key=lambda row: (row[day], row["source"], row[key]), default=None)
        return (last[value], last[day]) if last else (None, None)


def department_of(order: Order, day: date) -> str | None:
    """That of the dearest line that still stands; of equals the last by name."""
    kept = [(line.net, line.department) for line in order.standing(day) if line.department]
    return max(kept)[1] if kept else None


def last_day_reached(
    movements: list[tuple[date, Decimal]], floor: Decimal, window: int, day: date
) -> date | None:
    """The last day up to `day` on which the amount of the window reached a floor."""
    change: dict[date, Decimal] = defaultdict(Decimal)
    for on, amount in movements:
        change[on] += amount
        change[on + timedelta(days=window + 1)] -= amount
    days = sorted(on for on in change if on <= day)
    total, last = ZERO, None
    for on, after in zip(days, [*days[1:], day + timedelta(days=1)], strict=False):
        total += change[on]
        if total >= floor:
            last = after - timedelta(days=1)
    return last


class Population:
    """What is known only of all: scores, profit ranks, converted referrals, willingness."""

    def __init__(self, people: dict[str, Measured], world: World, numbers: Numbers) -> None:
        self.numbers = numbers
        buyers = [one for one in people.values() if one.purchases]
        window = numbers("rfm_score_window")
        values = {
            "R": {one.customer.key: Decimal(one.recency or 0) for one in buyers},
            "F": {one.customer.key: Decimal(one.frequency(window)) for one in buyers},
            "M": {one.customer.key: one.money(window) for one in buyers},
        }
        self.scores: dict[str, dict[str, int]] = {
            name: quintile_scores(own, falls=name == "R") for name, own in values.items()
        }
        made: dict[str, list[tuple[date, str]]] = defaultdict(list)
        for by, who, on in world.referrals:
            made[by].append((on, who))
        self.referred = made
        self.people = people
        for one in buyers:
            self._rfm2_scores(one)
        self.cuts = {
            name: rounded(Fraction(sum(own.values()), len(own)), Decimal("0.1"))
            for name, own in self.scores.items()
            if own
        }
        self._pyramid()

    def is_converted(self, who: str, since: date) -> bool:
        person = self.people.get(who)
        return bool(person and person.purchases and person.purchases[-1].day >= since)

    def referrals(self, one: Measured, window: Any) -> list[tuple[date, str]]:
        return [
            (on, who) for on, who in self.referred[one.customer.key] if one.within(on, window)
        ]

    def conversion(self, one: Measured, window: Any) -> Fraction | None:
        made = self.referrals(one, window)
        if not made:
            return None
        return Fraction(sum(self.is_converted(who, on) for on, who in made), len(made))

    def _rfm2_scores(self, one: Measured) -> None:
        n, key = self.numbers, one.customer.key

        def floors(name: str, unit: str, value: Any, at_most: bool = False) -> int:
            limits = [n(f"rfm2_{name}_score_{score}_{unit}") for score in (2, 3, 4, 5)]
            met = [value <= Fraction(x) if at_most else value >= Fraction(x) for x in limits]
            return 1 + sum(met)

        for name, score in {
            "breadth": floors(
                "breadth", "min_categories", len(one.categories(n("rfm2_breadth_window")))
            ),
            "interaction": floors(
                "interaction", "min_touches", one.live_touches(n("rfm2_interaction_window"))
            ),
            "cycle": floors("cycle", "max_deviation", one.lateness, at_most=True),
            "social": floors(
                "social", "min_conversion", self.conversion(one, n("rfm2_social_window")) or 0
            ),
        }.items():
            self.scores.setdefault(name, {})[key] = score

    def weighted(self, key: str) -> Decimal:
        """0 to 100, in two decimals."""
        total = sum(
            self.numbers(f"rfm2_{name}_weight") * (self.scores[name][key] - 1)
            for name in ("breadth", "interaction", "cycle", "social")
        )
        return Decimal(total) / 4

    def _pyramid(self) -> None:
        window = self.numbers("pyramid_window")
        self.profit = {}
        for key, one in self.people.items():
            profit = one.profit(window)
            if one.frequency(window) or profit:
                self.profit[key] = profit
        earned = sorted((max(profit, ZERO) for profit in self.profit.values()), reverse=True)
        before, total = [ZERO], ZERO
        for profit in earned:
            total += profit
            before.append(total)
        falling = [-profit for profit in earned]
        self.share_before = {
            key: Fraction(before[bisect_left(falling, -max(profit, ZERO))]) / Fraction(total)
            if total
            else None
            for key, profit in self.profit.items()
        }


def quintile_scores(values: dict[str, Decimal], falls: bool) -> dict[str, int]:
    """1 plus the number of population quintiles passed; equal values, equal scores."""
    ordered = sorted(values.values())
    cuts = (
        [ordered[-(-len(ordered) * fifth // 5) - 1] for fifth in (1, 2, 3, 4)]
        if ordered
        else []
    )
    return {
        key: 1 + sum(value <= cut if falls else value > cut for cut in cuts)
        for key, value in values.items()
    }
