"""The single customer view: linking, its cap, stable keys, and the way back."""

import hashlib
import uuid
from pathlib import Path

import pytest

from builder import Chain, copy_project
from strata.identities import REMARKS, remark_of
from strata.landing import load_directory

SOURCES = ["demo", "pairs"]
# The pairs' rows are records and links at once: they are not accounted for.
MODELS = (
    "--select", "+customer_profiles", "+orders", "--exclude", "raw_rows_accounted_for",
    "--indirect-selection", "cautious",
)  # fmt: skip
PAIRED_IDS = ("p1", "p2", "p3", "p4", "p5")
CROWD = 13  # one more than max_cluster_records

# One number in each row, as different systems write it.
SPELLINGS = [
    ["13911112222", "013911112222", "+86-139-1111-2222", "(86)13911112222",
     "0086 139 1111 2222", "139 1111 2222 ", "13911112222/", "１３９１１１１２２２２",
     "+86 (0)139 1111 2222", "13911112222.0", "086-13911112222"],
    ["020-83335555", "(020)83335555", "02083335555", "+86 20 83335555", "86-20-83335555",
     "2083335555", "+86 (0)20 8333 5555"],
    ["020-87654321", "+86 20 87654321"],
    ["0755-2345679", "+86 755 2345679", "7552345679"],
    ["010-62345679", "+86 10 62345679", "1062345679"],
    ["+852 91234567", "852-91234567", "00852 9123 4567"],
    ["020-83335555转801", "020-83335555-801"],
    ["13911112222转8", "+86 13911112222-8"],
    ["+1 312 555 0123", "001 312 555 0123"],
    ["13125550123"],
    ["400-800-1235"],
]  # fmt: skip


# Two records that share each of them are strangers.
WORDS = [
    "None",
    "n/a",
    "(null)",
    "#REF!",
    "-",
    "无",
    "未绑定",
    "0",
    "xxxx",
    "12345",
    "НЕИЗВЕСТНО",
    "微信用户",
    "undefined undefined",
    "Keine Angabe",
    "ninguno",
    "tidak-ada",
    "qwerty",
]
WORDS_OF_LANGUAGES = [
    "unknown", "aucun", "не указан", "ไม่มี", "暂无", "不详", "没有手机",
    "特になし", "해당 없음", "لا يوجد",
]  # fmt: skip
NUMBERS = [
    "13800138000", "00000000000", "99999999999", "13888888888", "13800000000", "88888888",
    "12345678901", "12345678", "13812345678", "13887654321", "98765432", "020-12345678",
    "138****6666", "138xxxx7777", "12312312312", "8111 2222 (local)",
]  # fmt: skip

PAIRS = """sources:
  - name: pairs
    schema: raw_pairs
    tables:
      - name: matches
        columns: [{name: one}, {name: other}]
"""
PAIRED = """
with raw as (
    select matches.*, matches.one as id from {{ source('pairs', 'matches') }} as matches
    union all
    select matches.*, matches.other as id from {{ source('pairs', 'matches') }} as matches
),

firsts as (
    select *, row_number() over (partition by id order by _row_id) as place from raw
)

select
    id as customer_id,
    {% for column in [
        'system', 'full_name', 'phone', 'wechat_unionid', 'registered_date',
        'acquisition_channel', 'home_clinic_id', 'motivation',
    ] %}
    cast(null as varchar) as {{ column }},
    {% endfor %}
    cast(null as boolean) as is_phone_verified,
    {{ lineage('matches') }}
from firsts as raw
where place = 1
"""


def add_pairs(project: Path) -> None:
    """A source in which each raw row names two customers."""
    folder = project / "models/staging/pairs"
    folder.mkdir()
    (folder / "_pairs__sources.yml").write_text(PAIRS)
    (folder / "stg_pairs__customers.sql").write_text(PAIRED)
    settings = project / "dbt_project.yml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(
        text.replace("  source_feeds:\n", "  source_feeds:\n    pairs: [customers]\n")
    )


def link(chain: Chain, link_id: str, one: str, other: str, **values: object) -> None:
    """The staff's word that two records are one person; in force unless said otherwise."""
    row = {"customer_id": one, "same_as_customer_id": other, "recorded_date": "2023-01-01"}
    chain.add("customer_links", link_id=link_id, **(row | values))


def person(chain: Chain, customer_id: str, **values: object) -> None:
    """A customer record whose phone, if it has one, was verified."""
    chain.customer(customer_id, is_phone_verified="true", **values)


def keys(chain: Chain) -> dict[str, str]:
    """The customer key of each record."""
    return dict(chain.query("select customer_id, customer_key from customers.customer_bridge"))


def verdicts(chain: Chain, customer_id: str) -> set[str]:
    """What comes of the identifiers that the record shares."""
    rows = chain.query(
        f"select verdict from customers.shared_identifiers where customer_id = '{customer_id}'"
    )
    return {verdict for (verdict,) in rows}


def accepted_orders(chain: Chain) -> set[str]:
    return {order for (order,) in chain.query("select order_id from entities.orders")}


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Chain:
    directory = Path(tmp_path_factory.mktemp("customers"))
    project = copy_project(directory)
    add_pairs(project)
    chain = Chain(directory, project)
    # a – b by phone (written differently), b – c by unionid: one person, transitively.
    person(chain, "a", phone="13700137001", registered_date="2021-05-01")
    person(
        chain,
        "b",
        phone="+86 137-0013-7001",
        wechat_unionid="wx-1",
        registered_date="2020-02-01",
    )
    person(chain, "c", wechat_unionid="wx-1", registered_date="2022-01-01")
    # The same phone, but nobody verified it.
    chain.customer("unverified", phone="13700137001", is_phone_verified="false")
    # Linked by the staff; and a link that was withdrawn.
    person(chain, "d", phone="13900139001")
    person(chain, "e", phone="13900139002")
    link(chain, "l1", "d", "e", is_active="true")
    person(chain, "f")
    person(chain, "g")
    link(chain, "l2", "f", "g", is_active="false")
    # The clinic's own phone on many records.
    for n in range(CROWD):
        person(chain, f"crowd_{n}", phone="02083330000")
    # A chain of pairs that is longer than one person can be.
    for n in range(CROWD):
        person(chain, f"line_{n}", wechat_unionid=f"line-{n // 2}")
        if n % 2:
            link(chain, f"line_{n}", f"line_{n}", f"line_{n + 1}")
    person(chain, "alone", phone="13600136000")
    for row, spellings in enumerate(SPELLINGS):
        for n, phone in enumerate(spellings):
            person(chain, f"phone_{row}_{n}", phone=phone)
    for n, word in enumerate(WORDS):
        for twin in (1, 2):
            person(chain, f"word_{n}_{twin}", wechat_unionid=word)
    for n, number in enumerate(NUMBERS):
        for twin in (1, 2):
            person(chain, f"number_{n}_{twin}", phone=number, home_clinic_id=f"c{twin}")
    for twin in (1, 2):
        person(chain, f"local_{twin}", phone="81112222", home_clinic_id="south")
    # One phone, two WeChat users: apart, unless a link says otherwise, over others or not.
    for family, phone in (("kin", "13900001111"), ("linked", "13900002222")):
        person(chain, f"{family}_mother", phone=phone, wechat_unionid=f"{family}-m")
        person(chain, f"{family}_daughter", phone=phone, wechat_unionid=f"{family}-d")
        person(chain, f"{family}_till", phone=phone)
    person(chain, "linked_old", wechat_unionid="linked-d")
    link(chain, "l3", "linked_mother", "linked_old")
    # A person id links as a unionid does; two on one phone are two persons.
    for n, person_id in enumerate(["4401-77", "4401-77", *WORDS_OF_LANGUAGES * 2]):
        person(chain, f"numbered_{n}", person_id=person_id)
    for n in (1, 2):
        person(chain, f"couple_{n}", phone="13900006666", person_id=f"couple-{n}")
    # A unionid that stands for unknown is none, and no reason to keep records apart.
    person(chain, "blank_1", phone="13900003333", wechat_unionid="未知")
    person(chain, "blank_2", phone="13900003333", wechat_unionid="blank-2")
    # An account without a unionid; and a forgotten person, whose unionid is their new id.
    person(chain, "in_wecom", system="wecom")
    person(chain, "nobody", system="wecom", phone="", wechat_unionid="nobody")
    # Linked all the same, and told: names that differ (blanks and case do not), clinics.
    for n, (name, clinic) in enumerate([("Li Na", "north"), ("李娜", "north")], start=1):
        person(chain, f"named_{n}", phone="13900004444", full_name=name, home_clinic_id=clinic)
    for n, (name, clinic) in enumerate([("LI NA", "north"), ("Li na ", "south")], start=1):
        person(chain, f"moved_{n}", phone="13900005555", full_name=name, home_clinic_id=clinic)
    # Records that the source merged away and deleted: named by links, once over another.
    person(chain, "kept", registered_date="")
    link(chain, "l4", "0_gone", "kept")
    link(chain, "l5", "gone_before", "0_gone", is_active="true")
    link(chain, "l6", "nowhere", "no_one")
    link(chain, "l7", "unmerged", "kept", is_active="false")
    for customer in ("kept", "0_gone", "gone_before", "nowhere", "unmerged"):
        chain.order(customer, "2023-05-01", order_id=f"of_{customer}")
    chain.load()
    (directory / "pairs").mkdir()
    (directory / "pairs" / "matches.csv").write_text("one,other\np1,p2\np1,p3\np3,p4\np5,p1\n")
    load_directory(chain.settings, "pairs", directory / "pairs", project_dir=project)
    chain.build(*MODELS, sources=SOURCES)
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


def test_a_person_id_links_and_keeps_apart(chain: Chain) -> None:
    found = keys(chain)
    assert found["numbered_0"] == found["numbered_1"]
    for n in range(2, 2 + len(WORDS_OF_LANGUAGES)):
        assert found[f"numbered_{n}"] != found[f"numbered_{n + len(WORDS_OF_LANGUAGES)}"]
        assert verdicts(chain, f"numbered_{n}") == {"placeholder"}
    assert found["couple_1"] != found["couple_2"]
    assert verdicts(chain, "couple_1") == {"several_unionids"}


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
    assert verdicts(chain, "crowd_0") == {"too_many"}
    assert chain.query(
        "select count(*), min(record_count) from customers.shared_identifiers"
        " where verdict = 'too_many'"
    ) == [(CROWD, CROWD)]


@pytest.mark.parametrize("row", range(len(SPELLINGS)), ids=[row[0] for row in SPELLINGS])
def test_a_phone_is_one_however_it_is_written(chain: Chain, row: int) -> None:
    found = keys(chain)
    same = {found[f"phone_{row}_{n}"] for n in range(len(SPELLINGS[row]))}
    assert len(same) == 1
    assert same.isdisjoint(
        key for name, key in found.items() if not name.startswith(f"phone_{row}_")
    )


@pytest.mark.parametrize("word", WORDS)
def test_a_word_for_unknown_identifies_nobody(chain: Chain, word: str) -> None:
    found, n = keys(chain), WORDS.index(word)
    assert found[f"word_{n}_1"] != found[f"word_{n}_2"]
    assert verdicts(chain, f"word_{n}_1") == {"placeholder"}


@pytest.mark.parametrize("number", NUMBERS)
def test_an_example_of_a_number_identifies_nobody(chain: Chain, number: str) -> None:
    found, n = keys(chain), NUMBERS.index(number)
    assert found[f"number_{n}_1"] != found[f"number_{n}_2"]
    if not number.endswith("(local)") and len(number) > 8:
        assert verdicts(chain, f"number_{n}_1") == {"placeholder"}


def test_only_what_is_somebodys_reaches_them(chain: Chain) -> None:
    found = {
        name: tuple(reached)
        for name, *reached in chain.query(
            "select customer_id, has_phone, has_wechat from customers.customer_bridge"
            " join customers.customer_profiles using (customer_sk)"
        )
    }
    assert found["c"] == (True, True)  # by the other records of the person
    assert found["d"] == found["unverified"] == (True, False)
    assert found["in_wecom"] == (False, True)
    assert found["nobody"] == found["f"] == (False, False)
    assert {found[f"word_{n}_1"] for n in range(len(WORDS))} == {(False, False)}
    numbers = [n for n, number in enumerate(NUMBERS) if not number.endswith("(local)")]
    assert {found[f"number_{n}_1"] for n in numbers} == {(False, False)}


def test_a_number_without_its_area_code_links_within_a_clinic(chain: Chain) -> None:
    found = keys(chain)
    assert found["local_1"] == found["local_2"]


def test_two_unionids_on_a_phone_are_two_persons_until_a_link_says_otherwise(
    chain: Chain,
) -> None:
    found = keys(chain)
    kin = {name: found[f"kin_{name}"] for name in ("mother", "daughter", "till")}
    assert len(set(kin.values())) == 3
    assert verdicts(chain, "kin_till") == {"several_unionids"}
    assert len({key for name, key in found.items() if name.startswith("linked_")}) == 1
    assert found["blank_1"] == found["blank_2"]


def test_a_record_that_was_merged_away_counts_for_the_survivor(chain: Chain) -> None:
    found = keys(chain)
    assert found["0_gone"] == found["gone_before"] == found["kept"]
    assert chain.query(
        "select customer_id from customers.customer_bridge where survivor_rank = 1"
        f" and customer_key = '{found['kept']}'"
    ) == [("kept",)]
    assert set(found).isdisjoint({"nowhere", "no_one", "unmerged"})
    assert accepted_orders(chain) == {"of_kept", "of_0_gone", "of_gone_before"}
    assert chain.query(
        "select fault from entities.customer_links_checked where link_id in ('l4', 'l5', 'l6')"
        " order by link_id"
    ) == [(None,), (None,), ("unknown_reference:customer_id",)]


def test_people_are_told_what_links_nobody_and_which_records(chain: Chain) -> None:
    told = {row[0]: remark_of(*row) for row in chain.query(REMARKS)}
    crowd = told["too_many"]
    assert crowd.said == "1 identifier on too many records (13), which stay apart"
    assert crowd.examples == (
        "phone 020…00: demo:crowd_0, demo:crowd_1, demo:crowd_10 and 10 more",
    )
    assert told["oversized"].said.startswith("13 records in chains too long to be one person")
    assert told["several_unionids"].examples == (
        "phone 139…11: demo:kin_daughter, demo:kin_mother, demo:kin_till",
        "phone 139…66: demo:couple_1, demo:couple_2",
    )
    names = told["several_names"]
    assert names.said == "1 identifier linking 2 records of different names"
    assert names.examples == ("phone 139…44: demo:named_1, demo:named_2",)
    assert told["several_clinics"].examples == ("phone 139…55: demo:moved_1, demo:moved_2",)


def test_records_of_one_raw_row_are_different_persons(chain: Chain) -> None:
    found = {name: key for name, key in keys(chain).items() if name in PAIRED_IDS}
    assert len(set(found.values())) == len(PAIRED_IDS)


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
    link(chain, "l1", "d", "e", is_active="false")
    # The link of a merge is taken back, a record that was merged away comes again, and a
    # link that named nobody finds its customer.
    link(chain, "l5", "gone_before", "0_gone", is_active="false")
    person(chain, "0_gone")
    person(chain, "no_one")
    chain.load()
    refreshed = chain.dbt("build", *MODELS, sources=SOURCES)
    assert refreshed.returncode == 0, refreshed.stdout
    after = keys(chain)
    apart = {"c", "e", "newcomer", "gone_before", "no_one", "nowhere", "0_gone", "kept"}
    assert {name: key for name, key in after.items() if name not in apart} == {
        name: key for name, key in before.items() if name not in apart
    }
    assert after["c"] != after["b"]
    assert after["d"] != after["e"]
    assert after["nowhere"] == after["no_one"]
    assert after["kept"] == after["0_gone"] != before["kept"]  # it survives: it has a date
    assert "gone_before" not in after
    assert accepted_orders(chain) == {"of_kept", "of_0_gone", "of_nowhere"}
