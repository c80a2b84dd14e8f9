"""A rule on one table, and the SQL that finds the rows that break it."""

from dataclasses import dataclass, field, replace
from typing import Any

_ABOUT_ROWS = {
    "accepted_values", "between", "check", "not_null", "relationships", "unique",
    "unique_combination",
}  # fmt: skip

ERROR = "error"
WARN = "warn"


@dataclass(frozen=True)
class Table:
    """A table of the warehouse."""

    schema: str
    name: str

    @property
    def label(self) -> str:
        """As people write it: raw_demo.orders."""
        return f"{self.schema}.{self.name}"

    @property
    def sql(self) -> str:
        """As SQL needs it, quoted."""
        return f"{quoted(self.schema)}.{quoted(self.name)}"


@dataclass(frozen=True)
class Rule:
    """One thing that must hold. `origin` is the file where a person wrote it."""

    kind: str
    severity: str = ERROR
    columns: tuple[str, ...] = ()
    args: dict[str, Any] = field(default_factory=dict)
    where: str | None = None
    origin: str = ""
    hint: str = ""

    @property
    def identity(self) -> tuple[str, ...]:
        """Equal for rules that say the same, e.g. a not_null test and constraint."""
        return (self.kind, *self.columns, repr(sorted(self.args.items())), str(self.where))


@dataclass(frozen=True)
class TableSuite:
    """All rules of one table, and the columns that name a row to a person."""

    table: Table
    rules: tuple[Rule, ...]
    row_names: tuple[str, ...] = ()
    shows_values: bool = False


def narrowed(suite: TableSuite, where: str) -> TableSuite:
    """The suite, with what it asks of rows asked of those alone for which `where` is true."""
    rules = tuple(
        replace(rule, where=f"({rule.where}) and ({where})" if rule.where else where)
        if rule.kind in _ABOUT_ROWS
        else rule
        for rule in suite.rules
    )
    return replace(suite, rules=rules)


def quoted(name: str) -> str:
    """An identifier in double quotes."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: Any) -> str:
    """A value from YAML as a SQL literal."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(value)
    return "'" + str(value).replace("'", "''") + "'"


def bad_rows(rule: Rule, table: str) -> str | None:
    """The `from …` clause, over alias `t`, of the rows that break the rule.

    None for rules about the table as a whole.
    """
    source = f"(select * from {table} where {rule.where})" if rule.where else table
    column = f"t.{quoted(rule.columns[0])}" if rule.columns else ""
    args = rule.args
    if rule.kind == "not_null":
        return f"from {source} as t where {column} is null"
    if rule.kind in ("unique", "unique_combination"):
        return _duplicates(rule, source)
    if rule.kind == "accepted_values":
        allowed = ", ".join(literal(value) for value in args["values"])
        return f"from {source} as t where {column} not in ({allowed})"
    if rule.kind == "between":
        # The test's limits are SQL: a number, or text such as date '2020-01-01'.
        limits = (("<", args["min_value"]), (">", args["max_value"]))
        outside = [f"{column} {sign} {limit}" for sign, limit in limits if limit is not None]
        return f"from {source} as t where {' or '.join(outside)}"
    if rule.kind == "relationships":
        parent, field = args["to"].sql, quoted(args["field"])
        partner = f"select 1 from {parent} as p where p.{field} = {column}"
        return f"from {source} as t where {column} is not null and not exists ({partner})"
    if rule.kind == "check":
        return f"from {source} as t where not ({args['expression']})"
    if rule.kind == "data_types":
        return _other_types(args["types"], table)
    return None


def duplicate_groups(rule: Rule, source: str) -> str:
    """A query of the values that stand more than once; nulls count in combinations only."""
    names = ", ".join(quoted(column) for column in rule.columns)
    known = f" where {names} is not null" if rule.kind == "unique" else ""
    return f"select {names} from {source}{known} group by {names} having count(*) > 1"


def _duplicates(rule: Rule, source: str) -> str:
    pairs = (f"t.{quoted(c)} is not distinct from d.{quoted(c)}" for c in rule.columns)
    groups = duplicate_groups(rule, source)
    return f"from {source} as t semi join ({groups}) as d on {' and '.join(pairs)}"


def _other_types(types: dict[str, str], table: str) -> str:
    # DuckDB itself resolves aliases: text is varchar, numeric is decimal(18,3).
    declared = ", ".join(
        f"({literal(column)}, typeof(cast(null as {kind})))" for column, kind in types.items()
    )
    return (
        f"from (select a.column_name, c.declared as contract_type, a.column_type as table_type"
        f" from (describe select * from {table}) as a"
        f" inner join (values {declared}) as c (column_name, declared)"
        f" on a.column_name = c.column_name where a.column_type <> c.declared) as t"
    )
