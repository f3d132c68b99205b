"""Hands the dialogue's media orders to the player."""
from __future__ import annotations

from operator import methodcaller

from assistant.commands import (
    Duck,
    EndAfterThis,
    FadeMedia,
    MediaOrder,
    NextMedia,
    PauseMedia,
    PlayMedia,
    PreviousMedia,
    RestartMedia,
    ResumeMedia,
    SetMediaSpeed,
    StopMedia,
    TuneIn,
    Unduck,
)
from assistant.ports import MediaPlayer

_BY_NAME = {
    Duck: methodcaller("duck"), Unduck: methodcaller("unduck"), PauseMedia: methodcaller("pause"), ResumeMedia: methodcaller("resume"),
    StopMedia: methodcaller("stop"), EndAfterThis: methodcaller("end_after_this"), FadeMedia: methodcaller("fade"),
    NextMedia: methodcaller("next"), PreviousMedia: methodcaller("previous"), RestartMedia: methodcaller("restart"),
}
"""Orders that say nothing more."""


def carry_out(order: MediaOrder, player: MediaPlayer) -> None:
    """Raises PlayerMissing when something is to be heard and there is no player."""
    match order:
        case PlayMedia(files=files, start_s=start_s, first=first):
            player.play(files, start_s, first)
        case TuneIn(stations=stations, first=first):
            player.tune(stations, first)
        case SetMediaSpeed(speed=speed):
            player.set_speed(speed)
        case _:
            _BY_NAME[type(order)](player)
