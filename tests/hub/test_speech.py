"""听一听: what is being written, in the box's own voice: the box's real command, its real voice, and what happens where there is none."""
from __future__ import annotations

import io
import os
import subprocess
import sys
import threading

import av
import numpy as np
import pytest
import soundfile

from assistant.notices import PACE as PACE_OF_BOX
from assistant.ports import SAMPLE_RATE
from audio.wav import write_wav
from hub import speech
from hub.auth.roles import Role
from hub.speech import MOST_OF_PERSON, PACE, as_read
from tests.hub.conftest import Place
from tests.hub.running import Clock, RunningHub

BOX = (sys.executable, "-m", "assistant.cli")
WORDS = {"title": "停水通知", "text": "明天上午八点到十点停水，请提前存好水"}


def office(hub: RunningHub):
    return Place(hub, "东山村").staff(Role.CLERK)


def hub_with(tmp_path, *box: str, now=None) -> RunningHub:
    return RunningHub(f"sqlite:///{tmp_path / 'hub.sqlite'}", **({"now": now} if now else {}), box=box)


def sound(data: bytes) -> tuple[np.ndarray, int]:
    with av.open(io.BytesIO(data)) as file:
        frames = [frame.to_ndarray().mean(axis=0) for frame in file.decode(audio=0)]
        return np.concatenate(frames), file.streams.audio[0].rate


def test_it_is_read_as_boxes_read_it(tmp_path, recognise):
    assert PACE == PACE_OF_BOX
    with hub_with(tmp_path, *BOX) as hub:
        answer = office(hub).post("/notices/say", data=WORDS)
    assert answer.status_code == 200 and answer.headers["content-type"] == "audio/mpeg", answer.text
    heard, rate = sound(answer.content)
    subprocess.run([*BOX, "say", as_read(**WORDS), "--out", tmp_path / "unhurried.wav"], check=True)
    assert 1.05 < len(heard) / rate / soundfile.info(str(tmp_path / "unhurried.wav")).duration < 1.2, "slower than the box's other talk"
    assert 5 < len(heard) / rate < 14 and len(answer.content) < 9_000 * len(heard) / rate
    at = np.arange(0, len(heard) - 1, rate / SAMPLE_RATE)
    text = recognise((np.interp(at, np.arange(len(heard)), heard) * 32767 * (1 if abs(heard).max() <= 1 else 1 / 32768)).astype(np.int16))
    assert "停水" in text and "明天上午" in text and "八点" in text, text


@pytest.mark.parametrize(("title", "text", "read"), [
    ("停水", "明天停水", "停水。明天停水。"), ("停水", "停水通知：明天停水。", "停水通知：明天停水。"), ("停水！", "明天停水？", "停水！明天停水？")])
def test_a_title_is_not_said_twice(title, text, read):
    assert as_read(title, text) == read


def test_without_the_voice_it_is_said_in_plain_words(tmp_path, monkeypatch):
    monkeypatch.setenv("XIANGYIN_MODELS", str(tmp_path / "none"))
    for box in ((), BOX, ("/no/such/program",)):
        with hub_with(tmp_path, *box) as hub:
            answer = office(hub).post("/notices/say", data=WORDS)
            assert answer.status_code == 409 and answer.headers["content-type"].startswith("text/plain") and "没有盒子的嗓音" in answer.text, box


# -- a box's program that does as the test says -------------------------------------------------------------------------

@pytest.fixture
def program(tmp_path):
    """Speaks at once, and writes down that it did; where there is a file ``wait``, when that has gone."""
    write_wav(tmp_path / "hello.wav", (np.sin(np.arange(SAMPLE_RATE) / 10) * 9000).astype(np.int16), SAMPLE_RATE)
    file = tmp_path / "box"
    file.write_text(f'#!/bin/sh\ncd {tmp_path}\ncat >/dev/null\necho "$*" >>said\nwhile [ -e wait ]; do sleep 0.02; done\ncp hello.wav "$4"\n', encoding="utf-8")
    file.chmod(0o755)
    return file


def said(tmp_path) -> int:
    return len((tmp_path / "said").read_text().splitlines())


def test_the_same_words_are_spoken_once_and_nobody_may_have_it_talk_all_day(tmp_path, program):
    clock = Clock()
    with hub_with(tmp_path, str(program), now=clock) as hub:
        clerk = office(hub)
        for _ in range(2):
            assert clerk.post("/notices/say", data=WORDS).status_code == 200
        assert said(tmp_path) == 1
        answers = [clerk.post("/notices/say", data=WORDS | {"text": f"第{number}条"}) for number in range(MOST_OF_PERSON)]
        assert [answer.status_code for answer in answers] == [200] * (MOST_OF_PERSON - 1) + [429] and int(answers[-1].headers["retry-after"]) > 0
        assert office(hub).post("/notices/say", data=WORDS | {"text": "别人的"}).status_code == 200
        clock.forward(minutes=6)
        assert clerk.post("/notices/say", data=WORDS | {"text": "过了一会儿"}).status_code == 200


def test_two_at_once_are_one_after_the_other_and_too_slow_is_given_up(tmp_path, program, monkeypatch):
    monkeypatch.setattr(speech, "WAITS_S", 0.05)
    (tmp_path / "wait").touch()
    with hub_with(tmp_path, str(program)) as hub:
        clerk, answers = office(hub), []
        first = threading.Thread(target=lambda: answers.append(clerk.post("/notices/say", data=WORDS)))
        first.start()
        while not (tmp_path / "said").exists():
            os.sched_yield()
        assert office(hub).post("/notices/say", data=WORDS | {"text": "我也要"}).status_code == 429
        (tmp_path / "wait").unlink()
        first.join(20)
        assert answers[0].status_code == 200
        monkeypatch.setattr(speech, "LONGEST_S", 0.2)
        (tmp_path / "wait").touch()
        assert clerk.post("/notices/say", data=WORDS | {"text": "太慢"}).status_code == 409
        (tmp_path / "wait").unlink()


@pytest.mark.parametrize("wrong", [{"title": ""}, {"text": ""}, {"text": "长" * 1001}, {"text": "长" * 5000}, {"title": "两\n行"}])
def test_what_could_not_be_sent_is_not_spoken(tmp_path, program, wrong):
    with hub_with(tmp_path, str(program)) as hub:
        assert office(hub).post("/notices/say", data=WORDS | wrong).status_code == 400
    assert not (tmp_path / "said").exists()
