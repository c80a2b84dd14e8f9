"""`strata explain`: one customer's tiers, why, and what is missing to the next rung."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import duckdb
from rich.markup import escape
from rich.table import Table

from strata.console import console
from strata.errors import WRONG_USE, StrataError
from strata.settings import Settings

WORDS = {
    "en": {
        "model": "model", "tier": "tier", "why": "why",
        "next": "what is missing to the next rung",
        "or": " or ", "and": "; ", "top": "the top rung", "none": "none",
        "lifetime": "ever", "window": "in {days} days",
        "everybody": "whoever is on no rung above",
        "leave": "its conditions hold; first leave the present rung (see why)",
        "no longer": "must no longer be",
        "before": "must be {comparison} {target}, is {value}",
    },
    "zh": {
        "model": "模型", "tier": "分层", "why": "原因", "next": "距上一级还差",
        "or": " 或 ", "and": "；", "top": "已是最高级", "none": "无",
        "lifetime": "累计", "window": "{days} 天内", "everybody": "未达到以上任何一级",
        "leave": "条件已满足，须先脱离当前级（见原因）",
        "no longer": "须不再是",
        "before": "须 {comparison} {target}，现为 {value}",
    },
}  # fmt: skip
SIGNS = {">=": "≥", "<=": "≤", ">": ">", "<": "<", "=": "=", "!=": "≠"}


@dataclass(frozen=True)
class Condition:
    """One condition of a rung, with the customer's value."""

    model: str
    rung: str
    rung_label: str
    role: str
    group: int
    measure: str
    window_days: Decimal | None
    comparison: str
    unit: str
    value: Any
    target: Any
    gap: Decimal | None
    is_met: bool


def explain_customer(settings: Settings, customer: str, language: str, evidence: bool) -> None:
    """Print a page about one customer, by her key or by the customer id of a source.

    Raises:
        StrataError: nothing is built yet, or nobody has that key or id.
    """
    if language not in WORDS:
        raise StrataError(
            f"Unknown language {language!r}.", "Use --lang en or --lang zh.", WRONG_USE
        )
    with _open(settings) as connection:
        _refuse_half_built(connection)
        key = _key_of(connection, customer.strip())
        _head(connection, key, language)
        _tiers(connection, key, language)
        if evidence:
            _evidence(connection, key)


def _open(settings: Settings) -> duckdb.DuckDBPyConnection:
    if not settings.database.exists():
        raise StrataError("There is no warehouse yet.", "Load a source, then: strata run")
    try:
        connection = duckdb.connect(str(settings.database), read_only=True)
    except duckdb.IOException as busy:
        raise StrataError(
            "The warehouse is being written by another process.",
            "Try again when the run has ended.",
            75,
        ) from busy
    built = connection.execute(
        "select 1 from information_schema.tables where table_name = 'tier_conditions'"
    ).fetchone()
    if not built:
        raise StrataError("Nothing is built yet.", "Run: strata run")
    return connection


def _refuse_half_built(connection: duckdb.DuckDBPyConnection) -> None:
    """A run that failed half-way leaves tiers and marts of different days."""
    days = {
        table: connection.execute(
            f"select distinct as_of_date, ruleset from {table} order by all"
        ).fetchall()
        for table in ("tiers.tier_membership", "marts.mart_customer_tiers")
    }
    if len({str(found) for found in days.values()}) > 1:
        raise StrataError(
            "The last run stopped half-way: the tiers and the marts are of different days.",
            "Run `strata run` again; what is published was not touched.",
        )


def _key_of(connection: duckdb.DuckDBPyConnection, customer: str) -> str:
    rows = connection.execute(
        "select distinct customer_key from customers.customer_bridge"
        " where customer_key = $1 or customer_id = $1 order by customer_key",
        [customer],
    ).fetchall()
    if not rows:
        raise StrataError(
            f"Nobody has the key or customer id {customer!r}.",
            "Keys are in mart_customer_tiers, ids in the source. A rejected record has no key: "
            "look in entities.rejected_rows.",
        )
    if len(rows) > 1:
        raise StrataError(
            f"{customer!r} is a customer id in several sources: keys "
            + ", ".join(key for (key,) in rows)
            + ".",
            "Ask for one of the keys.",
        )
    return rows[0][0]


def _head(connection: duckdb.DuckDBPyConnection, key: str, language: str) -> None:
    row = connection.execute(
        f"select as_of_date, final_label_{language}, clinic_id, department, first_contact_date,"
        " purchases_lifetime, net_amount_lifetime"
        " from marts.mart_customer_tiers where customer_key = ? order by as_of_date desc",
        [key],
    ).fetchone()
    if row is None:
        raise StrataError(
            f"Customer {key} was not known yet on the day that is built.",
            "Run again with a later --as-of.",
        )
    records = connection.execute(
        "select string_agg(source || ':' || customer_id, ', ' order by survivor_rank)"
        " from customers.customer_bridge where customer_key = ?",
        [key],
    ).fetchone()
    as_of_date, label, clinic, department, first_contact, purchases, amount = row
    ids = escape(records[0])
    nowhere, nothing = ("未知", "无") if language == "zh" else ("unknown", "none")
    clinic, department = escape(clinic or nowhere), escape(department or nothing)
    if language == "zh":
        console.print(f"[bold]客户 {key} · {label}[/bold] （截至 {as_of_date}）")
        console.print(f"门店 {clinic}，科室 {department}，首次接触 {first_contact}")
        console.print(f"累计购买 {purchases} 次，净消费 ¥{amount:,.2f}；来源记录 {ids}")
    else:
        console.print(f"[bold]Customer {key} · {label}[/bold] (as of {as_of_date})")
        console.print(
            f"clinic {clinic}, department {department}, first contact {first_contact}"
        )
        console.print(f"{purchases} purchases ever, ¥{amount:,.2f} net; source records {ids}")


def _tiers(connection: duckdb.DuckDBPyConnection, key: str, language: str) -> None:
    words = WORDS[language]
    conditions = _conditions(connection, key, language)
    table = Table(show_lines=True)
    for heading in ("model", "tier", "why", "next"):
        table.add_column(words[heading], overflow="fold")
    rows = connection.execute(
        f"select model, tier, coalesce(label_{language}, tier), tier_rank"
        " from tiers.tier_membership left join policy.tiers using (model, tier, tier_rank)"
        " where customer_key = ? order by model = 'final' desc",
        [key],
    ).fetchall()
    for model, tier, label, rank in rows:
        mine = [c for c in conditions if c.model == model and c.role == "holds"]
        ahead = [c for c in conditions if c.model == model and c.role == "next"]
        table.add_row(
            model,
            f"{label}\n[dim]{tier}[/dim]",
            _why(mine, words) or words["everybody"],
            words["top"] if rank == 1 else _missing(ahead, words) or _leave(mine, words),
        )
    console.print(table)


def _conditions(
    connection: duckdb.DuckDBPyConnection, key: str, language: str
) -> list[Condition]:
    rows = connection.execute(
        f"""
        select
            c.model, c.rung, coalesce(t.label_{language}, c.rung), c.role, c.condition_group,
            coalesce(m.label_{language}, c.measure)
                || case
                    when c.measure like '%_lifetime' and m.measure is not null then '*' else ''
                end,
            c.window_days, c.comparison, coalesce(m.unit, ''),
            coalesce(cast(c.value as varchar), v.label_{language}, c.value_code),
            coalesce(cast(c.target as varchar), w.label_{language}, c.target_code),
            c.gap, c.is_met
        from tiers.tier_conditions as c
        left join policy.tiers as t on c.model = t.model and c.rung = t.tier
        left join policy.measures as m
            on regexp_replace(c.measure, '_lifetime$', '') = m.measure
        left join policy.tiers as v
            on v.model = regexp_replace(c.measure, '_tier$', '') and v.tier = c.value_code
        left join policy.tiers as w
            on w.model = regexp_replace(c.measure, '_tier$', '') and w.tier = c.target_code
        where c.customer_key = ?
        order by c.model, c.role, c.condition_group, c.measure
        """,
        [key],
    ).fetchall()
    return [Condition(*row) for row in rows]


def _why(conditions: list[Condition], words: dict[str, str]) -> str:
    return words["and"].join(
        f"{_name(c, words)}: {_amount(c.value, c.unit, words)} "
        + (
            f"({SIGNS[c.comparison]} {_amount(c.target, c.unit, words)})"
            if c.target is not None
            else ""
        )
        for c in conditions
        if c.is_met
    )


def _leave(conditions: list[Condition], words: dict[str, str]) -> str:
    """What must cease, where the aim is to get out of the present rung."""
    return words["and"].join(
        f"{_name(c, words)} {words['no longer']} {_amount(c.value, c.unit, words)}"
        for c in conditions
        if c.is_met
    )


def _missing(conditions: list[Condition], words: dict[str, str]) -> str:
    """The next rung's unmet groups, "" without a next rung; one condition met is enough."""
    if not conditions:
        return ""
    groups: dict[int, list[Condition]] = {}
    for condition in conditions:
        groups.setdefault(condition.group, []).append(condition)
    unmet = [group for group in groups.values() if not any(c.is_met for c in group)]
    parts = [words["or"].join(_step(c, words) for c in group) for group in unmet]
    return f"[bold]{conditions[0].rung_label}[/bold]: " + (
        words["and"].join(parts) or words["leave"]
    )


def _step(c: Condition, words: dict[str, str]) -> str:
    """What one condition still asks."""
    target = _amount(c.target, c.unit, words)
    if c.comparison in (">=", ">") and c.gap is not None:
        value = _amount(c.value, c.unit, words)
        return f"{_name(c, words)} +{_amount(c.gap, c.unit, words)} ({value} → {target})"
    return f"{_name(c, words)} " + words["before"].format(
        comparison=SIGNS[c.comparison],
        target=target if c.target is not None else words["none"],
        value=_amount(c.value, c.unit, words),
    )


def _name(c: Condition, words: dict[str, str]) -> str:
    if c.measure.endswith("*"):
        return f"{c.measure[:-1]} {words['lifetime']}"
    if c.window_days:
        return f"{c.measure} {words['window'].format(days=f'{c.window_days:.0f}')}"
    return c.measure


def _amount(value: Any, unit: str, words: dict[str, str]) -> str:
    if value is None:
        return words["none"]
    try:
        number = Decimal(value)
    except ArithmeticError:
        return str(value)
    plain = f"{number:,.2f}".rstrip("0").rstrip(".")
    return f"¥{plain}" if unit == "cny" else plain


def _evidence(connection: duckdb.DuckDBPyConnection, key: str) -> None:
    """The accepted rows behind the tiers, each with its file and line."""
    queries = {
        "orders": (
            "o.order_date, o.order_id, o.status, sum(i.net_amount) as paid",
            "entities.orders o left join entities.order_items i using (source, order_id)",
            "group by all order by o.order_date, o.order_id",
        ),
        "refunds": (
            "o.refund_date, o.order_id, o.refund_id, o.refund_amount",
            "entities.refunds o join entities.orders h using (source, order_id)",
            "order by o.refund_date, o.refund_id",
        ),
        "visits": (
            "o.visit_date, o.visit_id, o.visit_type, o.status, o.department",
            "entities.visits o",
            "order by o.visit_date, o.visit_id",
        ),
        "referrals": (
            "o.referral_date, o.referral_id, o.referee_customer_id",
            "entities.referrals o",
            "order by o.referral_date, o.referral_id",
        ),
    }
    for title, (columns, relation, tail) in queries.items():
        customer = {"refunds": "h.customer_id", "referrals": "o.referrer_customer_id"}.get(
            title, "o.customer_id"
        )
        cursor = connection.execute(
            f"select {columns}, f.file_name as file, o.row_id % 4294967296 as row"
            f" from {relation}"
            " join customers.customer_bridge b"
            f" on o.source = b.source and {customer} = b.customer_id"
            f" left join landing.files f on f.file_id = o.row_id // 4294967296"
            f" where b.customer_key = ? {tail}",
            [key],
        )
        names = [column[0] for column in cursor.description]
        rows = cursor.fetchall()
        if not rows:
            continue
        table = Table(title=f"{title} ({len(rows)})", title_justify="left")
        for name in names:
            table.add_column(name, overflow="fold")
        for row in rows:
            table.add_row(*("" if cell is None else escape(str(cell)) for cell in row))
        console.print(table)
