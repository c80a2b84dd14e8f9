"""The customer-value models against published figures, an independent library, and themselves.

CDNOW: the 2,357 customers of the first quarter of 1997 on whom the literature's models were
published. Figures of BG/NBD: Fader, Hardie and Lee (2005); of Gamma-Gamma: Fader and Hardie
(2013); MBG/NBD: Batislam, Denizel and Filiztekin (2007), in the digits printed since.
"""

import warnings

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import approx_fprime

from strata.clv.expect import (
    alive_probability,
    expected_purchases,
    expected_spend,
    purchase_quantiles,
    purchases_if_alive,
)
from strata.clv.fit import fit_purchases, fit_spend
from strata.clv.likelihoods import (
    PurchaseHistories,
    PurchaseLikelihood,
    SpendHistories,
    SpendLikelihood,
)
from strata.settings import PROJECT_DIR

CDNOW = PROJECT_DIR.parent / "shared" / "data" / "cdnow_summary_with_money.parquet"
needs_cdnow = pytest.mark.skipif(
    not CDNOW.is_file(),
    reason="cdnow_summary_with_money.parquet is not beside the project in shared/data",
)
PUBLISHED = {
    "bg_nbd": ({"r": 0.24259, "alpha": 4.41353, "a": 0.79289, "b": 2.42575}, -9582.4256),
    "mbg_nbd": ({"r": 0.52484, "alpha": 6.18299, "a": 0.89136, "b": 1.61400}, -9582.13),
}
EXAMPLE = (2.0, 30.43, 38.86)  # x, t_x, T of customer 0001


def histories(*rows: tuple[float, float, float]) -> PurchaseHistories:
    x, recency, age = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    return PurchaseHistories(x, recency, age, np.ones_like(x))


@pytest.fixture(scope="module")
def cdnow() -> dict[str, np.ndarray]:
    table = duckdb.sql(f"select * from '{CDNOW}'").fetchnumpy()
    return {name: np.asarray(column, dtype=float) for name, column in table.items()}


@pytest.fixture(scope="module")
def purchases(cdnow) -> PurchaseHistories:
    return PurchaseHistories(cdnow["x"], cdnow["t_x"], cdnow["T"], np.ones_like(cdnow["x"]))


@needs_cdnow
@pytest.mark.parametrize("model", PUBLISHED)
def test_cdnow_purchases_to_the_published_digits(purchases, model):
    parameters, log_likelihood = PUBLISHED[model]
    fit = fit_purchases(purchases, model)
    assert fit.converged
    assert fit.customers == 2357
    assert fit.parameters == pytest.approx(parameters, abs=6e-6)
    assert fit.log_likelihood == pytest.approx(log_likelihood, abs=0.005)


@needs_cdnow
def test_cdnow_spend_to_the_published_digits(cdnow):
    again = cdnow["x"] > 0
    fit = fit_spend(
        SpendHistories(cdnow["x"][again], cdnow["zbar"][again], np.ones(again.sum()))
    )
    assert fit.customers == 946
    # Printed 6.2488, 3.7446, 15.4477; the optimum is flat in the fourth digit.
    assert fit.parameters == pytest.approx({"p": 6.2488, "q": 3.7446, "v": 15.4477}, abs=2e-4)


@needs_cdnow
def test_grouping_equal_customers_changes_nothing(cdnow):
    groups = duckdb.sql(
        f"select x, t_x, T, count(*) as n from '{CDNOW}' group by all order by all"
    ).fetchnumpy()
    grouped = PurchaseHistories(
        *(np.asarray(groups[name], dtype=float) for name in ("x", "t_x", "T", "n"))
    )
    assert len(grouped.repeats) < 2357
    fit = fit_purchases(grouped, "bg_nbd")
    assert fit.parameters == pytest.approx(PUBLISHED["bg_nbd"][0], abs=6e-6)


def test_published_expectation_of_customer_0001():
    one = histories(EXAMPLE)
    bg = PUBLISHED["bg_nbd"][0]
    assert expected_purchases(bg, one, 39, "bg_nbd")[0] == pytest.approx(1.22591, abs=2e-5)
    # Printed as 0.7266 (BTYD's vignette for the same customer).
    assert alive_probability(bg, one, "bg_nbd")[0] == pytest.approx(0.7266, abs=1e-4)


def test_a_one_time_buyer_is_alive_for_certain_under_bg_nbd_only():
    once = histories((0, 0, 38.86))
    assert alive_probability(PUBLISHED["bg_nbd"][0], once, "bg_nbd")[0] == 1
    assert 0 < alive_probability(PUBLISHED["mbg_nbd"][0], once)[0] < 1


# --- lifetimes as the oracle, on data of another kind -----------------------------------------


@pytest.fixture(scope="module")
def clinic() -> tuple[PurchaseHistories, SpendHistories]:
    """Customers drawn from the model itself: long histories, ages of every length."""
    draw = np.random.default_rng(11)
    rows, spend = [], []
    for _ in range(1200):
        rate, stop = draw.gamma(1.3) / 9.0, draw.beta(0.7, 2.2)
        age = draw.uniform(4, 250)
        now, bought = 0.0, [0.0]
        while draw.random() > stop:
            now += draw.exponential(1 / rate)
            if now > age:
                break
            bought.append(now)
        rows.append((len(bought) - 1, bought[-1], age))
        mean = 1 / draw.gamma(3.0, 1 / 2000.0)
        spend.append((len(bought), draw.gamma(2.0 * len(bought), mean / 2.0) / len(bought)))
    counts, amounts = (np.array(column, dtype=float) for column in zip(*spend, strict=True))
    return histories(*rows), SpendHistories(counts, amounts, np.ones_like(counts))


def test_lifetimes_finds_no_better_fit_and_expects_the_same(clinic):
    from lifetimes import GammaGammaFitter, ModifiedBetaGeoFitter

    purchases, spend = clinic
    fit, spent = fit_purchases(purchases), fit_spend(spend)
    other, other_spent = ModifiedBetaGeoFitter(), GammaGammaFitter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        other.fit(purchases.repeats, purchases.recency, purchases.age)
        other_spent.fit(spend.purchases, spend.amount)
    theirs = PurchaseLikelihood(purchases, True)(other.params_.to_numpy())[0]
    assert fit.log_likelihood >= theirs - 1e-3
    other.params_ = pd.Series(fit.parameters)
    other_spent.params_ = pd.Series(spent.parameters)
    for weeks in (4, 52, 156):
        expected = other.conditional_expected_number_of_purchases_up_to_time(
            weeks, purchases.repeats, purchases.recency, purchases.age
        )
        ours = expected_purchases(fit.parameters, purchases, weeks)
        np.testing.assert_allclose(ours, expected, rtol=1e-7, atol=1e-12)
    np.testing.assert_allclose(
        alive_probability(fit.parameters, purchases),
        other.conditional_probability_alive(
            purchases.repeats, purchases.recency, purchases.age
        ),
        rtol=1e-9,
    )
    np.testing.assert_allclose(
        expected_spend(spent.parameters, spend.purchases, spend.amount),
        other_spent.conditional_expected_average_profit(spend.purchases, spend.amount),
        rtol=1e-9,
    )


def test_a_fit_finds_the_parameters_behind_the_data(clinic):
    purchases, spend = clinic
    # The share of purchases after which a customer stops, 0.7 / (0.7 + 2.2).
    found = fit_purchases(purchases).parameters
    assert found["a"] / (found["a"] + found["b"]) == pytest.approx(0.7 / 2.9, abs=0.05)
    # Purchases a week while alive, 1.3 / 9.
    assert found["r"] / found["alpha"] == pytest.approx(1.3 / 9, rel=0.2)
    assert fit_spend(spend).parameters["q"] == pytest.approx(3.0, rel=0.25)


def test_gradients_are_those_of_the_likelihoods(clinic):
    purchases, spend = clinic
    for likelihood, at in (
        (PurchaseLikelihood(purchases, True), [0.6, 5.0, 0.8, 1.9]),
        (PurchaseLikelihood(purchases, False), [0.6, 5.0, 0.8, 1.9]),
        (SpendLikelihood(spend), [1.7, 2.5, 1500.0]),
    ):
        numeric = approx_fprime(np.array(at), lambda p, of=likelihood: of(p)[0], 1e-6)
        np.testing.assert_allclose(likelihood(np.array(at))[1], numeric, rtol=2e-3, atol=2e-2)


# --- properties ----------------------------------------------------------------------------

parameters = st.fixed_dictionaries(
    {
        "r": st.floats(0.05, 5),
        "alpha": st.floats(0.5, 80),
        "a": st.floats(0.05, 6) | st.just(1.0),
        "b": st.floats(0.1, 10),
    }
)


@settings(max_examples=60, deadline=None)
@given(parameters, st.integers(0, 60), st.floats(0, 1), st.floats(1, 260))
def test_expectations_behave(fitted, repeats, share, age):
    recency = age * share if repeats else 0.0
    one = histories((repeats, recency, age))
    alive = alive_probability(fitted, one)[0]
    assert 0 <= alive <= 1
    year, three = (expected_purchases(fitted, one, weeks)[0] for weeks in (52, 156))
    assert 0 <= year <= three
    # Nobody is expected to buy more than at her rate for ever.
    assert three <= (fitted["r"] + repeats) / (fitted["alpha"] + age) * 156 * (1 + 1e-9)
    low, high = (q[0] for q in purchase_quantiles(fitted, one, 156, (0.1, 0.9)))
    assert low <= high
    assert float(low).is_integer()


@pytest.mark.parametrize("repeats", [0, 3, 40])
def test_chances_of_counts_add_up_to_the_expectation(repeats):
    """E[N] = Σ P(N ≥ n): the closed form and the count distribution are one model."""
    fitted = PUBLISHED["mbg_nbd"][0]
    one = histories((repeats, 20.0 if repeats else 0.0, 60.0))
    expected = expected_purchases(fitted, one, 52)[0]
    # Quantiles at a thousand even steps: their mean is the expectation.
    steps = np.arange(0.0005, 1, 0.001)
    counts = [purchase_quantiles(fitted, one, 52, (0.0, float(p)))[1][0] for p in steps]
    assert np.mean(counts) == pytest.approx(expected, rel=0.03)


def test_a_at_one_is_the_limit_from_both_sides():
    x, age = np.array([0.0, 5.0]), np.array([30.0, 30.0])
    at, below, above = (
        purchases_if_alive({"r": 0.5, "alpha": 6.0, "a": a, "b": 1.6}, x, age, 52)
        for a in (1.0, 1 - 1e-4, 1 + 1e-4)
    )
    np.testing.assert_allclose(at, (below + above) / 2, rtol=1e-6)


# --- data on which there is nothing to fit ----------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "note"),
    [
        ([(0, 0, 10.0), (0, 0, 20.0), (0, 0, 30.0)], "no_repeat_purchases"),
        ([(0, 0, 0.0)], "no_repeat_purchases"),
    ],
)
def test_a_fit_without_repeats_says_so(rows, note):
    fit = fit_purchases(histories(*rows))
    assert not fit.converged
    assert fit.note == note


@pytest.mark.parametrize(
    "rows",
    [
        [(1, 5.0, 5.0)],
        [(3, 9.0, 10.0)] * 50,
        [(900, 259.0, 260.0), (0, 0.0, 1.0)],
        [(1, 0.14, 260.0)] * 10 + [(0, 0.0, 0.0)] * 500,
    ],
)
def test_a_fit_on_strange_data_ends_and_expects_no_nonsense(rows):
    known = histories(*rows)
    fit = fit_purchases(known)
    if fit.converged:
        expected = expected_purchases(fit.parameters, known, 156)
        assert np.isfinite(expected).all()
        assert (expected >= 0).all()


def test_spend_without_differences_is_no_fit():
    equal = SpendHistories(np.array([1.0, 2.0]), np.array([500.0, 500.0]), np.ones(2))
    assert fit_spend(equal).note == "equal_amounts"
    nobody = SpendHistories(np.zeros(0), np.zeros(0), np.zeros(0))
    assert fit_spend(nobody).note == "no_customers"


def test_an_infinite_mean_is_no_usable_fit():
    """Amounts with a tail index of one half, whose mean does not exist."""
    amounts = (1 - np.linspace(0.001, 0.9999, 800)) ** -2.0
    fit = fit_spend(SpendHistories(np.ones(800), amounts, np.ones(800)))
    assert not fit.converged
    assert fit.note == "infinite_mean"
