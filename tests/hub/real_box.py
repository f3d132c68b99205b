"""The box's own side of the line, without a box around it; and a village that speaks to it as the hub's pages do."""
from __future__ import annotations

import datetime as dt
import queue
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import select

from assistant.events import Event, JoiningCode
from assistant.hub.store import HubStore
from assistant.hub.village import Village
from assistant.night import Night
from assistant.parts import Health
from hub.db.columns import new_id
from hub.db.tables import Box, Notice, NoticeReceipt
from hub.link import joining, outgoing
from hub.messages import Kind, NoticeBody, to_plain
from tests.hub.conftest import Place

WITHIN_S = 20.0


class RealBox:
    """``with RealBox(address, folder) as box:`` it is on; it can be switched on again over the same folder."""

    def __init__(self, address: str, folder: Path, quiet: Night = Night()) -> None:  # noqa: B008 (a frozen value)
        self.store = HubStore(folder)
        self.village = Village(address, folder, self.store, quiet)
        self.events: list[Event] = []
        self._facts: queue.SimpleQueue[Event] = queue.SimpleQueue()

    def __enter__(self) -> RealBox:
        self.village.start(self._post, lambda: Health(60, ""))
        return self

    def __exit__(self, *_: object) -> None:
        self.village.close()
        left = [part for part in (self.village._link, self.village._sender, self.village._attachments) if part._thread.is_alive()]
        assert not left, left

    def _post(self, event: Event) -> None:
        self.events.append(event)
        self._facts.put(event)

    def wait(self, kind: type[Event], timeout_s: float = WITHIN_S) -> Event:
        """The next event of this kind. Raises AssertionError."""
        end = time.monotonic() + timeout_s
        while True:
            try:
                event = self._facts.get(timeout=max(0.0, end - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"no {kind.__name__} within {timeout_s:.0f} s; there was {self.events}") from None
            if isinstance(event, kind):
                return event


def take(place: Place, code: str, home: str = "张大娘家") -> Box:
    """The office types the six digits."""
    household = place.household(home)
    with place.hub.database.write() as work:
        return joining.take(work, place.id, household, code, place.hub.parts.now(), "somebody", "127.0.0.1")


def join(place: Place, box: RealBox) -> str:
    """Its id at the hub."""
    from assistant.events import Joined

    taken = take(place, box.wait(JoiningCode).code)
    box.wait(Joined)
    return taken.id


class Office:
    """Sends notices as a clerk does who clicks."""

    def __init__(self, place: Place) -> None:
        self.place = place
        token = place.staff().cookies["xiangyin"]
        self._author = place.hub.visitor(token).staff_id

    def send(self, box_id: str, text: str, *, title: str = "", priority: str = "ordinary", question: str = "", choices: tuple[str, ...] = (),
             expires_at: dt.datetime | None = None, sent_by: str = "王会计", audio_id: str | None = None, audio_sha256: str = "") -> str:
        """The notice's id. ``audio_sha256`` is what the recording is said to be, whatever it is."""
        place, now = self.place, self.place.hub.parts.now()
        with place.hub.database.write() as work:
            notice = Notice(village_id=place.id, id=new_id(now), author_id=self._author, title=title, text=text, category="停水停电", priority=priority,
                            state="sent", question=question, choices=list(choices), targets={}, created_at=now, sent_at=now, repeat="",
                            audio_id=audio_id)
            work.add(notice)
            work.flush()
            work.add(NoticeReceipt(village_id=place.id, notice_id=notice.id, box_id=box_id, revision=1, queued_at=now, answer=""))
            body = NoticeBody(notice.id, 1, title, text, "停水停电", priority, sent_by, question, choices, f"/link/audio/{audio_id}" if audio_id else "", audio_sha256)
            outgoing.put(work, place.id, [box_id], Kind.NOTICE, to_plain(body), now, expires_at, notice.id)
            place.hub.parts.bell.ring(work, place.id, [box_id])
        return notice.id

    def tell(self, box_id: str, kind: Kind, body: dict[str, object]) -> None:
        place = self.place
        with place.hub.database.write() as work:
            outgoing.put(work, place.id, [box_id], kind, body, place.hub.parts.now())
            place.hub.parts.bell.ring(work, place.id, [box_id])

    def receipt(self, notice_id: str, box_id: str) -> NoticeReceipt:
        with self.place.hub.database.read() as work:
            return work.get_one(NoticeReceipt, (self.place.id, notice_id, box_id))

    def count(self, box_id: str) -> int:
        """How many receipts of the box have been taken, each counted once."""
        with self.place.hub.database.read() as work:
            return work.scalar(select(Box.receipts).where(Box.village_id == self.place.id, Box.id == box_id))


def until(what: Callable[[], bool], timeout_s: float = WITHIN_S) -> None:
    """Raises AssertionError."""
    end = time.monotonic() + timeout_s
    while not what():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.05)
