"""Rows of one load that tell different things of the same key; and amounts in other money."""

from collections.abc import Sequence

import duckdb

from strata.landing.naming import few
from strata.landing.sql import identifier, literal
from strata.landing.tables import ROWS_PER_FILE, RawTable
from strata.settings import currency_symbol, project_variables

# Ends of the names of columns that say whose a row is, where, what and when.
_TELLING = ("customer_id", "clinic_id", "product_id", "full_name", "phone", "_date")
# What a customer may change: two of these at once make another person.
_MAY_CHANGE = ("home_clinic_id", "full_name", "phone", "registered_date")
LINE = "line_number"
# Feeds of the contract whose key is their first column (and the line's number).
_KEYED = (
    "customers", "orders", "order_items", "refunds", "visits", "referrals", "interactions",
    "skin_tests", "surveys", "outreach", "treatment_outcomes", "cards",
)  # fmt: skip
_CURRENCIES = ("currency", "currency_code", "币种", "货币", "货币代码")
_YUAN = ("RMB", "￥", "元", "人民币", "人民币元")
_EXAMPLES = 3
_DAYS = "['%Y-%m-%d', '%Y/%m/%d', '%Y.%m.%d', '%Y年%m月%d日', '%Y%m%d']"


def contradictions(
    connection: duckdb.DuckDBPyConnection,
    raw: RawTable,
    declared: Sequence[str],
    first_file: int,
) -> list[str]:
    """What rows from a file's id on say of the same key: how often they disagree, examples.

    The build sets such rows aside by the same marks (macros/entities/rivals.sql).

    The key is the table's first column (with the line's number, where there are lines). Told
    apart are whose it is, where, what and when.
    """
    key = [declared[0], *([LINE] if LINE in declared[1:2] else [])]
    told = [name for name in declared if name not in key and name.endswith(_TELLING)]
    if LINE not in key:
        told = [name for name in told if not name.endswith("product_id")]
    if raw.table not in _KEYED or not told:
        return []
    keys = ", ".join([*_scopes(connection, raw, key[0], first_file), *map(_text, key)])
    incoming = f"_row_id >= {first_file * ROWS_PER_FILE}"
    # Keys that come once, nearly all of a large load, are told from others by a hash.
    repeated = (
        f"select hash({keys}) from {raw.name} where {incoming} group by all having count(*) > 1"
    )
    rows = (
        f"select concat_ws(', ', {keys}) as key, _row_id, _file, _row, "
        f"{', '.join(f'{_comparable(name)} as {identifier(name)}' for name in told)} "
        f"from {raw.name} where {incoming}"
    )
    differs = [f"count(distinct {identifier(name)}) > 1" for name in told]
    found = connection.execute(
        f"with incoming as ({rows} and hash({keys}) in ({repeated})), conflicts as ("
        f"select key, {', '.join(f'{d} as d{at}' for at, d in enumerate(differs))} "
        f"from incoming where key != '' group by key "
        f"having {_is_conflict(told, differs)}) "
        f"select count(*), {', '.join(f'count_if(d{at})' for at in range(len(told)))}, "
        f"min(key, {_EXAMPLES}) from conflicts"
    ).fetchone()
    count, *by_column, examples = found
    if not count:
        return []
    columns = [(name, n) for name, n in zip(told, by_column, strict=True) if n]
    shown = [
        _example(connection, rows, str(example), [name for name, _ in columns])
        for example in examples
    ]
    what = ", ".join(f"{name} ({n:,})" for name, n in columns)
    return [
        f"{raw.table}: rows of this load contradict each other on {count:,} {', '.join(key)}, "
        f"in {what}: {'; '.join(shown)}. {_consequence(raw.table)} "
        "(contradicting_rows). If shops number alike, load one file a shop with --scope clinic."
        " Else mend the file, or take it back: strata withdraw"
    ]


def _consequence(table: str) -> str:
    """What the build makes of them (`told` in models/entities/<table>_checked.sql)."""
    if table == "order_items":
        return "The last row counts"
    if table == "orders":
        return (
            "None of these rows counts; where only an unpaid order's day differs, the last does"
        )
    return "None of these rows counts; where only a day differs, the last one does"


def _scopes(
    connection: duckdb.DuckDBPyConnection, raw: RawTable, key: str, first_file: int
) -> list[str]:
    """SQL for the shop whose key it is, if shops number by themselves."""
    found = connection.execute(
        "select file_id, scope from landing.files where source = ? and table_name = ? "
        "and file_id >= ? and scope != '' and list_contains(scoped_columns, ?)",
        [raw.source, raw.table, first_file, key],
    ).fetchall()
    if not found:
        return []
    whens = " ".join(f"when {file_id} then {literal(scope)}" for file_id, scope in found)
    return [f"case _row_id // {ROWS_PER_FILE} {whens} end"]


def foreign_money(
    connection: duckdb.DuckDBPyConnection, raw: RawTable, first_file: int
) -> list[str]:
    """A warning where a column of currencies names another than the project's own."""
    warnings = []
    currency = project_variables()["currency"]
    own = {currency, currency_symbol(), *(_YUAN if currency == "CNY" else ())}
    for name in raw.types(connection):
        if name.lower() not in _CURRENCIES:
            continue
        found = connection.execute(
            f"select upper({_text(name)}) as money, count(*) from {raw.name} "
            f"where _row_id >= {first_file * ROWS_PER_FILE} and money is not null "
            "group by money order by count(*) desc, money"
        ).fetchall()
        others = [f"{money} ({rows:,} rows)" for money, rows in found if money not in own]
        if others:
            warnings.append(
                f"{raw.table}: column {name} holds {few(others, 5)}, but every amount counts "
                f"as {currency} (currency in dbt_project.yml), one for one. Convert these "
                "amounts before loading, or load them as a source of their own (strata "
                "withdraw takes the files back)"
            )
    return warnings


def _is_conflict(told: Sequence[str], differs: Sequence[str]) -> str:
    """SQL: one column differs that never changes, or two that may."""
    by_name = dict(zip(told, differs, strict=True))
    firm = [differs for name, differs in by_name.items() if name not in _MAY_CHANGE]
    loose = [f"cast({by_name[name]} as int)" for name in _MAY_CHANGE if name in by_name]
    return " or ".join([*firm, *([f"{' + '.join(loose)} > 1"] if loose else [])])


def _text(name: str) -> str:
    return f"nullif(trim(cast({identifier(name)} as varchar)), '')"


def _comparable(name: str) -> str:
    """The value as text; a day in one spelling."""
    if not name.endswith("_date"):
        return _text(name)
    day = f"try_strptime({_text(name)}, {_DAYS})"
    return f"coalesce(cast(cast({day} as date) as varchar), {_text(name)})"


def _example(
    connection: duckdb.DuckDBPyConnection, rows: str, key: str, columns: Sequence[str]
) -> str:
    """What two rows say of one key, in the first column where they differ."""
    for name in columns:
        found = connection.execute(
            f"select {identifier(name)}, min_by(_file || ' row ' || _row, _row_id) "
            f"from ({rows}) where key = ? and {identifier(name)} is not null "
            "group by 1 order by min(_row_id) limit 2",
            [key],
        ).fetchall()
        if len(found) > 1:
            told = " and ".join(f"{value} ({where})" for value, where in found)
            return f"{key} has {name} {told}"
    return key
