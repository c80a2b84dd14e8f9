"""Since when a row is known: a delivery that says the same again is no news."""

import pytest
import yaml

from builder import Chain
from strata.dbt import PERSONAL_COLUMNS
from strata.landing import load_directory, withdraw_files
from strata.settings import PROJECT_DIR

# What three deliveries say of each order, in this order within a file; nothing: not in it.
AMOUNTS = {
    "same": (["100"], ["100"], ["100"]),
    "changed": (["100"], ["100"], ["200"]),
    "back": (["100"], ["200"], ["100"]),
    "skipped": (["100"], [], ["100"]),
    "faulty": (["100"], ["much"], ["100"]),
    "corrected": (["900", "100"], ["900", "100"], ["900", "100"]),
    "blank": ([""], ["100"], ["100"]),
    "later": ([], ["100"], ["100"]),
}


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Chain:
    chain = Chain(tmp_path_factory.mktemp("known"))
    for number in range(3):
        chain.customer("calls", phone=f"1380000000{number}", full_name=f"name {number}")
        chain.customer("moves", home_clinic_id="south" if number else "north")
        for order, deliveries in AMOUNTS.items():
            chain.add(
                "orders", order_id=order, customer_id="calls", order_date="2024-03-01",
                status="paid", clinic_id="north",
            )  # fmt: skip
            for amount in deliveries[number]:
                chain.add("order_items", order_id=order, line_number=1, net_amount=amount)
        chain.add("orders", order_id="sheets", customer_id="calls", order_date="2024-03-01",
                  status="paid")  # fmt: skip
        chain.add("order_items", order_id="sheets", line_number=1, net_amount="900")
        chain.load()
        load_beside(chain, number + 1, f"sheets,1,100\nother{number},1,100\n")
    build(chain)
    return chain


def load_beside(chain: Chain, number: int, lines: str) -> None:
    """One more file of order lines in the same load."""
    folder = chain.files / f"beside_{number}"
    folder.mkdir()
    file = folder / f"order_items_beside_{number}.csv"
    file.write_text(f"order_id,line_number,net_amount\n{lines}", encoding="utf-8")
    ((moment,),) = chain.query("select max(loaded_at) from landing.files")
    load_directory(chain.settings, "demo", folder, loaded_at=moment)


def build(chain: Chain) -> None:
    chain.build("--select", "+order_items", "+customers", tests=False)


def known_since(chain: Chain, entity: str, key: str) -> dict[str, int]:
    """The number of the delivery since which each row is known."""
    return dict(
        chain.query(
            f"select distinct {key}, split_part(files.file_name, '_', -1)[1]::int"
            f" from entities.{entity} as rows"
            " join landing.files as files on rows.known_since = files.loaded_at"
        )
    )


def test_a_row_is_known_since_it_was_first_said_without_interruption(chain: Chain) -> None:
    assert known_since(chain, "order_items", "order_id") == {
        "same": 1, "changed": 3, "back": 3, "skipped": 1,
        # What is not valid, or said otherwise in the same load, was never served.
        "faulty": 1, "corrected": 1, "sheets": 1, "blank": 2, "later": 2,
    }  # fmt: skip


def test_another_phone_is_no_news_and_another_clinic_is(chain: Chain) -> None:
    assert known_since(chain, "customers", "customer_id") == {"calls": 1, "moves": 2}


def test_which_delivery_a_row_came_with_is_still_told(chain: Chain) -> None:
    assert chain.query(
        "select distinct file_name from entities.order_items as items"
        " join landing.files on items.row_id >> 32 = file_id where order_id != 'sheets'"
    ) == [("order_items_3.csv",)]


def test_a_file_taken_back_interrupts_nothing(chain: Chain) -> None:
    withdraw_files(chain.settings, "demo", ["order_items_2.csv"])
    build(chain)
    now = known_since(chain, "order_items", "order_id")
    assert {order: now[order] for order in ("same", "changed", "back", "blank", "later")} == {
        "same": 1, "changed": 3, "back": 1, "blank": 3, "later": 3,
    }  # fmt: skip


def test_the_personal_columns_are_those_that_are_never_published() -> None:
    marked = {
        column["name"]
        for file in (PROJECT_DIR / "models/entities").glob("*.yml")
        for model in yaml.safe_load(file.read_text("utf-8")).get("models", [])
        for column in model.get("columns", [])
        if column.get("config", {}).get("meta", {}).get("is_personal")
    }
    assert marked == PERSONAL_COLUMNS - {"raw_row"}
