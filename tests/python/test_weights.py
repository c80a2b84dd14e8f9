"""`strata weights`: a proposal whose figures are known beforehand, and changes nothing."""

import hashlib
import json
import shutil
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from itertools import product
from pathlib import Path

import duckdb
import numpy as np
import pytest
from scipy.stats import spearmanr
from typer.testing import CliRunner

from builder import Chain
from strata.cli import app
from strata.demo import generate
from strata.errors import StrataError
from strata.landing import load_directory
from strata.lock import only_writer
from strata.settings import PROJECT_DIR, Settings
from strata.warehouse import built_marts
from strata.weights import model, propose
from strata.weights.data import DIMENSIONS, Buyers, read_buyers
from strata.weights.model import Estimate, Gain, gains, importance, moved_share, whole_percents
from strata.weights.propose import Proposal, _require_buyers, _require_difference, next_quarter
from strata.weights.show import show_proposal

PRESENT = dict(zip(DIMENSIONS, map(Decimal, (30, 30, 30, 10)), strict=True))
Points = np.ndarray


def buyers_of(points: Points, truth: Callable[[Points], Points], noise: float = 0.0) -> Buyers:
    """Buyers whose later spending, in logarithms, is `truth` of their points 0 to 4."""
    random = np.random.default_rng(1)
    labels = truth(points) + noise * random.standard_normal(len(points))
    keys = [f"{number:06}" for number in range(len(points))]
    return Buyers.of(keys, points + 1, np.expm1(np.maximum(labels, 0)))


def every_combination(times: int = 4) -> Points:
    """Independent scores: each combination of points equally often."""
    return np.array(list(product(range(5), repeat=4)) * times)


def shares(buyers: Buyers) -> dict[str, float]:
    """The shares alone; their intervals are not looked at."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(model, "RESAMPLES", 2)
        return {name: share.value for name, share in importance(buyers).shares.items()}


# --- importance ------------------------------------------------------------------------------


def test_independent_effects_get_their_shares(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mean |SHAP| of an additive truth is slope × mean distance: 3 : 1 is 75 : 25."""
    monkeypatch.setattr(model, "RESAMPLES", 2)
    found = importance(buyers_of(every_combination(), lambda p: 3 * p[:, 2] + p[:, 0]))
    expected = {"breadth": 0.25, "interaction": 0, "cycle": 0.75, "social": 0}
    assert {n: s.value for n, s in found.shares.items()} == pytest.approx(expected, abs=0.01)
    assert found.frequency_and_money.value == pytest.approx(0.25, abs=0.01)
    assert found.linear == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize("place", range(4))
def test_a_dominant_score_gets_nearly_all_and_noise_nearly_nothing(place: int) -> None:
    found = shares(buyers_of(every_combination(8), lambda p: 2.0 * p[:, place] + 2, noise=1))
    assert found.pop(DIMENSIONS[place]) > 0.85
    assert max(found.values()) < 0.06


def test_a_score_that_foretells_less_revenue_gets_no_weight() -> None:
    found = shares(buyers_of(every_combination(), lambda p: 10 + 2 * p[:, 2] - p[:, 3]))
    assert found["social"] == 0
    assert found["cycle"] == pytest.approx(1, abs=0.01)


def test_what_f_and_m_share_is_sure_only_together() -> None:
    """Breadth is interaction but for a few; the truth is half of both and half cycle."""
    random = np.random.default_rng(2)
    points = random.integers(0, 5, (3000, 4))
    points[:, 0] = np.where(random.random(3000) < 0.02, points[:, 0], points[:, 1])
    found = importance(buyers_of(points, lambda p: p[:, 0] + p[:, 1] + 2 * p[:, 2], noise=2))
    width = {name: share.high - share.low for name, share in found.shares.items()}
    together = found.frequency_and_money
    assert together.value == pytest.approx(0.5, abs=0.05)
    assert together.low < 0.5 < together.high
    assert together.high - together.low < 0.6 * min(width["breadth"], width["interaction"])


def test_nothing_to_learn_is_none() -> None:
    assert importance(buyers_of(every_combination(1), lambda p: 0.0 * p[:, 0])) is None


def test_the_order_of_the_rows_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model, "RESAMPLES", 20)
    random = np.random.default_rng(3)
    scores = random.integers(1, 6, (800, 4))
    amounts = np.round(random.lognormal(3, 2, 800) * scores[:, 0], 2)
    keys = np.array([f"k{number:04}" for number in range(800)])
    other = random.permutation(800)
    one = Buyers.of(keys, scores, amounts)
    two = Buyers.of(keys[other], scores[other], amounts[other])
    assert importance(one) == importance(two)
    swapped = PRESENT | {"breadth": Decimal(60), "cycle": Decimal(0)}
    assert gains(one, PRESENT, swapped) == gains(two, PRESENT, swapped)


# --- rounding --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("exact", "percents"),
    [
        ((0.25, 0.25, 0.25, 0.25), (25, 25, 25, 25)),
        ((1, 1, 1, 0), (34, 33, 33, 0)),  # the first of equals
        ((0.124, 0.126, 0.25, 0.5), (12, 13, 25, 50)),
        ((0.006, 0.006, 0.006, 0.982), (1, 1, 0, 98)),
        ((1, 0, 0, 0), (100, 0, 0, 0)),
    ],
)
def test_whole_percents_by_the_largest_remainder(exact: tuple, percents: tuple) -> None:
    named = dict(zip(DIMENSIONS, exact, strict=True))
    assert tuple(whole_percents(named).values()) == percents


def test_whole_percents_sum_to_100_and_stay_within_one() -> None:
    for drawn in np.random.default_rng(4).dirichlet([1, 1, 1, 1], 500):
        named = dict(zip(DIMENSIONS, drawn, strict=True))
        percents = whole_percents(named)
        assert sum(percents.values()) == 100
        assert all(abs(percents[name] - 100 * named[name]) < 1 for name in DIMENSIONS)


# --- the test out of time --------------------------------------------------------------------


def test_the_rank_correlation_is_spearmans() -> None:
    random = np.random.default_rng(5)
    one, other = random.integers(0, 6, 300), random.integers(0, 40, 300)
    times = random.integers(0, 4, 300)
    oracle = spearmanr(np.repeat(one, times), np.repeat(other, times)).statistic
    assert model._rank_correlation(one, other, times.astype(float)) == pytest.approx(oracle)


def test_the_top_tenth_counts_a_tie_at_the_cut_in_part() -> None:
    """Of 20 buyers two are the top: one alone at the top, the next of four equals in part."""
    score = np.array([2] + [1] * 4 + [0] * 15)
    amounts = np.array([50.0, 20, 20, 20, -5] + [0] * 15)
    # 50 and a quarter of 60, of 110; a refund is no revenue.
    expected = (50 + 60 / 4) / 110
    assert model._top_capture(score, amounts, np.ones(20)) == pytest.approx(expected)


def test_fifths_are_equal_for_equal_scores() -> None:
    # Ten buyers by breadth alone: 4 × 1, 1 × 2, 3 × 3, 1 × 4, 1 × 5.
    scores = np.ones((10, 4), dtype=int)
    scores[:, 0] = [1, 1, 1, 1, 2, 3, 3, 3, 4, 5]
    buyers = Buyers.of([f"{number}" for number in range(10)], scores, np.zeros(10))
    breadth = {name: Decimal(100 * (name == "breadth")) for name in DIMENSIONS}
    # Below are 0, 4, 5, 8 and 9 of ten: they pass 0, 2, 2, 4 and 4 of the cuts 2, 4, 6, 8.
    assert model.fifths(buyers, breadth).tolist() == [1] * 4 + [3] + [3] * 3 + [5, 5]
    assert moved_share(buyers, breadth, breadth) == 0
    # By cycle alone all are equal: the six above the first fifth move.
    cycle = {name: Decimal(100 * (name == "cycle")) for name in DIMENSIONS}
    assert moved_share(buyers, breadth, cycle) == pytest.approx(0.6)


def test_better_and_worse_are_told() -> None:
    buyers = buyers_of(every_combination(2), lambda p: 2.0 * p[:, 2] + 2, noise=2)
    right = {name: Decimal(100 * (name == "cycle")) for name in DIMENSIONS}
    there, back = gains(buyers, PRESENT, right), gains(buyers, right, PRESENT)
    assert {gain.verdict for gain in there.values()} == {"better"}
    assert {gain.verdict for gain in back.values()} == {"worse"}
    same = gains(buyers, right, right)["rank_correlation"]
    assert (same.difference, same.verdict) == (Estimate(0, 0, 0), "no_clear_difference")


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (0.001, 0.1, "better"),
        (-0.1, -0.001, "worse"),
        (-0.001, 0.1, "no_clear_difference"),
        (0, 0.1, "no_clear_difference"),
    ],
)
def test_the_verdict_is_whether_the_interval_excludes_0(low, high, verdict) -> None:
    assert Gain(0, 0, Estimate(0, low, high)).verdict == verdict


# --- what is read, what is refused -----------------------------------------------------------


def test_the_revenue_is_that_of_the_days_after() -> None:
    with duckdb.connect() as connection:
        connection.execute(
            """
            attach ':memory:' as strata;
            create schema strata.measures;
            create schema strata.customers;
            create table strata.customers.customer_profiles as
            select * from (values (1, 'a'), (2, 'b'), (3, 'c'))
                as c (customer_sk, customer_key);
            create schema tiers;
            create table tiers.tier_scores as
            select *, date '2024-12-31' as as_of_date, 'r' as ruleset, 50 as weighted_score,
                2 as breadth_score, 1 as interaction_score, 5 as cycle_score,
                1 as social_score
            from (values (2), (1)) as buyers (customer_sk);
            create table strata.measures.money_movements (
                customer_sk bigint, movement_date date, amount decimal(18, 2)
            );
            insert into strata.measures.money_movements values
                (1, '2024-12-31', 1), (1, '2025-01-01', 10), (1, '2025-12-31', 100),
                (1, '2026-01-01', 1000), (1, '2025-06-01', -5), (3, '2025-06-01', 7);
            """
        )
        found = read_buyers(connection, "r", date(2024, 12, 31), 365)
    assert found.amounts.tolist() == [105, 0]  # a, then b who bought no more
    assert found.scores.tolist() == [[2, 1, 5, 1]] * 2


def test_too_few_buyers_and_a_score_that_never_varies_are_refused() -> None:
    from strata.weights.data import Limits

    buyers, day = buyers_of(every_combination(1), lambda p: p[:, 0]), date(2024, 1, 1)
    _require_buyers(day, buyers, Limits(625, 0, 365))
    with pytest.raises(StrataError, match="Too few buyers: 625 by 2024-01-01, at least 626"):
        _require_buyers(day, buyers, Limits(626, 0, 365))
    _require_difference(day, buyers)
    flat = every_combination(1) * [1, 0, 1, 1]
    with pytest.raises(StrataError, match="same score in: interaction"):
        _require_difference(day, buyers_of(flat, lambda p: p[:, 0]))


@pytest.mark.parametrize(
    ("day", "first"),
    [
        ("2025-01-01", "2025-04-01"), ("2025-03-31", "2025-04-01"),
        ("2025-04-01", "2025-07-01"), ("2025-09-30", "2025-10-01"),
        ("2025-10-01", "2026-01-01"), ("2025-12-31", "2026-01-01"),
    ],
)  # fmt: skip
def test_the_next_quarter(day: str, first: str) -> None:
    assert next_quarter(date.fromisoformat(day)) == date.fromisoformat(first)


# --- from raw files to a proposal ------------------------------------------------------------


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Chain:
    """A demo chain, built as far as the scores of RFM² need."""
    chain = Chain(tmp_path_factory.mktemp("weights"))
    generate(chain.files, customers=2000)
    chain.settings.warehouse_dir.mkdir()
    load_directory(chain.settings, "demo", chain.files)
    chain.build("--select", "+tier_scores", tests=False)
    # What the build is known by: its rule set and its day.
    known = "select distinct ruleset, as_of_date from strata.tiers.tier_scores"
    chain.change(f"create table tiers.customer_tiers as {known}")
    with duckdb.connect(str(chain.settings.next_marts)) as marts:
        marts.execute(f"attach '{chain.settings.database}' as strata (read_only)")
        marts.execute(f"create or replace table mart_customer_tiers as {known}")
    return chain


def state(chain: Chain) -> dict[str, str]:
    """Policy, and every file of the warehouse but what is built aside, by content."""
    root = chain.settings.warehouse_dir
    files = [path for path in root.rglob("*") if path.is_file()]
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in [*files, *(PROJECT_DIR / "seeds/policy").iterdir()]
        if not {"simulations", "weight_proposals"} & set(path.parts)
    }


@pytest.fixture(scope="module")
def proposal(chain: Chain) -> tuple[Proposal, dict[str, str], dict[str, str]]:
    before = state(chain)
    return propose(chain.settings), before, state(chain)


def test_nothing_is_applied(chain: Chain, proposal) -> None:
    _, before, after = proposal
    assert after == before
    assert {str(chain.settings.database), str(PROJECT_DIR / "seeds/policy/thresholds.csv")} <= (
        before.keys()
    )


def test_it_proposes_four_rows_from_the_next_quarter_on(proposal) -> None:
    made = proposal[0]
    assert (made.learnt_on, made.tested_on, made.as_of_date) == (
        date(2024, 1, 1), date(2024, 12, 31), date(2025, 12, 31),
    )  # fmt: skip
    assert made.current == PRESENT
    assert sum(made.proposed.values()) == 100
    rows = [row.split(",") for row in made.rows_to_append]
    assert [row[:8] for row in rows] == [
        [
            "medical_aesthetics", f"rfm2_{name}_weight", "chain", "*",
            str(made.proposed[name]), "percent", "2026-01-01", "ours",
        ]
        for name in DIMENSIONS
    ]  # fmt: skip
    assert all("as of 2025-12-31" in row[8] for row in rows)


def test_it_learns_from_the_buyers_of_then(chain: Chain, proposal) -> None:
    """Whoever paid by a day and was not refunded in full by it was a buyer of that day."""
    bought = """
        select count(distinct paid.customer_sk) from measures.order_facts as paid
        where paid.order_date <= $1 and paid.paid_amount > coalesce((
            select sum(refund_amount) from measures.order_refunds as refunds
            where refunds.order_sk = paid.order_sk and refunds.refund_date <= $1
        ), 0)
    """
    made = proposal[0]
    with duckdb.connect(str(chain.settings.database), read_only=True) as build:
        for name, number in made.buyers.items():
            assert build.execute(bought, [getattr(made, name)]).fetchone() == (number,), name


def test_the_same_data_make_the_same_bytes(chain: Chain, proposal) -> None:
    file = proposal[0].file
    assert file == chain.settings.warehouse_dir / "weight_proposals" / "2025-12-31.json"
    first = file.read_bytes()
    assert json.loads(first)["rows_to_append"] == proposal[0].rows_to_append
    file.unlink()
    assert propose(Settings(chain.settings.warehouse_dir, threads=2)).file.read_bytes() == first


@pytest.mark.parametrize("language", ["en", "zh"])
def test_it_says_the_verdict_and_the_rows(
    proposal, language: str, capsys: pytest.CaptureFixture[str]
) -> None:
    from strata.weights.show import WORDS

    show_proposal(proposal[0], language)
    said = capsys.readouterr().out.splitlines()
    assert WORDS[language][proposal[0].verdict] in said
    assert said[-4:] == proposal[0].rows_to_append


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("update entities.row_accounts set outcome = 'rejected' where entity = 'interactions'",
         "not delivered: interactions"),
        ("update policy.threshold_periods set value = 99999"
         " where threshold = 'rfm2_weights_min_history_days'", "Too little history"),
    ],
)  # fmt: skip
def test_too_little_to_learn_from_is_refused(
    chain: Chain, tmp_path: Path, change: str, says: str
) -> None:
    settings = Settings(tmp_path / "warehouse")
    settings.target_dir.mkdir(parents=True)
    shutil.copy(chain.settings.database, settings.database)
    shutil.copy(chain.settings.target_dir / "manifest.json", settings.target_dir)
    settings.next_marts.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(built_marts(chain.settings), settings.next_marts)
    with duckdb.connect(str(settings.database)) as build:
        build.execute(change)
    done = CliRunner().invoke(app, ["weights", "--warehouse", str(settings.warehouse_dir)])
    assert done.exit_code == 1
    assert says in done.output
    assert "No weights are proposed" in done.output
    assert not (settings.warehouse_dir / "weight_proposals").exists()


def test_the_command_waits_for_no_run_and_knows_its_languages(tmp_path: Path) -> None:
    def code(*arguments: str) -> int:
        words = ["weights", "--warehouse", str(tmp_path), *arguments]
        return CliRunner().invoke(app, words).exit_code

    assert code("--lang", "fr") == 2
    assert code() == 1
    with only_writer(Settings(tmp_path)):
        assert code() == 75
