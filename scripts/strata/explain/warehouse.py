"""Opening the build warehouse for reading, and finding a customer in it."""

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from strata.errors import StrataError
from strata.record import require_whole_build
from strata.settings import Settings
from strata.warehouse import open_build


@contextmanager
def open_explained(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """The build warehouse with its marts, read-only.

    Raises:
        StrataError: nothing is built, or the last run stopped half-way.
    """
    if not settings.database.exists():
        raise StrataError("There is no warehouse yet.", "Load a source, then: strata run")
    require_whole_build(settings)
    with open_build(settings) as connection:
        built = connection.execute(
            "select 1 from duckdb_views() where view_name = 'mart_tier_reasons'"
        ).fetchone()
        if not built:
            raise StrataError("Nothing is built yet.", "Run: strata run")
        refuse_half_built(connection)
        yield connection


def refuse_half_built(connection: duckdb.DuckDBPyConnection) -> None:
    """A run that failed half-way leaves tiers and marts of different days."""
    days = {
        table: connection.execute(
            f"select distinct as_of_date from {table} order by all"
        ).fetchall()
        for table in ("tiers.customer_tiers", "marts.mart_customer_tiers")
    }
    if len({str(found) for found in days.values()}) > 1:
        raise StrataError(
            "The last run stopped half-way: the tiers and the marts are of different days.",
            "Run `strata run` again; what is published was not touched.",
        )


def key_of(connection: duckdb.DuckDBPyConnection, customer: str) -> str:
    """The key of a customer, by their key or by the customer id of a source.

    Raises:
        StrataError: nobody, or more than one person, is called so.
    """
    rows = connection.execute(
        "select distinct cast(customer_key as varchar) as key from customers.customer_bridge"
        " where cast(customer_key as varchar) = $1 or customer_id = $1 order by key",
        [customer],
    ).fetchall()
    if not rows:
        raise StrataError(
            f"Nobody has the key or customer id {customer!r}.",
            "Keys are in mart_customer_tiers, ids in the source. A rejected record has no key: "
            "look in entities.rejected_rows.",
        )
    if len(rows) > 1:
        raise StrataError(
            f"{customer!r} is a customer id in several sources: keys "
            + ", ".join(key for (key,) in rows)
            + ".",
            "Ask for one of the keys.",
        )
    return rows[0][0]
