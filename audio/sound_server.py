"""The sound server, asked through ``pactl`` (package pulseaudio-utils): PulseAudio, or PipeWire, which answers in the same words.

What it tells is looked at as a whole (:class:`Sight`): it moves streams on its own account when a device comes or goes, a
recording even to what is played when there is no microphone any more.
"""
from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum

ANSWERS_WITHIN_S = 3.0
NOWHERE = "auto_null"
"""The output in which a desktop's server lets sound vanish while there is no loudspeaker (module-always-sink)."""
_NAMES = ("device.description", "device.product.name", "alsa.card_name", "alsa.long_card_name", "alsa.id", "alsa.name")
"""Properties in which a person may have read how a device is called; ``aplay -l`` shows the ALSA ones."""
_PROCESS = "application.process.id"
_BEGIN, _FIELD, _PROPERTY = (re.compile(pattern) for pattern in (r"[A-Z][\w ]* #(\d+)$", r"\t([A-Z][\w ]*): (.*)$", r'\t\t([\w.-]+) = "(.*)"$'))


class Kind(Enum):
    """The server's words for what records and what plays."""

    SOURCE = "source"
    SINK = "sink"


@dataclass(frozen=True, slots=True)
class Device:
    """What can be recorded (source) or played on (sink). ``played_on`` is the sink whose monitor it is, empty if none."""

    name: str
    played_on: str
    properties: Mapping[str, str] = field(repr=False)
    driver: str

    @property
    def description(self) -> str:
        return self.properties.get("device.description", self.name)

    @property
    def without_echo(self) -> bool:
        """Whether the server itself takes out of it what is played: module-echo-cancel of PulseAudio or of PipeWire."""
        groups = (self.properties.get(key, "") for key in ("node.link-group", "node.group"))
        return not self.played_on and (self.driver == "module-echo-cancel.c" or any(group.startswith("echo-cancel-") for group in groups))


@dataclass(frozen=True, slots=True)
class Sight:
    """The server at one moment."""

    server: str
    """As it calls itself."""
    sink: str
    source: str
    """The default devices by name, empty if there are none."""
    sources: tuple[Device, ...]
    recording: Mapping[int, str]
    """Which source a process records, by its number."""

    @property
    def played(self) -> str:
        """The source that gives what is played on the default output; empty if there is none."""
        return next((source.name for source in self.sources if source.played_on and source.played_on == self.sink), "")

    def device(self, name: str) -> Device | None:
        """The source of this name."""
        return next((source for source in self.sources if source.name == name), None)


class Hears(Enum):
    """What a process is given as its microphone's sound."""

    MICROPHONE = "microphone"
    WITHOUT_ECHO = "microphone, from which the server has taken what is played"
    ITSELF = "what is played, there being no microphone"


def server_name() -> str | None:
    """The sound server that answers, as it calls itself; None where there is none or its tools are not installed."""
    return _info().get("Server Name")


def look() -> Sight | None:
    """The server as it is now; None where there is none or its tools are not installed."""
    info = _info()
    if not info:
        return None
    numbered = {number: _device(told) for number, told in _blocks(_ask("list", "sources"))}
    recording = {int(process): numbered[source].name for process, told in _streams("source-outputs")
                 if process.isdigit() and (source := told.get("Source")) in numbered}
    return Sight(info.get("Server Name", ""), info.get("Default Sink", ""), info.get("Default Source", ""), tuple(numbered.values()), recording)


def hears(sight: Sight | None, process: int, before: Hears) -> Hears:
    """What this process records. Once it has been given what is played, it does not record that for a microphone again before there is one."""
    if sight is None:
        return Hears.MICROPHONE
    name = sight.recording.get(process)
    if name is None:
        return Hears.ITSELF if before is Hears.ITSELF and sight.source == sight.played else Hears.MICROPHONE
    if name == sight.played:
        return Hears.ITSELF
    source = sight.device(name)
    return Hears.WITHOUT_ECHO if source and source.without_echo else Hears.MICROPHONE


def devices(kind: Kind) -> tuple[Device, ...]:
    """All but the monitors; none where there is no server."""
    found = (_device(told) for _, told in _blocks(_ask("list", f"{kind.value}s")))
    return tuple(device for device in found if not device.played_on)


def prefer(kind: Kind, wanted: str) -> bool:
    """Makes the device that is called so, or has ``wanted`` in its names, the server's default. False if the server has none."""
    device = choose(devices(kind), wanted)
    return device is not None and _run("pactl", f"set-default-{kind.value}", device.name) is not None


def choose(found: Iterable[Device], wanted: str) -> Device | None:
    """By exact name, else by part of one of its names, whatever the case."""
    found, part = tuple(found), wanted.casefold()
    for device in found:
        if device.name == wanted:
            return device
    names = ((device, (device.name, *(device.properties.get(key, "") for key in _NAMES))) for device in found)
    return next((device for device, names in names if any(part in name.casefold() for name in names)), None)


def playing_on(process: int) -> str | None:
    """The sink on which a process plays; None if it does not play through the server."""
    sinks = {number: told.get("Name") for number, told in _blocks(_ask("list", "sinks"))}
    return next((sinks.get(told.get("Sink", "")) for player, told in _streams("sink-inputs") if player == str(process)), None)


def environment() -> dict[str, str]:
    """In which its tools answer in English."""
    return {**os.environ, "LC_ALL": "C.UTF-8"}


def _info() -> dict[str, str]:
    if not (shutil.which("pactl") and shutil.which("parec")):
        return {}
    return dict(line.split(": ", 1) for line in _ask("info").splitlines() if ": " in line)


def _ask(*question: str) -> str:
    return _run("pactl", *question) or ""


def _run(*command: str) -> str | None:
    """What it says; None if it cannot be started, fails, or takes too long."""
    try:
        told = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=ANSWERS_WITHIN_S, env=environment())
    except (OSError, subprocess.TimeoutExpired):
        return None
    return told.stdout if told.returncode == 0 else None


def _streams(kind: str) -> Iterator[tuple[str, dict[str, str]]]:
    """What records or plays, each with the number of its process, empty if that is not known. Of a program that does not speak PulseAudio's
    protocol, as through PipeWire's plugin for ALSA, only the client tells it."""
    found = [told for _, told in _blocks(_ask("list", kind))]
    is_silent = any(_PROCESS not in told and told.get("Client", "").isdigit() for told in found)
    clients = dict(_blocks(_ask("list", "clients"))) if is_silent else {}
    for told in found:
        yield told.get(_PROCESS) or clients.get(told.get("Client", ""), {}).get(_PROCESS, ""), told


def _blocks(text: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Each thing of a list with its number, its fields and its properties."""
    number, told = "", {}
    for line in text.splitlines():
        if begin := _BEGIN.match(line):
            if number:
                yield number, told
            number, told = begin[1], {}
        elif said := _FIELD.match(line) or _PROPERTY.match(line):
            told[said[1]] = said[2]
    if number:
        yield number, told


def _device(told: Mapping[str, str]) -> Device:
    monitored = told.get("Monitor of Sink", "n/a")
    return Device(told.get("Name", ""), "" if monitored == "n/a" else monitored, {"device.description": told.get("Description", ""), **told},
                  told.get("Driver", ""))
