"""The echo canceller on a simulated echo: what it takes away, what it leaves of a person, and that silence costs nothing."""
from __future__ import annotations

import numpy as np
import pytest

from assistant.ports import SAMPLE_RATE
from audio.echo import FRAME, TAIL_S, AdaptiveEchoCanceller
from bench.elders.acoustics import simulated_opera
from bench.playback.cancellers import cancelled
from bench.playback.echo_path import at_level, played, room_noise, simulated_echo_paths, to_pcm

SECOND = SAMPLE_RATE
FAR = played(simulated_opera(12.0).sound)
PATHS = simulated_echo_paths("1 m")


def power(pcm) -> float:
    return float(np.mean(np.asarray(pcm, np.float64) ** 2)) + 1e-9


def decibel(before, after) -> float:
    return 10 * np.log10(power(before) / power(after))


@pytest.fixture(scope="module")
def echo():
    return at_level(PATHS[0].echo(FAR), -28.0)


def test_the_echo_is_gone_when_the_way_from_the_loudspeaker_has_been_learnt(echo):
    near = to_pcm(echo + room_noise(len(echo)))
    rest = cancelled(AdaptiveEchoCanceller(), near, to_pcm(FAR))
    assert decibel(near[: 3 * SECOND], rest[: 3 * SECOND]) > 8
    assert decibel(near[8 * SECOND : len(rest)], rest[8 * SECOND :]) > 20


def test_a_person_who_talks_over_it_is_left_as_they_are(echo):
    """Double talk: what differs from the person alone is less than a tenth of the echo, and the learning is not thrown off."""
    voice = np.zeros_like(echo)
    phrase = at_level(played(simulated_opera(1.5, seed=5).sound), -28.0)
    voice[7 * SECOND : 7 * SECOND + len(phrase)] = phrase
    person = to_pcm(voice + room_noise(len(echo)))
    rest = cancelled(AdaptiveEchoCanceller(), to_pcm(echo + voice + room_noise(len(echo))), to_pcm(FAR))
    during = slice(7 * SECOND, 7 * SECOND + len(phrase))
    assert decibel(to_pcm(echo)[during], rest[during].astype(float) - person[during]) > 10
    after = slice(during.stop + SECOND // 2, len(rest))
    assert decibel(to_pcm(echo)[after], rest[after]) > 18


def test_a_box_that_is_moved_learns_its_new_place(echo):
    moved = at_level(PATHS[1].echo(FAR), -28.0)
    near = to_pcm(np.where(np.arange(len(echo)) < 5 * SECOND, echo, moved) + room_noise(len(echo)))
    rest = cancelled(AdaptiveEchoCanceller(), near, to_pcm(FAR))
    assert decibel(near[10 * SECOND : len(rest)], rest[10 * SECOND :]) > 12


def test_a_microphone_that_comes_out_of_step_is_in_it_again_within_seconds(echo):
    """When a busy machine has lost a piece of what it recorded: the echo of all comes sooner, and what was learnt of it is in the way."""
    lost = SECOND // 20
    near = np.concatenate((echo[: 8 * SECOND], echo[8 * SECOND + lost :])) + room_noise(len(echo) - lost)
    rest = cancelled(AdaptiveEchoCanceller(), to_pcm(near), to_pcm(FAR[: len(near)]))
    assert decibel(to_pcm(near)[11 * SECOND : len(rest)], rest[11 * SECOND :]) > 12


def test_while_nothing_is_played_the_microphone_is_not_touched(echo):
    canceller = AdaptiveEchoCanceller()
    silence, voice = np.zeros(FRAME, np.int16), to_pcm(echo[:FRAME])
    assert np.array_equal(canceller.process(voice, silence), voice)
    cancelled(canceller, to_pcm(echo[:SECOND]), to_pcm(FAR[:SECOND]))
    for _ in range(round(TAIL_S * SAMPLE_RATE / FRAME) + 1):
        canceller.process(silence, silence)
    assert np.array_equal(canceller.process(voice, silence), voice)


def test_sound_at_full_scale_does_not_break_it():
    loud = np.where(np.arange(SECOND) // 40 % 2, 32767, -32768).astype(np.int16)
    canceller = AdaptiveEchoCanceller()
    for _ in range(3):
        rest = cancelled(canceller, loud, loud)
    assert decibel(loud, rest[-SECOND // 4 :]) > 20
