"""The voice, with its real models: what is heard of it, and how it behaves when told to stop, replace or prepare."""
from __future__ import annotations

import hashlib
import logging
import queue
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from assistant.commands import Clip
from assistant.errors import ModelMissing, VoiceError
from assistant.events import Ending, Event, SpeakerFailed, SpeechEnded
from assistant.ports import Pcm, SpeechStyle
from audio.cues import TONES, WORD_CUES
from audio.fakes_out import Playback, RecordingLoudspeaker
from audio.neural_voice import NeuralVoice
from audio.system_voice import SystemVoice
from audio.voice import Voice
from audio.voice_choice import choose_voice
from audio.wav import resample
from bench.voice_bench import Listener, edit_distance
from models.paths import model_path

WAIT_S = 20
LONG = "今天有小雨，您出门带伞。明天转晴，您可以晒被子。后天刮大风，您多穿衣裳。"


@pytest.fixture(scope="module")
def neural() -> NeuralVoice:
    voice = NeuralVoice(model_path("voice-zh"), threads=1)
    voice.real_time_factor()
    return voice


class Stage:
    """A voice at work, its loudspeaker, and its events in order."""

    def __init__(self, synthesizer, pace: float = 0.0, **observers) -> None:
        self.events: queue.Queue[Event] = queue.Queue()
        self.first_sample: queue.Queue[Playback] = queue.Queue()
        self.loudspeaker = RecordingLoudspeaker(pace, self.first_sample.put)
        self.voice = Voice(synthesizer, self.loudspeaker, self.events.put, **observers)
        self.voice.start()

    def next(self) -> Event:
        return self.events.get(timeout=WAIT_S)


@pytest.fixture
def stage() -> Iterator[Callable[..., Stage]]:
    stages: list[Stage] = []

    def make(*args, **kwargs) -> Stage:
        stages.append(Stage(*args, **kwargs))
        return stages[-1]

    yield make
    for one in stages:
        one.voice.close()
        assert not one.voice._thread.is_alive()


class Gated:
    """A synthesizer whose every block waits for leave: tests decide when work gets done."""

    name, sample_rate = "gated", 16_000

    def __init__(self) -> None:
        self.leave = threading.Semaphore(0)
        self.asked: queue.Queue[tuple[str, int]] = queue.Queue()

    def synthesize(self, text: str, style: SpeechStyle) -> Iterator[Pcm]:
        for number in range(3):
            self.asked.put((text, number))
            assert self.leave.acquire(timeout=WAIT_S)
            yield np.full(1600, number + 1, np.int16)


def test_what_is_said_is_heard(neural: NeuralVoice) -> None:
    listener = Listener(model_path("vosk-cn"))
    said = ["明天有小雨，您出门记得带伞。", "现在是上午九点二十五分。", "您有两个提醒。", "济南今天多云，24-28℃。"]
    words = ["明天有小雨您出门记得带伞", "现在是上午九点二十五分", "您有两个提醒", "济南今天多云二十四到二十八度"]
    wrong = 0
    for text, expected in zip(said, words, strict=True):
        pcm = np.concatenate(list(neural.synthesize(text, SpeechStyle())))
        wrong += edit_distance(expected, listener.hear(resample(pcm, neural.sample_rate, 16_000)))
    assert wrong <= 5, f"{wrong} of {sum(map(len, words))} characters wrong"


def test_slower_is_longer_and_levels_are_even(neural: NeuralVoice) -> None:
    lengths = [sum(map(len, neural.synthesize("今天天气很好。", SpeechStyle(rate)))) for rate in (0.7, 0.85, 1.0, 1.3)]
    assert lengths == sorted(lengths, reverse=True) and lengths[0] > 1.3 * lengths[2]
    pcm = np.concatenate(list(neural.synthesize(LONG, SpeechStyle()))).astype(float)
    assert 2_000 < np.sqrt((pcm**2).mean()) < 9_000 and np.abs(pcm).max() < 32_767


@pytest.mark.parametrize("system", [False, True])
def test_little_silence_follows_the_last_words_and_all_of_it_those_within(neural: NeuralVoice, system: bool) -> None:
    """What was asked for begins when the voice has ended: half a second of silence behind the words was most of the wait."""
    voice = SystemVoice() if system else neural
    pcm = np.concatenate(list(voice.synthesize("给您放花木兰。您听好。", SpeechStyle(1.0))))
    loud = np.flatnonzero(np.abs(pcm.astype(int)) > 300) / voice.sample_rate
    assert 0.1 < len(pcm) / voice.sample_rate - loud[-1] < 0.35
    assert np.diff(loud).max() > 0.44


def test_nothing_to_say_is_an_error(neural: NeuralVoice) -> None:
    with pytest.raises(VoiceError, match="can be spoken"):
        list(neural.synthesize("😀", SpeechStyle()))


def test_five_thousand_characters_begin_at_once(neural: NeuralVoice) -> None:
    begun = time.perf_counter()
    blocks = neural.synthesize("今天24℃，村里开会ABC。\n" * 300, SpeechStyle())
    assert len(next(blocks)) > 0
    assert time.perf_counter() - begun < 2.0


def test_say_ends_once_and_tells_observers(neural: NeuralVoice, stage) -> None:
    started, heard = [], []
    s = stage(neural, on_started=started.append, on_audio=heard.append)
    s.voice.say(7, "您好。")
    assert s.next() == SpeechEnded(7, Ending.FINISHED)
    assert started == [7] and not s.voice.speaking and s.events.empty()
    played = s.loudspeaker.playbacks[0]
    assert abs(sum(map(len, heard)) - len(played.pcm) * 16_000 / played.sample_rate) < 50


def test_what_is_to_be_taken_in_word_for_word_is_said_slower(neural: NeuralVoice, stage) -> None:
    s = stage(neural)
    for turn, pace in enumerate((1.0, 0.8, 1.0)):
        s.voice.say(turn, "明天上午全村停水。", pace=pace)
        s.next()
    usual, slower, usual_again = (len(playback.pcm) for playback in s.loudspeaker.playbacks)
    assert slower > 1.15 * usual and usual_again == usual


def test_say_replaces_what_is_being_said(neural: NeuralVoice, stage) -> None:
    s = stage(neural, pace=1.0)
    s.voice.say(1, LONG)
    s.first_sample.get(timeout=WAIT_S)
    s.voice.say(2, "好。")
    assert s.next() == SpeechEnded(1, Ending.INTERRUPTED)
    assert s.next() == SpeechEnded(2, Ending.FINISHED)


def test_stop_speaking_is_prompt_and_harmless_when_silent(neural: NeuralVoice, stage) -> None:
    s = stage(neural, pace=1.0)
    s.voice.stop_speaking()
    s.voice.say(1, LONG)
    s.first_sample.get(timeout=WAIT_S)
    begun = time.monotonic()
    s.voice.stop_speaking()
    assert s.next() == SpeechEnded(1, Ending.INTERRUPTED)
    assert time.monotonic() - begun < 1.0
    assert s.events.empty()


@pytest.fixture
def clip(tmp_path: Path) -> Clip:
    """Two seconds of 440 Hz, as the village's hub makes recordings."""
    file = tmp_path / "recording.ogg"
    soundfile.write(file, 0.3 * np.sin(2 * np.pi * 440 * np.arange(96_000) / 48_000), 48_000, format="OGG", subtype="OPUS")
    return Clip(str(file), hashlib.sha256(file.read_bytes()).hexdigest())


def test_a_clip_is_played_behind_the_words_and_can_be_stopped(neural: NeuralVoice, stage, clip: Clip) -> None:
    heard = []
    s = stage(neural, pace=1.0, on_audio=heard.append)
    s.voice.say(1, "停水。")
    s.voice.say(2, "停水。", clip=clip)
    assert [s.next(), s.next()] == [SpeechEnded(1, Ending.INTERRUPTED), SpeechEnded(2, Ending.FINISHED)]
    played = s.loudspeaker.playbacks[-1]
    tail = played.pcm[-played.sample_rate :]
    assert len(played.pcm) / played.sample_rate > 2.5
    assert np.argmax(np.abs(np.fft.rfft(tail))) * played.sample_rate / len(tail) == pytest.approx(440, abs=2)
    heard.clear()
    s.voice.say(3, "停水。", clip=clip)
    while not s.first_sample.get(timeout=WAIT_S).called_at > played.called_at:
        pass
    s.voice.stop_speaking()
    assert s.next() == SpeechEnded(3, Ending.INTERRUPTED)


@pytest.mark.parametrize("content", [b"", b"OggS, somebody else's", None])
def test_a_clip_that_is_not_what_it_should_be_is_not_begun(neural: NeuralVoice, stage, clip: Clip, content: bytes | None) -> None:
    file = Path(clip.file)
    file.unlink() if content is None else file.write_bytes(content)
    s = stage(neural)
    s.voice.say(1, "停水。", clip=clip)
    assert s.next() == SpeechEnded(1, Ending.FAILED) and not any(len(playback.pcm) for playback in s.loudspeaker.playbacks)
    s.voice.say(2, "好。")
    assert s.next() == SpeechEnded(2, Ending.FINISHED)


def test_orders_given_in_a_burst_each_end_once(stage) -> None:
    gated = Gated()
    s = stage(gated)
    for turn in range(20):
        s.voice.say(turn, f"第{turn}句")
    gated.leave.release(200)
    ended = [s.next() for _ in range(20)]
    assert sorted(event.turn for event in ended) == list(range(20))
    assert ended[-1] == SpeechEnded(19, Ending.FINISHED)
    assert sum(event.ending is Ending.FINISHED for event in ended) == 1


def test_a_warm_sentence_sounds_at_once(neural: NeuralVoice, stage) -> None:
    s = stage(neural)
    s.voice.warm(WORD_CUES[:1])
    s.voice.say(0, "一。")
    s.next()
    s.first_sample.get(timeout=WAIT_S)
    s.voice.prepare("二。")
    s.voice.say(1, WORD_CUES[0])
    s.next()
    s.first_sample.get(timeout=WAIT_S)
    delays = []
    for turn in range(2, 12):
        asked = time.monotonic()
        s.voice.say(turn, WORD_CUES[0])
        delays.append(s.first_sample.get(timeout=WAIT_S).first_sample_at - asked)
        s.next()
    assert sorted(delays)[5] < 0.015, delays


def test_preparation_is_continued_not_repeated(stage) -> None:
    gated = Gated()
    s = stage(gated)
    s.voice.prepare("要下雨了。")
    gated.leave.release()
    assert [gated.asked.get(timeout=WAIT_S)[1] for _ in range(2)] == [0, 1]
    s.voice.say(1, "要下雨了。")
    gated.leave.release(2)
    assert s.next() == SpeechEnded(1, Ending.FINISHED)
    assert gated.asked.get_nowait() == ("要下雨了。", 2) and gated.asked.empty()
    assert s.loudspeaker.playbacks[0].pcm.tolist() == [1] * 1600 + [2] * 1600 + [3] * 1600


def test_the_newest_preparation_wins_and_say_interrupts_it(stage) -> None:
    gated = Gated()
    s = stage(gated)
    s.voice.prepare("甲")
    gated.leave.release()
    assert [gated.asked.get(timeout=WAIT_S) for _ in range(2)] == [("甲", 0), ("甲", 1)]
    s.voice.prepare("乙")
    gated.leave.release()
    assert gated.asked.get(timeout=WAIT_S) == ("乙", 0)
    s.voice.say(1, "丙")
    gated.leave.release()
    assert gated.asked.get(timeout=WAIT_S) == ("丙", 0)
    gated.leave.release(3)
    assert s.next() == SpeechEnded(1, Ending.FINISHED)
    assert [gated.asked.get_nowait() for _ in range(2)] == [("丙", 1), ("丙", 2)] and gated.asked.empty()


def test_a_lost_loudspeaker_is_reported_and_tried_again(neural: NeuralVoice, stage) -> None:
    s = stage(neural)
    s.loudspeaker.failure = "pulled out"
    s.voice.say(1, "您好。")
    assert s.next() == SpeakerFailed("pulled out")
    assert s.next() == SpeechEnded(1, Ending.FAILED)
    s.loudspeaker.failure = None
    s.voice.say(2, "您好。")
    assert s.next() == SpeechEnded(2, Ending.FINISHED)


def test_unspeakable_text_ends_as_failed(neural: NeuralVoice, stage) -> None:
    s = stage(neural)
    s.voice.say(1, "😀")
    assert s.next() == SpeechEnded(1, Ending.FAILED)
    s.voice.say(2, "您好。", tone="ring")
    assert s.next() == SpeechEnded(2, Ending.FINISHED)
    assert len(s.loudspeaker.playbacks[-1].blocks[0]) == len(TONES["ring"](neural.sample_rate))


def test_tones_are_soft_and_in_the_band_of_old_ears() -> None:
    for make in TONES.values():
        pcm = make(16_000).astype(float)
        spectrum, hertz = np.abs(np.fft.rfft(pcm)), np.fft.rfftfreq(len(pcm), 1 / 16_000)
        assert spectrum[(hertz >= 500) & (hertz <= 2000)].sum() > 0.85 * spectrum.sum()
        assert np.abs(pcm[:32]).max() < 0.1 * np.abs(pcm).max() < 3_277


def test_the_system_voice_speaks_mandarin() -> None:
    voice = SystemVoice()
    once, slow, quick = (
        np.concatenate(list(voice.synthesize("今天24℃，天气很好。再见！", SpeechStyle(rate)))) for rate in (1.0, 0.7, 1.3)
    )
    assert len(slow) > 1.3 * len(once) > 1.5 * len(quick) > voice.sample_rate
    assert np.abs(once).max() > 5_000


class Paced:
    name, sample_rate = "paced", 24_000

    def __init__(self, factor: float) -> None:
        self._factor = factor

    def real_time_factor(self) -> float:
        return self._factor

    def synthesize(self, text: str, style: SpeechStyle) -> Iterator[Pcm]:
        yield np.zeros(10, np.int16)


def _no_system():
    raise VoiceError("espeak-ng is not here")


def test_engine_choice_says_why(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    assert choose_voice(tmp_path).name == "system"
    assert "fastspeech2.tflite" in caplog.text
    assert choose_voice(tmp_path, neural=lambda _: Paced(2.0)).name == "system"
    assert "too slow" in caplog.text
    assert choose_voice(tmp_path, neural=lambda _: Paced(0.2)).name == "paced"
    assert choose_voice(tmp_path, neural=lambda _: Paced(2.0), system=_no_system).name == "paced"
    with pytest.raises(VoiceError, match=r"fastspeech2\.tflite.*espeak-ng is not here"):
        choose_voice(tmp_path, system=_no_system)
    with pytest.raises(ModelMissing):
        choose_voice(tmp_path, "neural")
