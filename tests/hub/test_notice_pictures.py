"""A picture on its way from the form to the boxes: over real HTTP, on both databases."""
from __future__ import annotations

import hashlib
import io

import pytest
from PIL import Image
from sqlalchemy import select

from hub.auth.roles import Role
from hub.db.tables import Upload
from tests.hub.conftest import Place
from tests.hub.noticing import FORM, joined, sent, tell, words_of
from tests.hub.recorded import speechlike, written
from tests.hub.running import RunningHub


@pytest.fixture
def hub(database_url):
    with RunningHub(database_url) as running:
        yield running


@pytest.fixture
def village(hub) -> Place:
    return Place(hub, "东山村")


@pytest.fixture
def office(village):
    return village.staff(Role.CLERK)


def photo(colour: str = "red") -> bytes:
    """As a telephone takes it: with the place in it."""
    file, exif = io.BytesIO(), Image.Exif()
    exif.get_ifd(0x8825)[2] = (36.0, 43.0, 12.0)
    Image.new("RGB", (2000, 1500), colour).save(file, "JPEG", exif=exif)
    return file.getvalue()


def uploads(village: Place) -> dict[str, str]:
    with village.hub.database.read() as work:
        return dict(work.execute(select(Upload.media_type, Upload.id).where(Upload.village_id == village.id)).all())


def test_it_is_shown_signed_and_given_to_those_whom_it_was_sent(hub, village, office):
    box, stranger = joined(village), joined(Place(hub, "西山村"))
    answer = office.post("/notices/new", data=FORM, files={"photo": ("photo.jpg", photo()), "recording": ("a.webm", written(speechlike(2)))})
    notice = answer.headers["location"].rpartition("/")[2]
    kept = uploads(village)["image/jpeg"]
    assert f'<img class="picture" src="/notices/attachments/{kept}"' in office.get(f"/notices/{notice}").text and "图片" in words_of(office.get("/notices"))
    shown = office.get(f"/notices/attachments/{kept}")
    assert shown.headers["content-type"] == "image/jpeg" and Image.open(io.BytesIO(shown.content)).size == (1280, 960) and b"Exif" not in shown.content
    assert tell(office, notice).status_code == 303
    body = box.messages()[0].body
    given = box._client.get(body["picture"])
    assert given.content == shown.content and hashlib.sha256(given.content).hexdigest() == body["picture_sha256"] and body["audio"]
    assert stranger._client.get(body["picture"]).status_code == 404


@pytest.mark.parametrize(("bad", "said"), [(b"hello", "不是图片"), (b"\x89PNG\r\n\x1a\n" + bytes(90), "图片坏了")], ids=["text", "broken"])
def test_what_is_none_is_refused_in_a_sentence_and_what_was_spoken_beside_it_is_kept(village, office, bad, said):
    answer = office.post("/notices/new", data=FORM, files={"photo": ("photo.jpg", bad), "recording": ("a.webm", written(speechlike(2)))})
    assert answer.status_code == 400 and said in words_of(answer)
    assert list(uploads(village)) == ["audio/ogg"] and f'value="{uploads(village)["audio/ogg"]}"' in answer.text


def test_another_one_takes_its_place_and_without_one_there_is_none(village, office):
    box = joined(village)
    notice = sent(office)
    assert office.post(f"/notices/{notice}/correct", data=FORM, files={"photo": ("photo.jpg", photo())}).status_code == 303
    first = uploads(village)["image/jpeg"]
    data = FORM | {"picture": first}
    assert office.post(f"/notices/{notice}/correct", data=data).status_code == 303 and uploads(village)["image/jpeg"] == first
    assert office.post(f"/notices/{notice}/correct", data=data, files={"photo": ("photo.jpg", photo("blue"))}).status_code == 303
    second = uploads(village)["image/jpeg"]
    assert second != first and len(uploads(village)) == 1
    assert office.post(f"/notices/{notice}/correct", data=FORM | {"picture": second, "no_photo": "1"}).status_code == 303 and uploads(village) == {}
    assert [bool(message.body["picture"]) for message in box.messages()] == [False, True, True, True, False]


def test_a_recording_is_no_picture(village, office):
    office.post("/notices/new", data=FORM, files={"recording": ("a.webm", written(speechlike(2)))})
    kept = uploads(village)["audio/ogg"]
    assert "图片找不到了" in words_of(office.post("/notices/new", data=FORM | {"picture": kept}))
