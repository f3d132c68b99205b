"""Files as they come: encodings, delimiters, headings, what spreadsheets do to numbers, and files that mean no good."""
from __future__ import annotations

import datetime as dt
import io
import random
import time
import zipfile

import pytest

from hub.errors import Refused
from hub.people import sheet
from hub.people.columns import Column, layout, meaning
from hub.people.lines import Line, Wrong, armed, defused, from_plain, read, to_plain
from tests.hub.tables import repacked, text, village, workbook

YEAR = 2026
ROWS = [("户主", "姓名", "电话"), ("张大爷", "张大爷", "13800000000"), ("张大爷", "李秀英", "")]
WANTED = [(1, ROWS[0]), (2, ROWS[1]), (3, ROWS[2][:2])]


def lines(rows, **options) -> tuple[Line, ...]:
    found = read(sheet.rows(workbook(rows, **options)), YEAR)
    assert not found.wrong, found.wrong
    return found.lines


def wrong(rows) -> tuple[Wrong, ...]:
    return read(sheet.rows(workbook(rows)), YEAR).wrong


# -- texts --------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_texts_of_every_kind(encoding, delimiter):
    assert sheet.rows(text(ROWS, delimiter).encode(encoding)) == WANTED


@pytest.mark.parametrize("data, rows", [
    ("姓名\n张三\n李四\n", [(1, ("姓名",)), (2, ("张三",)), (3, ("李四",))]),
    ("姓名;电话", [(1, ("姓名", "电话"))]),
    ('姓名,备注\n张三,"一行\n又一行，""引""号"\n', [(1, ("姓名", "备注")), (2, ("张三", '一行\n又一行，"引"号'))]),
    ("\n\n姓名,电话\n,\n \n张三,1\n\n", [(3, ("姓名", "电话")), (6, ("张三", "1"))]),
    ("姓名,电话\r张三,1\r", [(1, ("姓名", "电话")), (2, ("张三", "1"))])])
def test_texts_with_one_column_with_quotes_and_with_empty_lines(data, rows):
    assert sheet.rows(data.encode()) == rows


# -- workbooks ----------------------------------------------------------------------------------------------------------

def test_a_workbook_is_read_as_its_program_shows_it():
    assert sheet.rows(workbook([("户主", "姓名", "电话"), ("张大爷", "张大爷", 13800000000), ("张大爷", "李秀英", None)])) == WANTED


def test_numbers_dates_and_empty_lines_of_a_workbook():
    found = lines([("姓名", "电话", "出生日期", "备注"), (), ("张三", 13800000000.0, dt.datetime(1945, 3, 12), 3.5), (None, None, None, None),
                   ("李四", "13900000000", "1950年", True)])
    assert [(line.number, line.phone, line.born, line.notes) for line in found] == [(3, "13800000000", 1945, "3.5"), (5, "13900000000", 1950, "True")]


def test_a_formula_counts_by_what_it_came_to():
    def counted(name: str, inside: bytes) -> bytes:
        return inside.replace(b"<v></v>", b"<v>81</v>").replace(b"<v/>", b"<v>81</v>").replace(b"<v />", b"<v>81</v>")

    raw = workbook([("姓名", "年龄"), ("张三", "=2026-1945")])
    line, = read(sheet.rows(repacked(raw, counted)), YEAR).lines
    assert line.age == 81
    assert read(sheet.rows(raw), YEAR).wrong == (Wrong(2, "“年龄”里的公式没有结果，请在表格软件里打开、存一遍，或者改成文字"),)


def test_merged_cells_belong_to_the_home_above():
    rows = [("户主", "姓名", "地址"), ("张大爷", "张大爷", "一组1号"), (None, "李秀英", None), ("王大娘", "王大娘", "一组2号")]

    def merge(of):
        of.merge_cells("A2:A3")
        of.merge_cells("C2:C3")

    found = read(sheet.rows(workbook(rows, merge)), YEAR)
    assert [(line.home, line.address, line.name) for line in found.lines] == [
        ("张大爷", "一组1号", "张大爷"), ("张大爷", "一组1号", "李秀英"), ("王大娘", "一组2号", "王大娘")]
    assert found.below == (3,)


def test_only_the_first_sheet_counts_and_a_title_above_it_does_not():
    found = read(sheet.rows(workbook([("东山村老年人花名册",), ("2026年11月",), ("序号", "户主姓名*", "联系电话（手机）"), (1, "张三", 13800000000)])), YEAR)
    assert [(line.home, line.name, line.phone) for line in found.lines] == [("张三", "张三", "13800000000")] and found.unused == ("序号",)


# -- files that mean no good ---------------------------------------------------------------------------------------------

def packed(**members: bytes) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, inside in members.items():
            archive.writestr(name, inside)
    return written.getvalue()


def bomb(declared: int | None = None) -> bytes:
    """100 MB of one sheet; ``declared``: it says that it is smaller."""
    data = repacked(workbook(ROWS), lambda name, inside: b" " * 100_000_000 if name.endswith("sheet1.xml") else inside)
    if declared is not None:
        data = data.replace((100_000_000).to_bytes(4, "little"), declared.to_bytes(4, "little"))
    return data


def blown_up(name: str, inside: bytes) -> bytes:
    if not name.endswith("sheet1.xml"):
        return inside
    entities = b"".join(b'<!ENTITY e%d "%s">' % (step, b"&e%d;" % (step - 1) * 10 if step else b"ha" * 10) for step in range(10))
    return b"<!DOCTYPE worksheet [" + entities + b"]>" + inside


@pytest.mark.parametrize("data, why", [
    (b"", "空的"), (b" \r\n ", "空的"), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), "旧版"), (b"\x00\x01\x02" * 100, "打不开"),
    (b"\xff\xd8\xff\xe0" + bytes(range(256)) * 9, "打不开|表头"), (b"PK\x03\x04" + b"x" * 400, "打不开"), (packed(a=b"x"), "打不开"),
    (packed(**{"[Content_Types].xml": b"<Types/>"}), "打不开"), (workbook(ROWS)[:-40], "打不开"), (bomb(), "太大"), (bomb(1_000), "打不开"),
    (repacked(workbook(ROWS), blown_up), "打不开"), (packed(**{"[Content_Types].xml": b""}, **{f"m{number}": b"" for number in range(600)}), "太大"),
    (repacked(workbook(ROWS), lambda name, inside: inside[:-30] if "sheet1" in name else inside), "打不开"),
    (b"x" * 5_000_001, "太大"), ("年龄,电话\n81,13800000000\n".encode(), "没有找到表头"), ("姓名,电话\n".encode(), "只有表头"),
    ("姓名,老人姓名\n甲,乙\n".encode(), "只留一列"), ('姓名,备注\n张三,"' + "长" * 140_000, "打不开")],
    ids=range(19))
def test_what_cannot_be_taken_is_refused_with_a_sentence(data, why):
    begun = time.monotonic()
    with pytest.raises(Refused, match=why):
        read(sheet.rows(data if isinstance(data, bytes) else data.encode()), YEAR)
    assert time.monotonic() - begun < 5


def test_a_broken_workbook_is_never_more_than_refused():
    whole, chance = workbook(village(20)), random.Random(7)
    for _ in range(150):
        data = bytearray(whole)
        for _ in range(chance.randrange(1, 30)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        try:
            read(sheet.rows(bytes(data)), YEAR)
        except Refused as refused:
            assert refused.shown


WORKSHEET = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'


@pytest.mark.parametrize("member, inside", [
    ("sheet1.xml", b"<a>" * 6_000_000), ("sheet1.xml", WORKSHEET + b"<row/>" * 3_000_000), ("theme1.xml", b"<si><t>a</t></si>" * 1_000_000),
    ("sheet1.xml", WORKSHEET + b'<row r="1" ' + b" ".join(b'a%d="1"' % number for number in range(1_100_000)) + b"/>"),
    ("styles.xml", b'<xf numFmtId="0"/>' * 800_000), ("workbook.xml", b'<sheet name="x" sheetId="1" r:id="rId1"/>' * 300_000)],
    ids=["nested", "rows", "theme", "attributes", "styles", "sheets"])
def test_what_would_take_minutes_to_read_is_not_read(member, inside):
    book = workbook(ROWS)
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        names = [name for name in archive.namelist() if name.endswith(member)]
    data = repacked(book, lambda name, old: inside if name.endswith(member) else old)
    begun = time.monotonic()
    with pytest.raises(Refused, match="太大"):
        sheet.rows(data)
    assert names and time.monotonic() - begun < 5


@pytest.mark.parametrize("quotes", ['"', ',"', '"\n', '",\n', '"a" ,'])
def test_quotes_all_over_are_no_reason_to_wait(quotes):
    begun = time.monotonic()
    with pytest.raises(Refused):
        read(sheet.rows((quotes * 1_000_000).encode()), YEAR)
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize("broken", [b"<row r='x'>", b"<row r='99999999999'>", b"<row r='1048577'>"])
def test_rows_beyond_all_sheets_are_refused(broken):
    def change(name: str, inside: bytes) -> bytes:
        return inside.replace(b'<row r="2"', broken.removesuffix(b">")) if name.endswith("sheet1.xml") else inside

    with pytest.raises(Refused):
        sheet.rows(repacked(workbook(ROWS), change))


def test_five_thousand_lines_and_no_more():
    rows = [("姓名",), *((f"张{number}",) for number in range(5_001))]
    assert len(sheet.rows(text(rows[:-1]).encode())) == 5_001
    for data in (text(rows).encode(), workbook(rows)):
        with pytest.raises(Refused, match="最多5000行"):
            sheet.rows(data)


def test_a_sheet_with_a_last_row_and_a_last_column_far_away_is_read():
    def far(of):
        of["XFD1048576"] = ""
        of["A1048575"] = "备注在最下面"

    assert [number for number, _ in sheet.rows(workbook(ROWS, far))] == [1, 2, 3, 1_048_575]


# -- headings and lines -------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("heading, column", [
    ("户主", Column.HOME), ("户主姓名", Column.HOME), ("姓 名", Column.NAME), ("姓名*", Column.NAME), ("出生年", Column.BORN), ("出生日期", Column.BORN),
    ("身份证号", Column.IDENTITY), ("公民身份号码", Column.IDENTITY), ("手机", Column.PHONE), ("联系电话：", Column.PHONE), ("电话（手机）", Column.PHONE),
    ("住址", Column.ADDRESS), ("门牌", Column.ADDRESS), ("网格", Column.GRID), ("听力", Column.HEARING), ("标签", Column.TAGS), ("备注", Column.NOTES),
    ("年龄(周岁)", Column.AGE), ("性别", None), ("", None), ("姓名册", None)])
def test_headings(heading, column):
    assert meaning(heading) is column


def test_columns_stand_in_any_order():
    assert layout([(1, ("网格", "性别", "姓名", "户主"))]).places == {Column.GRID: (0,), Column.NAME: (2,), Column.HOME: (3,)}


def test_two_columns_of_phones_are_one():
    assert lines([("姓名", "手机", "联系电话"), ("张三", "13800000000", "053183210000")])[0].phone == "13800000000、053183210000"


def test_the_surest_year_counts_and_the_identity_number_is_gone():
    known = read(sheet.rows(workbook([("姓名", "年龄", "出生年", "身份证号"), ("甲", 70, 1950, "370123194503124517"), ("乙", 70, 1950, None),
                                      ("丙", 70, None, None), ("丁", None, None, 370123194503124517)])), YEAR)
    assert [(line.born, line.age) for line in known.lines] == [(1945, None), (1950, None), (None, 70), (1945, None)]
    assert "37012319" not in str(to_plain(known))


@pytest.mark.parametrize("row, why", [
    (("张三", "", "138"), "没有写姓名"), (("", "张三", "一组"), "没有写户主"), (("张三", "张三", "电话"), "不像电话"), (("张三", "#REF!", ""), "#REF!"),
    (("张三", "长" * 81, ""), "太长")])
def test_each_wrong_line_has_its_number_and_its_reason(row, why):
    headings = ("户主", "姓名", "地址" if row[2] == "一组" else "电话")
    told, = wrong([headings, ("好人", "好人", ""), row])
    assert told.number == 3 and why in told.reason


def test_a_home_alone_needs_no_name():
    assert lines([("户主", "姓名", "家里电话"), ("空房子", None, "053183210000")])[0] == Line(2, "空房子", home_phone="053183210000")


def test_what_was_read_can_be_put_away():
    known = read(sheet.rows(workbook([("姓名", "标签", "性别"), ("张三", "独居、党员", "男"), (None, "党员", None)])), YEAR)
    assert from_plain(to_plain(known)) == known and known.wrong and known.unused


@pytest.mark.parametrize("cell", ["=1+1", "+86", "-", "@x", "'=1", "''=1", "'", "好", "", "'好"])
def test_what_a_spreadsheet_would_run_is_defused_and_comes_back(cell):
    assert not defused(cell).startswith(("=", "+", "-", "@")) and armed(defused(cell)) == cell
