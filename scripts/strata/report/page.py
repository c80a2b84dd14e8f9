"""The page: figures and words, put into the templates."""

import re
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from strata.report import wording
from strata.report.ahead import ahead_facts
from strata.report.charts import SCALE, concentration_chart, rfm_chart
from strata.report.clinic import OF_THE_CHAIN
from strata.report.figures import CHAIN_ROWS, CLINICS, Figures
from strata.report.findings import findings, share_of_top_buyers
from strata.report.labels import high_value_tiers, in_order, tier_name
from strata.report.today import arrow, course_line, kpi_value, paid, points, today_facts
from strata.report.value import value_facts
from strata.report.value_actions import MATCHED, TAKEN, curve_chart, verdict
from strata.report.voice import voice_facts
from strata.report.wording import Both, join, label, say, texts

SECTIONS = (
    "headline", "today", "ahead", "voice", "tiers", "clinics", "lifecycle", "history", "rfm",
    "value", "high_value_actions", "attention", "quality", "glossary",
)  # fmt: skip
TEMPLATES = Path(__file__).with_name("templates")
TOP_TIERS = 2  # the headline counts the first two tiers of the ladder as the top
MOVE_ROWS = 10  # ways from tier to tier, the most trodden first
LEAVING = ("lapsing", "dormant", "dead")

_LETTER = re.compile(r"[^\W\d_]")


def render(figures: Figures) -> str:
    """The report as one HTML text; the same figures give the same text."""
    template = environment(TEMPLATES).get_template("page.html.j2")
    return template.render(
        figures=figures,
        sections=_sections(figures),
        page_title=_title(figures.clinic),
        **_facts(figures),
    )


def _title(clinic: str | None) -> Both:
    return say("meanings.title_of", clinic=clinic) if clinic else say("title")


def both(said: Both) -> Markup:
    """Both languages as HTML; what is the same in both is marked as not to be translated."""
    if said.zh != said.en:
        return Markup('<span lang="zh">{}</span><span lang="en">{}</span>').format(
            said.zh, said.en
        )
    if _LETTER.search(said.zh):
        return Markup('<span translate="no">{}</span>').format(said.zh)
    return escape(said.zh)


def clinic_name(clinic_id: str | None) -> Both:
    """A clinic as the data call it, or words for none."""
    return Both(clinic_id, clinic_id) if clinic_id else say("clinic_missing")


def _sections(figures: Figures) -> tuple[str, ...]:
    """The sections in order; some only where their marts hold something."""
    held = {
        "high_value_actions": figures.value_actions,
        "today": figures.today,
        "ahead": figures.ahead,
        "voice": figures.voice,
    }
    left_out = OF_THE_CHAIN if figures.clinic else ()
    return tuple(n for n in SECTIONS if held.get(n, True) and n not in left_out)


def _facts(figures: Figures) -> dict[str, Any]:
    """What the templates need besides the figures themselves."""
    tiers = in_order("final", figures.final)
    stages = in_order("lifecycle", figures.lifecycle)
    segments = in_order("rfm_segment", figures.segments)
    top = tiers[:TOP_TIERS]
    return {
        "tiers": tiers,
        "stages": stages,
        "segments": segments,
        "models": {"final": tiers, "lifecycle": stages, "rfm_segment": segments},
        "top_names": Both(
            " + ".join(tier_name(row).zh for row in top),
            " + ".join(tier_name(row).en for row in top),
        ),
        "top_customers": sum(row["customers"] for row in top),
        "top_amount": sum(row["net_amount_365"] for row in top),
        "leaving": LEAVING,
        "leaving_amount": sum(
            row["net_amount_365"] for row in stages if row["tier"] in LEAVING
        ),
        "high_value_names": Both(
            " + ".join(tier_name(row).zh for row in high_value_tiers("final", tiers)),
            " + ".join(tier_name(row).en for row in high_value_tiers("final", tiers)),
        ),
        "move_rows": MOVE_ROWS,
        "stage_days": {row["tier"]: row for row in figures.stage_days},
        "segment_days": {row["tier"]: row["median_days"] for row in figures.segment_days},
        "listed_clinics": figures.clinics[:CLINICS],
        "other_clinics": figures.clinics[CLINICS:],
        "clinic_tiers": _clinic_tiers(figures, tiers),
        "chain_rows": CHAIN_ROWS,
        "findings": findings(figures),
        "top_share": share_of_top_buyers(figures),
        "concentration_svg": concentration_chart(
            figures.concentration, say("tiers.axis_customers")
        )
        if figures.concentration
        else None,
        "rfm_svg": rfm_chart(figures.rfm_cells) if figures.rfm_cells else None,
        "scale": SCALE,
        "curve_svg": {
            row["action"]: curve_chart(row["curve"])
            for row in figures.value_actions
            if row["curve"]
        },
        "curve_colors": {"taken": TAKEN, "matched": MATCHED},
        "verdict": verdict,
        "arrow": arrow,
        "course_line": course_line,
        "kpi_value": kpi_value,
        "points": points,
        "paid": paid,
        "final_names": lambda codes: _names_of(codes, tiers),
        "quality": _quality(figures),
        **value_facts(figures),
        **today_facts(figures.today),
        **ahead_facts(figures.ahead),
        **voice_facts(figures.voice, tiers),
    }


def _names_of(codes: list[str], tiers: list[dict[str, Any]]) -> list[Both]:
    """Headline tiers by their codes; a code that is no tier stays as it is."""
    names = {row["tier"]: tier_name(row) for row in tiers}
    return [names.get(code, Both(code, code)) for code in codes]


def _clinic_tiers(figures: Figures, tiers: list[dict[str, Any]]) -> dict[str | None, list]:
    """For each clinic all headline tiers, with zeros where nobody holds one."""
    held = {(row["clinic_id"], row["tier"]): row for row in figures.clinic_tiers}
    empty = {"customers": 0, "net_amount_365": 0}
    return {
        clinic["clinic_id"]: [
            {**tier, **empty, **held.get((clinic["clinic_id"], tier["tier"]), {})}
            for tier in tiers
        ]
        for clinic in figures.clinics[:CLINICS]
    }


def _quality(figures: Figures) -> dict[str, Any]:
    fates = ("accepted", "rejected", "superseded", "unreadable")
    sums = {fate: sum(row[fate] for row in figures.quality_feeds) for fate in fates}
    checks = {row["status"]: row["checks"] for row in figures.quality_checks}
    return {
        **sums,
        "checks": sum(checks.values()),
        "passed": checks.get("pass", 0),
        "failed": checks.get("fail", 0),
        "warned": checks.get("warn", 0),
    }


def _feed_name(feed: str) -> Both:
    named = texts("page")["feeds"].get(feed)
    return Both(**named) if named else Both(feed, feed)


def _remedy(rule: dict[str, Any]) -> Both:
    english = rule["what_to_do"] or "—"
    return Both(texts("page")["remedies"].get(rule["rule"], english), english)


def _action(code: str) -> Both:
    named = texts("page")["actions"].get(code)
    return Both(**named) if named else wording.NOTHING


def _source(source: str) -> Both:
    if source == "ours":
        return Both("本项目", "ours")
    return Both(f"文章 {source}", f"article {source}")


def environment(*folders: Path) -> Environment:
    """Templates of these folders, with what every page of Strata needs."""
    environment = Environment(
        loader=FileSystemLoader(folders),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["both"] = both
    environment.globals.update(
        say=say, money=wording.money, count=wording.count, percent=wording.percent, join=join,
        label=label, tier_name=tier_name, clinic_name=clinic_name, feed_name=_feed_name,
        remedy=_remedy, action=_action, source_name=_source, Both=Both,
        glossary=texts("glossary"),
    )  # fmt: skip
    return environment
