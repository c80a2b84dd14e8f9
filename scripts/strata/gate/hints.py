"""What to do about a broken rule, in words."""

from strata.gate.rules import Rule, Table

_LINEAGE_HINT = (
    "`strata load` writes this column; the table was filled another way. "
    "Drop {table} and its rows in landing.files, then load the files again."
)
_LANDING = {
    "table_exists": "Load the source: `strata load --source {source} DIR`.",
    "columns_exist": (
        "Give the file the missing column (or its right name), or correct the declaration"
        " in {origin}; then load again."
    ),
    "not_empty": (
        "This feed is required. Put its file into the folder and run"
        " `strata load --source {source} DIR`."
    ),
    "not_null": "Fill column {column} in the file rows named, then load the file again.",
    "unique": "Remove the repeated {column} from the file rows named, then load again.",
    "accepted_values": "Correct {column} in the file rows named, or add the code in {origin}.",
}
_MART = {
    "table_exists": "Build it: `dbt build --select {name}`, and read why it failed.",
    "columns_match": "Make {name} select exactly the columns of its contract in {origin}.",
    "data_types": "Cast the column in {name}, or correct the contract in {origin}.",
    "not_empty": (
        "Find the room where the rows vanish: count the parents of {name}. If it may be"
        " empty, set meta may_be_empty: true in {origin}."
    ),
    "not_null": "Trace the keys named back to the parents of {name}; {column} is lost there.",
    "unique": "Look for a join in {name} that multiplies rows for the keys named.",
    "unique_combination": "Look for a join in {name} that multiplies rows for the keys named.",
    "accepted_values": "Correct the rule that makes {column}, or add the code in {origin}.",
    "between": "Check the measure behind {column}, or the limits in {origin}.",
    "relationships": "Find why {parent} lacks the values named, e.g. a filter there.",
    "check": "Trace the keys named; the check stands in {origin}.",
}


def hint_for(rule: Rule, table: Table) -> str:
    """The way out for this rule on this table."""
    is_landing = table.schema.startswith("raw_")
    if is_landing and rule.columns and rule.columns[0].startswith("_"):
        return _LINEAGE_HINT.format(table=table.label)
    words = (_LANDING if is_landing else _MART).get(rule.kind) or _MART[rule.kind]
    parent = rule.args.get("to")
    return words.format(
        table=table.label,
        name=table.name,
        source=table.schema.removeprefix("raw_"),
        column=", ".join(rule.columns),
        origin=rule.origin,
        parent=parent.label if parent else "",
    )
