"""Landing: an Excel cell means what a person sees in it, on every sheet that they see."""

import datetime
import zipfile
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from openpyxl.worksheet.formula import ArrayFormula

from shop import COLUMNS, Shop
from strata.landing.excel_formats import as_text, look_of

MOMENT = datetime.datetime(2025, 9, 1)


def put_cells(shop: Shop, cells: list[tuple], **options) -> None:
    """A workbook of one column `note` with a value and a number format in each row."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["order_id", "note"])
    for row, (value, code) in enumerate(cells, start=2):
        sheet.cell(row, 1, f"O{row}")
        sheet.cell(row, 2, value).number_format = code
    if options.get("epoch"):
        book.epoch = options["epoch"]
    book.save(shop.inbox / "orders.xlsx")


def column(shop: Shop, name: str = "note") -> list:
    return [v for (v,) in shop.rows(f"select {name} from raw_shop.orders order by _row_id")]


def rewrite(path: Path, **changes) -> None:
    """Replaces texts in parts of a workbook's package."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            for old, new in changes.get("texts", {}).items():
                content = content.replace(old.encode(), new.encode())
            archive.writestr(name, content)


def test_excel_cells_become_plain_text(shop):
    day, moment = datetime.datetime(2026, 1, 2), datetime.datetime(2026, 1, 2, 9, 5)
    shop.put_sheet(
        "orders.xlsx",
        [
            ["Order_ID ", "customer_id", "order_date", "net_amount", "note", None],
            [1001.0, 13800000000, day, 12.5, True],
            [],
            ["007", " C2 ", moment, -0.125, datetime.time(9, 5)],
            ["O3", None, "2026/1/2", 1e-7, "第一\n第二"],
            ["O4", None, None, 5, None, "behind"],
        ],
    )
    report = shop.load_one()
    assert (report.format, report.rows_loaded, report.rows_unreadable) == ("xlsx", 3, 1)
    found = shop.rows(f"select {', '.join(COLUMNS)}, _row from raw_shop.orders order by _row")
    assert found == [
        ("1001", "13800000000", "2026-01-02", "12.5", "true", 2),
        ("007", " C2 ", "2026-01-02 09:05:00", "-0.125", "09:05:00", 4),
        ("O3", None, "2026/1/2", "0.0000001", "第一\n第二", 5),
    ]
    assert shop.rows("select row_number, reason from landing.unreadable_rows") == [
        (6, "there is a value behind the last column that has a name")
    ]


def test_excel_formulas_without_a_result_are_no_silent_null(shop):
    shop.put_sheet("orders.xlsx", [["order_id", "net_amount"], ["O1", 5], ["O2", "=B2*2"]])
    report = shop.load_one()
    assert (report.rows_loaded, report.rows_unreadable) == (1, 1)
    assert "the formula in net_amount has no stored result" in " ".join(report.notes)


# --- number formats --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "code", "seen"),
    [
        (0.85, "0%", "85%"),
        (0.07, "0.00%", "7%"),
        (0.1234567, "0%", "12.34567%"),
        (-0.05, "0.0%;[Red]-0.0%", "-5%"),
        (1, "0%", "100%"),
        (12, "000000", "000012"),
        (1234567, "000000", "1234567"),
        (0, "0000", "0000"),
        (12.5, "000000", "12.5"),
        (1234.5, '"¥"#,##0.00', "1234.5"),
        (1234, "#,##0", "1234"),
        (0.1 + 0.2, "General", "0.3"),
        (100234567890, "0.00E+00", "100234567890"),
        (1e-7, "General", "0.0000001"),
        (3, '0"元"', "3"),
        ("_x0041__x000D_\n", "@", "A\r\n"),
        ("_x005F_x000D_", "@", "_x000D_"),
        ("_xD83D__xDE00_", "@", "\U0001f600"),
        ("my_xray_", "@", "my_xray_"),
    ],
)
def test_a_number_means_what_is_seen(shop, value, code, seen):
    put_cells(shop, [(value, code)])
    shop.load()
    assert column(shop) == [seen]


@pytest.mark.parametrize(
    ("value", "code", "seen"),
    [
        (12, '"B"0000', "B0012"),
        (13911112222, "000-0000-0000", "139-1111-2222"),
        (7, "\\N\\o0", "No7"),
        (12, "00##", "0012"),
    ],
)
def test_an_id_has_the_words_of_its_format(value, code, seen):
    assert as_text(value, look_of(code), is_id=True) == seen


@pytest.mark.parametrize(
    "code",
    [
        *("yyyy-mm-dd", 'yyyy"年"m"月"d"日"', "[$-804]aaaa;@", "[$-404]e/m/d", 'e"年"'),
        *("[DBNum1][$-804]m/d", "[Red]d-mmm", "b2yyyy/mm/dd", "mmm-yy", "yyyy\\-mm\\-dd;;"),
        '[$-804]上午/下午h"时"mm"分"',
    ],
)
def test_a_date_in_any_format_is_that_day(shop, code):
    put_cells(shop, [(MOMENT, code)])
    shop.load()
    assert column(shop) == ["2025-09-01"]


@pytest.mark.parametrize("number", [14, 22, *range(27, 37), *range(50, 59), 71, 81])
def test_date_formats_of_other_languages_are_dates(shop, number):
    put_cells(shop, [(45901.5, "0.0000000")])
    path = shop.inbox / "orders.xlsx"
    rewrite(path, texts={'xf numFmtId="164"': f'xf numFmtId="{number}"'})
    shop.load()
    assert column(shop) == ["2025-09-01 12:00:00"]


def test_dates_since_1904_and_durations(shop):
    put_cells(shop, [(MOMENT, "yyyy-mm-dd")], epoch=openpyxl.utils.datetime.CALENDAR_MAC_1904)
    shop.load()
    assert column(shop) == ["2025-09-01"]
    assert as_text(datetime.timedelta(hours=25, minutes=30)) == "25:30:00"


@pytest.mark.parametrize(
    "code", ["General", "0.00", "#,##0", "0.00E+00", '"day"0', "[Red]0", "# ?/?", "\\d0", "@"]
)
def test_formats_of_numbers_are_no_dates(code):
    assert not look_of(code).is_date


# --- formulas --------------------------------------------------------------------------------


def test_array_formulas_without_a_result_are_no_silent_null(shop):
    book = openpyxl.Workbook()
    book.active.append(["order_id", "net_amount"])
    book.active.append(["O1", 5])
    book.active.append(["O2", None])
    book.active["B3"] = ArrayFormula("B3", "=B2*2")
    book.save(shop.inbox / "orders.xlsx")
    report = shop.load_one()
    assert (report.rows_loaded, report.rows_unreadable) == (1, 1)


@pytest.mark.parametrize(("result", "loaded"), [(0, 1), (7.5, 3)])
def test_zeros_that_a_program_wrote_as_results_are_none(shop, result, loaded):
    """XlsxWriter stores 0 for every formula; where one has a result, zeros are results too."""
    book = xlsxwriter.Workbook(shop.inbox / "orders.xlsx")
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["order_id", "net_amount"])
    sheet.write_row(1, 0, ["O1", 5])
    sheet.write_string(2, 0, "O2")
    sheet.write_formula(2, 1, "=B2*2", value=result)
    sheet.write_string(3, 0, "O3")
    sheet.write_formula(3, 1, "=B2*0")
    book.close()
    assert shop.load_one().rows_loaded == loaded


def test_text_that_begins_with_an_equals_sign_is_text(shop):
    book = xlsxwriter.Workbook(shop.inbox / "orders.xlsx", {"strings_to_formulas": False})
    book.add_worksheet().write_column(0, 0, ["note", '="0012"'])
    book.close()
    shop.load()
    assert column(shop) == ['="0012"']


# --- sheets ----------------------------------------------------------------------------------


def put_book(shop: Shop, **sheets) -> Path:
    """A workbook; a title that ends in `_hidden` hides its sheet."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
        if title.endswith("_hidden"):
            sheet.sheet_state = "hidden"
        if title.endswith("_very"):
            sheet.sheet_state = "veryHidden"
    book.save(shop.inbox / "orders.xlsx")
    return shop.inbox / "orders.xlsx"


def test_all_sheets_with_the_header_are_read_and_named(shop):
    put_book(
        shop,
        Jan=[["order_id", "note"], ["O1", "a"]],
        Feb=[["note", "order_id", "tag"], ["b", "O2", "x"], [None, None, None, "behind"]],
        Sums=[["total"], [2]],
    )
    report = shop.load_one()
    assert (report.rows_loaded, report.rows_unreadable) == (2, 1)
    assert shop.rows("select order_id, note, _file, _row from raw_shop.orders order by 1") == [
        ("O1", "a", "orders.xlsx [Jan]", 2),
        ("O2", "b", "orders.xlsx [Feb]", 2),
    ]
    assert shop.rows("select count(distinct _row_id) from raw_shop.orders") == [(2,)]
    assert shop.rows("select file_name, row_number from landing.unreadable_rows") == [
        ("orders.xlsx [Feb]", 3)
    ]
    assert shop.rows("select file_name, rows_loaded from landing.files") == [("orders.xlsx", 2)]
    notes = " ".join(report.notes)
    assert "sheets read: 'Jan', 'Feb'" in notes
    assert "not read: 'Sums'" in notes


def test_hidden_sheets_are_not_read_unasked(shop):
    old = [["order_id"], ["OLD"]]
    put_book(shop, old_hidden=old, old_very=old, orders=[["order_id"], ["O1"]])
    report = shop.load_one()
    assert column(shop, "order_id") == ["O1"]
    told = "hidden sheets are not read: 'old_hidden', 'old_very'. Unhide one if it holds data"
    assert told in report.notes


@pytest.mark.parametrize("shown", [[], [["read me"], ["please"]]])
def test_a_workbook_whose_only_table_is_hidden_is_refused(shop, shown):
    put_book(shop, old_hidden=[["order_id"], ["OLD"]], info=shown)
    report = shop.load_one()
    assert report.status == "unreadable"
    assert "hidden sheets are not read: 'old_hidden'" in report.notes[0]


def test_titles_above_the_header_are_left_out_and_told(shop):
    put_book(
        shop,
        s=[["Orders of May"], [], ["as of", "2025-05-31"], ["order_id", "note"], ["O1", "a"]],
    )
    notes = " ".join(shop.load_one().notes)
    assert "2 rows above the header are left out: 'Orders of May'; 'as of 2025-05-31'" in notes
    assert shop.rows("select order_id, _row from raw_shop.orders") == [("O1", 5)]


def test_no_fitting_sheet_is_told_with_what_it_has(shop):
    put_book(shop, s=[["name", "sum"], ["x", 1]])
    assert "sheet 's': its first row has none" in shop.load_one().notes[0]


def test_strict_open_xml_is_read(shop):
    path = put_book(shop, s=[["order_id", "note"], ["O1", "a"]])
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    links = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    strict = "http://purl.oclc.org/ooxml/"
    rewrite(
        path,
        texts={
            main: strict + "spreadsheetml/main",
            links: strict + "officeDocument/relationships",
        },
    )
    assert shop.load_one().rows_loaded == 1


def test_numbers_that_excel_has_rounded_are_told(shop):
    exact, rounded, shown = 110101199003074321, 110101199003074000, "1.10101199003074E+17"
    path = put_book(shop, s=[["order_id", "note"], [7777, "x"]])
    rewrite(path, texts={"<v>7777</v>": f"<v>{exact}</v>"})
    assert "15 digits" not in " ".join(shop.load_one().notes)
    put_book(shop, s=[["order_id", "note"], [rounded, "x"], [float(rounded), "y"]])
    assert "order_id holds numbers of more than 15 digits" in " ".join(shop.load_one().notes)
    assert shop.rows("select order_id from raw_shop.orders order by _row_id") == [
        (str(exact),), (shown,), (shown,),
    ]  # fmt: skip


# --- caps ------------------------------------------------------------------------------------


def test_a_workbook_that_expands_beyond_measure_is_refused(shop):
    path = put_book(shop, s=[["order_id", "note"], ["O1", "filler"]])
    rewrite(path, texts={"filler": "x" * 70_000_000})
    assert "expands from" in shop.load_one().notes[0]


def test_a_cell_longer_than_excel_allows_is_refused(shop):
    path = put_book(shop, s=[["order_id", "note"], ["O1", "filler"]])
    rewrite(path, texts={"filler": "x" * 500_000})
    assert "32,767 characters" in shop.load_one().notes[0]
