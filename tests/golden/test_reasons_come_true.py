"""What a reason asks for is done, and what it promises comes true; with a step less it does
not; and what is kept until a day is kept until then. For every model and every rung.

One chain is described, its reasons are read aloud, and then told on: of each rung some
customers come again under another name, do what their sentence asks, and are placed anew with
everybody else, in one build. So that nobody's act moves the bar of another, scores and bars are
the policy's numbers there. What is promised is then exact, but for profit: what it takes moves
with everybody's, so that a sentence names a share and no amount. Who comes below that share is
on the rung, or above it. And one act may do two things: a purchase that makes a customer recent
makes some frequent (AND_FREQUENT), and of several ways to the headline one goes far on another,
so that a step less on it may be enough.
"""

import re
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from persons import AGES, TODAY, Fact, by_hand, crowd, products, tell
from wishes import AFTER, PURCHASES, Wish, alternatives, fulfil, read_step, split_goal

from builder import Chain

DONE = TODAY + timedelta(AFTER)
MUCH_LATER = TODAY.replace(year=TODAY.year + 4)
SAMPLE = 2  # customers of each rung and each kind of sentence
# Clusters are those of all silent customers: who does nothing may be named otherwise.
NAMED_BY_OTHERS = {"private_domain"}
# Amounts that customers spend who are to rise in profit; no sentence can say how much it takes.
RISES = (1, 300, 9_000, 30_000, 2_000_000)
# Nobody's act moves what another is measured by: scores and their bar are the policy's, and
# lifetime value by the formula is what was spent, so that it can be raised by an amount.
HELD = {
    "clv_model": "formula", "rfm_score_method": "threshold", "rfm_high_cut": "fixed",
}  # fmt: skip
# A purchase that makes a customer recent may be the one that makes them frequent, too (four in
# all): then they come one rung further than a sentence can say that asks them to buy again.
AND_FREQUENT = {
    ("rfm_segment", "important_winback"): "champions",
    ("rfm_segment", "general_winback"): "general_value",
    ("rfm_ten", "need_attention"): "champions",
}
# What no act of a customer brings about: expected growth is a model's; friends' buying is.
NOT_ASKED_OF_CUSTOMERS = {("clv_growth", "steady")}

# Time alone does it, in longer than it takes till all is done.
WAITS = "have bought for"

# Where a sentence names a share of all profit, and no amount.
SHARE = re.compile(r"rise in profit until .* less than ([\d.]+)%")

REASONS = """
    select customer_id, model, tier, next_tier, missing_en, lapses_on, falls_to, keeps_en
    from {view} join customers.customer_bridge using (customer_key)
    where tier is not null
"""


@dataclass(frozen=True)
class Promise:
    """A customer told again: under which name, and where their reason says they come."""

    name: str
    told_of: str
    model: str
    rung: str  # the rung reached, or the one left
    is_left: bool
    sentence: str
    lacks: str = ""  # what was left undone, where the promise must not come true


@pytest.fixture(scope="module")
def people() -> dict[str, list[Fact]]:
    return by_hand() | crowd(150)


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory, people: dict[str, list[Fact]]) -> Chain:
    chain = Chain(Path(tmp_path_factory.mktemp("come_true")))
    products(chain)
    for name, facts in people.items():
        tell(chain, name, facts)
    chain.load()
    chain.build(
        "--select", "+mart_tier_reasons", "+mart_medical_reasons", tests=False,
        as_of_date=TODAY.isoformat(), **HELD,
    )  # fmt: skip
    return chain


@pytest.fixture(scope="module")
def reasons(chain: Chain) -> dict[tuple[str, str], dict[str, Any]]:
    """Reasons by customer and model, the medical ones too."""
    names = ["tier", "next_tier", "missing_en", "lapses_on", "falls_to", "keeps_en"]
    return {
        (customer, model): dict(zip(names, rest, strict=True))
        for view in ("marts.mart_tier_reasons", "medical.mart_medical_reasons")
        for customer, model, *rest in chain.query(REASONS.format(view=view))
    }


@pytest.fixture(scope="module")
def models(chain: Chain) -> dict[str, str]:
    """Models by the label under which a sentence names them."""
    return dict(chain.query("select label_en, model from policy.tier_models"))


@pytest.fixture(scope="module")
def ranks(chain: Chain) -> dict[tuple[str, str], int]:
    return {
        (model, tier): rank
        for model, tier, rank in chain.query("select model, tier, tier_rank from policy.tiers")
    }


def wishes_of(reasons: dict, models: dict[str, str], customer: str, model: str) -> list[Wish]:
    """What a customer's reason in a model asks for: one wish for each way it offers."""
    goal = split_goal(reasons[customer, model]["missing_en"])
    if goal is None:
        return []
    found = []
    for way in alternatives(goal[0]):
        together = [Wish()]
        for step in way:
            together = [
                wish + more
                for wish in together
                for more in step_wishes(reasons, models, customer, step)
            ]
        found += together
    return found


def step_wishes(reasons: dict, models: dict[str, str], customer: str, step: str) -> list[Wish]:
    """A step; one that names a rung of another model is what that model's reason asks."""
    for label, model in models.items():
        if not step.endswith(f" in {label}"):
            continue
        target = step.removesuffix(f" in {label}").split(" ", 1)[1]
        goal = split_goal(reasons[customer, model]["missing_en"])
        if step.startswith("leave"):  # the stage of those who stayed away
            return [Wish(days=1)]
        if goal and goal[2] == target:
            return wishes_of(reasons, models, customer, model)
        return []  # not the next rung there: another way is tried
    return [read_step(step)]


@pytest.fixture(scope="module")
def promises(
    chain: Chain, people: dict[str, list[Fact]], reasons: dict, models: dict[str, str]
) -> list[Promise]:
    """Customers told again, with what was asked of them done, or all but a step."""
    seen: dict[tuple[str, ...], int] = defaultdict(int)
    made: list[Promise] = []
    for (customer, model), reason in reasons.items():
        goal = split_goal(reason["missing_en"] or "")
        if (
            customer not in people
            or not goal
            or WAITS in goal[0]
            or (model, reason["tier"]) in NOT_ASKED_OF_CUSTOMERS
        ):
            continue
        pattern = (model, reason["tier"], reason["next_tier"], "".join(
            letter for letter in goal[0] if not letter.isdigit()
        ))  # fmt: skip
        # What time alone changes before all is done says nothing of the promise.
        soon = reason["lapses_on"] and reason["lapses_on"] <= DONE
        if seen[pattern] == SAMPLE or soon:
            continue
        seen[pattern] += 1
        wishes = wishes_of(reasons, models, customer, model)
        assert wishes, (customer, model, reason["missing_en"])
        is_left = goal[1] == "leave"
        rung = reason["tier"] if is_left else reason["next_tier"]
        facts = people[customer]
        if Wish(purchases_in_all=PURCHASES[4]).of(facts).buys == 1:
            rung = AND_FREQUENT.get((model, reason["tier"]), rung)
        for number, wish in enumerate(one.of(facts) for one in wishes[:3]):
            base = f"{customer}~{model}~{number}"
            # Of several ways to the headline what is done for one goes far on another.
            has_ways = model == "final" and len(alternatives(goal[0])) > 1
            smaller = [] if has_ways or model in NAMED_BY_OTHERS else wish.smaller()
            rises = [replace(wish, spends=Decimal(n)) for n in RISES]
            done = rises if wish.profit_rank else [wish]
            for lack, one in enumerate([*done, *smaller]):
                told = Promise(
                    f"{base}~{lack}", customer, model, rung, is_left, reason["missing_en"],
                    repr(one) if lack >= len(done) else "",
                )  # fmt: skip
                tell(chain, told.name, fulfil(one, people[customer]))
                made.append(told)
    return made


@pytest.fixture(scope="module")
def kept(reasons: dict, people: dict[str, list[Fact]]) -> list[tuple[str, str]]:
    """Customers whose tier lapses: some of each rung and what comes after it."""
    seen: dict[tuple[str, str, str], int] = defaultdict(int)
    sample = []
    for (customer, model), reason in reasons.items():
        key = (model, reason["tier"], reason["falls_to"])
        if customer in people and reason["lapses_on"] and seen[key] < SAMPLE:
            seen[key] += 1
            sample.append((customer, model))
    return sample


@pytest.fixture(scope="module")
def tiers(
    chain: Chain, reasons: dict, promises: list[Promise], kept: list[tuple[str, str]]
) -> dict[tuple[Any, ...], str]:
    """Everybody's tiers when all is done, and around each day on which one lapses."""
    chain.load()
    lapses = {reasons[key]["lapses_on"] for key in kept}
    days = {DONE, MUCH_LATER} | lapses | {day - timedelta(1) for day in lapses}
    chain.build(
        "--select", "+customer_tiers", "+medical_tiers", tests=False,
        as_of_date=[day.isoformat() for day in sorted(days)], **HELD,
    )  # fmt: skip
    return {
        (name, model, day): tier
        for table in ("customer_tiers", "medical_tiers")
        for name, model, day, tier in chain.query(
            "select customer_id, regexp_replace(model, '_tier$', ''), as_of_date, tier from"
            f" (unpivot (select customer_key, as_of_date, columns('_tier$') from tiers.{table})"
            " on columns('_tier$') into name model value tier)"
            " join customers.customer_bridge using (customer_key)"
        )
    }


def test_every_rung_is_there(reasons: dict, ranks: dict) -> None:
    """Else the tests below prove less than they say."""
    found = {(model, reason["tier"]) for (_, model), reason in reasons.items()}
    # As many kinds as clusters: none is left to be mixed.
    assert set(ranks) - found <= {("private_domain", "mixed")}


def test_what_is_asked_leads_where_it_promises(promises: list[Promise], tiers: dict) -> None:
    wrong = []
    for one in promises:
        tier = tiers[one.name, one.model, DONE]
        if SHARE.search(one.sentence):
            continue
        comes_true = (tier == one.rung) != one.is_left
        if comes_true == bool(one.lacks):
            wrong.append((one, tier))
    assert not wrong, "\n".join(map(str, wrong[:20]))
    assert len({(one.model, one.rung) for one in promises}) > 60


def test_who_rises_in_profit_is_there_below_the_share_that_is_said(
    chain: Chain, promises: list[Promise], tiers: dict, ranks: dict
) -> None:
    before = dict(chain.query(
        "select customer_id, top_share_before from tiers.tier_inputs"
        f" join customers.customer_bridge using (customer_key) where as_of_date = '{DONE}'"
    ))  # fmt: skip
    found = set()
    for one in promises:
        if said := SHARE.search(one.sentence):
            tier = tiers[one.name, one.model, DONE]
            is_below = before[one.name] < Decimal(said[1]) / 100
            is_there = ranks[one.model, tier] <= ranks[one.model, one.rung]
            assert is_below == is_there, (one, tier, before[one.name])
            found.add((one.rung, is_there))
    assert found == {(rung, there) for rung in ("top", "middle") for there in (True, False)}


def test_a_tier_is_kept_until_the_day_that_is_said(
    reasons: dict, kept: list[tuple[str, str]], tiers: dict
) -> None:
    wrong = []
    for customer, model in kept:
        reason = reasons[customer, model]
        day = reason["lapses_on"]
        found = [tiers[customer, model, one] for one in (day - timedelta(1), day)]
        if found != [reason["tier"], reason["falls_to"]]:
            wrong.append((customer, model, reason, found))
    assert not wrong, "\n".join(map(str, wrong[:20]))
    assert {model for _, model in kept} >= {
        "lifecycle", "four_level", "four_stage", "rfm_recency", "rfm_frequency",
        "rfm_monetary", "rule", "dual_stage", "dual_value", "member", "social", "care_risk",
    }  # fmt: skip


def test_what_time_does_not_change_stays(
    reasons: dict, people: dict[str, list[Fact]], tiers: dict
) -> None:
    stay = {
        key: reason["tier"]
        for key, reason in reasons.items()
        if reason["keeps_en"] == "time alone does not change it" and key[0] in people
    }
    assert len(stay) > 500
    assert {key: tiers[*key, MUCH_LATER] for key in stay} == stay


def test_nothing_that_is_said_is_empty_or_said_twice(chain: Chain) -> None:
    for view in ("marts.mart_tier_reasons", "medical.mart_medical_reasons"):
        told = chain.query(
            f"select model, tier, unnest([why_en, why_zh, missing_en, missing_zh]) from {view}"
        )
        for model, tier, sentence in told:
            if sentence is None:
                continue
            assert not {"{", "}"} & set(sentence), (model, tier, sentence)
            for gap in ("  ", "由 提", "¥ ", " %", "(now )", "（现为 ）"):
                assert gap not in sentence, (model, tier, sentence)
            for joint in ("; ", "；"):
                parts = sentence.split(joint)
                assert len(parts) == len(set(parts)), (model, tier, sentence)


def test_what_goes_without_saying_is_not_said(chain: Chain) -> None:
    """Ways that another bracket offers, too, are enough there; one bracket alone needs none."""
    several = 0
    for (sentence,) in chain.query(
        "select missing_en from marts.mart_tier_reasons where missing_en like '% or %'"
    ):
        goal = split_goal(sentence)
        assert goal, sentence
        parts = re.split(r", and (?![^()]*\))", goal[0])
        brackets = [set(part[1:-1].split(" or ")) for part in parts if part.startswith("(")]
        assert not brackets or len(parts) > 1, sentence
        several += len(brackets) > 1
        for one, other in permutations(brackets, 2):
            assert not one <= other, sentence
    assert several


def test_ages_are_far_from_every_edge() -> None:
    """No fact leaves a window between the reason and the day on which all is done."""
    windows = (30, 60, 90, 120, 180, 360, 365)
    assert not [(age, one) for age in AGES for one in windows if one - AFTER <= age <= one + 2]
