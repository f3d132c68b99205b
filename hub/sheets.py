"""Tables that are handed out, as a workbook: every cell is text, so that no telephone becomes a number, and none is computed."""
from __future__ import annotations

import io
from collections.abc import Iterable, Sequence

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def as_workbook(rows: Iterable[Sequence[str]], name: str, widths: Sequence[float]) -> bytes:
    """The first row are the headings, and stay in sight. ``widths`` of the columns in characters."""
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet(name)
    sheet.freeze_panes = "A2"
    for place, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    for number, row in enumerate(rows):
        cells = [WriteOnlyCell(sheet, value) for value in row]
        for cell in cells:
            cell.number_format = "@"
            if number == 0:
                cell.font = Font(bold=True)
        sheet.append(cells)
    written = io.BytesIO()
    workbook.save(written)
    return written.getvalue()
