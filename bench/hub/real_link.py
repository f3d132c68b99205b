"""The box's own side of the line with its disk, as a program that can be killed: ``python -m bench.hub.real_link ADDRESS FOLDER``. Whatever
comes it begins, hears to the end and confirms at once."""
from __future__ import annotations

import datetime as dt
import queue
import sys
from pathlib import Path

from assistant.commands import NoteNotice, NoticeStep
from assistant.hub.store import HubStore
from assistant.hub.village import Village
from assistant.night import Night
from assistant.parts import Health


def main(address: str, folder: str) -> None:
    facts = queue.SimpleQueue()
    village = Village(address, Path(folder), HubStore(Path(folder)), Night())
    village.start(facts.put, lambda: Health(60, ""))
    print("started", flush=True)
    while True:
        now = dt.datetime.now()
        for notice in village.notices(now):
            for step in (NoticeStep.PLAYING, NoticeStep.HEARD, NoticeStep.CONFIRMED):
                if step not in notice.steps:
                    village.note(NoteNotice(notice.notice_id, notice.revision, step), now)
        facts.get()


if __name__ == "__main__":
    main(*sys.argv[1:])
