"""The buyers of a day: their four RFM² scores, and what they spent in the days after it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import duckdb
import numpy as np
from numpy.typing import NDArray

DIMENSIONS = ("breadth", "interaction", "cycle", "social")
FEEDS = {"interactions": "interaction", "referrals": "social"}  # whence a score comes
HIGHEST = 5  # scores run from 1 to 5
THRESHOLDS = {dimension: f"rfm2_{dimension}_weight" for dimension in DIMENSIONS}


@dataclass(frozen=True)
class Buyers:
    """Everybody who had bought by a day, in the order of the key.

    `scores` has a row per buyer and a column per dimension; `amounts` is the net amount of
    the days that follow.
    """

    scores: NDArray[np.int64]
    amounts: NDArray[np.float64]

    @classmethod
    def of(
        cls,
        keys: Sequence[str] | NDArray[np.str_],
        scores: NDArray[np.int64],
        amounts: NDArray[np.float64],
    ) -> "Buyers":
        """The same buyers whatever the order in which they are given."""
        order = np.argsort(np.asarray(keys, dtype=str), kind="stable")
        return cls(np.asarray(scores)[order], np.asarray(amounts, dtype=float)[order])

    def __len__(self) -> int:
        """How many they are."""
        return len(self.amounts)

    @cached_property
    def _by_cell(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        places = HIGHEST ** np.arange(len(DIMENSIONS))[::-1]
        codes, cell = np.unique((self.scores - 1) @ places, return_inverse=True)
        return codes[:, None] // places % HIGHEST + 1, cell

    @property
    def cells(self) -> NDArray[np.int64]:
        """The combinations of scores that occur: at most 625, whatever the chain's size."""
        return self._by_cell[0]

    @property
    def cell(self) -> NDArray[np.int64]:
        """The row of `cells` that each buyer is in."""
        return self._by_cell[1]


@dataclass(frozen=True)
class Limits:
    """What a proposal asks for (policy: rfm2_weights_…)."""

    min_buyers: int
    min_history_days: int
    horizon_days: int


def read_limits(build: duckdb.DuckDBPyConnection, ruleset: str, day: date) -> Limits:
    """The limits in force for the chain."""
    found = dict(
        build.execute(
            "select threshold, cast(value as integer) from policy.thresholds_in_force"
            " where ruleset = ? and as_of_date = ? and scope_id = '*/*'"
            " and starts_with(threshold, 'rfm2_weights_')",
            [ruleset, day],
        ).fetchall()
    )
    return Limits(
        found["rfm2_weights_min_buyers"],
        found["rfm2_weights_min_history_days"],
        found["rfm2_weights_horizon_days"],
    )


def missing_feeds(build: duckdb.DuckDBPyConnection) -> list[str]:
    """Feeds without which a score says nothing."""
    rows = build.execute(
        "select distinct entity from entities.row_accounts"
        " where outcome = 'accepted' and rows > 0"
    ).fetchall()
    return sorted(FEEDS.keys() - {feed for (feed,) in rows})


def first_purchase(build: duckdb.DuckDBPyConnection) -> date | None:
    """The day of the first purchase ever."""
    sql = "select min(movement_date) from measures.money_movements where amount > 0"
    return build.execute(sql).fetchone()[0]


def read_buyers(
    connection: duckdb.DuckDBPyConnection, ruleset: str, day: date, horizon_days: int
) -> Buyers:
    """The buyers of a day, scored as of that day, with their net amount after it.

    The scores come from the file built aside, the money from the build.
    """
    found = connection.execute(
        f"""
        select
            cast(customers.customer_key as varchar) as customer_key,
            {", ".join(f"scores.{dimension}_score" for dimension in DIMENSIONS)},
            cast(coalesce(sum(money.amount), 0) as double) as amount
        from tiers.tier_scores as scores
        join strata.customers.customer_profiles as customers using (customer_sk)
        left join strata.measures.money_movements as money
            on scores.customer_sk = money.customer_sk
            and money.movement_date > scores.as_of_date
            and money.movement_date <= scores.as_of_date + cast($3 as integer)
        where scores.ruleset = $1 and scores.as_of_date = $2
            and scores.weighted_score is not null
        group by all order by customer_key
        """,
        [ruleset, day, horizon_days],
    ).fetchnumpy()
    scores = [found[f"{dimension}_score"] for dimension in DIMENSIONS]
    return Buyers.of(
        found["customer_key"].astype(str),
        np.column_stack(scores).astype(np.int64),
        found["amount"],
    )
