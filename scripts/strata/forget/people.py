"""Who is to be forgotten: the records of a person, and the pseudonym that takes their place."""

import uuid
from dataclasses import dataclass
from datetime import date

import duckdb

from strata.errors import StrataError
from strata.landing.installation import secret_of
from strata.landing.personal import CUSTOMER_ID, compared, hashed, personal_columns
from strata.landing.sql import identifier, literal
from strata.warehouse import has_table

# Where a person shows up, with the day: what a retention counts as a contact.
CONTACTS = (
    ("customers", "record_sk", "registered_date"), ("orders", "record_sk", "order_date"),
    ("visits", "record_sk", "visit_date"), ("interactions", "record_sk", "interaction_date"),
    ("skin_tests", "record_sk", "test_date"), ("surveys", "record_sk", "survey_date"),
    ("outreach", "record_sk", "contact_date"), ("cards", "record_sk", "opened_date"),
    ("treatment_outcomes", "record_sk", "outcome_date"),
    ("experiment_assignments", "record_sk", "assigned_date"),
    ("referrals", "referrer_record_sk", "referral_date"),
    ("referrals", "referee_record_sk", "referral_date"),
)  # fmt: skip


@dataclass(frozen=True)
class RawColumns:
    """A raw table and all of its columns."""

    source: str
    table: str
    columns: list[str]

    @property
    def name(self) -> str:
        """The quoted full name."""
        return f"{identifier(f'raw_{self.source}')}.{identifier(self.table)}"


def raw_tables(connection: duckdb.DuckDBPyConnection) -> list[RawColumns]:
    """Every raw table of the warehouse."""
    rows = connection.execute(
        "select schema_name, table_name, list(column_name order by column_index)"
        " from duckdb_columns() where schema_name like 'raw\\_%' escape '\\'"
        " group by all order by all"
    ).fetchall()
    return [RawColumns(schema.removeprefix("raw_"), *rest) for schema, *rest in rows]


def is_built(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether persons are known, not only records."""
    return has_table(connection, "customers", "customer_bridge")


def choose_customer(connection: duckdb.DuckDBPyConnection, customer: str) -> int:
    """The table `forgetting_people` for one person, by key or by customer id; how many.

    0 where nobody is called so, but a person was forgotten who was.

    Raises:
        StrataError: nobody, or more than one person, is called so.
    """
    _create(connection)
    if is_built(connection):
        keys = connection.execute(
            "select distinct customer_key from customers.customer_bridge"
            " where cast(customer_key as varchar) = $1 or customer_id = $1 order by all",
            [customer],
        ).fetchall()
        if len(keys) > 1:
            raise StrataError(
                f"{customer!r} is a customer id in several sources: keys "
                + ", ".join(str(key) for (key,) in keys)
                + ".",
                "Ask for one of the keys.",
            )
        if keys:
            return _take(connection, f"customer_key = {literal(str(keys[0][0]))}")
    _take_unbuilt(connection, customer)
    (found,) = connection.execute("select count(*) from forgetting_people").fetchone()
    if not found and not _was_forgotten(connection, customer):
        raise StrataError(
            f"Nobody has the key or customer id {customer!r}.",
            "Keys are in mart_customer_tiers, ids in the source's files.",
        )
    return found


def choose_before(connection: duckdb.DuckDBPyConnection, day: date) -> int:
    """The same for everybody whose last contact was before a day.

    Raises:
        StrataError: nothing is built, so that nobody's last contact is known.
    """
    _create(connection)
    if not is_built(connection):
        raise StrataError("Nothing is built yet.", "Run: strata run")
    there = connection.execute(
        "select list(view_name) from duckdb_views() where schema_name = 'entities'"
    ).fetchone()[0]
    contacts = " union all ".join(
        f"select {record} as record_sk, {day_column} as day from entities.{feed}"
        for feed, record, day_column in CONTACTS
        if feed in there
    )
    return _take(
        connection,
        "customer_key in (select bridge.customer_key from customers.customer_bridge as bridge"
        f" left join ({contacts}) as contacts on contacts.record_sk = bridge.record_sk"
        " group by bridge.customer_key"
        f" having max(contacts.day) < date '{day}')"
        " and customer_id not like 'forgotten-%'",
    )


def remember_hashes(connection: duckdb.DuckDBPyConnection) -> None:
    """Salted hashes of ids, verified phones, unionids and person ids, to know them again."""
    _, secret = secret_of(connection)
    sources = connection.execute("select distinct source from forgetting_people").fetchall()
    for (source,) in sources:
        connection.execute(
            "insert into landing.forgotten select distinct"
            f" {hashed(secret, source, 'customer_id', CUSTOMER_ID)}, now()::timestamp"
            " from forgetting_people where source = ?",
            [source],
        )
    if not is_built(connection):
        return
    for kind, condition in (
        ("phone", "is_phone_verified and phone is not null"),
        ("wechat_unionid", "wechat_unionid is not null"),
        ("person_id", "person_id is not null"),
    ):
        # What too many share, such as a clinic's own number, is nobody's.
        connection.execute(
            f"insert into landing.forgotten select distinct {hashed(secret, '', kind, kind)},"
            " now()::timestamp from entities.customers"
            f" where {condition} and (source, customer_id) in"
            " (select source, customer_id from forgetting_people)"
            f" and {kind} not in (select identifier from customers.shared_identifiers"
            f" where identifier_type = '{kind}' and verdict <> 'one_person')"
        )


def _create(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        "create or replace temp table forgetting_people (source varchar, customer_id varchar,"
        " compared_id varchar, old_key varchar, new_id varchar, new_key varchar)"
    )


def _take(connection: duckdb.DuckDBPyConnection, condition: str) -> int:
    """Persons of the bridge; each gets one random id, and the key that this will make."""
    salt, _ = secret_of(connection)
    persons = connection.execute(
        "select customer_key, max(source) filter (where survivor_rank = 1)"
        f" from customers.customer_bridge where {condition} group by customer_key"
    ).fetchall()
    for key, source in persons:
        connection.execute(
            "insert into forgetting_people"
            f" select source, customer_id, {compared('customer_id', CUSTOMER_ID)},"
            " cast(customer_key as varchar), $1,"
            " cast(cast(md5($2 || $3 || ':' || $1) as uuid) as varchar)"
            " from customers.customer_bridge where customer_key = $4",
            [f"forgotten-{uuid.uuid4().hex}", salt, source, key],
        )
    return len(persons)


def _take_unbuilt(connection: duckdb.DuckDBPyConnection, customer: str) -> None:
    """A record that was loaded, and is no customer (yet, or as it was rejected)."""
    for raw in raw_tables(connection):
        for column in personal_columns(raw.source, raw.table, raw.columns).of(CUSTOMER_ID):
            value = compared(identifier(column), CUSTOMER_ID)
            there = connection.execute(
                f"select 1 from {raw.name} where {value} = {compared('$1', CUSTOMER_ID)}"
                " and not exists (select 1 from forgetting_people where source = $2)",
                [customer, raw.source],
            ).fetchone()
            if there:
                connection.execute(
                    "insert into forgetting_people"
                    f" select $1, $2, {compared('$2', CUSTOMER_ID)}, null, $3, null",
                    [raw.source, customer, f"forgotten-{uuid.uuid4().hex}"],
                )


def _was_forgotten(connection: duckdb.DuckDBPyConnection, customer: str) -> bool:
    _, secret = secret_of(connection)
    sources = {raw.source for raw in raw_tables(connection)}
    return any(
        connection.execute(
            f"select 1 from landing.forgotten"
            f" where hash = {hashed(secret, source, '$1', CUSTOMER_ID)}",
            [customer],
        ).fetchone()
        for source in sources
    )
