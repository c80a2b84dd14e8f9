"""`strata check`: what a run would make of loaded files, told before anything is built."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
from rich.markup import escape
from rich.table import Table

from strata.console import console, step
from strata.dbt import Dbt
from strata.errors import StrataError
from strata.landing.naming import few
from strata.landing.sql import identifier
from strata.options import RunOptions, require_sense
from strata.settings import Settings, currency_symbol, project_variables

# All that becomes of rows before a customer is looked at, and the test that stops a run there.
_SELECTED = (
    "path:models/entities",
    "+row_accounts",
    "+rejected_rows",
    "+as_of_dates",
    "+customer_bridge",
    "raw_rows_accounted_for",
)
_LISTED = 12
_SET_ASIDE = """
    select found.what, found.label_en, found.entity, found.column_name, count(*) as found_count,
        min_by(found.file_name, found.row_number), min(found.row_number),
        min_by(found.raw_row, found.row_number), any_value(found.what_to_do), found.rule
    from (
        select 'rows' as what, * from entities.rejected_rows
        union all by name
        select 'cells' as what, * from entities.flagged_cells
    ) as found
    group by all order by what desc, found_count desc, entity, column_name
"""


def check(settings: Settings, sources: Sequence[str]) -> None:
    """Type, check and count the loaded rows in a warehouse aside, and say what comes of them.

    Raises:
        StrataError: nothing was loaded or accepted, the source's models do not build, or rows
            are lost.
    """
    require_sense(settings, RunOptions(sources=tuple(sources)), None)
    aside = replace(settings, warehouse_dir=settings.warehouse_dir / "check")
    _copy_raw(settings.database, aside, sources)
    dbt = Dbt(aside, {"sources": list(sources)})
    with step("Read the project"):
        dbt.parse()
    with step("Take in the raw rows, aside"):
        dbt.build(select=_SELECTED)
    with duckdb.connect(str(aside.database), read_only=True) as built:
        _show_rows(built)
        _show_set_aside(built)
        _require_a_day(built)
        _show_facts(built)
        _show_missing(built, dbt.manifest)
    console.print("Next        strata run " + " ".join(f"--source {name}" for name in sources))


def _copy_raw(database: Path, aside: Settings, sources: Sequence[str]) -> None:
    """The raw rows and the landing's books, as a warehouse of their own."""
    aside.warehouse_dir.mkdir(parents=True, exist_ok=True)
    for old in (aside.database, aside.database.with_suffix(".duckdb.wal")):
        old.unlink(missing_ok=True)
    with duckdb.connect(str(aside.database)) as connection:
        connection.execute(f"attach '{str(database).replace(chr(39), chr(39) * 2)}' as loaded"
                           " (read_only)")  # fmt: skip
        tables = connection.execute(
            "select schema_name, table_name from duckdb_tables() where database_name = 'loaded'"
            " and list_contains($schemas, schema_name)",
            {"schemas": ["landing", *(f"raw_{name}" for name in sources)]},
        ).fetchall()
        for schema, table in tables:
            name = f"{identifier(schema)}.{identifier(table)}"
            connection.execute(f"create schema if not exists {identifier(schema)}")
            connection.execute(f"create table {name} as from loaded.{name}")


def _show_rows(built: duckdb.DuckDBPyConnection) -> None:
    rows = built.execute(
        "select entity, sum(rows) filter (where outcome = 'accepted'),"
        " sum(rows) filter (where outcome = 'rejected'),"
        " sum(rows) filter (where outcome = 'superseded')"
        " from entities.row_accounts group by entity order by entity"
    ).fetchall()
    table = Table(title="What becomes of the rows", title_justify="left")
    table.add_column("feed")
    for name in ("accepted", "rejected", "replaced"):
        table.add_column(name, justify="right")
    for entity, *counts in rows:
        table.add_row(entity, *(f"{int(count or 0):,}" for count in counts))
    console.print(table)


def _show_set_aside(built: duckdb.DuckDBPyConnection) -> None:
    found = built.execute(_SET_ASIDE).fetchall()
    for what, label, entity, column, count, file, row, raw, advice, rule in found[:_LISTED]:
        where = f"{entity}.{column}" if column else entity
        console.print(
            f"  [yellow]{count:,} {what} of {escape(where)}: {escape(label)}[/yellow]"
        )
        console.print(f"    first: {escape(str(file))}, row {row}: {escape(raw[:160])}")
        if rule == "not_allowed_value":
            console.print(f"    words: {escape(_words(built, entity, column))}")
        console.print(f"    {escape(advice)}", style="dim")
    if len(found) > _LISTED:
        console.print(
            f"  and {len(found) - _LISTED} more kinds: entities.rejected_rows and"
            " entities.flagged_cells have them after a run"
        )


def _words(built: duckdb.DuckDBPyConnection, entity: str, column: str) -> str:
    """The words of a column that are none of its codes, the most frequent first."""
    found = built.execute(
        f"select {identifier(column)}, count(*) from entities.{identifier(entity + '_checked')}"
        " where fault = $fault group by all order by count(*) desc, 1",
        {"fault": f"not_allowed_value:{column}"},
    ).fetchall()
    return few([f"{word} ({count:,})" for word, count in found], 12)


def _require_a_day(built: duckdb.DuckDBPyConnection) -> None:
    (day,) = built.execute("select max(as_of_date) from measures.as_of_dates").fetchone()
    if day is None:
        raise StrataError(
            "No order, visit or referral is accepted: a run would have nothing to tier.",
            "The reasons stand above. Mend the rows, or say otherwise how the file is read.",
        )


def _show_facts(built: duckdb.DuckDBPyConnection) -> None:
    """Figures that the sender can hold against their own."""
    (persons,) = built.execute(
        "select count(distinct customer_sk) from customers.customer_bridge"
    ).fetchone()
    orders, first, last, buyers = built.execute(
        "select count(*), min(order_date), max(order_date), count(distinct record_sk)"
        " from entities.orders where status = 'paid'"
    ).fetchone()
    (paid,) = built.execute("select coalesce(sum(net_amount), 0) from entities.order_items"
                            ).fetchone()  # fmt: skip
    (back,) = built.execute(
        "select coalesce(sum(refund_amount), 0) from entities.refunds"
    ).fetchone()
    (day,) = built.execute("select max(as_of_date) from measures.as_of_dates").fetchone()
    sign = currency_symbol()
    console.print(f"Customers   {persons:,}, {buyers:,} of them with a paid order")
    if orders:
        console.print(f"Orders      {orders:,} from {first} to {last}")
        console.print(f"Money       {sign}{paid:,.2f} paid, {sign}{back:,.2f} given back")
    console.print(f"As of       {day}, unless --as-of says otherwise")


def _show_missing(built: duckdb.DuckDBPyConnection, manifest: Any) -> None:
    """Feeds and columns without a value, and the tier models that say nothing without them."""
    there = {
        feed
        for (feed,) in built.execute(
            "select distinct entity from entities.row_accounts where outcome = 'accepted'"
        ).fetchall()
    }
    missing = [feed for feed in project_variables()["feeds"] if feed not in there]
    if missing:
        console.print(f"No rows     {', '.join(missing)}", style="yellow")
    empty = [
        f"{feed}.{column}" for feed in sorted(there) for column in _empty_columns(built, feed)
    ]
    if empty:
        console.print(f"No values   {', '.join(empty)}", style="yellow")
    fed = there | ({"consumption"} if there & {"orders", "visits"} else set())
    fed |= {"categories"} if "products" in there and "products.category" not in empty else set()
    silent = [
        f"{ladder['model']} ({ladder['feed']})"
        for node in manifest.nodes.values()
        if (ladder := node.config.meta.get("ladder")) and (ladder.get("feed") or "customers")
        not in fed | {"customers"}
    ]  # fmt: skip
    if silent:
        console.print(f"No tiers    {', '.join(sorted(silent))}", style="yellow")


def _empty_columns(built: duckdb.DuckDBPyConnection, feed: str) -> list[str]:
    names = [
        name
        for (name,) in built.execute(
            "select column_name from duckdb_columns() where schema_name = 'entities'"
            " and table_name = $feed order by column_index",
            {"feed": feed},
        ).fetchall()
    ]
    counts = ", ".join(f"count({identifier(name)})" for name in names)
    found = built.execute(f"select {counts} from entities.{identifier(feed)}").fetchone()
    return [name for name, count in zip(names, found, strict=True) if not count]
