"""`strata bench`: Strata measured on deterministic data, beside a floor and its peers.

Every step runs in a process of its own, so that its seconds and its peak memory are its own.
"""
