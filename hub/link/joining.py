"""How a box becomes one of the village's: it says six digits, somebody of the staff types them."""
from __future__ import annotations

import datetime as dt
import secrets
import unicodedata
from collections.abc import Mapping

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from hub.auth import throttle
from hub.auth.sign_in import digest
from hub.db.columns import new_id
from hub.db.tables import Box, Household, Joining, Village
from hub.errors import NotFound, NotSetUp, Refused, TooMany
from hub.notices.replacing import take_over

LASTS = dt.timedelta(minutes=10)
AT_ONCE_OF_ADDRESS = 20
"""An installer sets up a whole crate of boxes at one table."""
AT_ONCE = 5_000
"""With more of the 900,000 codes in use, one could be hit by trying."""
SHORTEST_KEY = 32
FACTS = {"version": 40, "host": 60}
"""What a box may tell of itself before it is known, and how many letters of it are kept."""


def wish(work: Session, key: str, address: str, facts: Mapping[str, object], now: dt.datetime) -> Joining:
    """A box that holds ``key`` wants to join; asked again it gets the code that it has. Raises Refused, TooMany;
    NotSetUp where nobody is there who could type one."""
    if work.scalar(select(Village.id).limit(1)) is None:
        raise NotSetUp("a box wants to join, and there is no village yet")
    if len(key) < SHORTEST_KEY:
        raise Refused("盒子的钥匙太短")
    work.execute(delete(Joining).where(Joining.expires_at <= now))
    known = work.get(Joining, digest(key))
    if known is not None:
        return known
    for wanting, most in ((select(func.count()).where(Joining.address == address), AT_ONCE_OF_ADDRESS), (select(func.count(Joining.key)), AT_ONCE)):
        if work.scalar(wanting) >= most:
            raise TooMany(f"{most} boxes want to join already, as this one from {address}", int(LASTS.total_seconds()))
    taken = set(work.scalars(select(Joining.code)))
    code = next(code for code in iter(_code, "") if code not in taken)
    kept = {name: str(facts[name])[:most] for name, most in FACTS.items() if name in facts}
    wanting = Joining(key=digest(key), code=code, address=address, facts=kept, created_at=now, expires_at=now + LASTS)
    work.add(wanting)
    return wanting


def _code() -> str:
    return str(secrets.randbelow(900_000) + 100_000)


def take(work: Session, village_id: str, household_id: str, code: str, now: dt.datetime, who: str, address: str) -> Box:
    """The box that says this code joins the village, in this home, and gets what one that was there before it had still to say. ``who`` types
    it. Raises Refused, NotFound, TooMany."""
    throttle.check(work, now, f"code {who}", address)
    household = work.get(Household, (village_id, household_id))
    if household is None:
        raise NotFound(f"no household {household_id} in {village_id}")
    digits = "".join(filter(str.isdigit, unicodedata.normalize("NFKC", code)))
    wanting = work.scalar(select(Joining).where(Joining.code == digits, Joining.expires_at > now).with_for_update())
    if wanting is None:
        raise Refused("没有盒子在念这个号码，可能过期了。请让盒子再念一遍")
    box = Box(village_id=village_id, id=new_id(now), household_id=household_id, name=household.name, key=wanting.key, joined_at=now,
              facts=wanting.facts, settings={})
    work.delete(wanting)
    work.add(box)
    take_over(work, box, now)
    throttle.succeeded(work, f"code {who}")
    return box


def box_of(work: Session, key: str) -> Box | None:
    """The box that proves itself with this, unless it has been turned away."""
    return work.scalar(select(Box).where(Box.key == digest(key), Box.revoked_at.is_(None)))


def is_waiting(work: Session, key: str, now: dt.datetime) -> bool:
    """Whether its digits can still be typed."""
    wanting = work.get(Joining, digest(key))
    return wanting is not None and wanting.expires_at > now
