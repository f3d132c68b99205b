"""Hands the dialogue's media orders to the player."""
from __future__ import annotations

from assistant.commands import (
    Duck,
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
    Unduck,
)
from assistant.ports import MediaPlayer


def carry_out(order: MediaOrder, player: MediaPlayer) -> None:
    """Raises PlayerMissing when something is to be heard and there is no player."""
    match order:
        case Duck():
            player.duck()
        case Unduck():
            player.unduck()
        case PlayMedia(files=files, start_s=start_s, first=first):
            player.play(files, start_s, first)
        case PauseMedia():
            player.pause()
        case ResumeMedia():
            player.resume()
        case StopMedia():
            player.stop()
        case FadeMedia():
            player.fade()
        case NextMedia():
            player.next()
        case PreviousMedia():
            player.previous()
        case RestartMedia():
            player.restart()
        case SetMediaSpeed(speed=speed):
            player.set_speed(speed)
