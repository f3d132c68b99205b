"""What people record, as browsers and telephones write it, and what is no recording."""
from __future__ import annotations

import io

import numpy as np
import pytest
import soundfile

from hub import recordings
from hub.errors import Refused
from hub.recordings import RATE, loudness, prepared
from tests.hub.recorded import speechlike, written


def heard(data: bytes) -> tuple[np.ndarray, int]:
    """As a box opens it."""
    return soundfile.read(io.BytesIO(data), dtype="float32")


@pytest.mark.parametrize("form, codec, rate, layout", [
    ("webm", "libopus", 48_000, "mono"), ("mp4", "aac", 44_100, "stereo"), ("ogg", "libopus", 48_000, "mono"), ("wav", "pcm_s16le", 8_000, "mono"),
    ("mp3", "libmp3lame", 22_050, "stereo"), ("mp4", "libopus", 48_000, "mono")])
def test_whatever_recorded_it_boxes_get_the_same(form, codec, rate, layout):
    made = prepared(written(speechlike(4), form, codec, rate, layout))
    sound, made_rate = heard(made.data)
    assert made_rate == RATE and sound.ndim == 1 and made.data[:4] == b"OggS"
    assert made.seconds == pytest.approx(4, abs=0.15) and len(sound) / RATE == pytest.approx(4, abs=0.15)
    assert len(made.data) < 4 * 8_000


@pytest.mark.parametrize("amplitude", [0.01, 0.05, 0.5, 0.99])
def test_soft_and_loud_ones_become_as_loud_as_all_others_and_nothing_is_cut(amplitude):
    made = prepared(written(speechlike(5, amplitude), "wav", "pcm_s16le"))
    sound, _ = heard(made.data)
    assert loudness(sound) == pytest.approx(recordings.TARGET_LUFS, abs=1.5)
    assert np.abs(sound).max() < 0.95


def test_the_tone_stays_the_same():
    sound, _ = heard(prepared(written(speechlike(4), "webm", "libopus")).data)
    spectrum = np.abs(np.fft.rfft(sound))
    assert np.argmax(spectrum) * RATE / len(sound) == pytest.approx(300, abs=5)


@pytest.mark.parametrize("sound, said", [
    (speechlike(0.4), "太短"), (np.zeros(3 * RATE, np.float32), "几乎没有声音"), (speechlike(recordings.LONGEST_S + 2), "太长")],
    ids=["short", "silent", "long"])
def test_what_is_of_no_use_is_refused_in_words(sound, said):
    with pytest.raises(Refused, match=said):
        prepared(written(sound, "wav", "pcm_s16le"))


def test_what_broke_off_is_used_as_far_as_it_goes():
    whole = written(speechlike(6), "webm", "libopus")
    assert 1 < prepared(whole[: len(whole) // 2]).seconds < 5


HOSTILE = {
    "empty": b"", "text": b"hello", "list": b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile:///etc/passwd\n", "concat": b"ffconcat version 1.0\nfile /etc/passwd\n",
    "matroska alone": b"\x1aE\xdf\xa3" + bytes(500), "mp4 alone": bytes(4) + b"ftypisom" + bytes(300), "ogg alone": b"OggS" + b"\xff" * 300,
    "wav alone": b"RIFF\xff\xff\xff\xffWAVEfmt " + bytes(100), "mp3 alone": b"ID3" + bytes(300), "page": b"<html><script>alert(1)</script></html>",
    "picture": b"\x89PNG\r\n\x1a\n" + bytes(200)}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE.keys())
def test_what_is_no_recording_is_refused(data):
    with pytest.raises(Refused):
        prepared(data)


@pytest.mark.parametrize("seed", range(20))
def test_garbled_ones_are_refused_or_used_but_do_no_harm(seed):
    data, chance = bytearray(written(speechlike(3), ("webm", "mp4", "mp3", "ogg")[seed % 4], ("libopus", "aac", "libmp3lame", "libopus")[seed % 4])), np.random.default_rng(seed)
    for place in chance.integers(0, len(data), 60):
        data[place] = chance.integers(256)
    try:
        assert 0 < prepared(bytes(data)).seconds <= recordings.LONGEST_S
    except Refused:
        """In words."""
