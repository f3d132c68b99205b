"""A simple model of the player, made from what ``MediaPlayer`` promises and not from how it is kept: what ``status()`` and mpv must say
after each order. Pure.
"""
from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace

from assistant.ports import MediaState, MediaStatus

DUCKED_DB = 20.0
SLOWEST, FASTEST = 0.5, 1.5
SPEED_EXACT, VOLUME_EXACT = 1e-6, 0.02
PLACE_EXACT_S = 2.0
"""The status is exact to about a second, in which at most one and a half of the file are played."""
BEGIN_EXACT_S = 0.3
_SAID = ("file", "index", "count", "state", "speed")
PLAYING, PAUSED, STOPPED = MediaState.PLAYING, MediaState.PAUSED, MediaState.STOPPED


@dataclass(frozen=True, slots=True)
class Order:
    """A method of the port with its arguments."""

    name: str
    arguments: tuple = ()

    def __str__(self) -> str:
        return f"{self.name}{self.arguments}"


@dataclass(frozen=True, slots=True)
class Mpv:
    """What mpv says, or is to say, of itself; only ``path`` counts while that is None: nothing is loaded."""

    path: str | None
    pause: bool
    speed: float
    volume: float
    """By mpv's cubic scale."""
    place_s: float | None = None


@dataclass(frozen=True, slots=True)
class Model:
    files: tuple[str, ...] = ()
    index: int = 0
    state: MediaState = STOPPED
    speed: float = 1.0
    level: int = 60
    ducked: bool = False
    held: bool = False
    last: bool = False
    """Nothing follows what plays."""
    dying: bool = False
    begins_s: float | None = None
    """The place at which the file was told to begin; None where only the player knows it."""
    begun: int = 0
    """How often a file was told to begin."""

    def after(self, order: Order) -> Model:
        """What is true when ``order`` has been given."""
        return getattr(self, f"_{order.name}")(*order.arguments)

    def played_out(self) -> Model:
        """The file came to its end by itself."""
        return replace(self._stop(), begins_s=0.0, last=False) if self.last else self._next()

    def mpv(self) -> Mpv:
        loud = (self.level / 100) ** 2 * (10 ** (-DUCKED_DB / 20) if self.ducked else 1.0)
        path = None if self.state is STOPPED else self.files[self.index]
        return Mpv(path, self.state is not PLAYING or self.held, self.speed, 100 * loud ** (1 / 3))

    def _begun(self, index: int, at_s: float | None) -> Model:
        return replace(self, index=index, begins_s=at_s, state=PLAYING, held=self.ducked, dying=False, begun=self.begun + 1)

    def _play(self, files: tuple[str, ...], start_s: float = 0.0, first: int = 0) -> Model:
        return replace(self, files=files, speed=1.0, last=False)._begun(first, start_s)

    def _pause(self) -> Model:
        return replace(self, state=PAUSED, dying=False) if self.state is PLAYING else self

    def _resume(self) -> Model:
        if self.state is PLAYING:
            return replace(self, dying=False, last=False)
        if self.state is PAUSED:
            return replace(self, state=PLAYING, held=self.ducked)
        return self._begun(self.index, None if self.begins_s else self.begins_s) if self.files else replace(self, last=False)

    def _stop(self) -> Model:
        return replace(self, state=STOPPED, held=False, dying=False, begins_s=None)

    def _end_after_this(self) -> Model:
        return replace(self, last=True)

    def _fade(self) -> Model:
        return self._stop() if self.state is not PLAYING or self.held else replace(self, dying=True)

    def _next(self) -> Model:
        if self.index + 1 < len(self.files):
            return self._begun(self.index + 1, 0.0)
        return replace(self._stop(), begins_s=0.0)

    def _previous(self) -> Model:
        return self._begun(max(0, self.index - 1), 0.0) if self.files else self

    def _restart(self) -> Model:
        return self._begun(self.index, 0.0) if self.files else self

    def _set_speed(self, speed: float) -> Model:
        return replace(self, speed=min(FASTEST, max(SLOWEST, speed)))

    def _set_volume(self, level: int) -> Model:
        return replace(self, level=min(100, max(0, level)))

    def _duck(self) -> Model:
        return replace(self, ducked=True)

    def _unduck(self) -> Model:
        return replace(self, ducked=False, held=False)


def against_status(model: Model, status: MediaStatus | None) -> list[str]:
    """Where ``status()`` says something else than the model, in words."""
    if status is None:
        return ["status: nothing, though files were given"] if model.files else []
    wanted = (model.files[model.index], model.index, len(model.files), model.state, model.speed)
    said = (status.file, status.index, status.count, status.state, status.speed)
    return [f"status: {name} {have}, not {want}" for name, have, want in zip(_SAID, said, wanted, strict=True) if have != want]


def against_mpv(model: Model, status: MediaStatus | None, seen: Mpv, begun_s: float) -> list[str]:
    """Where mpv says something else than the model and the status, in words; ``begun_s`` ago the file was told to begin."""
    wanted = model.mpv()
    if seen.path != wanted.path or wanted.path is None:
        return [] if seen.path == wanted.path else [f"mpv: path {seen.path}, not {wanted.path}"]
    least = 0.0 if model.dying else wanted.volume - VOLUME_EXACT
    found = [f"mpv: pause {seen.pause}, not {wanted.pause}"] * (seen.pause is not wanted.pause)
    found += [f"mpv: speed {seen.speed}, not {wanted.speed}"] * (abs(seen.speed - wanted.speed) > SPEED_EXACT)
    found += [f"mpv: volume {seen.volume}, not {wanted.volume}"] * (not least <= seen.volume <= wanted.volume + VOLUME_EXACT)
    return found + _against_place(model, status, seen.place_s, begun_s)


def _against_place(model: Model, status: MediaStatus | None, place_s: float | None, begun_s: float) -> list[str]:
    if place_s is None:
        return ["mpv: no place in the file yet"]
    found = []
    if status is not None and abs(status.position_s - place_s) > PLACE_EXACT_S:
        found.append(f"status: {status.position_s:.2f} s, where mpv is at {place_s:.2f} s")
    if model.begins_s is not None and not model.begins_s - BEGIN_EXACT_S <= place_s <= model.begins_s + FASTEST * begun_s + BEGIN_EXACT_S:
        found.append(f"mpv: at {place_s:.2f} s, {begun_s:.2f} s after it began at {model.begins_s:.2f} s")
    return found


PLAIN = ("pause", "resume", "stop", "next", "previous", "restart", "duck", "unduck", "fade", "end_after_this")


def orders(files: tuple[str, ...], long_s: float, seed: int) -> Iterator[Order]:
    """Endless, the same for the same ``seed``. What begins does so in the first half of a file of ``long_s`` seconds."""
    chance = random.Random(seed)
    while True:
        name = chance.choice((*PLAIN, "play", "play", "set_speed", "set_volume"))
        match name:
            case "play":
                some = tuple(chance.sample(files, chance.randint(1, len(files))))
                start_s = chance.choice((0.0, round(chance.uniform(0.0, long_s / 2), 2)))
                yield Order("play", (some, start_s, chance.randrange(len(some))))
            case "set_speed":
                yield Order("set_speed", (round(chance.uniform(0.4, 1.6), 2),))
            case "set_volume":
                yield Order("set_volume", (chance.randint(0, 100),))
            case _:
                yield Order(name)
