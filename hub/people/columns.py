"""Which column of a table holds what, by its heading. Pure."""
from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from hub.errors import Refused
from hub.people.sheet import Rows

TITLES = 10
"""Rows in which the headings are looked for: above them lists have a title and a date."""


class Column(StrEnum):
    """The value is the heading in our own exports."""

    HOME = "户主"
    ADDRESS = "地址"
    GRID = "网格"
    HOME_PHONE = "家里电话"
    HOME_NOTES = "家庭备注"
    NAME = "姓名"
    BORN = "出生年"
    AGE = "年龄"
    IDENTITY = "身份证号"
    PHONE = "电话"
    HEARING = "听力"
    TAGS = "标签"
    NOTES = "备注"


EXPORTED = tuple(column for column in Column if column not in (Column.AGE, Column.IDENTITY))

_ALSO = {
    Column.HOME: "户主姓名 户名 家庭 住户 户",
    Column.ADDRESS: "住址 门牌 门牌号 家庭住址 家庭地址 居住地址 现住址 详细地址",
    Column.GRID: "所属网格 网格名称 小组 村民小组",
    Column.HOME_PHONE: "家庭电话 座机 固定电话 固话",
    Column.HOME_NOTES: "户备注",
    Column.NAME: "老人姓名 居民姓名 成员姓名 名字 成员",
    Column.BORN: "出生年份 出生日期 出生年月 出生年月日 生日 出生",
    Column.AGE: "周岁 岁数",
    Column.IDENTITY: "身份证 身份证号码 公民身份号码 证件号码 证件号",
    Column.PHONE: "手机 手机号 手机号码 电话号码 联系电话 联系方式 本人电话",
    Column.HEARING: "听力情况 听力状况",
    Column.TAGS: "人员类别 类别 人员标签",
    Column.NOTES: "说明 备注说明 情况说明",
}
_MEANING = {heading: column for column in Column for heading in (column.value, *_ALSO[column].split())}


@dataclass(frozen=True, slots=True)
class Layout:
    """Of the row with the headings its place in the rows, which columns hold what, and the headings that are not understood."""

    row: int
    places: Mapping[Column, tuple[int, ...]]
    unused: tuple[str, ...]


def layout(rows: Rows) -> Layout:
    """Raises Refused where no heading names the people."""
    for place, (_, cells) in enumerate(rows[:TITLES]):
        found = [meaning(cell) for cell in cells]
        if Column.HOME in found or Column.NAME in found:
            return _of(place, cells, found)
    raise Refused(f"没有找到表头。表里要有一行写着“户主”或“姓名”，在前{TITLES}行里")


def _of(row: int, cells: Sequence[str], found: Sequence[Column | None]) -> Layout:
    places: dict[Column, tuple[int, ...]] = {}
    for place, column in enumerate(found):
        if column is not None:
            places[column] = (*places.get(column, ()), place)
    for column, several in places.items():
        if len(several) > 1 and column is not Column.PHONE:
            named = "、".join(f"“{cells[place]}”" for place in several)
            raise Refused(f"有{len(several)}列都像“{column}”：{named}，请只留一列")
    return Layout(row, places, tuple(cell for cell, column in zip(cells, found, strict=True) if cell and column is None))


def meaning(heading: str) -> Column | None:
    """Blanks, stars, colons and what stands in brackets make no difference."""
    said = re.sub(r"[\[(【（].*?[\])】）]", "", unicodedata.normalize("NFKC", heading))
    return _MEANING.get(re.sub(r"[\s*:：'·]+", "", said))
