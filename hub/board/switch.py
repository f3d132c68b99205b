"""Whether the board is shown, and where: its address is all that anybody needs to see it, so it can be changed, and taken away."""
from __future__ import annotations

import datetime as dt
import re
import secrets

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.board import places
from hub.board.places import Place
from hub.db.tables import Board
from hub.errors import NotFound, Refused

_LETTERS = "23456789abcdefghjkmnpqrstvwxyz"
"""Without those that look alike: somebody types them with a remote control."""
_GROUPS, _IN_GROUP = 3, 4
PATH = re.compile(r"[0-9a-z]+(-[0-9a-z]+)*")
SHORTEST, LONGEST = 4, 40


def of(work: Session, village_id: str) -> Board | None:
    return work.get(Board, village_id)


def village_at(work: Session, path: str) -> Board:
    """Raises NotFound."""
    board = work.scalar(select(Board).where(Board.path == path)) if PATH.fullmatch(path) and len(path) <= LONGEST else None
    if board is None:
        raise NotFound("no board at this address")
    return board


def renew(work: Session, village_id: str, now: dt.datetime) -> Board:
    """At an address that nobody guesses (58 bits); the one from before leads nowhere any more."""
    path = "-".join("".join(secrets.choice(_LETTERS) for _ in range(_IN_GROUP)) for _ in range(_GROUPS))
    return _put(work, village_id, now, path)


def choose(work: Session, village_id: str, typed: str, now: dt.datetime) -> Board:
    """At an address that people remember. Raises Refused."""
    path = typed.strip().lower()
    if not PATH.fullmatch(path) or not SHORTEST <= len(path) <= LONGEST:
        raise Refused(f"网址最后一段要{SHORTEST}到{LONGEST}个字，只用小写字母、数字，中间可以加短横线")
    other = work.scalar(select(Board.village_id).where(Board.path == path))
    if other not in (None, village_id):
        raise Refused("这个网址别的村已经用了，请换一个")
    return _put(work, village_id, now, path)


def turn_off(work: Session, village_id: str, now: dt.datetime) -> None:
    _put(work, village_id, now, None)


def set_place(work: Session, village_id: str, place: Place | None, now: dt.datetime) -> None:
    board = of(work, village_id) or _put(work, village_id, now, None)
    board.place, board.changed_at = place.code if place else "", now


def place_of(board: Board | None) -> Place | None:
    return places.of(board.place) if board is not None and board.place else None


def _put(work: Session, village_id: str, now: dt.datetime, path: str | None) -> Board:
    board = of(work, village_id)
    if board is None:
        board = Board(village_id=village_id, place="")
        work.add(board)
    board.path, board.changed_at = path, now
    work.flush()
    return board
