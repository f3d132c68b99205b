"""The treatments that the product is measured against do what they say: a straw man would prove nothing."""
import numpy as np
import pytest

from assistant.ports import SAMPLE_RATE
from audio.denoise import dry_and_quiet, suppress
from audio.dereverb import LOUDEST
from bench.elders.front_ends import LEVEL, MOST_GAIN, band_pass, gain

TREATMENTS = (gain, band_pass, suppress, dry_and_quiet)
TIME = np.arange(3 * SAMPLE_RATE) / SAMPLE_RATE
BURST = (TIME > 1) & (TIME < 1.4)

all_of_them = pytest.mark.parametrize("treat", TREATMENTS, ids=lambda treat: treat.__name__)


def tone(hertz, amplitude=8000.0):
    return (amplitude * np.sin(2 * np.pi * hertz * TIME)).astype(np.int16)


def noise(rms, seed=1):
    return np.random.default_rng(seed).standard_normal(len(TIME)) * rms


def db(sound):
    return 10 * np.log10(max((sound.astype(float) ** 2).mean(), 1e-9))


def middle(sound):
    return sound[SAMPLE_RATE // 4 : -SAMPLE_RATE // 4]


@pytest.mark.parametrize("amplitude", [100.0, 1000.0, 20_000.0])
def test_gain_brings_speech_to_its_level_pauses_or_not(amplitude):
    sound = np.where(BURST, tone(300, amplitude), noise(amplitude / 300)).astype(np.int16)
    assert db(gain(sound)[BURST]) == pytest.approx(20 * np.log10(LEVEL), abs=0.5)


def test_gain_makes_no_speech_of_next_to_nothing():
    assert np.abs(gain(tone(300, 3.0))).max() <= 3 * MOST_GAIN


def test_gain_turns_down_instead_of_clipping():
    """A clap among soft speech would leave int16 at the level that the speech should have."""
    sound = noise(100.0).astype(np.int16)
    sound[SAMPLE_RATE] = 30_000
    louder = gain(sound).astype(float)
    assert np.abs(louder).max() <= LOUDEST
    assert np.corrcoef(louder, sound)[0, 1] > 0.999


@pytest.mark.parametrize(("hertz", "least", "most"), [(30, -200, -20), (50, -200, -20), (100, -1, 1), (300, -1, 1), (1000, -1, 1), (3000, -1, 1),
                                                      (7000, -1, 1), (7500, -200, -20), (7900, -200, -20)])
def test_the_band_passes_speech_and_no_hum(hertz, least, most):
    change = db(middle(band_pass(tone(hertz)))) - db(middle(tone(hertz)))
    assert least < change < most


def test_the_end_does_not_ring_into_the_beginning():
    sound = np.zeros(SAMPLE_RATE, dtype=np.int16)
    sound[-50:] = 20_000
    assert np.abs(band_pass(sound)[:1000]).max() <= 20


@pytest.mark.parametrize("snr", [5, 10, 20])
def test_suppression_lifts_a_tone_burst_out_of_noise(snr):
    burst = np.where(BURST, tone(700, 6000), 0).astype(float)
    hiss = noise(6000 / np.sqrt(2) * 10 ** (-snr / 20))
    quiet = suppress((burst + hiss).astype(np.int16)).astype(float)

    def snr_of(sound):
        """Energy in the direction of the burst against all that is left."""
        scale = sound @ burst / (burst @ burst)
        return db(scale * burst) - db(sound - scale * burst)

    assert snr_of(quiet) > snr_of(burst + hiss) + 6


def test_suppression_follows_noise_that_comes_later():
    sound = np.concatenate((noise(50.0), noise(1000.0, seed=2))).astype(np.int16)
    late = slice(len(TIME) + SAMPLE_RATE, None)
    assert db(suppress(sound)[late]) < db(sound[late]) - 8


def test_suppression_leaves_clean_speech_alone():
    speech = np.where(BURST, tone(250, 5000) + 0.5 * tone(1900, 5000), 0).astype(np.int16)
    change = suppress(speech).astype(float) - speech
    assert db(change[BURST]) < db(speech[BURST]) - 15


def test_dry_and_quiet_takes_both_away():
    """Bursts of noise-like speech, each followed by its echoes, under hiss."""
    speech = noise(3000.0) * (TIME % 0.5 < 0.15)
    echo = sum(0.6**k * np.pad(speech, (k * 640, 0))[: len(speech)] for k in range(1, 8))
    sound = (speech + echo + noise(60.0, seed=3)).astype(np.int16)
    behind = TIME % 0.5 > 0.25

    def left(treated):
        return db(treated[behind]) - db(treated[~behind])

    assert left(dry_and_quiet(sound)) < min(left(sound) - 10, left(suppress(sound)) - 3)


@all_of_them
@pytest.mark.parametrize("length", [0, 1, 127, 128, 511, 3999, 4000, 4001, 20_000])
def test_length_and_range_are_kept(treat, length):
    for sound in (np.random.default_rng(4).integers(-32_768, 32_768, length).astype(np.int16), np.full(length, -32_768, np.int16)):
        treated = treat(sound)
        assert (treated.dtype, len(treated)) == (np.int16, length)


@all_of_them
def test_loud_sound_is_not_turned_inside_out(treat):
    loud = np.clip(4 * tone(440, 15_000).astype(np.int32), -32_768, 32_767).astype(np.int16)
    assert np.corrcoef(middle(treat(loud)), middle(loud))[0, 1] > 0.9


@all_of_them
@pytest.mark.parametrize("length", [1, 500, 20_000])
def test_silence_stays_silent(treat, length):
    assert not treat(np.zeros(length, dtype=np.int16)).any()
