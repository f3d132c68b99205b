"""The player's bench: what it makes of a recording, what it expects of the player, and its table."""
from __future__ import annotations

import io
import json
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from tinytag import TinyTag

from assistant.library.describe import usable
from assistant.ports import MediaState
from audio.media_course import Course
from bench.player import report, sound
from bench.player.many import id3
from bench.player.model import PLAIN, Model, Mpv, Order, against_mpv, against_status, orders
from bench.player.requests import CALLS, KILLS, requests
from bench.player.soak import Census
from bench.player.sound import RATE

ROOT = Path(__file__).parents[2]
FILES = ("one.mp3", "two.mp3", "three.mp3")


def tone(seconds: float, amplitude: float = 0.1, hertz: float = 440.0) -> np.ndarray:
    return (amplitude * np.sin(2 * np.pi * hertz * np.arange(round(seconds * RATE)) / RATE)).astype(np.float32)


def silent(seconds: float) -> np.ndarray:
    return np.zeros(round(seconds * RATE), np.float32)


def given(*names: str, model: Model | None = None) -> Model:
    model = model or Model().after(Order("play", (FILES,)))
    for name in names:
        model = model.after(Order(name))
    return model


# -- sound ------------------------------------------------------------------------------------------------------------

def test_what_is_on_the_right_alone_is_music_and_a_voice_does_not_disturb_it():
    voice, music = tone(1.0, 0.4, 200.0), tone(1.0, 0.2)
    stereo = np.rint(32768 * np.stack((voice, voice + music), axis=1)).astype(np.int16)
    heard_voice, heard_music = sound.parted(stereo)
    assert np.abs(heard_voice - voice).max() < 1e-4 and np.abs(heard_music - music).max() < 1e-4


def test_a_sound_begins_behind_a_silence_and_the_last_one_ends():
    heard = np.concatenate((tone(0.5), silent(0.3), tone(0.5), silent(0.2)))
    assert sound.begins(heard) == pytest.approx(0, abs=5)
    assert sound.begins(heard, RATE // 10) == pytest.approx(0.8 * RATE, abs=5), "what sounds on does not begin"
    assert sound.begins(heard, RATE) is None
    assert sound.ends(heard) == pytest.approx(1.3 * RATE, abs=5)
    assert sound.ends(heard, round(0.7 * RATE)) == pytest.approx(0.5 * RATE, abs=5)
    assert sound.ends(silent(1.0)) is None and sound.begins(silent(1.0)) is None


def test_what_is_too_soft_to_be_heard_is_silence_and_a_low_tone_is_none():
    heard = np.concatenate((tone(0.5, hertz=50.0), tone(0.5, sound.SOUNDS / 2)))
    assert sound.silence(heard, 0) == pytest.approx(0.5 * RATE, abs=30)
    assert sound.silence(tone(1.0, hertz=50.0), 0) is None


def test_levels_are_those_of_the_tone():
    assert sound.levels_db(tone(0.5, 1.0)) == pytest.approx(-3.01, abs=0.1)
    assert sound.levels_db(tone(0.5, 0.1)) == pytest.approx(-23.01, abs=0.1)
    assert set(sound.levels_db(silent(0.1))) == {sound.SILENCE_DB} and not len(sound.levels_db(silent(0.001)))


@pytest.mark.parametrize(("after_s", "db"), [(0.12, 20.0), (0.05, 16.0), (-0.3, 20.0)])
def test_how_soon_it_is_lowered_and_by_how_much(after_s, db):
    full = tone(6.0)
    full[round((3.0 + after_s) * RATE) :] *= 10 ** (-db / 20)
    found = sound.lowered(full, 3 * RATE, (-2.0, -1.0), 15.0)
    assert found.after_s == pytest.approx(after_s + 0.02, abs=0.011) and found.by_db == pytest.approx(db, abs=0.2)


def test_a_gap_is_no_lowering_but_a_gap():
    heard = tone(6.0)
    heard[2 * RATE : round(2.2 * RATE)] = 0
    heard[round(3.1 * RATE) :] *= 0.1
    heard[round(3.5 * RATE) : round(3.53 * RATE)] = 0
    found = sound.lowered(heard, 3 * RATE, (-2.9, -1.8), 15.0)
    assert found.after_s == pytest.approx(0.12, abs=0.011) and found.by_db == pytest.approx(20, abs=0.2)
    assert sound.gaps_ms(heard) == pytest.approx([200, 30], abs=1) and sound.gaps_ms(tone(1.0)) == []


@pytest.mark.parametrize("change", [lambda heard: heard[3 * RATE :].__imul__(0.25), lambda heard: heard[3 * RATE : 3 * RATE + 800].__imul__(0.01)],
                         ids=["not by enough", "a dip"])
def test_what_is_not_lowered_is_told(change):
    heard = tone(6.0)
    change(heard)
    assert sound.lowered(heard, 3 * RATE, (-2.0, -1.0), 15.0).after_s is None


def test_the_pitch_tells_the_place():
    music = sound.rising_tone(20, RATE)
    assert not music[:, 0].any()
    for second in (0.0, 7.3, 19.0):
        assert sound.place_s(music[:, 1], round(second * RATE)) == pytest.approx(second, abs=0.1)
    with pytest.raises(ValueError, match="nothing sounds"):
        sound.place_s(silent(1.0), 0)


# -- the model --------------------------------------------------------------------------------------------------------

def test_the_player_s_own_course_agrees_with_the_model_in_two_thousand_orders():
    verbs = {"pause": "pausing", "resume": "resuming", "stop": "stopping", "restart": "restarting", "duck": "ducking", "unduck": "unducking",
             "end_after_this": "ending_after_this", "play": "playing", "set_speed": "at_speed", "set_volume": "at_level"}
    model, course = Model(), Course()
    for order in islice(orders(FILES, 60.0, seed=3), 2000):
        model = model.after(order)
        if order.name == "play":
            course = course.playing(*order.arguments)
        elif order.name == "fade":
            course = course.softer(0.01)
        else:
            course = getattr(course, verbs.get(order.name, order.name))(*order.arguments)
        assert against_status(model, course.status()) == []
        assert (model.mpv().pause, model.dying) == (course.silent, course.is_fading)


def test_behind_the_last_file_it_is_stopped_and_would_begin_anew():
    end = given("next", "next", "next")
    assert (end.state, end.index, end.mpv().path) == (MediaState.STOPPED, 2, None)
    assert given("resume", model=end).begins_s == 0.0


def test_what_begins_while_somebody_speaks_waits():
    held = given("duck", "next")
    assert held.state is MediaState.PLAYING and held.mpv().pause
    assert not given("unduck", model=held).mpv().pause
    assert given("unduck").mpv().volume / given("duck").mpv().volume == pytest.approx(10 ** (1 / 3))


def test_a_file_that_is_over_is_followed_by_the_next_unless_it_was_to_be_the_last():
    assert given().played_out().index == 1
    last = given("end_after_this")
    assert last.played_out().state is MediaState.STOPPED and not last.played_out().last
    assert last.after(Order("play", (FILES,))).played_out().index == 1


@pytest.mark.parametrize("status", [{"file": "two.mp3"}, {"index": 1}, {"count": 2}, {"state": MediaState.PAUSED}, {"speed": 1.1}], ids=str)
def test_a_status_that_is_wrong_is_told(status):
    right = Course().playing(FILES, 0.0).status()
    assert against_status(given(), right) == []
    assert len(against_status(given(), replace(right, **status))) == 1


@pytest.mark.parametrize("wrong", [{"path": None}, {"path": "two.mp3"}, {"pause": True}, {"speed": 1.2}, {"volume": 100.0}, {"volume": 0.0},
                                   {"place_s": None}, {"place_s": 9.0}], ids=str)
def test_an_mpv_that_is_wrong_is_told(wrong):
    model = given()
    right = replace(model.mpv(), place_s=0.5)
    assert against_mpv(model, Course().playing(FILES, 0.0).status(), right, 1.0) == []
    assert against_mpv(model, None, replace(right, **wrong), 1.0)


def test_while_it_dies_away_any_softer_volume_is_right_and_a_status_far_from_mpv_is_not():
    model, status = given("fade"), Course().playing(FILES, 0.0).status()
    softer = replace(model.mpv(), place_s=0.5, volume=3.0)
    assert against_mpv(model, status, softer, 1.0) == []
    assert against_mpv(model, replace(status, position_s=30.0), softer, 1.0)


def test_where_nothing_is_loaded_only_that_counts():
    assert against_mpv(given("stop"), None, Mpv(None, False, 1.3, 7.0), 0.0) == []
    assert against_mpv(given("stop"), None, Mpv("one.mp3", True, 1.0, 0.0), 0.0)


def test_the_orders_are_all_sorts_and_the_same_every_time():
    some = list(islice(orders(FILES, 60.0, seed=4), 300))
    assert some == list(islice(orders(FILES, 60.0, seed=4), 300))
    assert {order.name for order in some} == {*PLAIN, "play", "set_speed", "set_volume"}
    assert all(order.arguments[1] <= 30.0 for order in some if order.name == "play")


def test_what_is_left_behind_is_what_is_more():
    assert Census(2, 12, 20, 60.0, 80.0).leaked(Census(3, 12, 18, 60.25, 81.0)) == {
        "processes": 1, "threads": 0, "files": -2, "own_mb": 0.2, "mpv_mb": 1.0}


# -- what is asked, and the table -------------------------------------------------------------------------------------

def test_forty_requests_of_every_kind_with_calls_and_kills_among_them():
    asked = requests()
    assert len(asked) >= 40 and len({one.kind for one in asked}) == 9
    assert (sum(one.called for one in asked), sum(one.killed for one in asked)) == (CALLS, KILLS)


@pytest.mark.parametrize("as_gbk", [False, True])
def test_the_tags_can_be_read(as_gbk):
    found = TinyTag.get(filename="a.mp3", file_obj=io.BytesIO(id3("花木兰", "常香玉", "豫剧", as_gbk) + bytes(200)), duration=False)
    assert [usable(text) for text in (found.title, found.artist, found.genre)] == ["花木兰", "常香玉", "豫剧"]


def test_the_kept_figures_make_a_table_with_all_bars():
    rows = report.player(json.loads((ROOT / "docs/benchmarks.json").read_text(encoding="utf-8"))["player"])
    assert [row[2] for row in rows if row[2]] == [
        "≤ 600 ms", "≤ 0", "≤ 200 ms", "≥ 15 dB", "≤ 3 s", "≤ 3 s", "≤ 180 s", "≤ 5 s", "≤ 60 MB", "≤ 0", "≤ 0", "≤ 5 MB", "≤ 5 MB"]
