"""Shops that number alike: whose ids a file has, by its name."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path

from strata.errors import WRONG_USE, StrataError
from strata.landing import bookkeeping
from strata.landing.contradictions import LINE
from strata.landing.declared import declared_scope
from strata.landing.naming import few
from strata.landing.one_file import Load

CLINIC = "clinic"


def with_scopes(load: Load, paths: Sequence[Path], asked: str | None) -> tuple[Load, list[str]]:
    """The load with each shop's id columns, and a remark on them.

    Asked for on the command line, by the source's declaration, or by what was loaded so
    before. A file is of the shop that its name says behind the table; an id is the shop's own
    where the shop delivers the table of which it is the first column. So order numbers of
    `orders_north.csv` are north's own, also in `order_items_north.csv`, and customer ids are
    where there is a `customers_north.csv`. Raises StrataError where no name says a shop.
    """
    if asked not in (None, CLINIC):
        raise StrataError(f"Unknown scope {asked!r}.", f"The only one is {CLINIC}.", WRONG_USE)
    before = bookkeeping.scoped_tables(load.connection, load.source)
    if not (asked or declared_scope(load.source, load.project_dir) or before):
        return load, []
    named = {(load.scope_of(path), load.table_for(path)) for path in paths}
    owned = {(scope, table) for scope, table in named if scope and table} | before
    if not owned:
        raise StrataError(
            "No file's name says which clinic it is of.",
            "Write it behind the table: orders_north.csv, order_items_north.csv.",
            WRONG_USE,
        )
    scopes = {}
    for scope in {scope for scope, _ in owned}:
        own = [load.tables[table] for at, table in owned if at == scope]
        keys = {columns[0] for columns in own if LINE not in columns[1:2]}
        scopes[scope] = tuple(
            sorted(
                {
                    column
                    for column in chain.from_iterable(load.tables.values())
                    if any(column == key or column.endswith(f"_{key}") for key in keys)
                }
            )
        )
    now = sorted({scope for scope, table in named if scope and table})
    if not now:
        return load, []
    said = f"ids of each clinic are its own, by the files' names: {few(now)}"
    return replace(load, scopes=scopes), [said]
