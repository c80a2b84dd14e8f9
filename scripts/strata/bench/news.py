"""Two deliveries kept back from the first load, each about a thousandth of every feed's rows.

`news` moves the chain on to a later day: a third of it are late rows over all history, two
thirds rows of the newest business days. `more` are further rows of these days, so that the day
stays. Orders and visits, which tell what the last day is, are kept back whole from the newest
days on; of feeds that are denser there, as many rows as make the two shares. Which rows come
when is decided by a hash of their key. Lines, refunds and outcomes go with what they belong to,
so that no delivery refers to a later one. Customers are kept back only if they registered on
the newest days and nothing of the first load names them. Same files, same split.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

SHARE = 0.001
NEWEST = 2 / 3  # of the news
NEWEST_SHARE = SHARE * NEWEST + SHARE  # of the newest days in both deliveries
BUCKETS = 1_000_000
PARTS = ("first", "news", "more")  # in the order in which they are delivered


@dataclass(frozen=True)
class Feed:
    """How a feed is split: its key, its business date, and the feed that its rows follow.

    Without a key it comes whole with the first load.
    """

    name: str
    key: str = ""
    date_column: str = ""
    parent: str = ""
    parent_key: str = ""


# What a row belongs to before it, what names customers before them.
FEEDS = (
    Feed("orders", "order_id", "order_date"),
    Feed("order_items", "order_id", "", "orders", "order_id"),
    Feed("refunds", "refund_id", "refund_date", "orders", "order_id"),
    Feed("visits", "visit_id", "visit_date"),
    Feed("treatment_outcomes", "outcome_id", "outcome_date", "visits", "visit_id"),
    Feed("referrals", "referral_id", "referral_date"),
    Feed("interactions", "interaction_id", "interaction_date"),
    Feed("skin_tests", "skin_test_id", "test_date"),
    Feed("surveys", "survey_id", "survey_date"),
    Feed("outreach", "outreach_id", "contact_date"),
    Feed("experiment_assignments", "customer_id", "assigned_date"),
    Feed("cards", "card_id", "opened_date"),
    Feed("customer_links", "link_id", "recorded_date"),
    Feed("customers_corrections"),
    Feed("customers", "customer_id", "registered_date"),
    Feed("products"),
    Feed("acquisition_costs"),
)
# They tell what the last business day is.
WHOLE_DAYS = ("orders", "visits")
Rows = dict[str, dict[str, int]]  # by delivery and feed


def split_news(raw: Path, directory: Path, end_date: date) -> tuple[date, Rows]:
    """Write the raw files anew to `first`, `news` and `more` below the directory.

    Nothing is lost or doubled. `end_date` is the last day of the chain; rows dated after it
    are planted dirt. Returns the first of the newest days, and the rows of each delivery.
    """
    with duckdb.connect() as connection:
        splitter = _Splitter(connection, raw, directory, end_date)
        for feed in FEEDS:
            splitter.split(feed)
    return splitter.newest_from, splitter.rows


def files_of(directory: Path, feed: str) -> list[Path]:
    """The feed's files, in one piece or in numbered chunks."""
    return [
        path
        for path in sorted(directory.glob(f"{feed}*.parquet"))
        if path.stem == feed or path.stem.removeprefix(f"{feed}_").isdigit()
    ]


def relation(directory: Path, feed: str) -> str:
    """The feed's files as a relation of SQL."""
    return f"read_parquet({[str(file) for file in files_of(directory, feed)]})"


def _chosen(key: str, share: float, half: str = "lower") -> str:
    """So large a share of the keys, always the same ones; by either half of their hash."""
    return f"md5_number_{half}({key}) % {BUCKETS} < {round(share * BUCKETS)}"


class _Splitter:
    """Splits feed by feed; knows which keys came later and which customers the first names."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, raw: Path, directory: Path, end_date: date
    ) -> None:
        self.connection, self.raw, self.directory = connection, raw, directory
        self.rows: Rows = {part: {} for part in PARTS}
        self.newest_from, self.late_share = self._newest_days(end_date)
        self.days = f"between date '{self.newest_from}' and date '{end_date}'"
        customers = relation(raw, "customers")
        self.young = f"select customer_id from {customers} where registered_date {self.days}"
        connection.execute("create temp table named (customer_id varchar)")

    def _newest_days(self, end_date: date) -> tuple[date, float]:
        """The first of the newest days: their orders are nearest to what is wanted of them.

        Beside it the share of late rows that fills up the news, at least a quarter of them:
        the newest days may hold more than was wanted.
        """
        days = self.connection.execute(
            "select order_date, sum(count(*)) over (order by order_date desc)"
            " / sum(count(*)) over () as share"
            f" from {relation(self.raw, 'orders')} where order_date <= $1"
            " group by order_date order by order_date desc limit 31",
            [end_date],
        ).fetchall()
        day, share = min(days, key=lambda row: (abs(row[1] - NEWEST_SHARE), row[0]))
        return day, max(2 * SHARE - share, SHARE / 4)

    def split(self, feed: Feed) -> None:
        """Each raw file into one of its name under `first`, and under the others' own names."""
        files = files_of(self.raw, feed.name)
        if not files:
            return
        rows, delivery = relation(self.raw, feed.name), self._delivery(feed)
        for part in PARTS:
            chosen = f"{delivery} = '{part}'"
            self.rows[part][feed.name] = sum(self._copy(path, part, chosen) for path in files)
        if feed.name in {other.parent for other in FEEDS}:
            self.connection.execute(
                f"create temp table later_{feed.name} as"
                f" select distinct {feed.key} as key, {delivery} as delivery"
                f" from {rows} where {delivery} != 'first' and {feed.key} is not null"
            )
        for column, *_ in self.connection.execute(f"describe from {rows}").fetchall():
            if column.endswith("customer_id"):
                self.connection.execute(
                    f"insert into named select distinct {column} from {rows}"
                    f" where {delivery} = 'first' and {column} in ({self.young})"
                )

    def _copy(self, path: Path, part: str, condition: str) -> int:
        # Under a name of its own: the same name would replace the first delivery.
        name = path.name if part == "first" else f"{path.stem}_{part}.parquet"
        target = self.directory / part / name
        (rows,) = self.connection.execute(
            f"copy (select * from read_parquet('{path}') where {condition})"
            f" to '{target}' (format parquet)"
        ).fetchone()
        if not rows and part != "first":
            target.unlink()
        return rows

    def _delivery(self, feed: Feed) -> str:
        """The delivery that a row comes with, as an expression."""
        if not feed.key:
            return "'first'"
        newest = self._newest(feed) if feed.date_column else "false"
        if feed.parent:
            followed = f"{feed.parent_key} in (select key from later_{feed.parent} where"
            more, news = (f"{followed} delivery = '{part}')" for part in ("more", "news"))
            news += f" or {newest}"
        elif feed.name == "customers":
            more, news = "false", f"{newest} and customer_id not in (from named)"
        else:
            more = f"{newest} and {_chosen(feed.key, SHARE / NEWEST_SHARE, 'upper')}"
            news = f"{newest} or {_chosen(feed.key, self.late_share)}"
        return f"(case when {more} then 'more' when {news} then 'news' else 'first' end)"

    def _newest(self, feed: Feed) -> str:
        """The newest days: whole, or thinned to what is wanted of them."""
        is_newest = f"{feed.date_column} {self.days}"
        if feed.name in WHOLE_DAYS:
            return is_newest
        (share,) = self.connection.execute(
            f"select count(*) filter ({is_newest}) / greatest(count(*), 1)"
            f" from {relation(self.raw, feed.name)}"
        ).fetchone()
        return f"({is_newest} and {_chosen(feed.key, NEWEST_SHARE / (share or 1))})"
