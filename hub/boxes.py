"""The boxes of a village: which there are, how they do, and what the staff sets of them."""
from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from pypinyin import Style, lazy_pinyin
from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.auth.sign_in import digest
from hub.bell import Bell
from hub.db.tables import Box, Household, Resident
from hub.errors import NotFound, Refused
from hub.link import outgoing
from hub.link.attendance import ONLINE
from hub.messages import Kind

HOURS = tuple(f"{hour:02}:00" for hour in range(24))
"""A box knows its quiet time by the hour."""
LITTLE_MB = 500
"""With less room on its disk a box soon keeps no recording any more."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A box, and how it does. Empty or None where it has not told."""

    box: Box
    home: str
    online: bool

    @property
    def version(self) -> str:
        return str(self.box.facts.get("version", ""))

    @property
    def volume(self) -> int | None:
        return self.box.facts.get("volume")

    @property
    def free_mb(self) -> int | None:
        return self.box.facts.get("free_mb")

    @property
    def has_little_room(self) -> bool:
        return self.free_mb is not None and self.free_mb < LITTLE_MB

    @property
    def free(self) -> str:
        if self.free_mb is None:
            return ""
        return f"{self.free_mb / 1000:.1f} GB" if self.free_mb >= 1000 else f"{self.free_mb} MB"

    @property
    def microphone(self) -> str | None:
        """What is wrong with it; empty where nothing is."""
        return self.box.facts.get("microphone")


@dataclass(frozen=True, slots=True)
class Wished:
    """What the staff has typed of one box."""

    name: str = ""
    household_id: str = ""
    volume: str = ""
    muted: bool = False
    quiet_from: str = ""
    quiet_until: str = ""


def listed(work: Session, village_id: str, sought: str, now: dt.datetime, connected: Collection[str]) -> Sequence[Seen]:
    """Those that are sought by the name of the box, of the home, or of whoever lives there, also by the initials of their pinyin; those
    that are away come first. ``connected``: boxes that are on the line now, whatever the table says."""
    rows = work.execute(select(Box, Household.name).outerjoin(Household, _at_home()).where(Box.village_id == village_id, Box.revoked_at.is_(None)))
    seen = [_seen(box, home, now, connected) for box, home in rows]
    if word := "".join(sought.split()).lower():
        by_name = Resident.sought.icontains(word, autoescape=True)
        lived_in = set(work.scalars(select(Resident.household_id).where(Resident.village_id == village_id, by_name)))
        seen = [one for one in seen if one.box.household_id in lived_in or any(_is_meant(word, name) for name in (one.box.name, one.home))]
    return sorted(seen, key=lambda one: (one.online, one.box.name, one.box.id))


def one_of(work: Session, village_id: str, box_id: str, now: dt.datetime, connected: Collection[str]) -> Seen:
    """Also one that has been turned away. Raises NotFound."""
    row = work.execute(select(Box, Household.name).outerjoin(Household, _at_home())
                       .where(Box.village_id == village_id, Box.id == box_id)).one_or_none()
    if row is None:
        raise NotFound(f"no box {box_id} in {village_id}")
    return _seen(*row, now, connected)


def homes(work: Session, village_id: str) -> Sequence[tuple[str, str, bool]]:
    """Identity, name, and whether a box is there already: those without one first."""
    taken = set(work.scalars(select(Box.household_id).where(Box.village_id == village_id, Box.revoked_at.is_(None))))
    rows = work.execute(select(Household.id, Household.name).where(Household.village_id == village_id).order_by(Household.name, Household.id))
    return sorted(((id, name, id in taken) for id, name in rows), key=lambda home: home[2])


def wished_of(box: Box) -> Wished:
    """As the form shows it."""
    known = box.settings
    volume = known.get("volume")
    return Wished(box.name, box.household_id or "", "" if volume is None else str(volume), bool(known.get("muted")), known.get("quiet_from", ""),
                  known.get("quiet_until", ""))


def set_up(work: Session, bell: Bell, village_id: str, box_id: str, wished: Wished, now: dt.datetime) -> Box:
    """The box is told what is new for it, at once if it is on the line. Raises Refused, NotFound."""
    box = _for_change(work, village_id, box_id)
    if not wished.name.strip():
        raise Refused("盒子的名字要填")
    settings = _settings(wished)
    if wished.household_id != (box.household_id or ""):
        if work.get(Household, (village_id, wished.household_id)) is None:
            raise Refused("请选一户人家")
        box.household_id = wished.household_id
    told = _told(box)
    box.name, box.settings = wished.name.strip(), settings
    if _told(box) != told:
        work.flush()
        outgoing.put(work, village_id, [box.id], Kind.SETTINGS, _told(box), now)
        bell.ring(work, village_id, [box.id])
    return box


def turn_away(work: Session, bell: Bell, village_id: str, box_id: str, now: dt.datetime) -> Box:
    """Its key opens nothing any more, and its line ends, at whichever process; the same box may join anew, as any other. Raises NotFound."""
    box = _for_change(work, village_id, box_id)
    box.revoked_at = now
    box.key = digest(secrets.token_urlsafe(32))
    bell.hang_up(work, box.id)
    return box


def in_words(box: Box) -> str:
    """What has been set, for the record."""
    known = box.settings
    parts = [box.name, f"音量{known['volume']}" if "volume" in known else "", "静音" if known.get("muted") else "",
             f"安静时间{known['quiet_from']}到{known['quiet_until']}" if "quiet_from" in known else ""]
    return "，".join(filter(None, parts))


def _for_change(work: Session, village_id: str, box_id: str) -> Box:
    box = work.scalar(select(Box).where(Box.village_id == village_id, Box.id == box_id, Box.revoked_at.is_(None)).with_for_update())
    if box is None:
        raise NotFound(f"no box {box_id} in {village_id}")
    return box


def _told(box: Box) -> Mapping[str, object]:
    """All that is set: what is not in it, the box decides for itself."""
    return {"name": box.name} | box.settings


def _settings(wished: Wished) -> dict[str, object]:
    settings: dict[str, object] = {"muted": wished.muted}
    if volume := wished.volume.strip():
        if not (volume.isascii() and volume.isdigit() and int(volume) <= 100):
            raise Refused("音量是0到100的数")
        settings["volume"] = int(volume)
    if bool(wished.quiet_from) != bool(wished.quiet_until):
        raise Refused("安静时间的开始和结束要一起定，或者都不定")
    if wished.quiet_from:
        if not {wished.quiet_from, wished.quiet_until} <= set(HOURS):
            raise Refused("安静时间要是整点，像21:00这样")
        if wished.quiet_from == wished.quiet_until:
            raise Refused("安静时间的开始和结束不能一样")
        settings |= {"quiet_from": wished.quiet_from, "quiet_until": wished.quiet_until}
    return settings


def _at_home():
    return (Household.village_id == Box.village_id) & (Household.id == Box.household_id)


def _seen(box: Box, home: str | None, now: dt.datetime, connected: Collection[str]) -> Seen:
    is_there = box.id in connected or (box.seen_at is not None and now - box.seen_at < ONLINE)
    return Seen(box, home or "", is_there and box.revoked_at is None)


def _is_meant(word: str, name: str) -> bool:
    spoken = lazy_pinyin(name)
    return word in name.lower() or word in "".join(spoken) or word in "".join(lazy_pinyin(name, style=Style.FIRST_LETTER))
