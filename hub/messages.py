"""What the hub says to a box, signed, and what a box says back. Pure; the one module that both sides share.

A message travels as one line of text: an Ed25519 signature (RFC 8032) in base64url over the very bytes of the JSON that follows it, so
that nobody need agree on how JSON is written. It names its box and carries that box's next number: what was meant for another home, or
is played back, is refused.
"""
from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

VERSION = 1
"""Of the form; a box refuses what it does not know."""


class Kind(StrEnum):
    """What a message is about."""

    NOTICE = "notice"
    """A notice, or its newest wording: ``NoticeBody`` as plain values."""
    WITHDRAW = "withdraw"
    """A notice that must not be read any more: its ``notice`` and ``revision``."""
    SETTINGS = "settings"
    """Name, volume, quiet hours, whether it is muted."""


class Step(StrEnum):
    """How far a notice has come on a box, in this order."""

    DELIVERED = "delivered"
    PLAYING = "playing"
    HEARD = "heard"
    """The loudspeaker has finished it."""
    INTERRUPTED = "interrupted"
    CONFIRMED = "confirmed"
    ANSWERED = "answered"


class MessageRefused(ValueError):
    """Forged, for another box, of another form, or no message at all; the text says which."""


@dataclass(frozen=True, slots=True)
class Message:
    """``number`` counts up by one for each box, from 1. Times are in UTC."""

    box: str
    number: int
    kind: Kind
    sent_at: dt.datetime
    body: Mapping[str, object]
    expires_at: dt.datetime | None = None

    def is_over(self, now: dt.datetime) -> bool:
        return self.expires_at is not None and now >= self.expires_at


@dataclass(frozen=True, slots=True)
class Receipt:
    """What has become of a notice on a box. ``number`` counts up by one for each receipt of a box, from 1: what is sent twice counts
    once. ``at`` by the box's clock, UTC; ``answer`` is the one of the notice's choices that was said."""

    number: int
    notice: str
    revision: int
    step: Step
    at: dt.datetime
    answer: str = ""


@dataclass(frozen=True, slots=True)
class NoticeBody:
    """``choices`` are the answers to ``question``; without a question there are none. ``audio`` is the path at the hub of a recording,
    Ogg Opus of ``audio_s`` seconds, that is played in place of the text being spoken, and ``audio_sha256`` is what a box must find it to
    be (hexadecimal): what comes from there is not signed by itself. ``picture`` is a JPEG file for the screen, in the same way."""

    notice: str
    revision: int
    title: str
    text: str
    category: str
    priority: str
    sent_by: str = ""
    question: str = ""
    choices: tuple[str, ...] = field(default=())
    audio: str = ""
    audio_sha256: str = ""
    audio_s: float = 0.0
    picture: str = ""
    picture_sha256: str = ""


def sealed(message: Message, key: Ed25519PrivateKey) -> str:
    """The line that travels."""
    plain = {"v": VERSION, "box": message.box, "number": message.number, "kind": message.kind, "sent_at": write_time(message.sent_at),
             "expires_at": message.expires_at and write_time(message.expires_at), "body": message.body}
    text = json.dumps(plain, ensure_ascii=False, separators=(",", ":"))
    return f"{base64.urlsafe_b64encode(key.sign(text.encode())).decode()} {text}"


def opened(line: str, key: Ed25519PublicKey, box: str) -> Message:
    """The message, if this hub has written it and to this box. Raises MessageRefused."""
    signature, _, text = line.partition(" ")
    try:
        key.verify(base64.urlsafe_b64decode(signature), text.encode())
    except (InvalidSignature, binascii.Error, ValueError) as error:
        raise MessageRefused("not signed by this hub") from error
    try:
        plain = json.loads(text)
        if plain["v"] != VERSION:
            raise MessageRefused(f"of form {plain['v']}, not {VERSION}")
        message = Message(plain["box"], plain["number"], Kind(plain["kind"]), read_time(plain["sent_at"]), plain["body"],
                          plain["expires_at"] and read_time(plain["expires_at"]))
    except MessageRefused:
        raise
    except (ValueError, KeyError, TypeError) as error:
        raise MessageRefused(f"signed, but not to be understood: {error}") from error
    if message.box != box:
        raise MessageRefused(f"for the box {message.box}")
    return message


def to_plain(body: NoticeBody) -> dict[str, object]:
    return asdict(body) | {"choices": list(body.choices)}


def to_notice(plain: Mapping[str, object]) -> NoticeBody:
    """Raises MessageRefused. What a newer hub says besides is left out."""
    known = {name: plain[name] for name in NoticeBody.__dataclass_fields__ if name in plain}
    try:
        body = NoticeBody(**known | {"choices": tuple(known.get("choices", ()))})
    except TypeError as error:
        raise MessageRefused(f"no notice: {error}") from error
    for path, sha256 in ((body.audio, body.audio_sha256), (body.picture, body.picture_sha256)):
        if path and not _is_attached(path, sha256):
            raise MessageRefused(f"{path!r}: nothing that can be fetched and known again")
    return body


def _is_attached(path: object, sha256: object) -> bool:
    """The box asks for ``path`` with its own key, and names a file by ``sha256``."""
    return (isinstance(path, str) and isinstance(sha256, str) and re.fullmatch("/link/[0-9a-z/]+", path) is not None
            and re.fullmatch("[0-9a-f]{64}", sha256) is not None)


def receipt_to_plain(receipt: Receipt) -> dict[str, object]:
    return asdict(receipt) | {"at": write_time(receipt.at)}


def to_receipt(plain: Mapping[str, object]) -> Receipt:
    """Raises MessageRefused."""
    try:
        return Receipt(int(plain["number"]), str(plain["notice"]), int(plain["revision"]), Step(plain["step"]), read_time(plain["at"]),
                       str(plain.get("answer", "")))
    except (ValueError, KeyError, TypeError, OverflowError) as error:
        raise MessageRefused(f"no receipt: {error}") from error


def read_time(text: str) -> dt.datetime:
    """Raises ValueError where it does not say which zone it is of, or where UTC has no such year."""
    time = dt.datetime.fromisoformat(text)
    if time.tzinfo is None:
        raise ValueError(f"{text}: of which zone?")
    try:
        return time.astimezone(dt.UTC)
    except OverflowError as error:
        raise ValueError(f"{text}: {error}") from error


def write_time(time: dt.datetime) -> str:
    """As it travels: in UTC, to the millisecond."""
    return time.astimezone(dt.UTC).isoformat(timespec="milliseconds")
