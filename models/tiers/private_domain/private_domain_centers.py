"""Cluster centres of the silent customers' interaction mixes (k-means).

One row per as-of date, rule set and cluster. SQL assigns the customers.
"""


def model(dbt, session):
    dbt.config(materialized="table")
    from strata.clusters import MOST, mix_centers

    return mix_centers(
        # Keys are hashes: where there are many, the first of them are a fair sample.
        dbt.ref("private_domain_mix").filter(f"place <= {MOST}").df(),
        dbt.ref("thresholds_in_force").df(),
    )
