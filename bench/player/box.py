"""The whole box in the virtual room: a simulated microphone and a typed word go in, the real voice and a real mpv come out."""
from __future__ import annotations

import dataclasses
import datetime as dt
import time
from pathlib import Path

import psutil

from assistant.events import Event, SpeechBegan, SpeechEnded, Typed, WakeHeard
from assistant.head_start import begin
from assistant.mailbox import Mailbox
from assistant.ports import SpeechStyle
from assistant.settings import Settings
from assistant.simulated_room import FirstSamples, Onlooker, SilentScreen, SimulatedRoom
from assistant.state import Phase
from assistant.weather.simulated import SimulatedWeather
from assistant.wiring import build_box, build_voice
from audio.fakes import SimulatedMicrophone

_KNOWN_WITHIN_S = 120.0


class StampedMailbox(Mailbox):
    """Knows when (monotonic) the ear told that it was called. That is WakeHeard; but where more than the phrase seemed to be said, which
    came to nothing, SpeechBegan came before it."""

    def __init__(self) -> None:
        super().__init__()
        self.called_at: list[float] = []

    def post(self, event: Event) -> None:
        if isinstance(event, WakeHeard | SpeechBegan):
            self.called_at.append(time.monotonic())
        super().post(event)


class PlayerBox:
    """Owns a running box; a context manager. Everything between microphone and sound card is real, the files of ``folder`` are its
    programmes. The environment must already be that of a room."""

    def __init__(self, settings: Settings, data: Path, folder: Path) -> None:
        settings = dataclasses.replace(
            settings, box=dataclasses.replace(settings.box, data_dir=str(data)),
            audio=dataclasses.replace(settings.audio, loudspeaker="room_speaker"),
            listening=dataclasses.replace(settings.listening, follow_up_s=0.0),
            media=dataclasses.replace(settings.media, folders=(str(folder),), device="pulse/speaker", night_volume=100))
        self.phrase = settings.listening.wake_phrase
        self.mailbox = StampedMailbox()
        microphone, onlooker, first_samples, self._person = SimulatedMicrophone(), Onlooker(), FirstSamples(), build_voice(settings)
        self.loop = build_box(settings, SilentScreen(), begin(settings, microphone, self.mailbox), voice=self._person,
                              weather=SimulatedWeather(dt.datetime.now), note=onlooker.around, on_started=first_samples.note)
        self.room = SimulatedRoom(self.loop, microphone, first_samples, onlooker, self._person)

    def __enter__(self) -> PlayerBox:
        self.room.__enter__()
        return self

    def __exit__(self, *problem: object) -> None:
        self.room.__exit__(*problem)

    def knows(self, programmes: int) -> None:
        """Wait until so many are known. Raises TimeoutError."""
        end = time.monotonic() + _KNOWN_WITHIN_S
        while len(self.loop.parts.library.programmes) < programmes:
            if time.monotonic() > end:
                raise TimeoutError(f"{programmes} files were not found within {_KNOWN_WITHIN_S:.0f} s")
            time.sleep(0.1)

    def call(self) -> float:
        """Somebody says the wake phrase; returns when it was recognised, the box having answered and now listening. Raises TimeoutError."""
        self.mailbox.called_at.clear()
        self.room.call(self.phrase, SpeechStyle())
        return self.mailbox.called_at[0]

    def ask(self, text: str) -> None:
        """Type it; returns when the box has answered and sleeps again. Raises TimeoutError."""
        self.mailbox.post(Typed(text))
        self.room.wait(lambda event, commands: isinstance(event, Typed))
        self.room.wait(lambda event, commands: isinstance(event, SpeechEnded) and self.loop.state.phase is Phase.ASLEEP)

    def mpv(self) -> psutil.Process:
        """The one that plays. Raises LookupError."""
        for child in psutil.Process().children():
            if child.name() == "mpv" and any("--input-ipc-client" in word for word in child.cmdline()):
                return child
        raise LookupError("no mpv plays")
