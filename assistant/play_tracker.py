"""Watches what plays and decides when that is worth writing down."""
from __future__ import annotations

import datetime as dt
from dataclasses import replace

from assistant.play_history import PlayHistory
from assistant.ports import MediaState, MediaStatus
from skills.api import Hearing

EVERY_S = 30.0
"""Of a file that plays on: what being killed may cost. Whatever else happens to it is written at once."""


class PlayTracker:
    """Called by one thread, every second or so. Every method raises StoreError when the disk refuses."""

    def __init__(self, history: PlayHistory) -> None:
        self._history = history
        self._heard: Hearing | None = None
        """What plays or played last, as far as it has been seen."""
        self._state = MediaState.STOPPED
        self._written: Hearing | None = None

    def observe(self, status: MediaStatus | None, now: dt.datetime) -> None:
        """What the player does at this moment."""
        if status is None or status.state is MediaState.STOPPED and self._state is MediaState.STOPPED:
            return
        before, was, self._state = self._heard, self._state, status.state
        if before is None or before.file != status.file or was is MediaState.STOPPED and before.at.date() != now.date():
            known = self._history.of_the_day(status.file, now)
            self._heard = Hearing(status.file, known.began if known else now, now, status.position_s)
            self._write(*filter(None, [before]), self._heard)
            return
        ended = status.state is MediaState.STOPPED and before.position_s is None
        if status.state is MediaState.PLAYING or was is MediaState.PLAYING:
            self._heard = replace(before, at=now, position_s=None if ended else status.position_s)
        if status.state is not was or self._moved_s() >= EVERY_S:
            self._write(self._heard)

    def played_out(self, file: str, now: dt.datetime) -> None:
        """``file`` came to its end by itself; whether that or what follows it is seen first does not matter."""
        if self._heard is not None and self._heard.file == file:
            self._heard = replace(self._heard, at=now, position_s=None)
            self._write(self._heard)
            return
        known = next((one for one in reversed(self._history.hearings) if one.file == file), None)
        if known is not None:
            self._write(replace(known, position_s=None))

    def settle(self, status: MediaStatus | None, now: dt.datetime) -> None:
        """The last moment before the box is switched off."""
        self.observe(status, now)
        if self._heard is not None and self._heard != self._written:
            self._write(self._heard)

    def _moved_s(self) -> float:
        """Since it was last written, forwards or backwards."""
        if self._written is None or self._heard.position_s is None or self._written.position_s is None:
            return EVERY_S
        return abs(self._heard.position_s - self._written.position_s)

    def _write(self, *hearings: Hearing) -> None:
        self._written = hearings[-1]
        self._history.keep(*hearings)
