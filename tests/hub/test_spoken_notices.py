"""Notices that are spoken: from the form to the boxes, over real HTTP, on both databases."""
from __future__ import annotations

import datetime as dt
import hashlib
import io
import re
from zoneinfo import ZoneInfo

import httpx
import pytest
import soundfile
from sqlalchemy import select

from hub.auth.roles import Role
from hub.db.tables import Notice, Upload
from hub.notices import attachments, due
from tests.hub.calling_box import CallingBox
from tests.hub.conftest import Place
from tests.hub.noticing import FORM, carried, draft, joined, sent, tell, words_of
from tests.hub.recorded import speechlike, written
from tests.hub.running import Clock, RunningHub

SPOKEN = {"title": "停水", "text": ""}


@pytest.fixture(scope="module")
def voice() -> bytes:
    return written(speechlike(3))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def hub(database_url, clock):
    with RunningHub(database_url, clock) as running:
        yield running


@pytest.fixture
def village(hub) -> Place:
    return Place(hub, "东山村")


@pytest.fixture
def office(village) -> httpx.Client:
    return village.staff(Role.CLERK)


def uploads(village: Place) -> list[str]:
    with village.hub.database.read() as work:
        return sorted(work.scalars(select(Upload.id).where(Upload.village_id == village.id)))


def fetched(box: CallingBox, path: str, **headers: str) -> httpx.Response:
    return box._client.get(path, headers=headers)


def test_what_is_spoken_comes_signed_and_only_to_those_whom_it_was_sent(hub, village, office, voice):
    home = village.household("张大娘家")
    box, neighbour, stranger = joined(village, home=home), joined(village, "李大爷家"), joined(Place(hub, "西山村"))
    notice = draft(office, voice, **SPOKEN, scope="some", homes=[home])
    preview = office.get(f"/notices/{notice}")
    kept, = uploads(village)
    assert f'<audio controls preload="metadata" src="/notices/attachments/{kept}"' in preview.text and "录音" in words_of(office.get("/notices"))
    heard = office.get(f"/notices/attachments/{kept}")
    assert heard.headers["content-type"] == "audio/ogg" and soundfile.info(io.BytesIO(heard.content)).duration == pytest.approx(3, abs=0.1)
    assert fetched(box, f"/link/audio/{kept}").status_code == 404, "it has not gone out"

    assert tell(office, notice).status_code == 303
    body = box.messages()[0].body
    assert (body["title"], body["text"], body["audio"], body["audio_s"]) == ("停水", "", f"/link/audio/{kept}", pytest.approx(3, abs=0.1))
    whole = fetched(box, body["audio"])
    assert whole.content == heard.content and hashlib.sha256(whole.content).hexdigest() == body["audio_sha256"]
    rest = fetched(box, body["audio"], range="bytes=1000-")
    assert rest.status_code == 206 and rest.content == whole.content[1000:]
    assert rest.headers["content-range"] == f"bytes 1000-{len(whole.content) - 1}/{len(whole.content)}"
    assert fetched(box, body["audio"], range=f"bytes={len(whole.content)}-").status_code == 416
    assert fetched(box, body["audio"], range="bytes=-10").content == whole.content[-10:]
    assert [fetched(other, body["audio"]).status_code for other in (neighbour, stranger)] == [404, 404]
    assert hub.client().get(body["audio"]).status_code == 401
    assert Place(hub, "北山村").staff(Role.ADMIN).get(f"/notices/attachments/{kept}").status_code == 404

    assert office.post(f"/notices/{notice}/withdraw").status_code == 303
    assert fetched(box, body["audio"]).status_code == 404


@pytest.mark.parametrize(("recording", "said"), [
    (b"hello", "这不是录音"), (b"OggS" + b"\xff" * 300, "录音坏了"), (written(speechlike(0.4)), "太短"), (b"", "内容还没有写")],
    ids=["text", "broken", "short", "none"])
def test_what_is_no_recording_is_refused_in_a_sentence(office, village, recording, said):
    answer = office.post("/notices/new", data=FORM | SPOKEN, files=carried(recording))
    assert answer.status_code == 400 and said in words_of(answer) and 'value="停水"' in answer.text and uploads(village) == []


def test_what_is_too_large_is_refused_in_a_sentence(office):
    answer = office.post("/notices/new", data=FORM | SPOKEN, files=carried(bytes(13_000_000)))
    assert answer.status_code == 413 and "太大" in answer.text and "content-security-policy" in answer.headers


def test_nobody_has_to_speak_again_because_of_a_word(office, village, voice):
    answer = office.post("/notices/new", data=FORM | SPOKEN | {"category": ""}, files=carried(voice))
    assert answer.status_code == 400 and "请选一个类别" in words_of(answer)
    kept, = uploads(village)
    assert re.search(rf'name="audio" value="{kept}"', answer.text)
    notice = draft(office, **SPOKEN, audio=kept)
    assert office.get(f"/notices/{notice}/edit").text.count(kept) == 2 and uploads(village) == [kept]


def test_a_recording_that_became_no_notice_is_forgotten_after_a_day(office, village, voice, clock):
    office.post("/notices/new", data=FORM | SPOKEN | {"title": ""}, files=carried(voice))
    left, = uploads(village)
    clock.forward(seconds=attachments.LEFT_FOR.total_seconds() - 60)
    draft(village.staff(Role.CLERK), voice, **SPOKEN)
    assert left in uploads(village) and len(uploads(village)) == 2
    office = village.staff(Role.CLERK)
    clock.forward(seconds=120)
    draft(office, voice, **SPOKEN)
    assert left not in uploads(village) and len(uploads(village)) == 2
    assert "录音找不到了" in words_of(office.post("/notices/new", data=FORM | SPOKEN | {"audio": left}))


def test_another_villages_recording_is_none(hub, office, village, voice):
    neighbours = Place(hub, "西山村")
    draft(neighbours.staff(Role.CLERK), voice, **SPOKEN)
    theirs, = uploads(neighbours)
    assert "录音找不到了" in words_of(office.post("/notices/new", data=FORM | SPOKEN | {"audio": theirs}))


def test_a_draft_lets_go_of_what_it_does_not_say_any_more(office, village, voice):
    notice = draft(office, voice, **SPOKEN)
    first, = uploads(village)
    other = written(speechlike(4))
    assert office.post(f"/notices/{notice}/edit", data=FORM | SPOKEN | {"audio": first}, files=carried(other)).status_code == 303
    second, = uploads(village)
    assert second != first
    refused = office.post(f"/notices/{notice}/edit", data=FORM | SPOKEN | {"audio": second, "no_recording": "1"})
    assert "内容还没有写" in words_of(refused) and uploads(village) == [second]
    data = FORM | {"text": "写了。", "audio": second, "no_recording": "1"}
    assert office.post(f"/notices/{notice}/edit", data=data).status_code == 303 and uploads(village) == []
    assert office.post(f"/notices/{notice}/edit", data=FORM, files=carried(voice)).status_code == 303 and len(uploads(village)) == 1
    assert office.post(f"/notices/{notice}/discard").status_code == 303 and uploads(village) == []


def test_nothing_else_is_sent_than_what_was_listened_to(office, village, voice):
    notice = draft(office, voice, **SPOKEN)
    seen = re.search(r'name="seen" value="(\w+)"', office.get(f"/notices/{notice}").text)[1]
    assert office.post(f"/notices/{notice}/edit", data=FORM | SPOKEN, files=carried(written(speechlike(4)))).status_code == 303
    assert "刚被别人改过" in words_of(office.post(f"/notices/{notice}/send", data={"seen": seen}))


def test_a_correction_is_spoken_anew(office, village, voice):
    box = joined(village)
    notice = sent(office, voice, **SPOKEN)
    old, = uploads(village)
    assert f'value="{old}"' in office.get(f"/notices/{notice}/correct").text
    answer = office.post(f"/notices/{notice}/correct", data=FORM | SPOKEN | {"audio": old}, files=carried(written(speechlike(4))))
    assert answer.status_code == 303
    before, after = box.messages()
    assert before.body["audio_sha256"] != after.body["audio_sha256"] and after.body["audio_s"] == pytest.approx(4, abs=0.1)
    assert fetched(box, before.body["audio"]).status_code == 404 and fetched(box, after.body["audio"]).status_code == 200 and len(uploads(village)) == 1


def test_what_repeats_is_spoken_once(hub, office, village, voice, clock):
    box = joined(village)
    times = {"when": "at", "repeat": "daily", "send_at": _local(clock, hours=1), "expires_at": _local(clock, hours=72)}
    plan = sent(office, voice, **SPOKEN, **times)
    came = []
    for hours in (2, 24):
        clock.forward(hours=hours)
        due.send_due(hub.database, hub.parts.bell, clock())
        came += box.messages(len(came))
    first, second = came
    assert first.body["audio"] == second.body["audio"] and first.body["notice"] != second.body["notice"]
    office = village.staff(Role.CLERK)
    assert office.post(f"/notices/{plan}/hold").status_code == 303 and office.post(f"/notices/{plan}/discard").status_code == 303
    assert fetched(box, second.body["audio"]).status_code == 200, "what has gone out keeps it"
    with hub.database.read() as work:
        assert {notice.audio_id for notice in work.scalars(select(Notice).where(Notice.village_id == village.id))} == set(uploads(village))


def test_a_template_of_it_keeps_the_title(office, voice):
    notice = draft(office, voice, **SPOKEN)
    assert office.post(f"/notices/{notice}/template").status_code == 303
    page = office.get("/notices/templates").text
    assert "停水" in page
    template = re.search(r"template=(\w+)", page)[1]
    assert 'value="停水"' in office.get(f"/notices/new?template={template}").text


def _local(clock: Clock, **ahead: float) -> str:
    return (clock() + dt.timedelta(**ahead)).astimezone(ZoneInfo("Asia/Shanghai")).strftime("%Y-%m-%dT%H:%M")
