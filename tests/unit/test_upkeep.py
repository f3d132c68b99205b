"""When decoders are renewed, and how they are warmed: with recording decoders and a clock that is an argument."""
from __future__ import annotations

import numpy as np

from audio.recognizer import BLOCK
from audio.upkeep import Upkeep, Warming


class Decoder:
    """Notes what is done to it."""

    def __init__(self) -> None:
        self.utterances = 1
        self.done: list[object] = []

    def accept(self, pcm) -> None:
        self.done.append(len(pcm))

    def discard(self) -> None:
        self.done.append("discard")

    def renew(self) -> None:
        self.done.append("renew")


def ticking(seconds: float):
    times = iter(range(10_000))
    return lambda: next(times) * seconds


CLIP = np.zeros(2 * BLOCK + 10, dtype=np.int16)


def test_a_clip_is_decoded_block_by_block():
    warming, decoder = Warming([CLIP], ticking(0.0)), Decoder()
    warming.plan(decoder)
    for _ in range(10):
        warming.step()
    assert decoder.done == [BLOCK, BLOCK, 10, "discard"]
    assert warming.done


def test_it_rests_twice_as_long_as_a_block_takes():
    warming, decoder = Warming([CLIP], ticking(0.064)), Decoder()
    warming.plan(decoder)
    for _ in range(5):
        warming.step()
    assert decoder.done == [BLOCK]
    warming.step()
    assert decoder.done == [BLOCK, BLOCK]


def test_an_interrupted_decoder_is_ready_for_an_utterance():
    warming, decoder = Warming([CLIP, CLIP], ticking(0.0)), Decoder()
    warming.plan(decoder)
    warming.step()
    warming.interrupt()
    warming.interrupt()
    assert decoder.done == [BLOCK, "discard"]
    for _ in range(10):
        warming.step()
    assert decoder.done == [BLOCK, "discard", BLOCK, BLOCK, 10, "discard"]


def test_a_new_plan_leaves_no_decoder_open():
    warming, one, other = Warming([CLIP], ticking(0.0)), Decoder(), Decoder()
    warming.plan(one)
    warming.step()
    warming.plan(other)
    assert one.done == [BLOCK, "discard"]


def upkeep(*held: float) -> tuple[Upkeep, Warming]:
    values = iter(held)
    last = held[-1]
    warming = Warming([CLIP], ticking(0.0))
    return Upkeep(warming, 40.0, lambda: next(values, last)), warming


def talk(care: Upkeep, decoder: Decoder) -> None:
    care.after_turn()
    care.between_turns([decoder])


def test_nothing_is_measured_before_the_answer_is_on_its_way():
    care, _ = upkeep(300, 500)
    decoder = Decoder()
    care.between_turns([decoder])
    talk(care, decoder)
    care.after_turn()
    assert care.renewals == 0
    care.between_turns([decoder])
    assert care.renewals == 1
    care.between_turns([decoder])
    assert decoder.done == ["renew"]


def test_growth_counts_not_size():
    care, _ = upkeep(500, 539, 539)
    for _ in range(3):
        care.when_quiet([Decoder()])
    assert care.renewals == 0


def test_grown_memory_is_given_back_when_it_is_quiet_and_counted_anew():
    care, warming = upkeep(300, 341, 310, 320, 355)
    decoder = Decoder()
    care.when_quiet([decoder])
    care.when_quiet([decoder])
    assert care.renewals == 1
    assert decoder.done == ["renew"]
    care.when_quiet([decoder])
    assert not warming.done
    while not warming.done:
        warming.step()
    care.when_quiet([decoder])
    care.when_quiet([decoder])
    assert care.renewals == 1


def test_without_quiet_twice_as_much_is_borne():
    care, _ = upkeep(300, 379, 381, 300)
    decoder = Decoder()
    care.when_quiet([decoder])
    talk(care, decoder)
    assert care.renewals == 0
    talk(care, decoder)
    assert care.renewals == 1


def test_where_it_is_never_quiet_the_first_turn_is_the_measure():
    care, _ = upkeep(300, 379, 381, 310, 320, 389, 391, 300)
    for _ in range(3):
        talk(care, Decoder())
    assert care.renewals == 1
    for _ in range(3):
        talk(care, Decoder())
    assert care.renewals == 1


def test_decoders_that_heard_nothing_are_kept():
    care, _ = upkeep(300, 500)
    decoder = Decoder()
    decoder.utterances = 0
    care.when_quiet([decoder])
    care.when_quiet([decoder])
    assert care.renewals == 0
