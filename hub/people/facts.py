"""What may be written down of a home and of a person, in which form. Pure; the same for what is typed and for what is imported."""
from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from hub.db.tables import Household, Resident
from hub.errors import Refused

LONGEST_NAME = Household.name.type.length
LONGEST_ADDRESS = Household.address.type.length
LONGEST_NOTES = 2_000
LONGEST_TAG, MOST_TAGS = 20, 12
OLDEST = 120
"""Years; nobody on earth has been older but one."""
HEARING = ("正常", "有点背", "很背", "听不见")
"""Offered; other words may be typed."""

_BETWEEN = re.compile(r"[、,，;；/|]+")
_PHONE = re.compile(r"\+?\d[\d-]{1,18}\d")
_RUINED = re.compile(r"\d(\.\d+)?e\+?\d+", re.IGNORECASE)
_YEAR = re.compile(r"(1[89]\d\d|20\d\d)(?!\d)|(1[89]\d\d|20\d\d)(?=(?:0[1-9]|1[0-2])(?:[0-3]\d)?(?!\d))")
_IDENTITY = re.compile(r"\d{6}(?:(\d{4})\d{7}[\dxX]|(\d\d)\d{7})")


@dataclass(frozen=True, slots=True)
class HomeFacts:
    """``grid_id`` is None where the home belongs to none."""

    name: str
    address: str = ""
    grid_id: str | None = None
    phone: str = ""
    notes: str = ""


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """``born`` is a year."""

    name: str
    born: int | None = None
    phone: str = ""
    hearing: str = ""
    tags: tuple[str, ...] = ()
    notes: str = ""


def short(given: str, what: str, longest: int) -> str:
    """One line. Raises Refused."""
    said = " ".join(_printable(given).split())
    return _within(said, what, longest)


def needed(given: str, what: str, longest: int = LONGEST_NAME) -> str:
    """One line, which must not be empty. Raises Refused."""
    said = short(given, what, longest)
    if not said:
        raise Refused(f"{what}没有填")
    return said


def long(given: str, what: str) -> str:
    """Several lines. Raises Refused."""
    return _within(_printable(given.replace("\r\n", "\n").replace("\r", "\n")).strip(), what, LONGEST_NOTES)


def _within(said: str, what: str, longest: int) -> str:
    if len(said) > longest:
        raise Refused(f"{what}太长，最多{longest}个字")
    return said


def _printable(given: str) -> str:
    """No table holds control characters, and nobody can see them."""
    return "".join(sign for sign in unicodedata.normalize("NFC", given) if sign == "\n" or unicodedata.category(sign) not in ("Cc", "Cf", "Cs"))


def phones(given: str) -> str:
    """One number or several, with 、 between them. Raises Refused."""
    numbers = []
    for part in _BETWEEN.split(unicodedata.normalize("NFKC", _printable(given))):
        number = re.sub(r"\.0+$", "", re.sub(r"[\s()—–]+", "", part).lstrip("'"))
        if _RUINED.fullmatch(number):
            raise Refused(f"电话“{number}”被表格软件改坏了，请把那一列设成文本再填")
        if number and not _PHONE.fullmatch(number):
            raise Refused(f"电话“{part.strip()[:30]}”不像电话号码")
        if number:
            numbers.append(number)
    return _within("、".join(dict.fromkeys(numbers)), "电话", LONGEST_NAME)


def tags(given: str) -> tuple[str, ...]:
    """Each once. Raises Refused."""
    found = tuple(dict.fromkeys(tag for part in _BETWEEN.split(_printable(given)) for tag in part.split()))
    if len(found) > MOST_TAGS:
        raise Refused(f"标签太多，最多{MOST_TAGS}个")
    for tag in found:
        _within(tag, f"标签“{tag[:LONGEST_TAG]}…”", LONGEST_TAG)
    return found


def birth_year(given: str, this_year: int) -> int | None:
    """Of a year or a date, as people write them: 1945, 1945年3月, 1945-03-12, 19450312. Raises Refused."""
    said = re.sub(r"\.0+$", "", unicodedata.normalize("NFKC", given).strip())
    if not said:
        return None
    found = _YEAR.match(said)
    if found is None:
        raise Refused(f"出生年“{said[:20]}”看不懂，请写四位的年份")
    return _likely(int(found[1] or found[2]), this_year)


def year_of_identity(given: str, this_year: int) -> int | None:
    """The year that an identity number holds; nothing else is taken from it, and the message does not repeat it. Raises Refused."""
    said = "".join(unicodedata.normalize("NFKC", given).split()).lstrip("'")
    if not said:
        return None
    found = _IDENTITY.fullmatch(said)
    if found is None:
        raise Refused("身份证号不是18位，也不是15位")
    return _likely(int(found[1] or f"19{found[2]}"), this_year)


def _likely(year: int, this_year: int) -> int:
    if not this_year - OLDEST <= year <= this_year:
        raise Refused(f"出生年{year}不对")
    return year


def age(given: str) -> int | None:
    """In years. Raises Refused."""
    said = re.sub(r"(\.0+)?\s*(周?岁)?$", "", unicodedata.normalize("NFKC", given).strip())
    if not said:
        return None
    if not said.isascii() or not said.isdigit() or int(said[:9]) > OLDEST:
        raise Refused(f"年龄“{given.strip()[:20]}”不对")
    return int(said)


def person(name: str, born: str, phone: str, hearing: str, tagged: str, notes: str, this_year: int) -> PersonFacts:
    """A person as the form gives them. Raises Refused."""
    return PersonFacts(needed(name, "姓名"), birth_year(born, this_year), phones(phone), short(hearing, "听力", Resident.hearing.type.length),
                       tags(tagged), long(notes, "备注"))
