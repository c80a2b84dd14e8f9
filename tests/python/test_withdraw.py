"""Files taken back: their rows stay, count as replaced, and what they had replaced is back."""

from pathlib import Path

import pytest

from builder import Chain
from strata.errors import StrataError
from strata.landing import load_directory, withdraw_files

RIGHT = {"order_id": "o1", "line_number": 1, "net_amount": "100"}
WRONG = {"order_id": "o1", "line_number": 1, "net_amount": "900"}


@pytest.fixture
def chain(tmp_path: Path) -> Chain:
    """A right line of an order, and a later file with a wrong one and one that never was."""
    chain = Chain(tmp_path)
    chain.customer("c1")
    chain.add("orders", order_id="o1", customer_id="c1", order_date="2024-03-01", status="paid")
    chain.add("order_items", **RIGHT)
    chain.load()
    chain.add("order_items", **WRONG)
    chain.add("order_items", **(WRONG | {"line_number": 2}))
    chain.load()
    return chain


def build(chain: Chain) -> None:
    chain.build("--select", "+order_items", "+row_accounts", tests=False)


def lines(chain: Chain) -> list[tuple]:
    build(chain)
    return chain.query(
        "select line_number, cast(net_amount as integer) from entities.order_items order by all"
    )


def test_a_file_taken_back_gives_way_to_what_it_had_replaced(chain: Chain) -> None:
    assert lines(chain) == [(1, 900), (2, 900)]
    taken = withdraw_files(chain.settings, "demo", ["order_items_2.csv"])
    assert taken == {"order_items_2.csv": (1, 2)}
    assert lines(chain) == [(1, 100)]
    # Three rows came, one counts, two were taken back: nothing is lost.
    assert chain.query(
        "select outcome, rule, sum(rows) from entities.row_accounts"
        " where entity = 'order_items' group by all order by all"
    ) == [("accepted", "", 1), ("superseded", "withdrawn", 2)]


def test_what_was_taken_back_may_come_again(chain: Chain) -> None:
    withdraw_files(chain.settings, "demo", ["order_items_2.csv"])
    again = load_directory(chain.settings, "demo", chain.files / "delivery_2")
    assert [file.status for file in again.files] == ["loaded"]
    assert lines(chain) == [(1, 900), (2, 900)]


def test_a_file_may_stand_for_the_earlier_one_as_a_whole(chain: Chain) -> None:
    corrected = chain.files / "corrected"
    corrected.mkdir()
    (corrected / "order_items_2.csv").write_text(
        "order_id,line_number,net_amount\no1,1,300\n", encoding="utf-8"
    )
    report = load_directory(chain.settings, "demo", corrected, replace=True)
    assert any("2 rows delivered before" in note for note in report.files[0].notes)
    assert lines(chain) == [(1, 300)]  # line 2 is gone with the file that had it


def test_a_name_under_which_nothing_stands_is_refused_and_nothing_is_taken(
    chain: Chain,
) -> None:
    with pytest.raises(StrataError, match="order_items_3.csv") as caught:
        withdraw_files(chain.settings, "demo", ["order_items_2.csv", "order_items_3.csv"])
    assert "order_items_2.csv" in caught.value.hint
    assert caught.value.exit_code == 2
    assert chain.query("select count(*) from landing.withdrawn_files") == [(0,)]
