"""Passwords and second factors by themselves."""
from __future__ import annotations

import datetime as dt
import statistics
import time

import pyotp
import pytest

from hub.auth import passwords
from hub.auth.passwords import (
    DRIFT_STEPS,
    STEP_S,
    fits,
    hashed,
    is_totp_secret,
    new_totp_secret,
    totp_address,
    totp_step,
)
from hub.errors import Refused

GOOD = "东山村的老槐树下有口井"
NOW = dt.datetime(2026, 11, 23, 2, 0, tzinfo=dt.UTC)
STEP = dt.timedelta(seconds=STEP_S)


@pytest.mark.parametrize("password", ["", "short", "一二三四五六七八九", "1234567890", "Password123", "aaaaaaaaaaaa", "121212121212", "x" * 5 + "yz" * 98,
                                      "wangkuaiji-2026", "WangKuaiJi2026"])
def test_what_is_easily_guessed_is_no_password(password):
    with pytest.raises(Refused):
        hashed(password, "wangkuaiji")


def test_a_password_fits_itself_alone_and_is_not_to_be_read():
    kept = hashed(GOOD)
    assert kept.startswith("$argon2id$") and GOOD not in kept and kept != hashed(GOOD)
    assert fits(GOOD, kept) and not fits(GOOD + " ", kept) and not fits("", kept)


@pytest.mark.parametrize("known", [None, "", "no hash at all", "$argon2id$v=19$m=65536,t=3,p=4$broken"])
def test_nothing_fits_whoever_has_no_password(known, monkeypatch):
    """Not even what is checked in its place, so that it takes as long."""
    monkeypatch.setattr(passwords, "_NOBODY", hashed(GOOD))
    assert not fits(GOOD, known) and not fits("", known)


def test_a_name_that_nobody_has_is_not_answered_sooner():
    kept = hashed(GOOD)

    def takes(known: str | None) -> float:
        times = []
        for _ in range(7):
            begun = time.thread_time()
            fits("falsch falsch", known)
            times.append(time.thread_time() - begun)
        return statistics.median(times)

    known, nobody, waiting = takes(kept), takes(None), takes("")
    assert min(nobody, waiting) > known / 2 and max(nobody, waiting) < known * 2


def test_a_very_long_password_keeps_nobody_busy():
    with pytest.raises(Refused):
        hashed("abcdef" * 100)
    assert not fits("x" * 5_000_000, hashed(GOOD))


@pytest.mark.parametrize("step", range(-DRIFT_STEPS, DRIFT_STEPS + 1))
def test_a_code_fits_while_the_telephone_is_a_little_off(step):
    secret = new_totp_secret()
    code = pyotp.TOTP(secret).at(NOW + step * STEP)
    assert totp_step(secret, code, NOW, 0) == int(NOW.timestamp()) // STEP_S + step
    assert totp_step(secret, f" {code[:3]} {code[3:]} ", NOW, 0) is not None


@pytest.mark.parametrize("step", [-DRIFT_STEPS - 1, DRIFT_STEPS + 1])
def test_a_code_of_another_time_does_not(step):
    secret = new_totp_secret()
    assert totp_step(secret, pyotp.TOTP(secret).at(NOW + step * STEP), NOW, 0) is None


def test_a_code_does_not_fit_again_nor_one_from_before_it():
    secret = new_totp_secret()
    used = totp_step(secret, pyotp.TOTP(secret).at(NOW), NOW, 0)
    assert totp_step(secret, pyotp.TOTP(secret).at(NOW), NOW, used) is None
    assert totp_step(secret, pyotp.TOTP(secret).at(NOW - STEP), NOW, used) is None
    assert totp_step(secret, pyotp.TOTP(secret).at(NOW + STEP), NOW, used) == used + 1


def test_digits_as_a_chinese_keyboard_writes_them_are_digits():
    secret = new_totp_secret()
    wide = pyotp.TOTP(secret).at(NOW).translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    assert totp_step(secret, wide, NOW, 0) is not None


@pytest.mark.parametrize("code", ["", "一二三四五六", "12345", "abcdef", "\x00", "é"])
def test_what_is_no_code_is_none(code):
    assert totp_step(new_totp_secret(), code, NOW, 0) is None


def test_the_telephone_reads_what_the_hub_means():
    secret = new_totp_secret()
    read = pyotp.parse_uri(totp_address(secret, "wang", "东山村"))
    assert (read.secret, read.name, read.issuer) == (secret, "wang", "乡音 东山村") and read.at(NOW) == pyotp.TOTP(secret).at(NOW)


def test_only_what_looks_like_a_secret_is_taken_for_one():
    assert is_totp_secret(new_totp_secret())
    assert not any(map(is_totp_secret, ("", "A" * 31, "a" * 32, "0" * 32, "A" * 32 + "\n", "A" * 33)))
