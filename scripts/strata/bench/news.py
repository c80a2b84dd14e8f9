"""Two deliveries kept back from the first load, each about a thousandth of every feed's rows.

`news` moves the chain on to a later day: a third of it are late rows over all history, two
thirds rows of the newest business days. `more` are further rows of these days, so that the day
stays. Orders and visits, which tell what the last day is, are kept back whole from the newest
days on; of feeds that are denser there, as many rows as make the two shares. Which rows come
when is decided by a hash of their key. Lines, refunds and outcomes go with what they belong to,
so that no delivery refers to a later one. Customers are kept back only if they registered on
the newest days and nothing of the first load names them. Same files, same split.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

SHARE = 0.001
NEWEST = 2 / 3  # of the news
NEWEST_SHARE = SHARE * NEWEST + SHARE  # of the newest days in both deliveries
BUCKETS = 1_000_000
PARTS = ("first", "news", "more")  # in the order in which they are delivered
# In the order in which a row is claimed: what belongs to a row of `more` comes with it.
DELIVERIES = ("more", "news")


@dataclass(frozen=True)
class Feed:
    """How a feed is split: its key, its business date, and the feed that its rows follow."""

    name: str
    key: str
    date_column: str
    parent: str = ""
    parent_key: str = ""
    customer_columns: tuple[str, ...] = ("customer_id",)


# Products and acquisition costs are not news: they come whole with the first load.
FEEDS = (
    Feed("orders", "order_id", "order_date"),
    Feed("order_items", "order_id", "", "orders", "order_id", ()),
    Feed("refunds", "refund_id", "refund_date", "orders", "order_id", ()),
    Feed("visits", "visit_id", "visit_date"),
    Feed("treatment_outcomes", "outcome_id", "outcome_date", "visits", "visit_id"),
    Feed(
        "referrals", "referral_id", "referral_date",
        customer_columns=("referrer_customer_id", "referee_customer_id"),
    ),
    Feed("interactions", "interaction_id", "interaction_date"),
    Feed("skin_tests", "skin_test_id", "test_date"),
    Feed("surveys", "survey_id", "survey_date"),
    Feed("outreach", "outreach_id", "contact_date"),
    Feed("experiment_assignments", "customer_id", "assigned_date"),
    Feed("cards", "card_id", "opened_date"),
    Feed(
        "customer_links", "link_id", "recorded_date",
        customer_columns=("customer_id", "same_as_customer_id"),
    ),
)  # fmt: skip
CUSTOMERS = "customers"
# They tell what the last business day is.
WHOLE_DAYS = ("orders", "visits")


@dataclass(frozen=True)
class Split:
    """What was kept back: from which day on, how much besides, and the rows of each part."""

    newest_from: date
    late_share: float
    first_rows: dict[str, int]
    news_rows: dict[str, int]
    more_rows: dict[str, int]


def split_news(
    raw: Path, directory: Path, end_date: date, say: Callable[[str], None] = lambda _: None
) -> Split:
    """Write the raw files anew to `first`, `news` and `more` below the directory.

    Nothing is lost or doubled.

    `end_date` is the last day of the chain; rows dated after it are planted dirt.
    """
    with duckdb.connect() as connection:
        newest_from, late_share = _newest_days(connection, raw, end_date)
        splitter = _Splitter(connection, raw, directory, (newest_from, end_date), late_share)
        for feed in FEEDS:
            say(f"splitting {feed.name}")
            splitter.split(feed.name, splitter.claims(feed))
            splitter.remember(feed)
        say(f"splitting {CUSTOMERS}")
        splitter.split(CUSTOMERS, {"news": splitter.is_new_customer()})
        for whole in ("products", "acquisition_costs"):
            splitter.split(whole, {})
    rows = splitter.rows
    return Split(newest_from, late_share, rows["first"], rows["news"], rows["more"])


def _files(directory: Path, feed: str) -> list[Path]:
    """The feed's files, not those of a feed whose name begins alike, nor corrections."""
    return [
        path
        for path in sorted(directory.glob(f"{feed}*.parquet"))
        if path.stem == feed or path.stem.removeprefix(f"{feed}_").isdigit()
    ]


def _newest_days(
    connection: duckdb.DuckDBPyConnection, raw: Path, end_date: date
) -> tuple[date, float]:
    """The first of the newest days: their orders are nearest to what is wanted of them.

    Beside it the share of late rows that fills up the news, at least a quarter of them: the
    newest days may hold more than was wanted.
    """
    days = connection.execute(
        "select order_date, sum(count(*)) over (order by order_date desc)"
        " / sum(count(*)) over () as share"
        f" from {_relation(_files(raw, 'orders'))} where order_date <= $1"
        " group by order_date order by order_date desc limit 31",
        [end_date],
    ).fetchall()
    day, share = min(days, key=lambda row: (abs(row[1] - NEWEST_SHARE), row[0]))
    return day, max(2 * SHARE - share, SHARE / 4)


def _relation(files: list[Path]) -> str:
    return f"read_parquet({[str(file) for file in files]})"


def _chosen(key: str, share: float, half: str = "lower") -> str:
    """So large a share of the keys, always the same ones; by either half of their hash."""
    return f"coalesce(md5_number_{half}({key}) % {BUCKETS} < {round(share * BUCKETS)}, false)"


class _Splitter:
    """Splits feed by feed; knows which keys are in which delivery."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        raw: Path,
        directory: Path,
        newest: tuple[date, date],
        late_share: float,
    ) -> None:
        self.connection = connection
        self.raw, self.directory = raw, directory
        self.newest = "between date '{}' and date '{}'".format(*newest)
        self.late_share = late_share
        self.rows: dict[str, dict[str, int]] = {part: {} for part in PARTS}
        connection.execute("create temp table named_first (customer_id varchar)")
        connection.execute(
            "create temp table young as select distinct customer_id"
            f" from {_relation(_files(raw, CUSTOMERS))}"
            f" where registered_date {self.newest} and customer_id is not null"
        )

    def split(self, feed: str, claims: dict[str, str]) -> None:
        """Each raw file into one of its name under `first` and one under each claimant."""
        for part in self.rows:
            self.rows[part][feed] = 0
        for path in _files(self.raw, feed):
            taken = ["false"]
            for delivery, claim in claims.items():
                # Under a name of its own: the same name would replace the first delivery.
                target = self.directory / delivery / f"{path.stem}_{delivery}.parquet"
                rows = self._copy(path, target, f"({claim}) and not ({' or '.join(taken)})")
                self.rows[delivery][feed] += rows
                taken.append(claim)
                if not rows:
                    target.unlink()
            stays = f"not ({' or '.join(taken)})"
            self.rows["first"][feed] += self._copy(
                path, self.directory / "first" / path.name, stays
            )
        if (
            feed == CUSTOMERS
            and (corrections := self.raw / "customers_corrections.parquet").exists()
        ):
            self.rows["first"][feed] += self._copy(
                corrections, self.directory / "first" / corrections.name, "true"
            )

    def _copy(self, path: Path, target: Path, condition: str) -> int:
        (rows,) = self.connection.execute(
            f"copy (select * from read_parquet('{path}') where {condition})"
            f" to '{target}' (format parquet)"
        ).fetchone()
        return rows

    def claims(self, feed: Feed) -> dict[str, str]:
        """The condition under which each delivery takes a row; never null."""
        newest = "false"
        if feed.date_column:
            newest = self._newest(feed.name, feed.key, feed.date_column)
        if not feed.parent:
            late = _chosen(feed.key, self.late_share)
            comes_later = _chosen(feed.key, SHARE / NEWEST_SHARE, "upper")
            return {"more": f"{newest} and {comes_later}", "news": f"{newest} or {late}"}
        more, news = (
            f"coalesce({feed.parent_key} in (select key from {delivery}_{feed.parent}), false)"
            for delivery in DELIVERIES
        )
        return {"more": more, "news": f"{news} or {newest}"}

    def _newest(self, feed: str, key: str, date_column: str) -> str:
        """The newest days: whole, or thinned to what is wanted of them."""
        is_newest = f"coalesce({date_column} {self.newest}, false)"
        if feed in WHOLE_DAYS:
            return is_newest
        (share,) = self.connection.execute(
            f"select count(*) filter ({is_newest}) / greatest(count(*), 1)"
            f" from {_relation(_files(self.raw, feed))}"
        ).fetchone()
        return f"({is_newest} and {_chosen(key, NEWEST_SHARE / (share or 1))})"

    def remember(self, feed: Feed) -> None:
        """Keys that others follow, and young customers that the first load names."""
        if any(other.parent == feed.name for other in FEEDS):
            for delivery in DELIVERIES:
                self._remember_keys(feed, delivery)
        for column in feed.customer_columns:
            for path in _files(self.raw, feed.name):
                self.connection.execute(
                    f"insert into named_first select distinct {column}"
                    f" from read_parquet('{self.directory / 'first' / path.name}')"
                    f" where {column} in (select customer_id from young)"
                )

    def _remember_keys(self, feed: Feed, delivery: str) -> None:
        keys, folder = f"{delivery}_{feed.name}", self.directory / delivery
        self.connection.execute(f"create temp table {keys} (key varchar)")
        for path in sorted(folder.glob(f"{feed.name}_*{delivery}.parquet")):
            self.connection.execute(
                f"insert into {keys} select distinct {feed.key}"
                f" from read_parquet('{path}') where {feed.key} is not null"
            )

    def is_new_customer(self) -> str:
        """Registered on the newest days; not named, nor corrected, in the first load."""
        named = "select customer_id from named_first where customer_id is not null"
        corrections = self.raw / "customers_corrections.parquet"
        if corrections.exists():
            named += f" union all select customer_id from read_parquet('{corrections}')"
        return (
            self._newest(CUSTOMERS, "customer_id", "registered_date")
            + f" and coalesce(customer_id not in ({named}), false)"
        )
