"""Cluster centres of the silent customers' interaction mixes (k-means).

One row per as-of date, rule set and cluster. SQL assigns the customers.
"""


def model(dbt, session):
    dbt.config(materialized="maintained", meta={"recompute": "everything"})
    from strata.clusters import mix_centers

    return mix_centers(
        # Text sorts as the key does, and pandas makes an object of every UUID.
        dbt.ref("private_domain_mix")
        .project("* replace (cast(customer_key as varchar) as customer_key)")
        .df(),
        dbt.ref("thresholds_in_force").df(),
    )
