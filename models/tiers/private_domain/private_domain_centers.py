"""Cluster centres of the silent customers' interaction mixes (k-means).

One row per as-of date, rule set and cluster. SQL assigns the customers.
"""


def model(dbt, session):
    dbt.config(meta={"recompute": "everything"})
    from strata.clusters import mix_centers

    return mix_centers(
        dbt.ref("private_domain_mix").df(),
        dbt.ref("thresholds_in_force").df(),
    )
