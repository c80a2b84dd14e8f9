"""Rules of what is bought together: a shop by hand, and the literature's groceries."""

from decimal import Decimal

import duckdb
import jinja2
import pytest

from strata.settings import PROJECT_DIR

GROCERIES = PROJECT_DIR.parent / "shared" / "data" / "groceries_baskets.parquet"
MODEL = (PROJECT_DIR / "models/outputs/item_rules.sql").read_text(encoding="utf-8")
COLUMNS = (
    "kind, antecedent, second_antecedent, consequent, baskets, support, confidence, lift,"
    " conviction"
)


def rules(baskets: str, min_count: int = 1, min_support: float = 0) -> list[tuple]:
    """The rules of baskets: SQL for rows of kind, basket, side and code."""

    def ratio(numerator, denominator, scale):
        return f"cast(({numerator}) / nullif(1.0 * {denominator}, 0) as decimal(18, {scale}))"

    sql = jinja2.Template(MODEL).render(
        ref=lambda name: name,
        active_policy=lambda names: "select *, '*/*' as scope_id from policy",
        last_day_described=lambda: "date '2025-12-31'",
        chain_scope=lambda: "'*/*'",
        columns_of=lambda one, names: ", ".join(f"{one}.{name}" for name in names),
        named_equal=lambda one, other, names: " and ".join(
            f"{one}.{name} = {other}.{name}" for name in names
        ),
        exact_ratio=ratio,
    )
    with duckdb.connect() as connection:
        connection.execute(
            "create table policy as select date '2025-12-31' as as_of_date,"
            f" {min_count} as basket_min_count, {min_support} as basket_min_support,"
            f" {min_support} as basket_two_min_support"
        )
        connection.execute(
            "create table item_baskets as select date '2025-12-31' as rules_date,"
            f" 'item' as level, * from ({baskets})"
        )
        return connection.execute(f"select {COLUMNS} from ({sql}) order by all").fetchall()


def test_four_orders_by_hand():
    """Tea in three of four orders, cake in two, jam in two; tea and cake twice."""
    orders = {1: "tea cake", 2: "tea cake jam", 3: "tea", 4: "jam"}
    rows = ", ".join(
        f"('order', {order}, 'both', '{item}')"
        for order, items in orders.items()
        for item in items.split()
    )
    found = {
        (one, two, then): numbers
        for _, one, two, then, *numbers in rules(
            f"select * from (values {rows}) as b (kind, basket, side, code)"
        )
    }
    # Support 2/4, confidence 2/2, lift 1 / (3/4); it never fails: no conviction.
    assert found["cake", None, "tea"] == [2, Decimal("0.5"), 1, Decimal("1.3333"), None]
    # Confidence 2/3, lift (2/3) / (2/4), conviction (1 − 2/4) / (1 − 2/3).
    assert found["tea", None, "cake"] == [
        2, Decimal("0.5"), Decimal("0.666667"), Decimal("1.3333"), Decimal("1.5"),
    ]  # fmt: skip
    assert found["jam", None, "tea"][:3] == [1, Decimal("0.25"), Decimal("0.5")]
    # Jam and tea tell of cake in their one order; tea alone in two of three.
    assert found["jam", "tea", "cake"] == [1, Decimal("0.25"), 1, 2, None]
    # Cake alone tells of tea as surely as cake with jam does.
    assert ("cake", "jam", "tea") not in found
    assert not any(then in (one, two) for one, two, then in found)


@pytest.mark.parametrize(("count", "support", "is_there"), [
    (2, 0, True), (3, 0, False), (1, 0.5, True), (1, 0.51, False),
])  # fmt: skip
def test_a_rule_needs_its_baskets(count, support, is_there):
    rows = "('order', 1, 'both', 'a'), ('order', 1, 'both', 'b'), ('order', 2, 'both', 'a'),"
    rows += "('order', 2, 'both', 'b'), ('order', 3, 'both', 'a'), ('order', 4, 'both', 'b')"
    found = rules(
        f"select * from (values {rows}) as b (kind, basket, side, code)", count, support
    )
    assert bool(found) == is_there


def test_what_follows_by_hand():
    """Of three days with a facial one is followed by a facial, one by a booster and a laser."""
    rows = ", ".join([
        *(f"('sequence', {day}, 'given', 'facial')" for day in (1, 2, 3)),
        "('sequence', 4, 'given', 'laser')",
        "('sequence', 1, 'taken', 'facial')",
        "('sequence', 2, 'taken', 'booster')", "('sequence', 2, 'taken', 'laser')",
        "('sequence', 4, 'taken', 'booster')",
    ])  # fmt: skip
    found = {
        (one, two, then): numbers
        for _, one, two, then, *numbers in rules(
            f"select * from (values {rows}) as b (kind, basket, side, code)"
        )
    }
    third = Decimal("0.333333")
    # What follows is not followed by it: no rule from the booster, which nobody had first.
    assert set(found) == {
        ("facial", None, "facial"), ("facial", None, "booster"), ("facial", None, "laser"),
        ("laser", None, "booster"),
    }  # fmt: skip
    assert found["facial", None, "facial"][:3] == [1, Decimal("0.25"), third]
    # Booster follows on two of four days: 1/3 over 2/4.
    assert found["facial", None, "booster"][1:4] == [
        Decimal("0.25"), third, Decimal("0.6667"),
    ]  # fmt: skip
    assert found["laser", None, "booster"][:4] == [1, Decimal("0.25"), 1, 2]


@pytest.mark.skipif(not GROCERIES.exists(), reason="groceries_baskets.parquet is not there")
def test_the_rule_of_the_groceries():
    """The reference of arules, from 9,835 baskets: red wine and liquor, then bottled beer."""
    found = rules(
        "select distinct 'order' as kind, basket, 'both' as side, item as code"
        f" from '{GROCERIES}'",
        min_support=0.0015,
    )
    _, *_, baskets, support, confidence, lift, conviction = next(
        rule for rule in found
        if rule[1:4] == ("liquor", "red/blush wine", "bottled beer")
    )  # fmt: skip
    assert baskets == 19
    assert round(support, 5) == Decimal("0.00193")
    assert round(confidence, 4) == Decimal("0.9048")
    assert round(lift, 3) == Decimal("11.235")
    # (1 − .0805) / (1 − .9048) by the share of baskets with bottled beer.
    assert round(conviction, 2) == Decimal("9.65")
    # The surest of all rules of two, too.
    assert max(found, key=lambda rule: rule[6])[1:4] == (
        "liquor", "red/blush wine", "bottled beer",
    )  # fmt: skip
