"""Passwords and second factors of the staff."""
from __future__ import annotations

import datetime as dt
import hmac
import re
import secrets
import unicodedata

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from hub.errors import Refused

LEAST_LETTERS = 10
MOST_LETTERS = 200
"""Longer ones would only keep argon2 busy."""
_COMMON = frozenset({"1234567890", "0123456789", "qwertyuiop", "password12", "password123", "woaini1314", "1q2w3e4r5t", "abcdefghij"})
STEP_S = 30
DRIFT_STEPS = 1
"""A telephone's clock may be so many steps off."""

_hasher = PasswordHasher()
"""Argon2id with the parameters of RFC 9106 for little memory, which are the library's own."""
_NOBODY = _hasher.hash(secrets.token_urlsafe())
"""Checked where nobody has the name: a wrong name must not be answered sooner than a wrong password."""


def hashed(password: str, login: str = "") -> str:
    """Raises Refused where it is too short, or everybody's."""
    if len(password) < LEAST_LETTERS:
        raise Refused(f"密码至少要{LEAST_LETTERS}个字")
    if len(password) > MOST_LETTERS:
        raise Refused(f"密码最多{MOST_LETTERS}个字")
    if password.lower() in _COMMON or len(set(password)) < 4 or (login and login in password.lower()):
        raise Refused("这个密码太容易猜到，请换一个")
    return _hasher.hash(password)


def fits(password: str, known: str | None) -> bool:
    """Takes as long where nobody is ``known``, or has set no password yet."""
    try:
        return _hasher.verify(known or _NOBODY, password[:MOST_LETTERS]) and bool(known)
    except (VerificationError, InvalidHashError):
        return False


def new_totp_secret() -> str:
    return pyotp.random_base32()


def is_totp_secret(text: str) -> bool:
    """Whether it can be one of :func:`new_totp_secret`'s."""
    return re.fullmatch("[A-Z2-7]{32}", text) is not None


def totp_address(secret: str, login: str, village: str) -> str:
    """What an authenticator app reads from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=f"乡音 {village}")


def totp_step(secret: str, code: str, now: dt.datetime, used: int) -> int | None:
    """The step of time whose code this is, if it is later than the one that was ``used`` last (RFC 6238, 5.2); else None."""
    totp, current = pyotp.TOTP(secret), int(now.timestamp()) // STEP_S
    typed = "".join(unicodedata.normalize("NFKC", code).split())  # a Chinese keyboard may write digits of full width
    for step in range(current - DRIFT_STEPS, current + DRIFT_STEPS + 1):
        if step > used and hmac.compare_digest(totp.at(step * STEP_S).encode(), typed.encode()):
            return step
    return None
