"""The single customer view: linking, its cap, stable keys, and the way back."""

import hashlib
import uuid
from pathlib import Path

import duckdb
import pytest

from builder import Chain
from strata.history.believed import record_publication

MODELS = ("--select", "+customer_bridge")
CROWD = 13  # one more than max_cluster_records


def person(chain: Chain, customer_id: str, **values: object) -> None:
    """A customer record whose phone, if it has one, was verified."""
    chain.customer(customer_id, is_phone_verified="true", **values)


def keys(chain: Chain) -> dict[str, str]:
    """The customer key of each record."""
    return dict(chain.query("select customer_id, customer_key from customers.customer_bridge"))


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Chain:
    chain = Chain(Path(tmp_path_factory.mktemp("customers")))
    # a – b by phone (written differently), b – c by unionid: one person, transitively.
    person(chain, "a", phone="13800138000", registered_date="2021-05-01")
    person(
        chain,
        "b",
        phone="+86 138-0013-8000",
        wechat_unionid="wx-1",
        registered_date="2020-02-01",
    )
    person(chain, "c", wechat_unionid="wx-1", registered_date="2022-01-01")
    # The same phone, but nobody verified it.
    chain.customer("unverified", phone="13800138000", is_phone_verified="false")
    # Linked by the staff; and a link that was withdrawn.
    person(chain, "d", phone="13900139001")
    person(chain, "e", phone="13900139002")
    chain.add(
        "customer_links",
        link_id="l1",
        customer_id="d",
        same_as_customer_id="e",
        is_active="true",
        recorded_date="2023-01-01",
    )
    person(chain, "f")
    person(chain, "g")
    chain.add(
        "customer_links",
        link_id="l2",
        customer_id="f",
        same_as_customer_id="g",
        is_active="false",
        recorded_date="2023-01-01",
    )
    # The clinic's own phone on many records.
    for n in range(CROWD):
        person(chain, f"crowd_{n}", phone="02012345678")
    # A chain of pairs that is longer than one person can be.
    for n in range(CROWD):
        person(
            chain,
            f"line_{n}",
            phone=f"1370000{n // 2:04}",
            wechat_unionid=f"line-{(n + 1) // 2}",
        )
    person(chain, "alone", phone="13600136000")
    chain.load()
    chain.build(*MODELS)
    return chain


def test_phone_and_unionid_link_transitively(chain: Chain) -> None:
    found = keys(chain)
    assert found["a"] == found["b"] == found["c"]


def test_the_record_registered_first_survives(chain: Chain) -> None:
    rows = chain.query(
        "select customer_id from customers.customer_bridge where survivor_rank = 1"
    )
    assert {"b"} == {name for (name,) in rows} & {"a", "b", "c"}


def test_the_key_is_the_hash_of_the_surviving_record(chain: Chain) -> None:
    assert keys(chain)["a"] == uuid.UUID(hashlib.md5(b"demo:b").hexdigest())


def test_an_unverified_phone_links_nobody(chain: Chain) -> None:
    found = keys(chain)
    assert found["unverified"] != found["a"]


def test_an_explicit_link_counts_until_it_is_withdrawn(chain: Chain) -> None:
    found = keys(chain)
    assert found["d"] == found["e"]
    assert found["f"] != found["g"]


def test_a_shared_switchboard_is_flagged_and_fuses_nobody(chain: Chain) -> None:
    found = keys(chain)
    assert len({found[f"crowd_{n}"] for n in range(CROWD)}) == CROWD
    assert chain.query(
        "select record_count from customers.shared_identifiers where is_overshared"
    ) == [(CROWD,)]


def test_a_cluster_beyond_the_cap_is_flagged_and_kept_apart(chain: Chain) -> None:
    rows = chain.query(
        "select count(distinct customer_key), count(*), bool_and(is_oversized)"
        " from customers.customer_bridge where customer_id like 'line_%'"
    )
    assert rows == [(CROWD, CROWD, True)]
    assert chain.query(
        "select bool_or(is_oversized) from customers.customer_bridge where customer_id = 'a'"
    ) == [(False,)]


def test_keys_survive_unrelated_data_and_a_correction_undoes_a_merge(chain: Chain) -> None:
    before = keys(chain)
    person(chain, "newcomer", phone="13500135000")
    # c was given b's unionid by mistake; the source corrects the record.
    person(chain, "c", wechat_unionid="wx-2", registered_date="2022-01-01")
    chain.add(
        "customer_links",
        link_id="l1",
        customer_id="d",
        same_as_customer_id="e",
        is_active="false",
        recorded_date="2023-02-01",
    )
    chain.load()
    chain.build(*MODELS)
    after = keys(chain)
    apart = {"c", "e", "newcomer"}
    assert {name: key for name, key in after.items() if name not in apart} == {
        name: key for name, key in before.items() if name not in apart
    }
    assert after["c"] != after["b"]
    assert after["d"] != after["e"]


# A warehouse of the time when a key was the first sixteen digits of the hash.
SHORT_KEYS = """
alter table customers.customer_bridge alter customer_key type varchar;
alter table customers.customer_bridge alter record_key type varchar;
update customers.customer_bridge set
    customer_key = left(replace(customer_key, '-', ''), 16),
    record_key = left(replace(record_key, '-', ''), 16);
create or replace table history.published_tiers as
select 1 as publication_number, record_key as customer_key, true as is_known,
    1 as source_records, customer_id as final_tier
from customers.customer_bridge
union all
select 1, '0123456789abcdef', true, 1, 'who has no record any more';
create or replace view history.customer_facts as from history.published_tiers;
create schema if not exists refresh;
create or replace table refresh.customer_changes (model varchar, customer_key varchar);
"""
# What such a version published, in the columns that the record reads.
SHORT_PUBLICATION = """
create table publication as select 'old' as run_id, now()::timestamp as published_at,
    date '2025-01-31' as as_of_date, 'medical_aesthetics' as ruleset, 'demo' as sources,
    null as git_revision;
create table mart_customer_tiers as
select '0123456789abcdef' as customer_key, date '2025-01-31' as as_of_date;
create table dim_customers as select '0123456789abcdef' as customer_key, 1 as source_records;
"""


def test_what_was_published_under_short_keys_is_kept_under_the_new_ones(chain: Chain) -> None:
    chain.build(*MODELS)
    new_keys = dict(
        chain.query("select customer_id, record_key from customers.customer_bridge")
    )
    chain.change(SHORT_KEYS)
    for _ in range(2):  # the second build finds nothing to do
        chain.build(*MODELS)
        kept = dict(chain.query("select final_tier, customer_key from history.published_tiers"))
        gone = kept.pop("who has no record any more")
        assert kept == new_keys
        assert gone not in new_keys.values()
    assert chain.query(
        "select data_type from information_schema.columns where column_name = 'customer_key'"
        " and table_name = 'customer_changes'"
    ) == [("UUID",)]
    # A file of that time that nobody recorded is left out of the record of this one.
    chain.settings.published_marts.parent.mkdir()
    with duckdb.connect(str(chain.settings.published_marts)) as served:
        served.execute(SHORT_PUBLICATION)
    assert not record_publication(chain.settings)
