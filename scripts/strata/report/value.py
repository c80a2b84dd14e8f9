"""Customer value: what is expected, and how far earlier expectations came true."""

from decimal import Decimal
from typing import Any

from strata.report.charts import calibration_chart
from strata.report.figures import Figures, Row
from strata.report.wording import NOTHING, Both, count, money, percent, say

OWN = "chain"
MODELS = ("naive", "mbg_gg", "xgboost", "blend")
SUPER = "super"
ARTICLE_BEFORE, ARTICLE_AFTER = "65%", "89%"  # article 000: its claims, which ours stand beside


def value_facts(figures: Figures) -> dict[str, Any]:
    """What the section on customer value shows; empty parts where nothing was measured."""
    latest = _latest(figures.backtest)
    own = next((rows for (name, _), rows in latest.items() if name == OWN), [])
    return {
        "value_totals": figures.value,
        "value_sum": sum(row["predicted_12m_amount"] for row in figures.value),
        "value_clv": sum(row["clv_amount"] for row in figures.value),
        "value_models": _models(own),
        "value_origin": own[0] if own else None,
        "value_words": _words(own),
        "value_svg": calibration_chart(_deciles(own)) if _deciles(own) else None,
        "value_elsewhere": [
            {"name": name, "origin": rows[0], "model": _model(rows, "mbg_gg"),
             "naive": _model(rows, "naive")}
            for (name, _), rows in latest.items()
            if name != OWN
        ],
    }  # fmt: skip


def _latest(rows: list[Row]) -> dict[tuple[str, int], list[Row]]:
    """The figures of each data set's and horizon's last origin."""
    found: dict[tuple[str, int], list[Row]] = {}
    for row in rows:
        found.setdefault((row["dataset"], row["horizon_days"]), []).append(row)
    return {
        key: [row for row in these if row["origin_date"] == these[-1]["origin_date"]]
        for key, these in found.items()
    }


def _get(rows: list[Row], model: str, metric: str, band: str = "all") -> Row | None:
    for row in rows:
        if (row["model"], row["metric"], row["band"]) == (model, metric, band):
            return row if row["figure"] is not None else None
    return None


def _models(rows: list[Row]) -> list[dict[str, Any]]:
    return [_model(rows, name) for name in MODELS if _get(rows, name, "mae")]


def _model(rows: list[Row], name: str) -> dict[str, Any]:
    return {
        "name": say(f"value.model_{name}"),
        "code": name,
        "error": _shown(_get(rows, name, "mae"), money),
        "order": _shown(_get(rows, name, "spearman"), _number),
        "capture": _shown(_get(rows, name, "top_decile_capture"), _share),
        "ratio": _shown(_get(rows, name, "total_ratio"), _number),
        "tier": _shown(_get(rows, name, "tier_accuracy"), _share),
    }


def _shown(row: Row | None, form: Any) -> tuple[Both, Both]:
    """A figure and its interval."""
    if row is None:
        return NOTHING, NOTHING
    if row["low"] is None:
        return form(row["figure"]), NOTHING
    low, high = form(row["low"]), form(row["high"])
    return form(row["figure"]), Both(f"{low.zh}–{high.zh}", f"{low.en}–{high.en}")


def _share(value: Decimal) -> Both:
    return percent(value, 1)


def _number(value: Decimal) -> Both:
    shown = f"{value:.2f}"
    return Both(shown, shown)


def _deciles(rows: list[Row]) -> list[dict[str, Any]]:
    return [
        {"decile": int(row["band"]), "kind": row["metric"], "amount": float(row["figure"])}
        for row in rows
        if row["model"] == "mbg_gg"
        and row["metric"] in ("predicted_mean", "actual_mean")
        and row["figure"] is not None
    ]


def _words(rows: list[Row]) -> list[Both]:
    """How far to trust the numbers, and the articles' claims on our figures."""
    said = []
    ratio = _get(rows, "mbg_gg", "total_ratio")
    if ratio:
        off = abs(ratio["figure"] - 1)
        key = "value.total_above" if ratio["figure"] >= 1 else "value.total_below"
        said.append(say(key, share=percent(off, 1)))
    capture = _get(rows, "mbg_gg", "top_decile_capture")
    perfect = _get(rows, "perfect", "top_decile_capture")
    if capture and perfect:
        said.append(
            say(
                "value.capture_says",
                share=_share(capture["figure"]),
                best=_share(perfect["figure"]),
            )
        )
    covered = _get(rows, "mbg_gg", "interval_coverage")
    if covered:
        said.append(say("value.covered", share=_share(covered["figure"])))
    right = _get(rows, "mbg_gg", "tier_accuracy")
    if right:
        said.append(
            say("value.claim_accuracy", ours=_share(right["figure"]), claim=ARTICLE_AFTER)
        )
    return [*said, _super_words(rows)] if rows else []


def _super_words(rows: list[Row]) -> Both:
    naive, model = (_get(rows, name, "precision", SUPER) for name in ("naive", "mbg_gg"))
    new = _get(rows, "mbg_gg", "new_precision", SUPER)
    recall = _get(rows, "mbg_gg", "recall", SUPER)
    if not naive or not model or model["low"] is None:
        return say("value.claim_super_none", before=ARTICLE_BEFORE, after=ARTICLE_AFTER)
    return say(
        "value.claim_super",
        before=ARTICLE_BEFORE,
        after=ARTICLE_AFTER,
        naive=_share(naive["figure"]),
        ours=_share(model["figure"]),
        low=_share(model["low"]),
        high=_share(model["high"]),
        recall=_share(recall["figure"]) if recall else NOTHING,
        new=_share(new["figure"]) if new else NOTHING,
        customers=count(model["customers"]),
    )
