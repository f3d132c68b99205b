"""The loudspeaker's samples in step with the microphone's: slow starts, hitches, late readers, and a microphone around it all."""
from __future__ import annotations

import subprocess
import sys
import threading
import time

import numpy as np
import psutil
import pytest

from assistant.ports import SAMPLE_RATE
from audio.cancelling import CancellingMicrophone
from audio.echo import FRAME
from audio.fakes import Pace, SimulatedMicrophone
from audio.far_end import MOST_WAITING, SLACK, WATCHED_S, FarEndQueue, MonitorFarEnd
from audio.sound_server import look, server_name
from audio.wav import write_wav
from bench.virtual_room import VirtualRoom

BLOCK = 160
ALL = np.arange(1, 32001, dtype=np.int16)
"""Every sample tells its own place."""


@pytest.fixture
def queue():
    """In step: the first sample that comes out is sample 0."""
    queue = FarEndQueue()
    queue.put(ALL[: SLACK + BLOCK])
    return queue


def put(queue: FarEndQueue, start: int, blocks: int = 1) -> int:
    queue.put(ALL[start : start + blocks * BLOCK])
    return start + blocks * BLOCK


def test_what_goes_in_comes_out_in_order(queue):
    at, out = SLACK + BLOCK, []
    for _ in range(50):
        out.append(queue.take(BLOCK))
        at = put(queue, at)
    assert np.array_equal(np.concatenate(out), ALL[: 50 * BLOCK])


def test_at_first_only_the_newest_count():
    queue = FarEndQueue()
    assert not queue.take(BLOCK).any()
    queue.put(ALL[:8000])
    assert np.array_equal(queue.take(BLOCK), ALL[8000 - BLOCK - SLACK : 8000 - SLACK])


def test_a_reader_that_is_late_for_less_than_the_slack_is_not_noticed(queue):
    late = SLACK // BLOCK
    out = [queue.take(BLOCK) for _ in range(late + 1)]
    assert np.array_equal(np.concatenate(out), ALL[: (late + 1) * BLOCK])


def test_after_a_longer_hitch_the_samples_are_in_step_again(queue):
    at, hitch = SLACK + BLOCK, SLACK // BLOCK + 5
    for _ in range(hitch):
        queue.take(BLOCK)
    put(queue, at, hitch)
    assert np.array_equal(queue.take(BLOCK), ALL[hitch * BLOCK : (hitch + 1) * BLOCK])


def test_after_a_long_silence_it_begins_anew(queue):
    for _ in range(SLACK // BLOCK + MOST_WAITING // BLOCK + 2):
        queue.take(BLOCK)
    queue.put(ALL[:4000])
    assert np.array_equal(queue.take(BLOCK), ALL[4000 - BLOCK - SLACK : 4000 - SLACK])


def test_clocks_that_drift_apart_cost_a_gap_now_and_then(queue):
    """The loudspeaker's is one in a thousand slower: after the slack is used up it must begin anew, not limp on."""
    at, missed, takes = SLACK + BLOCK, 0, 6000
    for number in range(takes):
        missed += np.count_nonzero(queue.take(BLOCK) == 0)
        size = BLOCK - (number % 6 == 0)
        queue.put(np.ones(size, np.int16))
        at += size
    assert 0 < missed < 0.05 * takes * BLOCK


def test_samples_that_are_lost_cost_a_gap_and_not_all_that_comes_after_them(queue):
    """Else what is owed would be paid with what comes, and be owed anew, for ever."""
    for _ in range(2 * SLACK // BLOCK):
        queue.take(BLOCK)
    at, heard = SLACK + BLOCK, []
    for _ in range(SAMPLE_RATE // BLOCK):
        at = put(queue, at)
        heard.append(bool(queue.take(BLOCK).all()))
    assert not heard[0] and all(heard[len(heard) * 2 // 3:])


def test_who_has_begun_with_too_little_in_hand_gets_more_until_nothing_is_missing():
    """Four blocks come at once, and the first time is just before two are taken."""
    queue, at = FarEndQueue(), put(FarEndQueue(), 0)
    missing = []
    for _ in range(round(12 * SAMPLE_RATE / (4 * BLOCK))):
        queue.put(ALL[: 4 * BLOCK])
        taken = [queue.take(2 * BLOCK) for _ in range(2)]
        missing.append(sum(np.count_nonzero(pcm == 0) for pcm in taken))
    assert at == BLOCK and not any(missing[-50:])


def test_what_is_never_needed_is_thrown_away(queue):
    at, taken = put(queue, SLACK + BLOCK, 10), 0
    while taken <= 2 * WATCHED_S * SAMPLE_RATE:
        given, taken = queue.take(BLOCK), taken + BLOCK
        at = put(queue, at % len(ALL)) if at + BLOCK <= len(ALL) else put(queue, 0)
    assert (at - BLOCK - int(given[-1])) % len(ALL) <= SLACK


def test_a_microphone_gives_all_that_it_hears_less_what_is_played():
    class Half:
        """Takes half of the far end away, which shows that both come together, in frames."""

        def process(self, near, far):
            assert len(near) == len(far) == FRAME
            return near - far // 2

    class Counting:
        def __init__(self):
            self.at, self.running = 0, False

        def start(self):
            self.running = True

        def take(self, samples):
            self.at += samples
            return 2 * np.arange(self.at - samples, self.at).astype(np.int16)

        def stop(self):
            self.running = False

    far, chunks = Counting(), []
    source = SimulatedMicrophone(Pace.CONSUMER, chunk=500)
    microphone = CancellingMicrophone(source, far, Half())
    microphone.start(chunks.append, lambda event: None)
    assert far.running
    source.play(np.arange(5000, 9000).astype(np.int16))
    assert source.drained(5.0)
    microphone.stop()
    assert np.array_equal(np.concatenate(chunks), np.full(4000, 5000)) and not far.running


def test_what_the_server_has_cancelled_already_is_left_alone():
    class Never:
        def process(self, near, far):
            raise AssertionError("it has been done")

    source, chunks = SimulatedMicrophone(Pace.CONSUMER, chunk=500), []
    microphone = CancellingMicrophone(source, MonitorFarEnd(), Never(), lambda: True)
    microphone.start(chunks.append, lambda event: None)
    source.play(np.arange(4000).astype(np.int16))
    assert source.drained(5.0)
    microphone.stop()
    assert np.array_equal(np.concatenate(chunks), np.arange(4000))


def test_what_the_server_plays_is_known_while_it_plays(monkeypatch, tmp_path):
    tone = (8000 * np.sin(2 * np.pi * 440 * np.arange(2 * SAMPLE_RATE) / SAMPLE_RATE)).astype(np.int16)
    write_wav(tmp_path / "tone.wav", tone, SAMPLE_RATE)

    class Keeping:
        def __init__(self):
            self.far = []

        def process(self, near, far):
            self.far.append(far)
            return near

    with VirtualRoom() as room:
        for name in ("PULSE_SERVER", "PULSE_RUNTIME_PATH", "PULSE_COOKIE", "XDG_RUNTIME_DIR"):
            monkeypatch.setenv(name, room.env[name])
        kept, heard = Keeping(), threading.Event()
        microphone = CancellingMicrophone(SimulatedMicrophone(), MonitorFarEnd(), kept)
        microphone.start(lambda pcm: heard.set(), lambda event: None)
        assert heard.wait(5.0)
        subprocess.run(["paplay", "--device=speaker", str(tmp_path / "tone.wav")], env=room.env, check=True)
        microphone.stop()
    far = np.concatenate(kept.far)
    assert np.count_nonzero(np.abs(far) > 100) > SAMPLE_RATE / 2 and np.abs(far).max() == 8000


def test_a_process_that_is_killed_leaves_no_reader_behind(tmp_path):
    program = "import time; from audio.far_end import MonitorFarEnd; MonitorFarEnd().start(); time.sleep(60)"
    with VirtualRoom() as room:
        killed = psutil.Popen([sys.executable, "-c", program], env=room.env)
        end = time.monotonic() + 10
        while not (readers := [child for child in killed.children() if child.name() == "parec"]):
            assert time.monotonic() < end
            time.sleep(0.02)  # a process that has been started has no event for it
        killed.kill()
        killed.wait(5)
        gone, alive = psutil.wait_procs(readers, timeout=5)
        assert not [reader for reader in alive if reader.status() != psutil.STATUS_ZOMBIE]


def test_without_a_sound_server_there_is_silence_and_no_error(monkeypatch, tmp_path):
    monkeypatch.setenv("PULSE_SERVER", f"unix:{tmp_path}/nobody")
    assert server_name() is None and look() is None
    far = MonitorFarEnd()
    far.start()
    assert not far.take(BLOCK).any()
    far.stop()


def test_without_its_tools_there_is_no_server(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert server_name() is None
    far = MonitorFarEnd()
    far.start()
    far.stop()
