"""The real loudspeaker, on PortAudio through sounddevice.

``play`` reads ahead of the device, so that making the second clause overlaps with hearing the first. PortAudio on
ALSA-pulse cuts the last 40-125 ms when a stream is stopped, so silence is written after the last sample.
"""
from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Iterable
from typing import Any

import numpy as np

from assistant.errors import AudioError, LoudspeakerUnavailable
from assistant.events import Ending
from assistant.ports import Pcm
from audio.portaudio import in_use, portaudio, refresh_devices
from audio.wav import Resampler

log = logging.getLogger(__name__)

_FADE_S = 0.012
_RAMP_PER_SAMPLE = 1 / 800
_AHEAD_S = 8.0
_TAIL_S = 0.06
_DEAD_S = 2.0


def amplitude(level: int) -> float:
    """Volume 0..100 as an amplitude: squared, because loudness is heard roughly logarithmically."""
    return (max(0, min(100, level)) / 100) ** 2


class _Feed:
    """Samples on their way to the device; the PortAudio callback takes them out."""

    def __init__(self, rate: int, gain: float) -> None:
        self.rate = rate
        self.changed = threading.Condition()
        self.queued = 0
        self.given = 0
        self._blocks: deque[np.ndarray] = deque()
        self._gain = gain
        self.target_gain = gain
        self.stopping = False
        self._last = 0.0

    def put(self, block: np.ndarray) -> None:
        with self.changed:
            self._blocks.append(block)
            self.queued += len(block)

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
        if self._gain == self.target_gain:
            return self._gain
        step = np.sign(self.target_gain - self._gain) * _RAMP_PER_SAMPLE
        ramp = self._gain + step * np.arange(1, frames + 1)
        low, high = sorted((self._gain, self.target_gain))
        ramp = np.clip(ramp, low, high)
        self._gain = float(ramp[-1])
        return ramp.astype(np.float32)


class SoundcardLoudspeaker:
    """``Loudspeaker`` port. Every ``play`` opens the device anew, so an unplugged one is tried again by itself."""

    def __init__(self, device: str | int | None = None, volume: int = 60) -> None:
        """``device``: index, or (part of) a name as listed by ``xiangyin doctor``; None is the system's default."""
        self._device = device
        self._level = volume
        self._guard = threading.Lock()
        self._feed: _Feed | None = None
        self._stopped = False
        self._failed = False

    def play(self, blocks: Iterable[Pcm], sample_rate: int) -> Ending:
        """Play to the last sample, on the calling thread; one call at a time. Raises LoudspeakerUnavailable."""
        with self._guard:
            self._stopped = False
        source = iter(blocks)
        first = next(source, None)
        if first is None:
            return Ending.FINISHED
        sounddevice = _sounddevice()
        if self._failed:
            refresh_devices()
        with in_use():
            try:
                stream, feed = self._open(sounddevice, sample_rate)
                with stream:
                    self._push(first, source, feed, sample_rate, stream)
                    self._drain(feed, stream)
                self._failed = False
            except sounddevice.PortAudioError as error:
                raise LoudspeakerUnavailable(f"{self._name()}: lost while playing ({error})") from error
            finally:
                with self._guard:
                    self._feed = None
                    stopped = self._stopped
        return Ending.INTERRUPTED if stopped else Ending.FINISHED

    def stop(self) -> None:
        with self._guard:
            self._stopped = True
            feed = self._feed
        if feed:
            with feed.changed:
                feed.stopping = True
                feed.changed.notify_all()

    def set_volume(self, level: int) -> None:
        with self._guard:
            self._level = level
            if self._feed:
                self._feed.target_gain = amplitude(level)

    def _push(self, first: Pcm, source: Iterable[Pcm], feed: _Feed, sample_rate: int, stream: Any) -> None:
        resampler = Resampler(sample_rate, feed.rate)
        feed.put(_as_float(resampler.feed(first)))
        for block in source:
            feed.put(_as_float(resampler.feed(block)))
            self._wait(feed, stream, lambda: feed.queued < _AHEAD_S * feed.rate)
            if feed.stopping:
                return
        feed.put(_as_float(resampler.flush()))

    def _drain(self, feed: _Feed, stream: Any) -> None:
        """Wait for the queue to empty, then for as much silence as the device holds back."""
        self._wait(feed, stream, lambda: feed.queued == 0)
        with feed.changed:
            enough = feed.given + int((float(stream.latency) + _TAIL_S) * feed.rate)
        self._wait(feed, stream, lambda: feed.given >= enough, until_stopped=False)

    def _wait(self, feed: _Feed, stream: Any, done: Any, *, until_stopped: bool = True) -> None:
        """Until ``done()``; a callback that has not come for ``_DEAD_S`` means that the device is gone."""
        def over() -> bool:
            return done() or (until_stopped and feed.stopping)

        with feed.changed:
            while not over():
                given = feed.given
                feed.changed.wait_for(lambda given=given: feed.given != given or over(), _DEAD_S)
                if feed.given == given and not over():
                    raise LoudspeakerUnavailable(f"{self._name()}: takes no sound any more (active: {stream.active})")

    def _open(self, sounddevice: Any, sample_rate: int) -> tuple[Any, _Feed]:
        self._failed = True
        try:
            rate = self._device_rate(sounddevice, sample_rate)
            with self._guard:
                feed = _Feed(rate, amplitude(self._level))
                feed.stopping = self._stopped
                self._feed = feed

            def callback(out: np.ndarray, frames: int, _time: object, _status: object) -> None:
                out[:] = feed.take(frames)[:, None]

            stream = sounddevice.OutputStream(
                samplerate=rate, device=self._device, channels=self._channels(sounddevice), dtype="float32",
                latency="low", callback=callback,
            )
        except (sounddevice.PortAudioError, ValueError) as error:
            raise LoudspeakerUnavailable(f"{self._name()}: cannot be opened ({error})") from error
        return stream, feed

    def _device_rate(self, sounddevice: Any, wanted: int) -> int:
        try:
            sounddevice.check_output_settings(self._device, channels=self._channels(sounddevice), samplerate=wanted)
        except sounddevice.PortAudioError:
            return int(sounddevice.query_devices(self._device, "output")["default_samplerate"])
        return wanted

    def _channels(self, sounddevice: Any) -> int:
        """One where the driver converts, two where the hardware is stereo only."""
        return 1 if sounddevice.query_devices(self._device, "output")["max_output_channels"] != 2 else 2

    def _name(self) -> str:
        return "default loudspeaker" if self._device is None else f"loudspeaker {self._device!r}"


def _sounddevice() -> Any:
    try:
        return portaudio()
    except AudioError as error:
        raise LoudspeakerUnavailable(str(error)) from error


def _as_float(pcm: Pcm) -> np.ndarray:
    return pcm.astype(np.float32) / 32768
