"""The single customer view: linking, its cap, stable keys, and the way back."""

import hashlib
import uuid
from pathlib import Path

import pytest

from builder import Chain

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
    ((salt,),) = chain.query("select salt from landing.installation")
    assert len(salt) == 32
    salted = f"{salt}demo:b".encode()
    assert keys(chain)["a"] == uuid.UUID(hashlib.md5(salted).hexdigest())


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
        "select distinct record_count from customers.shared_identifiers where is_overshared"
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
