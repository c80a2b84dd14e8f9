"""Peers: run by a Python that has them, as a script; not part of Strata."""
