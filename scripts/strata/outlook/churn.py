"""Who may not come back: the chance that an active buyer buys nothing in the next window.

Three models say so: how long ago the last purchase was (naive), MBG/NBD, and gradient-boosted
trees. Each is calibrated on the last window that is over, judged on windows after the one that
it was calibrated on, and the one with the smallest Brier score is used.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import duckdb
import numpy as np
import pyarrow as pa
from scipy.optimize import minimize
from scipy.special import expit, logit
from scipy.stats import rankdata

from strata.clv.expect import alive_probability
from strata.clv.fit import fit_purchases
from strata.clv.likelihoods import Array
from strata.clv.tables import DAYS_PER_WEEK, Columns, columns, group, histories

NAIVE, MBG, TREES = "naive", "mbg_nbd", "xgboost"
MODELS = (NAIVE, MBG, TREES)  # of equals the first is used
ORIGINS = 3  # windows that the models are judged on
FEWEST = 100  # active buyers to learn from, calibrate on or judge by
MOST = 40_000  # to learn from, or judge by; of more, the first by key (a hash)
DECILES = 10
ROUNDS = 150
SETTINGS = {
    "objective": "binary:logistic", "eta": 0.05, "max_depth": 3, "min_child_weight": 20,
    "lambda": 1.0, "tree_method": "hist",
    "nthread": 1,  # with more, or in another order of rows, single predictions differ
    "seed": 7,
}  # fmt: skip
# What is no feature of a customer; windows that follow one another are told by `place`.
NOT_FEATURES = {
    "place", "day", "customer_key", "has_left", "is_active", "fit_date", "churn_window_days",
}  # fmt: skip
FIT_SCHEMA = pa.schema(
    [
        ("fit_date", pa.date32()),
        ("model", pa.string()),
        ("is_used", pa.bool_()),
        ("metric", pa.string()),
        ("band", pa.string()),
        ("figure", pa.float64()),
        ("cases", pa.int64()),
        ("body", pa.string()),
    ]
)
SCORE_SCHEMA = pa.schema(
    [
        ("customer_key", pa.uuid()),
        ("as_of_date", pa.date32()),
        ("fit_date", pa.date32()),
        ("model", pa.string()),
        ("probability", pa.float64()),
        ("place", pa.int32()),
        ("feature", pa.string()),
        ("value", pa.float64()),
        ("effect", pa.float64()),
    ]
)
Row = dict[str, Any]
Score = Mapping[str, Any]  # a fitted model: what `raw_score` needs, as JSON holds it


@dataclass(frozen=True)
class Windows:
    """The buyers of each place, ordered by key, as columns; of all, and of the active."""

    relation: duckdb.DuckDBPyRelation
    window_days: float
    fitted: dict[int, Score | None] = field(default_factory=dict)
    read: dict[tuple[int, ...], Columns] = field(default_factory=dict)

    def active(self, *places: int) -> Columns:
        if places not in self.read:
            wanted = ", ".join(map(str, places))
            self.read[places] = columns(
                self.relation.filter(f"is_active and place in ({wanted})")
                .order("customer_key, place")
                .limit(MOST)
                .project("* exclude (customer_key)")
            )
        return self.read[places]

    def purchases(self, place: int) -> Score | None:
        """MBG/NBD on all who had bought by then; None where it cannot be fitted."""
        if place in self.fitted:
            return self.fitted[place]
        known = self.relation.filter(f"place = {place}").project(
            "purchase_days, mean_amount, purchase_days - 1 as repeat_days,"
            " days_since_first - days_since_last as recency_days,"
            " days_since_first as age_days"
        )
        fit = fit_purchases(group(known)[0])
        self.fitted[place] = fit.parameters if fit.converged else None
        return self.fitted[place]


def fit_churn(relation: duckdb.DuckDBPyRelation, window_days: float) -> list[Row]:
    """Every model fitted for the newest place, with its figures; no fit_date yet.

    The place p is a day, p windows before the last one known; who bought nothing in the
    window after it has left. To judge at p, a model learns from the places beyond p + 1 and
    is calibrated at p + 1: all windows that were over at p.
    """
    windows = Windows(relation, window_days)
    found = relation.aggregate("max(place)").fetchone()
    last = int(found[0]) if found and found[0] is not None else 0
    judged: dict[str, list[tuple[Array, Array]]] = {model: [] for model in MODELS}
    for place in range(1, min(ORIGINS, last - 1) + 1):
        here = windows.active(place)
        left = here["has_left"].astype(float)
        if not _tells(left):
            continue
        for model in MODELS:
            fitted = fit_model(windows, model, place, last)
            if fitted is not None:
                judged[model].append((probability(fitted, here), left))
    figures = {model: _figures(pairs) for model, pairs in judged.items() if pairs}
    # Only windows that all of them were judged on are comparable.
    most = max((len(pairs) for pairs in judged.values()), default=0)
    complete = [m for m in MODELS if judged[m] and len(judged[m]) == most]
    brier = {
        m: next(f["figure"] for f in figures[m] if f["metric"] == "brier") for m in complete
    }
    bodies = {model: fit_model(windows, model, 0, last) for model in MODELS}
    ready = [model for model, body in bodies.items() if body is not None]
    used = min((m for m in ready if m in brier), key=lambda m: brier[m], default=None)
    used = used or next(iter(ready), None)
    rows = [
        {"model": model, "metric": "model", "band": "all", "body": json.dumps(bodies[model])}
        for model in ready
    ]
    rows += [{"model": model} | figure for model in figures for figure in figures[model]]
    return [row | {"is_used": row["model"] == used} for row in rows]


def fit_model(windows: Windows, model: str, place: int, last: int) -> dict[str, Any] | None:
    """One model as it could be had at a place; None where there was too little."""
    before = windows.active(place + 1) if place < last else {}
    if not len(before.get("has_left", ())) or not _tells(before["has_left"]):
        return None
    earlier = before
    now: dict[str, Any] = {"model": model, "window_days": windows.window_days}
    then = dict(now)
    if model == MBG:
        parameters, past = windows.purchases(place), windows.purchases(place + 1)
        if parameters is None or past is None:
            return None
        now["parameters"], then["parameters"] = dict(parameters), dict(past)
    if model == TREES:
        earlier = windows.active(*range(place + 2, last + 1)) if place + 2 <= last else {}
        if not len(earlier.get("has_left", ())) or not _tells(earlier["has_left"]):
            return None
        now["trees"] = then["trees"] = _grown(earlier)
    now["medians"] = {name: _median(earlier[name]) for name in feature_names(earlier)}
    now["slope"], now["intercept"] = calibrate(raw_score(then, before), before["has_left"])
    return now


def feature_names(table: Columns) -> list[str]:
    return sorted(name for name in table if name not in NOT_FEATURES)


def raw_score(fitted: Score, table: Columns) -> Array:
    """A number that grows with the chance of leaving, before calibration."""
    if fitted["model"] == NAIVE:
        return np.log1p(table["days_since_last"].astype(float))
    if fitted["model"] == MBG:
        of = histories(
            {
                "repeat_days": table["purchase_days"] - 1,
                "recency_days": table["days_since_first"] - table["days_since_last"],
                "age_days": table["days_since_first"],
            }
        )
        known = fitted["parameters"]
        weeks = fitted["window_days"] / DAYS_PER_WEEK
        none = ((known["alpha"] + of.age) / (known["alpha"] + of.age + weeks)) ** (
            known["r"] + of.repeats
        )
        leaves = 1 - alive_probability(known, of) * (1 - none)
        return logit(np.clip(leaves, 1e-9, 1 - 1e-9))
    return _booster(fitted).predict(_matrix(table), output_margin=True).astype(float)


def probability(fitted: Score, table: Columns) -> Array:
    """The calibrated chance that each buyer leaves."""
    return expit(fitted["slope"] * raw_score(fitted, table) + fitted["intercept"])


def calibrate(score: Array, left: Array) -> tuple[float, float]:
    """Platt's slope and intercept: the logistic regression of what came on the score."""
    left = left.astype(float)

    def loss(line: Array) -> tuple[float, Array]:
        said = line[0] * score + line[1]
        wrong = expit(said) - left
        value = np.mean(np.logaddexp(0, said) - left * said)
        return float(value), np.array([np.mean(wrong * score), np.mean(wrong)])

    found = minimize(loss, np.array([1.0, 0.0]), jac=True, method="BFGS")
    return float(found.x[0]), float(found.x[1])


def score_churn(
    fits: list[Row],
    relation: duckdb.DuckDBPyRelation,
    drivers: Mapping[str, str],
    most: int,
) -> pa.Table:
    """Each active buyer's chance with its strongest drivers, a row each.

    `drivers` says what each feature tells of; of one driver the strongest feature is named.
    """
    used = next((row for row in fits if row["is_used"] and row["metric"] == "model"), None)
    table = columns(relation.filter("is_active and place is null").order("customer_key"))
    if used is None or not len(table["customer_key"]):
        return SCORE_SCHEMA.empty_table()
    fitted = json.loads(used["body"])
    chance, names = probability(fitted, table), feature_names(table)
    effects = _effects(fitted, table, names) * fitted["slope"]
    told = [drivers[name] for name in names]
    kinds = sorted(set(told))
    of_kind = [np.array([n for n, kind in enumerate(told) if kind == k]) for k in kinds]
    summed = np.column_stack([effects[:, members].sum(axis=1) for members in of_kind])
    strongest = np.argsort(-np.abs(summed), axis=1, kind="stable")[:, :most]
    named = np.column_stack(
        [members[np.abs(effects[:, members]).argmax(axis=1)] for members in of_kind]
    )
    values = np.column_stack([table[name].astype(float) for name in names])
    every = np.arange(len(chance))
    keys = [UUID(key).bytes for key in table["customer_key"]]
    tables = []
    for place in range(strongest.shape[1]):
        kind = strongest[:, place]
        feature = named[every, kind]
        value = values[every, feature]
        tables.append(
            pa.table(
                {
                    "customer_key": keys,
                    "as_of_date": table["day"].astype("datetime64[D]"),
                    "fit_date": [used["fit_date"]] * len(keys),
                    "model": [used["model"]] * len(keys),
                    "probability": chance,
                    "place": np.full(len(keys), place + 1, dtype=np.int32),
                    "feature": [names[n] for n in feature],
                    "value": pa.array(value, mask=~np.isfinite(value)),
                    "effect": summed[every, kind],
                },
                schema=SCORE_SCHEMA,
            )
        )
    return pa.concat_tables(tables)


def _effects(fitted: Score, table: Columns, names: list[str]) -> Array:
    """What each feature does to the score: TreeSHAP, or against the usual customer."""
    if fitted["model"] == TREES:
        return _booster(fitted).predict(_matrix(table), pred_contribs=True)[:, :-1]
    score = raw_score(fitted, table)
    effects = np.zeros((len(score), len(names)))
    asked = ["days_since_last"]
    if fitted["model"] == MBG:
        asked += ["days_since_first", "purchase_days"]
    for name in asked:
        usual = np.full(len(score), fitted["medians"][name])
        if name == "days_since_last":
            usual = np.minimum(usual, table["days_since_first"])
        if name == "days_since_first":
            usual = np.maximum(usual, table["days_since_last"])
        effects[:, names.index(name)] = score - raw_score(fitted, {**table, name: usual})
    return effects


def _grown(table: Columns) -> str:
    import xgboost

    data = _matrix(table)
    data.set_label(table["has_left"].astype(float))
    booster = xgboost.train(SETTINGS, data, num_boost_round=ROUNDS)
    return booster.save_raw("json").decode()


def _booster(fitted: Score) -> Any:
    import xgboost

    booster = xgboost.Booster({"nthread": 1})
    booster.load_model(bytearray(fitted["trees"].encode()))
    return booster


def _matrix(table: Columns) -> Any:
    import xgboost

    names = feature_names(table)
    data = np.column_stack([table[name].astype(np.float32) for name in names])
    return xgboost.DMatrix(data, feature_names=names, nthread=1)


def _median(values: Array) -> float:
    known = values[np.isfinite(values.astype(float))].astype(float)
    return float(np.median(known)) if len(known) else 0.0


def _tells(left: Array) -> bool:
    """Whether there are enough of them, and of both kinds."""
    return len(left) >= FEWEST and 0 < left.mean() < 1


def _figures(pairs: list[tuple[Array, Array]]) -> list[Row]:
    """AUC and Brier score over all windows, and what was said and came by tenth."""
    said, left = (np.concatenate(parts) for parts in zip(*pairs, strict=True))
    told = [
        ("auc", "all", auc(said, left), len(left)),
        ("brier", "all", float(np.mean((said - left) ** 2)), len(left)),
        ("actual_share", "all", float(left.mean()), len(left)),
        ("windows", "all", float(len(pairs)), len(left)),
    ]
    order = np.argsort(-said, kind="stable")
    for n, members in enumerate(np.array_split(order, DECILES), 1):
        for metric, values in (("predicted_share", said), ("actual_share", left)):
            told.append((metric, f"{n:02}", float(values[members].mean()), len(members)))
    return [
        {"metric": metric, "band": band, "figure": value, "cases": cases}
        for metric, band, value, cases in told
    ]


def auc(said: Array, left: Array) -> float:
    """The chance that one who left was given a higher number than one who stayed."""
    ranks, leavers = rankdata(said), left.sum()
    stayers = len(left) - leavers
    return float((ranks[left == 1].sum() - leavers * (leavers + 1) / 2) / (leavers * stayers))
