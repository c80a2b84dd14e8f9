"""What stands out: a few sentences that a manager would otherwise have to work out."""

from dataclasses import dataclass
from typing import Any

from strata.report.figures import Figures
from strata.report.wording import Both, count, money, percent, say

TOP_PERCENT = 20  # the 80/20 rule of article 004
MIN_HIGH_VALUE = 5  # a clinic with fewer high-value customers is not singled out


@dataclass(frozen=True)
class Finding:
    """One sentence, and the section that says more."""

    text: Both
    section: str


def findings(figures: Figures) -> list[Finding]:
    """The sentences that the figures support, the most important first."""
    found = [
        _concentration(figures),
        _at_risk(figures),
        _riskiest_clinic(figures.clinics),
        _never_bought(figures),
        _quality(figures),
    ]
    return [finding for finding in found if finding]


def share_of_top_buyers(figures: Figures) -> Both | None:
    """What the biggest 20 % of the year's buyers bring of its revenue."""
    point = _top_point(figures)
    return percent(point["share"], 1) if point else None


def _top_point(figures: Figures) -> dict[str, Any] | None:
    for point in figures.concentration:
        if point["percent"] == TOP_PERCENT:
            return point
    return None


def _concentration(figures: Figures) -> Finding | None:
    point = _top_point(figures)
    if point is None:
        return None
    text = say(
        "findings.concentration",
        buyers=count(figures.totals["buyers_365"]),
        top=count(point["customers"]),
        share=percent(point["share"], 1),
    )
    return Finding(text, "tiers")


def _at_risk(figures: Figures) -> Finding | None:
    totals = figures.totals
    if not totals["high_value"]:
        return None
    if not totals["at_risk"]:
        return Finding(say("findings.nobody_at_risk"), "lifecycle")
    text = say(
        "findings.at_risk",
        customers=count(totals["at_risk"]),
        amount=money(totals["at_risk_amount"]),
        share=percent(totals["at_risk_amount"], totals["net_amount_365"]),
    )
    return Finding(text, "attention")


def _riskiest_clinic(clinics: list[dict[str, Any]]) -> Finding | None:
    known = [row for row in clinics if row["clinic_id"] and row["high_value"] >= MIN_HIGH_VALUE]
    if len(known) < 2:
        return None
    worst = max(known, key=lambda row: row["at_risk"] / row["high_value"])
    if not worst["at_risk"]:
        return None
    text = say(
        "findings.clinic",
        clinic=worst["clinic_id"],
        high=count(worst["high_value"]),
        at_risk=count(worst["at_risk"]),
        share=percent(worst["at_risk"], worst["high_value"]),
    )
    return Finding(text, "clinics")


def _never_bought(figures: Figures) -> Finding | None:
    never = figures.totals["customers"] - figures.totals["buyers"]
    if not never:
        return None
    share = percent(never, figures.totals["customers"])
    return Finding(say("findings.never_bought", customers=count(never), share=share), "tiers")


def _quality(figures: Figures) -> Finding | None:
    accepted = sum(row["accepted"] for row in figures.quality_feeds)
    rejected = sum(row["rejected"] for row in figures.quality_feeds)
    if not rejected or figures.clinic:  # the rows are the whole chain's
        return None
    share = percent(accepted, accepted + rejected)
    return Finding(say("findings.quality", share=share, rows=count(rejected)), "quality")
