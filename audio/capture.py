"""The microphone: any device, any rate, delivered as 16 kHz mono; a lost device is an event, not the end.

PortAudio's callback only copies the block into a bounded queue. The capture thread resamples, hands on, and watches:
when the stream finishes, or no block comes for a while, it closes, waits, and opens again with growing patience.
PortAudio lists devices once, at initialisation; so when the wanted one is not there the library is started afresh.
"""
from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np

from assistant.errors import AudioError, MicrophoneUnavailable
from assistant.events import MicFailed, MicRestored
from assistant.ports import SAMPLE_RATE, Pcm, Post
from audio.portaudio import in_use, portaudio, refresh_devices
from audio.server_watch import ServerWatch
from audio.sound_server import Hears, Kind, prefer
from audio.wav import Resampler

log = logging.getLogger(__name__)

BLOCK_S = 0.032
STALLED_S = 2.0
"""No block for this long means a dead stream, whatever PortAudio says of it."""
FIRST_BACKOFF_S, MOST_BACKOFF_S = 0.5, 8.0
QUEUE_BLOCKS = 128
"""About four seconds at 32 ms a block."""
NOTHING_BUT_ITSELF = "no microphone: the sound server gives what is played in its stead"


@dataclass(frozen=True, slots=True)
class Device:
    """One input device as PortAudio sees it."""

    index: int
    name: str
    channels: int
    rate: int
    is_default: bool


def list_devices() -> list[Device]:
    """All devices that can record. Raises MicrophoneUnavailable where PortAudio is not installed or does not answer."""
    try:
        sd = portaudio()
    except AudioError as error:
        raise MicrophoneUnavailable(str(error)) from error
    try:
        default = sd.default.device[0]
        entries = sd.query_devices()
    except sd.PortAudioError as error:
        raise MicrophoneUnavailable(f"PortAudio cannot list devices: {error}") from error
    return [
        Device(number, entry["name"], entry["max_input_channels"], int(entry["default_samplerate"]), number == default)
        for number, entry in enumerate(entries)
        if entry["max_input_channels"] > 0
    ]


def choose_device(devices: Sequence[Device], wanted: str | int | None) -> Device:
    """By index, exact name, part of a name (first match), or the default. Raises MicrophoneUnavailable."""
    if not devices:
        raise MicrophoneUnavailable("no input device")
    if wanted is None or wanted == "":
        return next((device for device in devices if device.is_default), devices[0])
    text = str(wanted)
    tests: tuple[Callable[[Device], bool], ...] = (
        lambda device: text == str(device.index),
        lambda device: text == device.name,
        lambda device: text.casefold() in device.name.casefold(),
    )
    for test in tests:
        for device in devices:
            if test(device):
                return device
    raise MicrophoneUnavailable(f"no input device {text!r} among {', '.join(device.name for device in devices)}")


def first_channel(block: bytes, channels: int) -> Pcm:
    """Mono from interleaved int16: not the mean, because on arrays other channels may be mute or out of phase."""
    return np.frombuffer(block, dtype=np.int16)[::channels].copy()


class Health(Enum):
    UNKNOWN = "unknown"
    GOOD = "good"
    LOST = "lost"


class SoundcardMicrophone:
    """Implements the port ``Microphone`` on PortAudio. ``device`` is an index, a name, part of one, or None.

    The name may also be one of the sound server's: that becomes the server's default microphone, and the box records the default.
    """

    def __init__(self, device: str | int | None = None, server: ServerWatch | None = None) -> None:
        """``server`` is started and stopped with the microphone; without one nobody notices that a sound server gives something else."""
        self._wanted = device
        self._server = server
        self._blocks: queue.Queue[bytes] = queue.Queue(QUEUE_BLOCKS)
        self._finished = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._health = Health.UNKNOWN
        self.dropped_blocks = 0
        """Blocks that came while the queue was full."""

    def start(self, on_chunk: Callable[[Pcm], None], post: Post) -> None:
        """Returns at once; a microphone that is not there is reported through ``post`` and tried again."""
        self._stopping.clear()
        if self._server:
            self._server.start()
        self._thread = threading.Thread(target=self._run, args=(on_chunk, post), name="capture", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        thread, self._thread = self._thread, None
        self._stopping.set()
        if thread is not None:
            thread.join(5.0)
            if thread.is_alive():
                log.error("the capture thread did not end within 5 s")
            if self.dropped_blocks:
                log.warning("capture dropped %d blocks", self.dropped_blocks)
        if self._server:
            self._server.stop()

    def _run(self, on_chunk: Callable[[Pcm], None], post: Post) -> None:
        backoff_s = FIRST_BACKOFF_S
        while not self._stopping.is_set():
            delivered, reason = self._one_stream(on_chunk, post)
            if self._stopping.is_set():
                return
            if self._health is not Health.LOST:
                self._health = Health.LOST
                log.warning("microphone lost: %s", reason)
                post(MicFailed(reason))
            backoff_s = FIRST_BACKOFF_S if delivered else min(MOST_BACKOFF_S, backoff_s * 2)
            self._stopping.wait(backoff_s)

    def _one_stream(self, on_chunk: Callable[[Pcm], None], post: Post) -> tuple[bool, str]:
        """Record until the stream dies or stop() is called: whether it delivered anything, and why it ended."""
        if self._hears_itself():
            return False, NOTHING_BUT_ITSELF
        try:
            device = self._find()
        except AudioError as error:
            return False, str(error)
        self._finished.clear()
        while not self._blocks.empty():
            self._blocks.get_nowait()
        channels = min(2, device.channels)
        with in_use() as sd:
            try:
                with sd.RawInputStream(
                    device=device.index, samplerate=device.rate, channels=channels, dtype="int16",
                    blocksize=round(device.rate * BLOCK_S), latency="low", callback=self._on_block,
                    finished_callback=self._finished.set,
                ):
                    return self._pump(device, channels, on_chunk, post)
            except sd.PortAudioError as error:
                return False, f"{device.name}: {error}"

    def _find(self) -> Device:
        if self._health is Health.LOST:
            refresh_devices()
        try:
            return choose_device(list_devices(), self._of_the_server())
        except MicrophoneUnavailable:
            if not refresh_devices():
                raise
            return choose_device(list_devices(), self._of_the_server())

    def _of_the_server(self) -> str | int | None:
        """None, the default, if the wanted one has become the sound server's; PortAudio's own names go first."""
        wanted = self._wanted
        if wanted in (None, "") or str(wanted).isdigit() or any(device.name == wanted for device in list_devices()):
            return wanted
        return None if prefer(Kind.SOURCE, str(wanted)) else wanted

    def _hears_itself(self) -> bool:
        return self._server is not None and self._server.hears is Hears.ITSELF

    def _on_block(self, data: object, frames: int, time_info: object, status: object) -> None:
        try:
            self._blocks.put_nowait(bytes(data))  # type: ignore[call-overload]
        except queue.Full:
            self.dropped_blocks += 1

    def _pump(
        self, device: Device, channels: int, on_chunk: Callable[[Pcm], None], post: Post,
    ) -> tuple[bool, str]:
        resampler = Resampler(device.rate, SAMPLE_RATE)
        delivered = False
        silent_s = 0.0
        while not self._stopping.is_set():
            try:
                block = self._blocks.get(timeout=0.1)
            except queue.Empty:
                silent_s += 0.1
                if self._finished.is_set():
                    return delivered, f"{device.name}: the stream ended"
                if silent_s >= STALLED_S:
                    return delivered, f"{device.name}: no sound for {STALLED_S:.0f} s"
                continue
            silent_s = 0.0
            if self._hears_itself():
                return delivered, NOTHING_BUT_ITSELF
            if not delivered:
                delivered = True
                self._recovered(post)
            pcm = resampler.feed(first_channel(block, channels))
            if len(pcm):
                on_chunk(pcm)
        return delivered, "stopped"

    def _recovered(self, post: Post) -> None:
        before, self._health = self._health, Health.GOOD
        if before is Health.LOST:
            log.info("microphone restored")
            post(MicRestored())
