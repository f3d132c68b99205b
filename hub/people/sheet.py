"""From the bytes of a file to the rows of a table, whoever made it. What could choke the hub is refused before it is read."""
from __future__ import annotations

import csv
import datetime as dt
import io
import lzma
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet._read_only import ReadOnlyWorksheet

from hub.errors import Refused

MOST_BYTES = 5_000_000
MOST_UNPACKED = 20_000_000
"""Of a workbook: five thousand lines need a quarter of it."""
MOST_MEMBERS = 500
MOST_MARKS_OF_SHEETS, MOST_MARKS_BESIDES = 1_000_000, 100_000
"""Elements and attributes, which is what reading takes its time and memory for: 5,000 lines of twenty columns have 700,000."""
MOST_ROWS = 5_000
MOST_COLUMNS = 60
LAST_ROW = 1_048_576
"""Of any sheet of Excel's."""
UNCOUNTED = "#没有算出来的公式"
"""Stands in a cell that holds a formula of which nobody has worked out the value."""

Rows = list[tuple[int, tuple[str, ...]]]
"""Numbers as the table's own program shows them, from 1, and the texts of the cells; rows without any text are left out."""

_SNIFFED = 2_000
"""Letters: with quotes all over it, the sniffer takes the time of their number squared."""
_NOTHING = (None,) * MOST_COLUMNS
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"
_NO_TABLE = "这个文件打不开，可能坏了，或者不是表格。请用 Excel 或 WPS 存成 .xlsx 再试"
_TOO_MANY = f"表里的行太多，一次最多{MOST_ROWS}行，请分成几个文件"
_TOO_LARGE = "这个表格太大了，请只留住户那一张，去掉图片和格式再试"


def rows(data: bytes) -> Rows:
    """Of a workbook its first sheet. Raises Refused."""
    if len(data) > MOST_BYTES:
        raise Refused(_TOO_LARGE)
    if not data.strip():
        raise Refused("这个文件是空的")
    if data.startswith(_OLD_OFFICE):
        raise Refused("这是旧版的 .xls，或者加了密码。请在 Excel 或 WPS 里另存为 .xlsx，不要设密码")
    return _kept(_of_workbook(data) if data.startswith(b"PK") else _of_text(_decoded(data)))


def _kept(all_rows: Iterable[Iterable[str]]) -> Rows:
    kept: Rows = []
    for number, row in enumerate(all_rows, 1):
        cells = [cell.strip() for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            kept.append((number, tuple(cells)))
        if len(kept) > MOST_ROWS + 1 or number > LAST_ROW:
            raise Refused(_TOO_MANY)
    return kept


def _decoded(data: bytes) -> str:
    """Excel in China writes GB18030 and UTF-16, everybody else UTF-8. Raises Refused."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise Refused(_NO_TABLE)


def _of_text(text: str) -> Iterator[tuple[str, ...]]:
    """Raises Refused."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    try:
        for row in reader:
            yield tuple(row[:MOST_COLUMNS])
    except csv.Error as error:
        raise Refused(_NO_TABLE) from error


def _delimiter(text: str) -> str:
    """The sniffer looks at how regular all is; with one column, or one line, it sees nothing, and the first line has to tell."""
    try:
        return csv.Sniffer().sniff(text[:_SNIFFED], delimiters=",\t;").delimiter
    except csv.Error:
        first = text.lstrip().partition("\n")[0]
        return max(",\t;", key=first.count)


def _of_workbook(data: bytes) -> Iterator[tuple[str, ...]]:
    """Raises Refused."""
    has_formulas = _looked_into(data)
    try:
        values = _first_sheet(data, values=True)
        formulas = _first_sheet(data, values=False) if has_formulas else None
        for row in values:
            written = next(formulas) if formulas else row
            if row == written == _NOTHING:
                yield ()
                continue
            yield tuple(_text(value, of) for value, of in zip(row, written, strict=True))
    # openpyxl promises nothing about what it raises on a workbook that is none: these are what its reading of broken files is known to end in
    except (InvalidFileException, zipfile.BadZipFile, ParseError, KeyError, ValueError, TypeError, AttributeError, IndexError, OverflowError,
            EOFError, NotImplementedError, RuntimeError, StopIteration, OSError, zlib.error) as error:
        raise Refused(_NO_TABLE) from error


def _looked_into(data: bytes) -> bool:
    """Whether there may be formulas. Raises Refused for what unpacks to too much (zipfile never reads more of a member than it declares),
    and for a document type, which no workbook has and by which XML is blown up."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            if sum(member.file_size for member in members) > MOST_UNPACKED or len(members) > MOST_MEMBERS:
                raise Refused(_TOO_LARGE)
            if "[Content_Types].xml" not in archive.namelist():
                raise Refused(_NO_TABLE)
            has_formulas, marks, besides = False, 0, 0
            for member in members:
                inside = archive.read(member)
                if any("<!DOCTYPE".encode(encoding) in inside for encoding in ("ascii", "utf-16-le", "utf-16-be")):
                    raise Refused(_NO_TABLE)
                is_sheet = member.filename.startswith("xl/worksheets/")
                has_formulas |= is_sheet and b"<f" in inside
                if is_sheet or member.filename == "xl/sharedStrings.xml":
                    marks += _marks(inside)
                else:
                    besides += _marks(inside)
                if marks > MOST_MARKS_OF_SHEETS or besides > MOST_MARKS_BESIDES:
                    raise Refused(_TOO_LARGE)
            return has_formulas
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError, RuntimeError, ValueError, OSError) as error:
        raise Refused(_NO_TABLE) from error


def _marks(inside: bytes) -> int:
    return inside.count(b"<") + inside.count(b"=")


def _first_sheet(data: bytes, values: bool) -> Iterator[tuple[object, ...]]:
    """``values``: what the formulas came to when the workbook was last saved; otherwise the formulas themselves."""
    workbook = load_workbook(io.BytesIO(data), read_only=True, data_only=values, keep_links=False)
    sheet = next((sheet for sheet in workbook.worksheets if isinstance(sheet, ReadOnlyWorksheet)), None)
    if sheet is None:
        raise Refused("这个文件里没有表")
    sheet.reset_dimensions()  # what the file says of its size need not be true
    return sheet.iter_rows(max_col=MOST_COLUMNS, values_only=True)


def _text(value: object, formula: object) -> str:
    """As it was meant: a telephone that a spreadsheet took for a number is one again."""
    if value is None:
        return UNCOUNTED if formula is not None else ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e18:
        return str(int(value))
    if isinstance(value, dt.datetime):
        return f"{value:%Y-%m-%d}"
    return str(value)
