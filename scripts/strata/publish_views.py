"""Marts that are views: the published file gets the views and the few tables that they need.

A reason is computed when somebody asks for a customer, and a tier in the long form is the tier
of the model's own table: neither is stored again for all. So the file gets the views as the
build warehouse holds them, and below them, in a schema of their own, what they read: tiers, the
columns that ladders compare, policy, the facts of the windows.
"""

import re
from collections.abc import Iterator, Set

import duckdb

from strata.errors import StrataError
from strata.publish_tables import put_table

SCHEMA = "explain"
VIEWS = ("mart_tier_membership", "mart_tier_reasons")
ENTRIES = tuple(f"marts.{name}" for name in VIEWS)
EVENTS = "measures.measure_events"  # a view of the build that is published as a table
VALUES = "tiers.tier_values"  # what it takes from its tables, and no more, is published

_REFERENCE = re.compile(r'\bstrata\."?(\w+)"?\."?(\w+)"?')
_COLUMN = re.compile(r'\bmeasures\."?(\w+)"?')


def publish_views(
    target: duckdb.DuckDBPyConnection, private: Set[str], only_changes: bool = False
) -> None:
    """Add the marts that are views to a file that has the build attached as `strata`.

    Of the medical models the tables are there, without a row and without a column that the
    others do not need. `only_changes`: see `put_table`.

    Raises:
        StrataError: a table would publish private data, or is not of the marts' build.
    """
    target.execute(f"create schema if not exists {SCHEMA}")
    medical = {f"tier_{model}" for model in _medical_models(target)} | {"medical_measures"}
    views = dict(_views(target))
    used = set(_COLUMN.findall(views[VALUES]))
    for relation in _tables(target, views):
        schema, name = relation.split(".")
        columns = _columns(target, relation)
        if relation in _references(views[VALUES]) and schema in ("measures", "tiers"):
            columns = [column for column in columns if column in used]
        if name in medical:
            _create_empty(target, relation, columns)
            continue
        if found := private.intersection(columns):
            raise StrataError(
                f"{relation} holds personal or medical data: {', '.join(sorted(found))}.",
                "A ladder for everybody must not read it (seeds/policy/tier_models.csv).",
            )
        _copy(target, relation, columns, only_changes)
    for relation in _in_order(views):
        target.execute(_without_catalog(relation, views[relation]))
    _refuse_other_builds(target)


def _views(target: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, str]]:
    """The views that the entries need, themselves included, each with its SQL."""
    known = {
        f"{schema}.{name}": sql
        for schema, name, sql in target.execute(
            "select schema_name, view_name, sql from duckdb_views()"
            " where database_name = 'strata'"
        ).fetchall()
    }
    todo, seen = list(ENTRIES), set()
    while todo:
        relation = todo.pop()
        if relation in seen or relation == EVENTS or relation not in known:
            continue
        seen.add(relation)
        yield relation, known[relation]
        todo.extend(sorted(_references(known[relation])))


def _references(sql: str) -> set[str]:
    return {f"{schema}.{name}" for schema, name in _REFERENCE.findall(sql)}


def _tables(target: duckdb.DuckDBPyConnection, views: dict[str, str]) -> list[str]:
    """What the views read that is no view itself."""
    read = set().union(*(_references(sql) for sql in views.values()))
    return sorted(read - views.keys())


def _in_order(views: dict[str, str]) -> list[str]:
    """The views, each after those that it reads."""
    ordered: list[str] = []

    def place(relation: str) -> None:
        for below in sorted(_references(views[relation]) & views.keys()):
            place(below)
        if relation not in ordered:
            ordered.append(relation)

    for entry in ENTRIES:
        place(entry)
    return ordered


def _without_catalog(relation: str, sql: str) -> str:
    """The view's SQL with everything in the schema of its own; the entries in main."""
    schema, name = relation.split(".")
    place = name if relation in ENTRIES else f"{SCHEMA}.{name}"
    body = _REFERENCE.sub(rf"{SCHEMA}.\2", sql)
    head = f"create or replace view {place}"
    return re.sub(rf'^CREATE VIEW "?{schema}"?\."?{name}"?', head, body)


def _medical_models(target: duckdb.DuckDBPyConnection) -> list[str]:
    rows = target.execute(
        "select model from strata.policy.tier_models where audience != 'everybody'"
    ).fetchall()
    return [model for (model,) in rows]


def _columns(target: duckdb.DuckDBPyConnection, relation: str) -> list[str]:
    return [name for (name, *_) in target.execute(f"describe strata.{relation}").fetchall()]


def _create_empty(target: duckdb.DuckDBPyConnection, relation: str, columns: list[str]) -> None:
    name = relation.split(".")[1]
    target.execute(
        f"create or replace table {SCHEMA}.{name} as"
        f" select {', '.join(columns)} from strata.{relation} where false"
    )


def _copy(
    target: duckdb.DuckDBPyConnection,
    relation: str,
    columns: list[str],
    only_changes: bool,
) -> None:
    """A table of the active rule set; a customer's rows lie together."""
    name = relation.split(".")[1]
    where = (
        "ruleset = (select max(ruleset) from strata.marts.mart_customer_tiers)"
        if "ruleset" in columns and "customer_key" in columns
        else "true"
    )
    put_table(target, f"{SCHEMA}.{name}", relation, columns, where, only_changes)


def _refuse_other_builds(target: duckdb.DuckDBPyConnection) -> None:
    """The views speak of the same customers, days and tiers as the marts."""
    (strangers,) = target.execute(
        "select count(*) from ("
        "select customer_key, as_of_date, final_tier from mart_customer_tiers except all"
        f" select customer_key, as_of_date, tier from {SCHEMA}.tier_final)"
    ).fetchone()
    days = target.execute(
        f"select distinct as_of_date from {SCHEMA}.customer_measures except"
        " select distinct as_of_date from mart_customer_tiers"
    ).fetchall()
    if strangers or days:
        raise StrataError(
            "The views and the marts are of different builds.",
            "Build them together: strata run, or dbt build without a selection.",
        )
