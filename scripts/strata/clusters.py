"""k-means of the silent customers' interaction mixes (rulebook 3.16)."""

import numpy as np
import pandas as pd
from scipy.cluster.vq import kmeans2

CLUSTERS = "private_domain_clusters"
DOMINANT = "private_domain_dominant_min_share"
MOST = 100_000  # customers that make the clusters; all are assigned to them


def mix_centers(mixes: pd.DataFrame, thresholds: pd.DataFrame) -> pd.DataFrame:
    """The cluster centres, one row per as-of date, rule set and cluster.

    Args:
        mixes: rows of private_domain_mix: as-of date, rule set, place (by key) and one share
            (0 to 1) a kind of interaction; those of the first MOST places make the clusters.
        thresholds: rows of thresholds_in_force, for the number of clusters.

    Returns:
        as_of_date, ruleset, cluster_number, members, behaviour, and the centre's share of each
        kind. `behaviour` is the kind with the largest share of the centre, if that is large
        enough (DOMINANT), else `mixed`. The search starts from the customers whose share of a
        kind lies furthest above that of all, not from drawn ones: a few customers more would
        draw others, find other clusters, and move those who did nothing.
    """
    shares = [column for column in mixes.columns if column.endswith("_share")]
    chain = thresholds[thresholds.scope_id == "*/*"]
    policy = chain.set_index(["as_of_date", "ruleset", "threshold"]).value
    found = [
        _centers(
            group, shares, int(policy[(*key, CLUSTERS)]), float(policy[(*key, DOMINANT)])
        ).assign(as_of_date=key[0], ruleset=key[1])
        for key, group in mixes.groupby(["as_of_date", "ruleset"])
    ]
    columns = ["as_of_date", "ruleset", "cluster_number", "members", "behaviour", *shares]
    if not found:
        return pd.DataFrame({c: pd.Series(dtype=_empty_type(c)) for c in columns})
    return pd.concat(found, ignore_index=True)[columns]


def _centers(
    group: pd.DataFrame, shares: list[str], clusters: int, dominant: float
) -> pd.DataFrame:
    # Keys are hashes: where there are many, the first of them are a fair sample.
    ordered = group.sort_values("place").head(MOST)
    points = ordered[shares].astype(float).to_numpy()
    centers, labels = kmeans2(points, _starts(points, clusters), minit="matrix", iter=100)
    members = np.bincount(labels, minlength=len(centers))
    kept = centers[members > 0].round(9)
    marks = kept.argmax(axis=1)
    order = np.lexsort(kept.T[::-1])
    frame = pd.DataFrame(kept[order], columns=shares)
    frame["cluster_number"] = np.arange(1, len(kept) + 1)
    frame["members"] = members[members > 0][order]
    frame["behaviour"] = [
        shares[mark].removesuffix("_share") if share >= dominant else "mixed"
        for mark, share in zip(marks[order], kept.max(axis=1)[order], strict=True)
    ]
    return frame


def _starts(points: np.ndarray, clusters: int) -> np.ndarray:
    """The mean mix of the customers that a kind marks, for the kinds that mark the most."""
    marks = (points - points.mean(axis=0)).argmax(axis=1)
    kinds, counts = np.unique(marks, return_counts=True)
    most = kinds[np.argsort(-counts, kind="stable")][:clusters]
    return np.array([points[marks == kind].mean(axis=0) for kind in most])


def _empty_type(column: str) -> str:
    if column.endswith("_share"):
        return "float64"
    if column == "as_of_date":
        return "datetime64[ns]"
    return "int64" if column in ("cluster_number", "members") else "object"
