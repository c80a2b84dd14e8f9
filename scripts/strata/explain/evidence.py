"""The accepted rows behind the tiers, each with its file and line."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import duckdb
from rich.markup import escape
from rich.table import Table

SHOWN = 20  # rows of each kind; the newest


@dataclass(frozen=True)
class Kind:
    """Rows of one entity: what is shown, whose they are, which day they have."""

    title: str
    columns: str
    relation: str
    day: str
    order: str
    customer: str = "o.record_sk"
    is_medical: bool = False


KINDS = (
    Kind(
        "orders",
        "o.order_date, o.order_id, o.status,"
        " (select sum(i.net_amount) from entities.order_items as i"
        "  where i.order_sk = o.order_sk) as paid",
        "entities.orders as o", "o.order_date", "o.order_id",
    ),
    Kind(
        "refunds",
        "o.refund_date, o.order_id, o.refund_id, o.refund_amount",
        "entities.refunds as o join entities.orders as h using (order_sk)",
        "o.refund_date", "o.refund_id", "h.record_sk",
    ),
    Kind(
        "visits",
        "o.visit_date, o.visit_id, o.visit_type, o.status, o.department",
        "entities.visits as o", "o.visit_date", "o.visit_id",
    ),
    Kind(
        "referrals",
        "o.referral_date, o.referral_id, o.referee_customer_id",
        "entities.referrals as o", "o.referral_date", "o.referral_id",
        "o.referrer_record_sk",
    ),
    Kind(
        "outreach",
        "o.contact_date, o.outreach_id, o.has_responded, o.response_date",
        "entities.outreach as o", "o.contact_date", "o.outreach_id",
    ),
    Kind(
        "interactions",
        "o.interaction_date, o.interaction_id, o.interaction_type",
        "entities.interactions as o", "o.interaction_date", "o.interaction_id",
    ),
    Kind(
        "skin tests",
        "o.test_date, o.skin_test_id, o.collagen_density_pct as collagen,"
        " o.uv_damage_index as uv, o.pigmentation_pct as pigment,"
        " o.skin_problem_index as problems",
        "entities.skin_tests as o", "o.test_date", "o.skin_test_id", is_medical=True,
    ),
    Kind(
        "surveys",
        "o.survey_date, o.survey_id, o.nps_score as nps,"
        " o.postop_satisfaction_score as satisfaction",
        "entities.surveys as o", "o.survey_date", "o.survey_id", is_medical=True,
    ),
    Kind(
        "treatment outcomes",
        "o.outcome_date, o.outcome_id, o.has_complication as complication,"
        " o.follow_up_due_date as due, o.is_follow_up_kept as kept",
        "entities.treatment_outcomes as o", "o.outcome_date", "o.outcome_id",
        is_medical=True,
    ),
)  # fmt: skip


def evidence(
    connection: duckdb.DuckDBPyConnection, key: str, words: dict[str, Any], is_medical: bool
) -> Iterator[Table]:
    """A table for each kind of row of the customer, newest first; medical ones if asked for."""
    for kind in KINDS:
        if kind.is_medical and not is_medical:
            continue
        cursor = connection.execute(
            f"select {kind.columns}, f.file_name as file, o.row_id % 4294967296 as line"
            f" from {kind.relation} join customers.customer_bridge as b"
            f" on {kind.customer} = b.record_sk"
            " left join landing.files as f on f.file_id = o.row_id // 4294967296"
            f" where b.customer_key = ? order by {kind.day} desc, {kind.order}",
            [key],
        )
        names = [column[0] for column in cursor.description]
        rows = cursor.fetchall()
        if rows:
            yield _table(kind.title, names, rows, words)


def _table(
    title: str, names: list[str], rows: list[tuple[Any, ...]], words: dict[str, Any]
) -> Table:
    older = len(rows) - SHOWN
    table = Table(
        title=f"{title} ({len(rows)})",
        title_justify="left",
        title_style="bold",
        box=None,
        caption=words["more"].format(count=older) if older > 0 else None,
        caption_justify="left",
    )
    for name in names:
        table.add_column(name, overflow="fold")
    for row in rows[:SHOWN]:
        table.add_row(*("" if cell is None else escape(str(cell)) for cell in row))
    return table
