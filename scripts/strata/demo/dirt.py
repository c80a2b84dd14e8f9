"""Planted faults: extra rows, each with exactly one, so that rejections can be predicted."""

from collections.abc import Iterator
from dataclasses import dataclass

import duckdb

from strata.demo.faults import CONFLICTS, FAULTS, Fault
from strata.demo.tables import Table

REFUNDABLE_LINES = """
    create or replace temp table refundable_lines as
    select
        'unused' as refund_id,
        'O' || lpad(person_no::varchar, 9, '0') || lpad(order_no::varchar, 4, '0')
            as order_id,
        line_number,
        day + 5 as refund_date,
        1.00::decimal(12, 2) as refund_amount,
        row_number() over (order by hash(person_no, order_no)) % 7 as _lot,
    from order_lines
    where
        status = 'paid'
        and net_cents >= 10000
        and day between getvariable('start_date') + 20 and getvariable('end_date') - 6
    qualify
        count(*) over (partition by person_no, order_no) = 1
        and not bool_or(is_refunded) over (partition by person_no, order_no)
"""


@dataclass(frozen=True)
class Planting:
    """One kind of dirt as planted in one chunk."""

    table: str
    rule: str
    column: str
    rows: int


class Planter:
    """Plants the dirt of one chunk as tables `dirt_<table>`, typed like the delivery.

    `as_text` is true for CSV and Excel: then every column is text.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        share: float,
        as_text: bool,
        chunk_no: int,
    ) -> None:
        self.connection = connection
        self.share = share
        self.as_text = as_text
        self.chunk_no = chunk_no

    def prepare(self) -> None:
        """Set out what damaged refunds are made from: paid orders without a refund."""
        self.connection.execute(REFUNDABLE_LINES)

    def plant(self, table: Table) -> list[Planting]:
        """Create `dirt_<table>`; the plan lists what really went in."""
        columns = self._columns(table)
        selects = list(self._selects(table, columns)) if self.share > 0 else []
        self.connection.execute(
            f"create or replace temp table dirt_{table.name} as "
            f"select {self._undamaged(columns)}, {_order(table)}, 0 as _place, "
            "'' as _rule, '' as _column "
            f"from {table.clean} where false"
        )
        for select in selects:
            self.connection.execute(f"insert into dirt_{table.name} by name {select}")
        rows = self.connection.execute(
            f"select _rule, _column, count(*) from dirt_{table.name} group by all order by all"
        ).fetchall()
        return [Planting(table.name, *row) for row in rows]

    def rows_per_kind(self, table: Table, kinds: int) -> int:
        """The table's share of dirt, spread evenly over its kinds; at least one each."""
        (rows,) = self.connection.execute(f"select count(*) from {table.clean}").fetchone()
        return max(1, round(rows * self.share / kinds))

    def _selects(self, table: Table, columns: dict[str, str]) -> Iterator[str]:
        faults = [
            fault
            for fault in FAULTS
            if fault.table == table.name and (self.as_text or not fault.is_text)
        ]
        copies = 2 if table.name in CONFLICTS else 1
        rows = self.rows_per_kind(table, len(faults) + copies)
        for number, fault in enumerate(faults):
            yield self._damage(table, columns, fault, number, rows)
        yield self._copy(table, columns, "duplicate_row", {}, rows)
        if table.name in CONFLICTS:
            column, value = CONFLICTS[table.name]
            yield self._copy(table, columns, "conflicting_duplicate", {column: value}, rows)

    def _damage(
        self, table: Table, columns: dict[str, str], fault: Fault, number: int, rows: int
    ) -> str:
        serial = f"{number:02d}{self.chunk_no:03d}' || lpad(_n::varchar, 6, '0')"
        where = [table.base_filter, fault.where]
        if table.base:
            where.append(f"_lot = {number}")
        key, key_value = table.fresh_key
        changes = {
            key: key_value.format(n=f"'Z{serial}", line=40 + number),
            fault.column: fault.value.format(n=f"'NOBODY{serial}"),
        }
        if table.name == "order_items" and fault.column == "order_id":
            changes["line_number"] = "1"
        base = self._ranked(table.damage_base, table, " and ".join(where), number, rows)
        return self._select(table, columns, changes, base, 1, fault.rule, fault.column)

    def _copy(
        self, table: Table, columns: dict[str, str], rule: str, changes: dict[str, str],
        rows: int,
    ) -> str:  # fmt: skip
        # Identical copies follow the clean row, conflicting ones come before it; one takes
        # the first keys in hash order, the other the last, so that no key has both.
        is_conflict = bool(changes)
        where = "true"
        if table.name in ("order_items", "refunds") and is_conflict:
            where = "net_amount > 1" if table.name == "order_items" else "refund_amount > 1"
        base = self._ranked(
            table.clean, table, where, 0, rows, "desc" if is_conflict else "asc"
        )
        place = -1 if is_conflict else 1
        return self._select(table, columns, changes, base, place, rule, ", ".join(table.key))

    def _ranked(
        self, relation: str, table: Table, where: str, salt: int, rows: int, way: str = "asc"
    ) -> str:
        key = ", ".join(table.key if relation == table.clean else ("order_id",))
        chosen = (
            f"(select *, hash({key}, {salt}) as _draw from {relation} where {where} "
            f"order by _draw {way}, {key} limit {rows})"
        )
        return f"(select *, row_number() over (order by _draw, {key}) as _n from {chosen})"

    def _select(
        self, table: Table, columns: dict[str, str], changes: dict[str, str], base: str,
        place: int, rule: str, column_name: str,
    ) -> str:  # fmt: skip
        cells = [
            f"cast({changes.get(column, column)} as {self._type(column, kind)}) as {column}"
            for column, kind in columns.items()
        ]
        return (
            f"select {', '.join(cells)}, {_order(table)}, {place} as _place, "
            f"'{rule}' as _rule, '{column_name}' as _column from {base}"
        )

    def _columns(self, table: Table) -> dict[str, str]:
        rows = self.connection.execute(f"describe {table.clean}").fetchall()
        return {row[0]: row[1] for row in rows}

    def _undamaged(self, columns: dict[str, str]) -> str:
        return ", ".join(
            f"cast({column} as {self._type(column, kind)}) as {column}"
            for column, kind in columns.items()
        )

    def _type(self, column: str, kind: str) -> str:
        return "varchar" if self.as_text and not column.startswith("_") else kind


def _order(table: Table) -> str:
    """The undamaged row's sort values: a damaged row stands beside its origin."""
    return ", ".join(f"{column} as _o{n}" for n, column in enumerate(table.order_by))
