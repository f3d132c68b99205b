"""Tables for the tests of the import, as different programs write them."""
from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

HEADINGS = ("户主", "姓名", "年龄", "电话", "地址", "网格")


def text(rows: Sequence[Sequence[object]], delimiter: str = ",") -> str:
    return "".join(delimiter.join(map(str, row)) + "\r\n" for row in rows)


def workbook(rows: Sequence[Sequence[object]], dress: Callable[[Worksheet], None] = lambda sheet: None) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(list(row))
    dress(book.active)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def repacked(data: bytes, change: Callable[[str, bytes], bytes]) -> bytes:
    """The same workbook with the insides of its members changed."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return written.getvalue()


def village(homes: int) -> list[tuple[object, ...]]:
    """Two to a home, with a heading."""
    rows: list[tuple[object, ...]] = [HEADINGS]
    for number in range(homes):
        for name, age in ((f"张大爷{number}", 70 + number % 25), (f"李秀英{number}", 68 + number % 25)):
            rows.append((f"张大爷{number}", name, age, 13800000000 + 2 * number + (name[0] == "李"), f"{number % 9}组{number}号", f"{number % 4}网格"))
    return rows
