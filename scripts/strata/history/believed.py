"""What was published, kept as it was: read from the published file, stored as changes."""

from pathlib import Path

import duckdb

from strata.console import note
from strata.served import why_damaged
from strata.settings import Settings
from strata.warehouse import connect_patiently, quoted

# Customers whose published row differs from the last one recorded, and those who left.
CHANGES = """
with recorded as (
    select customer_key, {models}, source_records
    from (
        select
            *,
            row_number() over (
                partition by customer_key order by publication_number desc
            ) as place
        from history.published_tiers
    )
    where place = 1 and is_known
),

served as (
    select tiers.customer_key, {served}, customers.source_records
    from served.mart_customer_tiers as tiers
    left join served.dim_customers as customers using (customer_key)
    where tiers.as_of_date = $as_of_date
)

insert into history.published_tiers by name
select
    cast($number as integer) as publication_number,
    coalesce(served.customer_key, recorded.customer_key) as customer_key,
    served.customer_key is not null as is_known,
    served.source_records,
    {inserted}
from served
full outer join recorded on served.customer_key = recorded.customer_key
where served.customer_key is null
    or recorded.customer_key is null
    or served.source_records is distinct from recorded.source_records
    or {differs}
order by customer_key
"""


def record_publication(settings: Settings) -> bool:
    """Record the publication that is served now, if it is not yet recorded.

    The served file itself is read, so what is recorded is what readers saw, whatever a
    killed run left behind. A build that knows of no publication (it was lost, and loaded anew)
    takes up those that are kept, too. Returns whether something was recorded. The caller
    holds the lock.
    """
    if not settings.database.exists():
        return False
    served = [settings.published_marts] if settings.published_marts.exists() else []
    kept = sorted((settings.published_dir / "history").glob("marts-*.duckdb"))
    if kept and _knows_of_none(settings):
        served = [*(file for file in kept if not why_damaged(file)), *served]
    recorded = [_record_file(settings, file) for file in served]
    if sum(recorded) > 1:
        note(f"history takes up {sum(recorded)} kept publications")
    return any(recorded)


def _knows_of_none(settings: Settings) -> bool:
    with connect_patiently(settings.database) as build:
        if not _columns(build, "strata", "history", "published_tiers"):
            return False
        return build.execute("select count(*) from history.publications").fetchone() == (0,)


def _record_file(settings: Settings, file: Path) -> bool:
    with connect_patiently(settings.database) as build:
        build.execute(f"set threads to {settings.threads}")
        recorded = _columns(build, "strata", "history", "published_tiers")
        if not recorded:
            return False  # built by a version that kept no record yet
        build.execute(f"attach '{quoted(file)}' as served (read_only)")
        publication = build.execute(
            "select any_value(run_id), any_value(published_at), max(as_of_date),"
            " any_value(ruleset), any_value(sources), any_value(git_revision)"
            " from served.publication"
        ).fetchone()
        known = build.execute(
            "select 1 from history.publications where run_id = ?", [publication[0]]
        ).fetchone()
        served = _columns(build, "served", "main", "mart_customer_tiers")
        if known or served["customer_key"] != recorded["customer_key"]:
            return False  # the file of a version whose keys of customers were others
        build.execute("begin")
        _record(build, publication)
        build.execute("commit")
    return True


def _record(build: duckdb.DuckDBPyConnection, publication: tuple) -> None:
    (number,) = build.execute(
        "select coalesce(max(publication_number), 0) + 1 from history.publications"
    ).fetchone()
    build.execute(
        "insert into history.publications"
        " select $1, $2, $3, $4, $5, $6, $7, max(loaded_through) from history.snapshot_days"
        " where as_of_date = $4 and ruleset = $5",
        [number, *publication],
    )
    tiers = [
        column
        for column in _columns(build, "strata", "history", "published_tiers")
        if column.endswith("_tier")
    ]
    there = _columns(build, "served", "main", "mart_customer_tiers")
    build.execute(
        CHANGES.format(
            models=", ".join(tiers),
            served=", ".join(
                f"tiers.{tier}" if tier in there else f"cast(null as varchar) as {tier}"
                for tier in tiers
            ),
            inserted=", ".join(f"served.{tier}" for tier in tiers),
            differs=" or ".join(f"served.{t} is distinct from recorded.{t}" for t in tiers),
        ),
        {"number": number, "as_of_date": publication[2]},
    )
    if _columns(build, "served", "main", "mart_thresholds"):
        build.execute(
            "insert into history.published_thresholds"
            " select cast($number as integer), scope_id, threshold, value"
            " from served.mart_thresholds where as_of_date = $as_of_date"
            " order by scope_id, threshold",
            {"number": number, "as_of_date": publication[2]},
        )


def _columns(
    connection: duckdb.DuckDBPyConnection, catalog: str, schema: str, table: str
) -> dict[str, str]:
    """Names, in order, with their types; empty if there is no such table."""
    rows = connection.execute(
        "select column_name, data_type from information_schema.columns where table_catalog = ?"
        " and table_schema = ? and table_name = ? order by ordinal_position",
        [catalog, schema, table],
    ).fetchall()
    return dict(rows)
