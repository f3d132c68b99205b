"""The real loudspeaker, on PortAudio through sounddevice.

``play`` reads ahead of the device, so that making the second clause overlaps with hearing the first. Every ``play``
opens the device anew: an unplugged one is tried again by itself, and other programs get the card in between. Keeping it
open would gain nothing: the first block is queued before the stream starts, so its first sample is heard after 15 ms,
but after 55 ms on a kept stream, whose buffer is full of silence (medians on a virtual sound card).
"""
from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator

from assistant.errors import AudioError, LoudspeakerUnavailable
from assistant.events import Ending
from assistant.ports import Pcm
from audio.output_stream import OutputStream
from audio.portaudio import list_loudspeakers, refresh_devices
from audio.sound_server import Kind, prefer
from audio.wav import Resampler

_AHEAD_S = 8.0


def amplitude(level: int) -> float:
    """Volume 0..100 as an amplitude: squared, because loudness is heard roughly logarithmically."""
    return (max(0, min(100, level)) / 100) ** 2


class SoundcardLoudspeaker:
    """``Loudspeaker`` port."""

    def __init__(self, device: str | int | None = None, volume: int = 60) -> None:
        """``device``: index, or (part of) a name as listed by ``xiangyin doctor``; None is the system's default. A name that the sound
        server knows becomes the server's default."""
        self._device = device
        self._is_default: bool | None = None
        """Whether it has become the sound server's default; None before the server has been asked."""
        self._level = volume
        self._guard = threading.Lock()
        self._output: OutputStream | None = None
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
        try:
            with self._opened(sample_rate) as output:
                _push(first, source, output)
                output.drain()
            self._failed = False
        except LoudspeakerUnavailable:
            self._failed = True
            raise
        finally:
            with self._guard:
                self._output = None
                stopped = self._stopped
        return Ending.INTERRUPTED if stopped else Ending.FINISHED

    def stop(self) -> None:
        """End the present ``play``; it is silent as soon as the device has played what it already took (40 ms)."""
        with self._guard:
            self._stopped = True
            if self._output:
                self._output.feed.stop()

    def set_volume(self, level: int) -> None:
        with self._guard:
            self._level = level
            if self._output:
                self._output.feed.set_gain(amplitude(level))

    def _opened(self, sample_rate: int) -> OutputStream:
        try:
            if self._failed:
                refresh_devices()
            device = self._of_the_server()
        except AudioError as error:
            raise LoudspeakerUnavailable(str(error)) from error
        output = OutputStream(device, sample_rate, amplitude(self._level))
        with self._guard:
            self._output = output
            output.feed.set_gain(amplitude(self._level))
            if self._stopped:
                output.feed.stop()
        return output

    def _of_the_server(self) -> str | int | None:
        """None, the default, if the wanted device has become the sound server's. The server is asked at first and after a failure: each time
        would take longer than an answer may wait."""
        if self._device in (None, ""):
            return self._device
        if self._failed or self._is_default is None:
            known = str(self._device).isdigit() or any(name == self._device for _, name in list_loudspeakers())
            self._is_default = not known and prefer(Kind.SINK, str(self._device))
        return None if self._is_default else self._device


def _push(first: Pcm, source: Iterator[Pcm], output: OutputStream) -> None:
    """Hand over everything, never more than ``_AHEAD_S`` ahead of the device; a stop ends it early."""
    feed = output.feed
    resampler = Resampler(output.sample_rate, feed.rate)
    feed.put(resampler.feed(first))
    output.start()
    for block in source:
        feed.put(resampler.feed(block))
        output.wait(lambda: feed.stopping or feed.queued < _AHEAD_S * feed.rate)
        if feed.stopping:
            return
    feed.put(resampler.flush())
