"""The reasons of one customer, as the views give them."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb

from strata.errors import StrataError


@dataclass(frozen=True)
class Reason:
    """One tier with its words, in the language that was asked for."""

    model: str
    model_label: str
    question: str
    tier: str | None
    tier_label: str | None
    why: str
    missing: str | None
    keeps: str | None


@dataclass(frozen=True)
class Person:
    """Who it is about: places, first contact, value; nothing that names them."""

    key: str
    as_of_date: date
    clinic: str | None
    department: str | None
    first_contact: date
    last_purchase: date | None
    purchases: int
    net_amount: Any
    net_amount_year: Any
    value: Any
    records: str
    stage_since: date | None


def person_of(connection: duckdb.DuckDBPyConnection, key: str) -> Person:
    """The customer on the last day that is built.

    Raises:
        StrataError: the customer was not known yet on that day.
    """
    row = connection.execute(
        "select cast(customer_key as varchar), as_of_date, clinic_id, department,"
        " first_contact_date, last_purchase_date, purchases_lifetime, net_amount_lifetime,"
        " net_amount_365, clv_amount from marts.mart_customer_tiers where customer_key = ?"
        " order by as_of_date desc",
        [key],
    ).fetchone()
    if row is None:
        raise StrataError(
            f"Customer {key} was not known yet on the day that is built.",
            "Run again with a later --as-of.",
        )
    (records,) = connection.execute(
        "select string_agg(source || ':' || customer_id, ', ' order by survivor_rank)"
        " from customers.customer_bridge where customer_key = ?",
        [key],
    ).fetchone()
    return Person(*row, records, _stage_since(connection, key))


def _stage_since(connection: duckdb.DuckDBPyConnection, key: str) -> date | None:
    """Since when the customer is in their lifecycle stage; None where no history is built."""
    if not connection.execute(
        "select 1 from information_schema.tables where table_name = 'fct_lifecycle_intervals'"
    ).fetchone():
        return None
    row = connection.execute(
        "select valid_from from marts.fct_lifecycle_intervals"
        " where customer_key = ? and is_current",
        [key],
    ).fetchone()
    return row[0] if row else None


def reasons_of(
    connection: duckdb.DuckDBPyConnection, person: Person, language: str, is_medical: bool
) -> dict[str, Reason]:
    """The tiers in every model of one audience, by model, in the order of the ladders.

    What is said is what the marts say: both read the same views.
    """
    relation = "medical.mart_medical_reasons" if is_medical else "marts.mart_tier_reasons"
    rows = connection.execute(
        f"""
        select
            model, model_label_{language}, question_{language}, tier, tier_label_{language},
            why_{language}, missing_{language}, keeps_{language}
        from {relation}
        where customer_key = $1 and as_of_date = $2
        """,
        [person.key, person.as_of_date],
    ).fetchall()
    order = connection.execute("select model from policy.tier_models").fetchall()
    by_model = {row[0]: Reason(*row) for row in rows}
    return {model: by_model[model] for (model,) in order if model in by_model}


def models_behind(connection: duckdb.DuckDBPyConnection, reason: Reason) -> list[str]:
    """The models whose tiers the rung, or the next one, asks for."""
    rows = connection.execute(
        "select distinct regexp_replace(rules.measure, '_tier$', '')"
        " from tiers.tier_rules as rules join tiers.tier_rungs as rungs using (model)"
        " where model = $1 and rungs.tier = $2 and rules.measure like '%\\_tier' escape '\\'"
        " and rules.rung in (rungs.tier, rungs.next_tier) order by 1",
        [reason.model, reason.tier],
    ).fetchall()
    return [model for (model,) in rows]
