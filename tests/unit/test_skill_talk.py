"""Timers, volume, speech rate, small talk, sleep, and what is not built yet; and a sweep over all skills' words."""
import datetime as dt
import re
from dataclasses import replace

import pytest

from assistant.commands import DismissTimer, SetSpeechRate, SetVolume, StartTimer
from assistant.forecast import UNKNOWN_PLACE, Day, Forecast
from intents.contract import load_contract
from intents.model import Intent
from skills.api import LOST, STICKS_READ, Hearing, Playing, Programme, Reply, Timer, World, ask_for
from skills.registry import discover
from skills.replies import Replies, load_replies
from skills.timer.skill import RANG

NOW = dt.datetime(2026, 11, 23, 15, 25)
SKILLS = discover()
PROVIDERS = ("met-norway", "simulated", "a new one")


def do(name: str, world: World | None = None, **slots) -> Reply:
    return SKILLS.handle(Intent(name, slots, 1.0), world or World(now=NOW))


# -- timers -------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("minutes", "due", "length", "when"), [
    (1, "2026-11-23T15:26", "一分钟", "下午三点二十六分"), (5, "2026-11-23T15:30", "五分钟", "下午三点半"),
    (90, "2026-11-23T16:55", "一个半小时", "下午四点五十五分"),
    (600, "2026-11-24T01:25", "十个小时", "明天凌晨一点二十五分"),
    (1440, "2026-11-24T15:25", "二十四个小时", "明天下午三点二十五分"),
])
def test_a_timer_is_ordered_and_confirmed_with_its_end(minutes, due, length, when):
    reply = do("timer.create", in_minutes=minutes)
    [order] = reply.commands
    assert isinstance(order, StartTimer)
    assert (order.due, order.label) == (dt.datetime.fromisoformat(due), length)
    assert length in reply.text
    assert when in reply.text


def test_several_timers_run_side_by_side_under_names_of_their_own():
    world, ids = World(now=NOW), []
    for minutes in (5, 5, 10):
        reply = do("timer.create", world, in_minutes=minutes)
        [order] = reply.commands
        ids.append(order.timer_id)
        world = replace(world, timers=(*world.timers, Timer(order.timer_id, order.due, order.label)))
    assert len(set(ids)) == 3
    assert "三个" in reply.text


def test_missing_minutes_are_asked_for():
    asked = do("timer.create")
    assert asked.commands == ()
    assert asked.expects == ask_for(Intent("timer.create", {}, 1.0), "in_minutes")


def test_a_timer_can_be_taken_back():
    reply = do("timer.create", in_minutes=5)
    assert reply.undo == (DismissTimer(reply.commands[0].timer_id),)


@pytest.mark.parametrize("minutes", [-5, 0, 1441, 10**9])
def test_lengths_that_make_no_sense_are_asked_for_again_and_set_nothing(minutes):
    reply = do("timer.create", in_minutes=minutes)
    assert reply.commands == ()
    assert reply.expects.slots == ("in_minutes",)


@pytest.mark.parametrize(("late_s", "words"), [
    (0, "五分钟"), (59, "五分钟"), (60, "晚了一分钟"), (7300, "晚了两个小时零一分钟"),
])
def test_a_timer_rings_with_its_length_and_admits_being_late(late_s, words):
    slots = {"label": "五分钟", "late_s": late_s}
    reply = SKILLS.answer(RANG, Intent(RANG, slots), World(now=NOW), {"timer_id": "t"})
    assert words in reply.text
    assert ("对不住" in reply.text) == (late_s >= 60)
    assert {"notices.confirm", "dialog.yes", "dialog.thanks"} <= set(reply.expects.intents)


# -- loudness and speed -------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("name", "before", "after"), [
    ("volume.up", 60, 75), ("volume.up", 95, 100), ("volume.up", 100, None), ("volume.up", 0, 50),
    ("volume.up", 10, 25),
    ("volume.down", 60, 45), ("volume.down", 20, 10), ("volume.down", 10, None), ("volume.down", 0, None),
    ("volume.mute", 60, 0),
])
def test_loudness_moves_in_steps_one_can_hear_and_never_to_silence_by_accident(name, before, after):
    reply = do(name, World(now=NOW, volume=before))
    assert reply.commands == (() if after is None else (SetVolume(after),))
    assert not reply.repeatable


@pytest.mark.parametrize(("level", "after"), [(50, 50), (100, 100), (250, 100), (0, 0), (-3, 0), (1, 1)])
def test_loudness_is_set_within_its_range(level, after):
    assert do("volume.set", level=level).commands == (SetVolume(after),)


def test_setting_loudness_without_a_level_offers_two_choices():
    reply = do("volume.set")
    assert reply.commands == ()
    assert len(reply.card.choices) == 2
    assert {"volume.up", "volume.down"} <= set(reply.expects.intents)


@pytest.mark.parametrize(("name", "before", "after"), [
    ("speech.slower", 0.85, 0.75), ("speech.slower", 0.55, 0.5), ("speech.slower", 0.5, None),
    ("speech.faster", 0.85, 0.95), ("speech.faster", 1.25, 1.3), ("speech.faster", 1.3, None),
])
def test_speech_rate_moves_in_steps_within_its_range(name, before, after):
    reply = do(name, World(now=NOW, speech_rate=before))
    assert reply.commands == (() if after is None else (SetSpeechRate(after),))


# -- talk ---------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("hour", "hello"), [
    (0, "这么晚"), (4, "这么晚"), (5, "早上好"), (9, "上午好"), (11, "中午好"), (13, "下午好"), (18, "晚上好"),
    (22, "晚上好"), (23, "这么晚"),
])
def test_greeting_by_the_time_of_day(hour, hello):
    assert do("dialog.greeting", World(now=NOW.replace(hour=hour))).text.startswith(hello)


def test_help_gives_two_examples_and_others_the_next_time():
    first, second = (do("dialog.help", World(now=NOW, turn=turn)) for turn in (1, 2))
    assert len(first.card.lines) == len(second.card.lines) == 2
    assert not set(first.card.lines) & set(second.card.lines)
    told = {line for turn in range(40) for line in do("dialog.help", World(now=NOW, turn=turn)).card.lines}
    assert len(told) == len(load_replies("skills.conversation").wordings("help_examples"))


def test_repeat_says_the_last_thing_word_for_word():
    assert do("dialog.repeat", World(now=NOW, last_said="济南今天{晴}天。")).text == "济南今天{晴}天。"
    assert "还没说过" in do("dialog.repeat").text


def test_sleep_ends_the_exchange_and_names_the_way_back():
    for turn in range(2):
        reply = do("device.sleep", World(now=NOW, wake_phrase="小乡你好", turn=turn))
        assert reply.goes_to_sleep
        assert "小乡你好" in reply.text


def test_sos_is_plain_about_what_it_cannot_do_and_says_what_helps():
    for turn in range(3):
        reply = do("sos.trigger", World(now=NOW, turn=turn))
        assert "不能替您打电话" in reply.text
        assert "幺二零" in reply.text
        assert "喊人" in reply.text
        assert "120" in reply.card.title
        assert reply.commands == ()
        assert not re.search("已经|马上|正在|通知", reply.text), "no false promise"


def test_what_is_not_built_is_understood_and_declined():
    assert "儿子" in do("call.request", contact="儿子").text


# -- the sweep: every skill in every situation --------------------------------------------------------------------

def _forecast(sky: str = "sunny", age_h: float = 0.2, **fields) -> Forecast:
    days = tuple(
        Day(**{
            "date": NOW.date() + dt.timedelta(n), "sky": sky, "low": 3.0, "high": 9.0, "rain_percent": 0,
            "rain_mm": 0.0,
            "wind_ms": 2.0, "wind_degrees": 90, "sunrise": "06:55", "sunset": "16:58", **fields,
        })
        for n in range(3)
    )
    return Forecast("济南", days, NOW - dt.timedelta(hours=age_h), fields.get("provider", "open-meteo"), 4.4)


def _worlds() -> list[World]:
    base = World(now=NOW, market_cycle="农历二七", last_said="今天晴天。")
    fields = [
        {"low": -9.0, "high": -1.0}, {"low": 3.0, "high": 7.0}, {"low": 5.0, "high": 20.0}, {"low": 10.0, "high": 14.0},
        {"low": 12.0, "high": 26.0}, {"low": 24.0,
        "high": 35.0}, {"wind_ms": 15.0}, {"rain_percent": 40}, {"rain_percent": 80},
    ]
    skies = ("sunny", "cloudy", "overcast", "fog", "drizzle", "rain", "heavy-rain", "sleet", "snow", "thunder")
    forecasts = [_forecast(sky) for sky in skies] + [_forecast("cloudy", **f) for f in fields]
    forecasts += [_forecast("sunny", 20), *(replace(_forecast(), provider=name) for name in PROVIDERS)]
    worlds = [replace(base, forecasts={"济南": f}, forecast_failures={"济南": "HTTP 500"}) for f in forecasts]
    worlds += [base, *(replace(base, forecast_failures={"济南": why}) for why in ("HTTP 500", UNKNOWN_PLACE))]
    worlds += [replace(base, now=dt.datetime(2026, 12, 6, 9, 0))]
    worlds += [replace(base, market_cycle=cycle) for cycle in ("", "瞎写", "每周一")]
    worlds += [replace(base, volume=v, speech_rate=r) for v, r in ((0, 0.5), (10, 0.5), (100, 1.3))]
    worlds += [replace(base, now=dt.datetime(2026, 11, 22, hour, 5), last_said="") for hour in (3, 7, 10, 12, 20)]
    return [*worlds, replace(base, timers=(Timer("t", NOW, "五分钟"),)), *_with_media(base)]


def _with_media(base: World) -> list[World]:
    opera = Programme("/m/1.mp3", "花木兰", "opera", "豫剧", "常香玉")
    plain = Programme("/m/2.mp3", "李二嫂改嫁", "opera", "吕剧")
    dance = Programme("/m/3.mp4", "小苹果", "dance", "广场舞")
    film = Programme("/m/4.mkv", "地道战", "video")
    book = tuple(Programme(f"/m/白眉大侠/{part}.mp3", "白眉大侠", "story", "评书", "单田芳", part) for part in (1, 2, 3))
    songs = tuple(Programme(f"/m/歌/{title}.mp3", title, "song", "民歌") for title in ("茉莉花", "南泥湾", "绣荷包", "走西口"))
    endless = Programme("/m/5.mp3", "咱们村的老少爷们儿正月十五闹元宵扭秧歌踩高跷全过程", "opera", "秧歌戏")
    radio = Programme("/m/6.mp3", "村里的广播", "radio")
    stations = tuple(Programme(f"http://radio.example/{title}", title, "radio") for title in ("济南新闻广播", "交通之声"))
    podcast = tuple(Programme(f"http://pod.example/{part}.mp3", "网事", "story", "", "", part, 1800.0) for part in (1, 2))
    all_of_it = replace(base, programmes=(opera, plain, dance, film, *book, *songs, endless, radio))
    aired = replace(all_of_it, programmes=(*all_of_it.programmes, *stations, *podcast))
    one = replace(base, programmes=(plain,))
    playing = [Playing(p, on, paused, first, last, speed) for p in (opera, plain, dance, songs[0], endless)
               for on, paused, first, last, speed in ((True, False, True, False, 1.0), (False, True, False, True, 0.55), (False, False, True, True, 1.45))]
    other = replace(opera, file="/m/7.mp3", artist="马金凤", duration_s=3000.0)
    past = [replace(all_of_it, programmes=(*all_of_it.programmes, other), hearings=_heard(*pairs)) for pairs in (
        [(1, book[0], None), (0, songs[0], 30.0)], [(2, dance, None)], [(0, other, 900.0)], [(9, p, None) for p in (*songs, dance)])]
    live = Playing(stations[0], True, False, True, True, 1.0)
    air = [aired, replace(aired, playing=live), replace(aired, hearings=_heard((0, podcast[0], None))), replace(base, programmes=(*stations, *podcast)),
           replace(aired, hearings=_heard((1, podcast[0], 900.0))), replace(aired, playing=replace(live, on=False, paused=True))]
    sticks = [replace(base, programmes=(Programme("/n/1.mp3", "一"),)), *(replace(one, playing=p) for p in playing)]
    return [*air, *past, *sticks, replace(past[0], playing=playing[0]), replace(past[0], hearings=()), all_of_it, one, replace(base, programmes=(radio,)), replace(one, playing=playing[3]), replace(one, playing=playing[5]), *(replace(all_of_it, playing=p) for p in playing)]


def _heard(*pairs: tuple[int, Programme, float | None]) -> tuple[Hearing, ...]:
    """Each so many days ago, and where it was left."""
    return tuple(Hearing(p.file, at - dt.timedelta(minutes=9), at, position_s)
                 for days, p, position_s in pairs for at in [NOW - dt.timedelta(days=days, hours=1)])


def _intents() -> list[Intent]:
    extra = [("weather.query", {"aspect": a}) for a in load_contract().values["aspect"]]
    extra += [("weather.query", {"date": d}) for d in ("2026-11-20", "2026-11-24", "2026-11-28", "2027-01-01")]
    extra += [("clock.date", {"date": d}) for d in ("2026-11-24", "2028-02-29")]
    extra += [("calendar.lunar", {"date": d}) for d in ("2026-11-24", "2027-02-06")]
    extra += [("calendar.festival", {"name": n}) for n in ("春节", "感恩节", "下元节", "冬至", "乱说的节")]
    extra += [("calendar.term", {"name": n}) for n in ("小雪", "大雪", "三伏")]
    extra += [("calendar.market", {"date": d}) for d in ("2026-11-23", "2026-11-25", "2026-11-20")]
    extra += [("timer.create", {"in_minutes": m}) for m in (0, 2, 45, 135, 9999)]
    extra += [("volume.set", {"level": level}) for level in (0, 35, 100)]
    extra += [("media.play", {"kind": k}) for k in load_contract().values["kind"]]
    extra += [("media.list", slots) for slots in ({"kind": "song"}, {"kind": "opera"}, {"kind": "dance"}, {"genre": "京剧", "kind": "opera"})]
    extra += [("media.play", slots) for slots in (
        {"title": "花木兰"}, {"title": "白眉大侠"}, {"title": "地道战"}, {"title": "天仙配", "genre": "黄梅戏", "kind": "opera"},
        {"title": "花木兰", "artist": "马金凤"}, {"title": "红灯记", "artist": "常香玉"}, {"title": "打金枝", "genre": "豫剧"},
        {"artist": "邓丽君"}, {"kind": "radio"}, {"genre": "摇滚"}, {"title": "网事"}, {"title": "济南新闻广播", "kind": "radio"})]
    extra += [("call.request", {"contact": "闺女"})]
    heard = [("weather.query", "这两天天气怎么样"), ("clock.time", "纽约现在几点了"), ("clock.time", "那边几点了")]
    heard += [("media.play", words) for words in ("放昨天听的那个", "放前天那出戏", "再放上回那首歌", "放我爱听的", "学个新舞", "来首没听过的歌")]
    heard += [("media.resume", "先别关"), ("media.stop", "听完这段就关"), ("media.list", "都有什么")]
    heard_minutes = [Intent("timer.create", {"in_minutes": 20}, 1.0, "再听二十分钟就关了")]
    by_words = heard_minutes + [Intent(name, {}, 1.0, words) for name, words in heard]
    return [Intent(n) for n in load_contract().slots] + [Intent(n, s) for n, s in extra] + by_words


def _sweep() -> list[Reply]:
    intents, replies = _intents(), []
    weather = [intent for intent in intents if intent.name == "weather.query"]
    for world in _worlds():
        for turn in range(3):
            asked = weather if world.forecasts else intents
            replies += [SKILLS.handle(intent, replace(world, turn=turn)) for intent in asked]
            ring = Intent(RANG, {"label": "五分钟", "late_s": 200 * turn})
            replies.append(SKILLS.answer(RANG, ring, world, {}))
            replies += [SKILLS.answer(LOST, Intent("media.play"), replace(world, turn=turn), {"file": file, "begun": begun})
                        for file in ("http://radio.example/交通之声", "http://pod.example/1.mp3") for begun in (False, True)]
            replies += [SKILLS.answer(STICKS_READ, Intent(STICKS_READ), replace(world, turn=turn), {"places": (place,)}) for place in ("/m", "/n", "/o")]
            offer = SKILLS.handle(Intent("media.play", {"title": "打金枝", "genre": "豫剧"}), replace(world, turn=turn)).expects
            if offer and offer.topic:
                replies += [SKILLS.answer(offer.topic, Intent(answer), replace(world, turn=turn), offer.data) for answer in offer.intents]
    return replies


def test_no_skill_says_what_an_old_ear_cannot_hold():
    for reply in _sweep():
        said = reply.text
        assert said, "a skill never answers with silence"
        assert not re.search(r"[0-9A-Za-z℃°%~～/]", said), said
        assert said[-1] in "。？！", said
        assert not re.search(r"[。？！]{2}|，[。，]|\s|\{|\}|None", said), said
        assert len(said) <= 110, said
        assert all(len(sentence) <= 45 for sentence in re.split("[。？！]", said)), said


def test_every_wording_key_is_used_and_every_used_key_exists(monkeypatch):
    used: set[tuple[str, str]] = set()
    original = Replies.wordings

    def noting(self: Replies, key: str) -> tuple[str, ...]:
        used.add((self.source, key))
        return original(self, key)

    monkeypatch.setattr(Replies, "wordings", noting)
    _sweep()
    names = ("weather", "clock", "calendar", "timer", "volume", "speech_rate", "conversation", "device", "media", "notyet")
    files = [load_replies(f"skills.{name}") for name in names]
    assert {(file.source, key) for file in files for key in file.keys} - used == set()


def test_skills_are_functions_of_what_they_are_given():
    assert _sweep() == _sweep()
