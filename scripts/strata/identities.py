"""What shared identifiers came to: those that link nobody, and those of different names."""

from dataclasses import dataclass

_SHOWN = 3  # identifiers of a kind, and records of an identifier

# What is told, the gravest first.
_KINDS = {
    "too_many": "{things} on too many records ({records:,}), which stay apart",
    "several_unionids": "{things} of several WeChat users or person ids on {records:,} records,"
    " which stay apart until a link says otherwise",
    "placeholder": "{things} standing for unknown on {records:,} records, which stay apart",
    "oversized": "{records:,} records in chains too long to be one person, which stay apart",
    "several_names": "{things} linking {records:,} records of different names",
    "several_clinics": "{things} linking {records:,} records of different clinics",
}

# One row per kind: identifiers, records, and the first of them with the first of their records.
REMARKS = f"""
with shared as (
    select
        case
            when verdict <> 'one_person' then verdict
            when has_several_names then 'several_names'
            when has_several_clinics then 'several_clinics'
        end as kind,
        identifier_type, identifier, count(*) as records,
        list(source || ':' || customer_id order by source, customer_id)[:{_SHOWN}] as shown
    from customers.shared_identifiers
    group by all
    union all
    select 'oversized', null, null, count(*),
        list(source || ':' || customer_id order by source, customer_id)[:{_SHOWN}]
    from customers.customer_bridge where is_oversized having count(*) > 0
)
select
    kind, count(*), cast(sum(records) as bigint),
    list([identifier_type, identifier, records::varchar] || shown
        order by records desc, identifier)[:{_SHOWN}]
from shared where kind is not null group by kind
order by list_position({list(_KINDS)}, kind)
"""


@dataclass(frozen=True)
class Remark:
    """One kind of shared identifiers, in words, and some of them with their records."""

    said: str
    examples: tuple[str, ...]


def remark_of(
    kind: str, identifiers: int, records: int, examples: list[list[str | None]]
) -> Remark:
    """A row of REMARKS in words."""
    things = "1 identifier" if identifiers == 1 else f"{identifiers:,} identifiers"
    return Remark(
        _KINDS[kind].format(things=things, records=records),
        tuple(_example(*example) for example in examples),
    )


def _example(what: str | None, value: str | None, records: str, *shown: str) -> str:
    more = int(records) - len(shown)
    rest = f" and {more:,} more" if more else ""
    named = f"{what} {_masked(value)}: " if what and value else ""
    return f"{named}{', '.join(shown)}{rest}"


def _masked(value: str) -> str:
    """An identifier as those recognise it who know it, and nobody else."""
    return value if len(value) < 7 else f"{value[:3]}…{value[-2:]}"
