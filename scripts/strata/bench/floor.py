"""The floor: what DuckDB alone takes for one grouping of the same Parquet orders.

One query, per customer of the first load's files: the first and the last day of a paid order,
how many there were, what they cost, the same two of the last 365 days, and how many categories
they bought from. Lines are joined to orders and products; an order is counted by its line 1, so
that no second distinct count is needed. Nothing is cleaned, matched, checked or written to
disk. The seconds are those of the query in a new process, 2 threads unless asked otherwise.

    python -m strata.bench.floor DIR THREADS
"""

import json
import sys
import time
from pathlib import Path

import duckdb

from strata.bench.news import relation

SQL = """
create table floor as
select
    orders.customer_id,
    max(orders.order_date) as last_date,
    min(orders.order_date) as first_date,
    count(*) filter (where items.line_number = 1) as orders,
    sum(items.net_amount) as amount,
    count(*) filter (
        where items.line_number = 1 and orders.order_date > last_day.day - 365
    ) as orders_365,
    sum(items.net_amount) filter (
        where orders.order_date > last_day.day - 365
    ) as amount_365,
    count(distinct products.category) as categories
from {orders} as orders
inner join {order_items} as items on orders.order_id = items.order_id
left join {products} as products on items.product_id = products.product_id
cross join (
    select max(order_date) as day from {orders} where status = 'paid'
) as last_day
where orders.status = 'paid'
group by orders.customer_id
"""


def floor_sql(first: Path) -> str:
    """The query over a delivery."""
    feeds = ("orders", "order_items", "products")
    return SQL.format(**{feed: relation(first, feed) for feed in feeds})


def main(first: Path, threads: int) -> None:
    """Run it once and print its seconds."""
    with duckdb.connect(config={"threads": threads}) as connection:
        started = time.perf_counter()
        connection.execute(floor_sql(first))
        seconds = time.perf_counter() - started
        (customers,) = connection.execute("select count(*) from floor").fetchone()
    print(json.dumps({"seconds": seconds, "customers": customers}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
