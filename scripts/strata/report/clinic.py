"""The page of one clinic: the same queries, over marts that hold nothing but its customers."""

import duckdb

from strata.errors import WRONG_USE, StrataError
from strata.landing.sql import identifier, literal

# Where a row of '*' tells of all clinics, the clinic's own rows take its place.
TOLD_BY_CLINIC = {
    "mart_tier_kpis": "true", "mart_revenue_forecast": "true",
    "mart_outlook_backtest": "subject != 'churn'", "mart_voice": "true",
}  # fmt: skip
# What a clinic's page leaves out: comparisons of clinics, and what tells of the whole chain.
OF_THE_CHAIN = ("clinics", "value", "high_value_actions", "quality")
CHAIN_MARTS = ("mart_action_results", "mart_experiments")


def narrow(connection: duckdb.DuckDBPyConnection, clinic: str | None) -> None:
    """Views of the marts' own names that hold one clinic's rows, before the tables.

    Raises:
        StrataError: nobody's home is this clinic.
    """
    (database,) = connection.execute("select current_database()").fetchone()
    chain = f"{identifier(database)}.main"
    connection.execute(
        f"create temp view whole_chain as select * from {chain}.mart_customer_tiers"
    )
    if clinic is None:
        return
    _require(connection, clinic)
    rows = connection.execute(
        "select table_name, list(column_name) from duckdb_columns()"
        " where database_name = current_database() and schema_name = 'main' group by table_name"
    ).fetchall()
    for table, columns in rows:
        where = _rows_of(table, set(columns), literal(clinic))
        if where:
            connection.execute(f"create temp view {identifier(table)} as {where}".format(chain))


def _rows_of(table: str, columns: set[str], clinic: str) -> str | None:
    """The query of a clinic's rows; its braces stand for the schema of the tables."""
    source = f"{{0}}.{identifier(table)}"
    clinic = clinic.replace("{", "{{").replace("}", "}}")
    if table in CHAIN_MARTS:
        return f"select * from {source} where false"
    if told := TOLD_BY_CLINIC.get(table):
        return (
            f"select * replace ('*' as clinic_id) from {source}"
            f" where case when {told} then clinic_id = {clinic} else clinic_id = '*' end"
        )
    if "clinic_id" in columns:
        return f"select * from {source} where clinic_id = {clinic}"
    if "customer_key" in columns:
        return (
            f"select * from {source} where customer_key in (select customer_key"
            f" from {{0}}.mart_customer_tiers where clinic_id = {clinic})"
        )
    return None


def _require(connection: duckdb.DuckDBPyConnection, clinic: str) -> None:
    known = [
        name
        for (name,) in connection.execute(
            "select distinct clinic_id from mart_customer_tiers where clinic_id is not null"
            " order by clinic_id"
        ).fetchall()
    ]
    if clinic not in known:
        raise StrataError(
            f"No customer's home is the clinic {clinic}.",
            f"Name one of: {', '.join(known) or 'none is known'}.",
            WRONG_USE,
        )
