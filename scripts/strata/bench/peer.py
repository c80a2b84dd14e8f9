"""The peer: `openretailscience` at the task of the RFM slice, once, by a Python that has it.

    python peer.py ORDERS ORDER_ITEMS REFUNDS AS_OF THREADS OUTPUT

The first three are relations of DuckDB over the Parquet files of the first load. Scores 1 to 5
of recency, frequency and amount, and the eight segments by the mean score in one decimal. A
purchase is a paid order that is worth more than nothing after its refunds. The peer wants one
table of transactions, which is given as a query, so that DuckDB does the joins; it scores by
ntile, so that equal customers may get different scores.
The seconds go from the first file opened to the result in memory; imports are not in them. This
file knows nothing of Strata.
"""

import json
import sys
import time
from importlib.metadata import version

import ibis
from openretailscience.segmentation.rfm import RFMSegmentation

TRANSACTIONS = """
with paid as (
    select order_id, sum(net_amount) as amount from {items} group by order_id
),
refunded as (
    select order_id, sum(refund_amount) as amount from {refunds}
    where refund_date <= date '{as_of}' group by order_id
)
select
    orders.customer_id,
    orders.order_id as transaction_id,
    orders.order_date as transaction_date,
    paid.amount - coalesce(refunded.amount, 0) as unit_spend
from {orders} as orders
inner join paid using (order_id)
left join refunded using (order_id)
where orders.status = 'paid' and orders.order_date <= date '{as_of}'
    and paid.amount - coalesce(refunded.amount, 0) > 0
"""
SEGMENTS = {
    (True, True, True): "champions",
    (True, False, True): "important_develop",
    (False, True, True): "important_retain",
    (False, False, True): "important_winback",
    (True, True, False): "general_value",
    (True, False, False): "general_develop",
    (False, True, False): "general_retain",
    (False, False, False): "general_winback",
}


def rfm(transactions: ibis.Table, as_of: str) -> ibis.Table:
    """Its RFMSegmentation in quintiles, on DuckDB through ibis; the segments on top."""
    scored = RFMSegmentation(
        transactions, current_date=as_of, r_segments=5, f_segments=5, m_segments=5
    ).table
    scores = scored.select(
        "customer_id", r=scored.r_score + 1, f=scored.f_score + 1, m=scored.m_score + 1
    )
    high = [scores[name] > scores[name].mean().over().round(1) for name in "rfm"]
    cases = []
    for sides, name in SEGMENTS.items():
        sides_fit = (one == side for one, side in zip(high, sides, strict=True))
        cases.append((ibis.and_(*sides_fit), name))
    return scores.mutate(segment=ibis.cases(*cases))


if __name__ == "__main__":
    orders, items, refunds, as_of, threads, output = sys.argv[1:]
    connection = ibis.duckdb.connect(threads=int(threads))
    started = time.perf_counter()
    transactions = connection.sql(
        TRANSACTIONS.format(orders=orders, items=items, refunds=refunds, as_of=as_of)
    )
    result = connection.create_table("scored", rfm(transactions, as_of))
    seconds = time.perf_counter() - started
    result.to_parquet(output)
    print(json.dumps({"seconds": seconds, "version": version("openretailscience")}))
