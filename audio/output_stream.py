"""One open stream to a loudspeaker: samples queue up here, PortAudio's callback takes them out."""
from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from contextlib import ExitStack, suppress
from typing import Any

import numpy as np

from assistant.errors import AudioError, LoudspeakerUnavailable
from assistant.ports import Pcm
from audio.portaudio import in_use

_FADE_S = 0.012
_RAMP_PER_SAMPLE = 1 / 800
_TAIL_S = 0.06
_DEAD_S = 2.0
_LATENCY_S = 0.04
"""Asked of the device. PortAudio's own "low" is 9 ms on ALSA, which runs dry (audible clicks) as soon as the recogniser
and the voice work beside it; a stop must be heard within 50 ms."""


class Feed:
    """Samples on their way to the device. ``put`` and ``take`` are called by different threads."""

    def __init__(self, rate: int, gain: float) -> None:
        self.rate = rate
        self.changed = threading.Condition()
        self.queued = 0
        self.given = 0
        self._target_gain = gain
        self.stopping = False
        self._blocks: deque[np.ndarray] = deque()
        self._gain = gain

    def put(self, block: Pcm) -> None:
        if not len(block):
            return
        with self.changed:
            self._blocks.append(block.astype(np.float32) / 32768)
            self.queued += len(block)

    def set_gain(self, gain: float) -> None:
        """Glides there within a fiftieth of a second: a jump would click."""
        with self.changed:
            self._target_gain = gain

    def stop(self) -> None:
        with self.changed:
            self.stopping = True
            self.changed.notify_all()

    def take(self, frames: int) -> np.ndarray:
        """Exactly ``frames`` float samples (-1..1): what is queued, then silence; a stop fades out first."""
        out = np.zeros(frames, np.float32)
        with self.changed:
            at = 0
            while at < frames and self._blocks:
                block = self._blocks.popleft()
                part = block[: frames - at]
                out[at : at + len(part)] = part
                at += len(part)
                if len(part) < len(block):
                    self._blocks.appendleft(block[len(part) :])
            self.queued -= at
            self.given += frames
            out *= self._gains(frames)
            if self.stopping:
                fade = min(frames, int(_FADE_S * self.rate))
                out[:fade] *= np.linspace(1, 0, fade, dtype=np.float32)
                out[fade:] = 0
                self._blocks.clear()
                self.queued = 0
            self.changed.notify_all()
        return out

    def _gains(self, frames: int) -> np.ndarray | float:
        if self._gain == self._target_gain:
            return self._gain
        step = np.sign(self._target_gain - self._gain) * _RAMP_PER_SAMPLE
        ramp = self._gain + step * np.arange(1, frames + 1)
        low, high = sorted((self._gain, self._target_gain))
        ramp = np.clip(ramp, low, high)
        self._gain = float(ramp[-1])
        return ramp.astype(np.float32)


class OutputStream:
    """An open device and its feed; a context manager that closes it. It is silent until ``start``."""

    def __init__(self, device: str | int | None, sample_rate: int, gain: float) -> None:
        """``sample_rate`` is what the caller has; the device runs at it if it can, else at its own (``feed.rate``).

        Raises LoudspeakerUnavailable.
        """
        self.sample_rate = sample_rate
        self._name = "default loudspeaker" if device is None else f"loudspeaker {device!r}"
        with ExitStack() as stack:
            try:
                sounddevice = stack.enter_context(in_use())
            except AudioError as error:
                raise LoudspeakerUnavailable(str(error)) from error
            try:
                channels = _channels(sounddevice, device)
                self.feed = Feed(_rate(sounddevice, device, channels, sample_rate), gain)
                self._stream = sounddevice.OutputStream(
                    samplerate=self.feed.rate, device=device, channels=channels, dtype="float32", latency=_LATENCY_S,
                    callback=self._callback)
                stack.callback(self._stream.close)
            except (sounddevice.PortAudioError, ValueError) as error:
                raise LoudspeakerUnavailable(f"{self._name}: cannot be opened ({error})") from error
            self._failure = sounddevice.PortAudioError
            self._open = stack.pop_all()

    def __enter__(self) -> OutputStream:
        return self

    def __exit__(self, *_: object) -> None:
        """A device that is already gone may refuse to be closed: that is no news any more."""
        with suppress(self._failure):
            self._open.close()

    def start(self) -> None:
        try:
            self._stream.start()
        except self._failure as error:
            raise LoudspeakerUnavailable(f"{self._name}: cannot be started ({error})") from error

    def wait(self, done: Callable[[], bool]) -> None:
        """Until ``done()``, which is asked whenever samples have been taken; raises LoudspeakerUnavailable when the
        device takes none for ``_DEAD_S``."""
        with self.feed.changed:
            while not done():
                given = self.feed.given
                self.feed.changed.wait_for(lambda given=given: self.feed.given != given or done(), _DEAD_S)
                if self.feed.given == given and not done():
                    raise LoudspeakerUnavailable(
                        f"{self._name}: takes no sound any more (active: {self._stream.active})")

    def drain(self) -> None:
        """Wait for the queue to empty, then for as much silence as the device holds back: only then all was heard.

        PortAudio on ALSA-pulse would cut the last 40-125 ms of a stream that is closed earlier.
        """
        self.wait(lambda: self.feed.stopping or self.feed.queued == 0)
        with self.feed.changed:
            enough = self.feed.given + int((float(self._stream.latency) + _TAIL_S) * self.feed.rate)
        self.wait(lambda: self.feed.given >= enough)

    def _callback(self, out: np.ndarray, frames: int, _time: object, _status: object) -> None:
        out[:] = self.feed.take(frames)[:, None]


def _rate(sounddevice: Any, device: str | int | None, channels: int, wanted: int) -> int:
    try:
        sounddevice.check_output_settings(device, channels=channels, samplerate=wanted)
    except sounddevice.PortAudioError:
        return int(sounddevice.query_devices(device, "output")["default_samplerate"])
    return wanted


def _channels(sounddevice: Any, device: str | int | None) -> int:
    """One where the driver converts, two where the hardware is stereo only."""
    return 1 if sounddevice.query_devices(device, "output")["max_output_channels"] != 2 else 2
