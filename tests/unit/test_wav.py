"""Any sound file becomes 16 kHz mono; broken ones become one clear error."""
from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from assistant.errors import BadAudio
from audio.wav import read_wav, stream_wav, write_wav


def _tone(rate: int, seconds: float = 1.0) -> np.ndarray:
    return 0.5 * np.sin(2 * np.pi * 440 * np.arange(int(rate * seconds)) / rate)


@pytest.mark.parametrize("rate", [8_000, 11_025, 16_000, 22_050, 44_100, 48_000])
@pytest.mark.parametrize(
    ("subtype", "channels"), [("PCM_16", 1), ("PCM_24", 2), ("PCM_U8", 1), ("PCM_32", 2), ("FLOAT", 1)]
)
def test_every_format_keeps_its_tone(tmp_path: Path, rate: int, subtype: str, channels: int) -> None:
    path = tmp_path / "tone.wav"
    soundfile.write(path, np.tile(_tone(rate)[:, None], (1, channels)), rate, subtype=subtype)
    pcm = read_wav(path)
    assert pcm.dtype == np.int16 and abs(len(pcm) - 16_000) <= 160
    middle = pcm[2_000:14_000].astype(float)
    peak = np.argmax(np.abs(np.fft.rfft(middle * np.hanning(len(middle))))) * 16_000 / len(middle)
    assert abs(peak - 440) < 2
    assert 15_500 < np.abs(middle).max() < 17_500


def test_sixteen_bit_at_the_right_rate_is_bit_exact(tmp_path: Path) -> None:
    samples = np.random.default_rng(1).integers(-32768, 32768, 20_000).astype(np.int16)
    write_wav(tmp_path / "x.wav", samples)
    assert np.array_equal(read_wav(tmp_path / "x.wav"), samples)


def test_a_truncated_file_gives_what_is_there(tmp_path: Path) -> None:
    whole, cut = tmp_path / "whole.wav", tmp_path / "cut.wav"
    write_wav(whole, np.arange(16_000, dtype=np.int16))
    cut.write_bytes(whole.read_bytes()[: 44 + 2 * 5_000 + 1])
    assert np.array_equal(read_wav(cut), np.arange(5_000, dtype=np.int16))


@pytest.mark.parametrize(
    ("content", "says"), [(b"", "empty"), (b"hello" * 99, "not a sound file"), (b"RIFF\x00", "not a sound file")]
)
def test_no_audio_is_a_clear_error(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "bad.wav"
    path.write_bytes(content)
    with pytest.raises(BadAudio, match=says) as caught:
        read_wav(path)
    assert "bad.wav" in str(caught.value) and "\n" not in str(caught.value)


def test_a_header_without_sound_and_a_missing_file(tmp_path: Path) -> None:
    write_wav(tmp_path / "none.wav", np.zeros(0, np.int16))
    with pytest.raises(BadAudio, match="no sound"):
        read_wav(tmp_path / "none.wav")
    with pytest.raises(BadAudio, match="no such file"):
        read_wav(tmp_path / "nowhere.wav")
    with pytest.raises(BadAudio, match="cannot be written"):
        write_wav(tmp_path / "no-such-folder" / "x.wav", np.zeros(10, np.int16))


def test_ten_minutes_are_streamed(tmp_path: Path) -> None:
    path = tmp_path / "long.wav"
    soundfile.write(path, np.tile(_tone(48_000), 600).astype(np.float32), 48_000)
    begun = time.perf_counter()
    sizes = [len(block) for block in stream_wav(path)]
    assert abs(sum(sizes) - 600 * 16_000) < 160
    assert max(sizes) <= 16_000
    assert time.perf_counter() - begun < 20


def test_not_a_number_becomes_silence(tmp_path: Path) -> None:
    path = tmp_path / "nan.wav"
    soundfile.write(path, np.array([np.nan, np.inf, -np.inf, 0.5], np.float32), 16_000, subtype="FLOAT")
    assert read_wav(path).tolist() == [0, 32767, -32768, 16384]
