"""How far two results of the RFM slice agree.

python -m strata.bench.compare OURS THEIRS
"""

import json
import sys

import duckdb

SQL = """
select
    count(*) filter (ours.r = theirs.r and ours.f = theirs.f and ours.m = theirs.m) / count(*),
    count(*) filter (ours.segment = theirs.segment) / count(*)
from read_parquet($1) as ours full join read_parquet($2) as theirs using (customer_id)
"""


def agreement(ours: str, theirs: str) -> dict[str, float]:
    """The share of customers with the same three scores, and with the same segment.

    A customer that only one of them has agrees in neither.
    """
    with duckdb.connect() as connection:
        scores, segments = connection.execute(SQL, [ours, theirs]).fetchone()
    return {"same_scores": scores, "same_segment": segments}


if __name__ == "__main__":
    print(json.dumps(agreement(*sys.argv[1:3])))
