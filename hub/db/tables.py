"""The tables. Every row carries its village, and in the keys it comes first: a province can shard by it (docs/scale.md).

``Village``, ``Board``, ``Staff``, ``Invitation``, ``Session``, ``LoginFailure``, ``HubKey`` and ``Joining`` are small and belong to the hub as a
whole.
"""
from __future__ import annotations

import datetime as dt

from sqlalchemy import (
    JSON,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Text,
)
from sqlalchemy.orm import Mapped, mapped_column

from hub.db.columns import Base, Id, Moment, Name, Plain, Utc


class Village(Base):
    __tablename__ = "village"
    id: Mapped[Id] = mapped_column(primary_key=True)
    name: Mapped[Name]
    county: Mapped[Name]
    zone: Mapped[Name]
    """Of its clocks, by its IANA name."""
    created_at: Mapped[Moment]


class Board(Base):
    """The village's public page for the screen on the square; no row as long as nobody has chosen anything."""

    __tablename__ = "board"
    village_id: Mapped[Id] = mapped_column(ForeignKey("village.id"), primary_key=True)
    path: Mapped[str | None] = mapped_column(String(40), unique=True)
    """What its address ends with; None: it is off."""
    place: Mapped[str] = mapped_column(String(6))
    """Whose weather is on it: a code of GB/T 2260; empty: none."""
    changed_at: Mapped[Moment]


class HubKey(Base):
    """The Ed25519 key with which all is signed; boxes pin its public half when they join."""

    __tablename__ = "hub_key"
    id: Mapped[int] = mapped_column(primary_key=True)
    private: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[Moment]


class Staff(Base):
    """``login`` is lower case and stands for one person in the whole hub."""

    __tablename__ = "staff"
    id: Mapped[Id] = mapped_column(primary_key=True)
    village_id: Mapped[Id] = mapped_column(ForeignKey("village.id"), index=True)
    login: Mapped[Name] = mapped_column(unique=True)
    name: Mapped[Name]
    phone: Mapped[Name]
    role: Mapped[Name]
    password: Mapped[str] = mapped_column(String(200))
    """As argon2 writes it."""
    totp: Mapped[Name]
    """Secret of the second factor in base 32; empty where there is none."""
    totp_used: Mapped[int] = mapped_column(default=0)
    """The step of time whose code was used last: none counts twice."""
    created_at: Mapped[Moment]
    left_at: Mapped[dt.datetime | None] = mapped_column(Utc)


class Invitation(Base):
    """The link with which one of the staff sets a password, once; a newer one takes its place."""

    __tablename__ = "invitation"
    staff_id: Mapped[Id] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    """SHA-256 of what the link ends with."""
    expires_at: Mapped[Moment]


class Session(Base):
    """``id`` is the SHA-256 of what the browser holds."""

    __tablename__ = "session"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    staff_id: Mapped[Id] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    village_id: Mapped[Id] = mapped_column(ForeignKey("village.id"))
    """The one that is looked at: of an operator any."""
    csrf: Mapped[str] = mapped_column(String(64))
    seen_at: Mapped[Moment]
    expires_at: Mapped[Moment] = mapped_column(index=True)


class LoginFailure(Base):
    """``who`` is a name that was tried, or an address that tried."""

    __tablename__ = "login_failure"
    id: Mapped[Id] = mapped_column(primary_key=True)
    who: Mapped[str] = mapped_column(String(120))
    at: Mapped[Moment]
    __table_args__ = (Index(None, "who", "at"),)


class Joining(Base):
    """A box that wants to join: it says ``code`` aloud, and holds a key whose SHA-256 this is. Taken once the staff has typed the code."""

    __tablename__ = "joining"
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    code: Mapped[str] = mapped_column(String(6), unique=True)
    address: Mapped[str] = mapped_column(String(64), index=True)
    facts: Mapped[Plain]
    created_at: Mapped[Moment]
    expires_at: Mapped[Moment]


class Grid(Base):
    __tablename__ = "grid"
    village_id: Mapped[Id] = mapped_column(ForeignKey("village.id"))
    id: Mapped[Id]
    name: Mapped[Name]
    worker_id: Mapped[Id | None] = mapped_column(ForeignKey("staff.id"))
    __table_args__ = (PrimaryKeyConstraint("village_id", "id"),)


class Household(Base):
    __tablename__ = "household"
    village_id: Mapped[Id] = mapped_column(ForeignKey("village.id"))
    id: Mapped[Id]
    name: Mapped[Name]
    address: Mapped[str] = mapped_column(String(200))
    grid_id: Mapped[Id | None]
    phone: Mapped[Name]
    notes: Mapped[str] = mapped_column(Text)
    created_at: Mapped[Moment]
    __table_args__ = (PrimaryKeyConstraint("village_id", "id"),
                      ForeignKeyConstraint(["village_id", "grid_id"], ["grid.village_id", "grid.id"]))


class Resident(Base):
    __tablename__ = "resident"
    village_id: Mapped[Id] = mapped_column(ForeignKey("village.id"))
    id: Mapped[Id]
    household_id: Mapped[Id]
    name: Mapped[Name]
    sought: Mapped[str] = mapped_column(String(200))
    """What the name is found by: its characters, its pinyin and the initials of that."""
    born: Mapped[int | None]
    """The year."""
    phone: Mapped[Name]
    hearing: Mapped[Name]
    tags: Mapped[list] = mapped_column(JSON)
    notes: Mapped[str] = mapped_column(Text)
    __table_args__ = (PrimaryKeyConstraint("village_id", "id"),
                      ForeignKeyConstraint(["village_id", "household_id"], ["household.village_id", "household.id"], ondelete="CASCADE"),
                      Index(None, "village_id", "household_id"))


class Box(Base):
    __tablename__ = "box"
    village_id: Mapped[Id] = mapped_column(ForeignKey("village.id"))
    id: Mapped[Id]
    household_id: Mapped[Id | None]
    name: Mapped[Name]
    key: Mapped[str] = mapped_column(String(64), unique=True)
    """SHA-256 of what the box proves itself with."""
    joined_at: Mapped[Moment]
    revoked_at: Mapped[dt.datetime | None] = mapped_column(Utc)
    seen_at: Mapped[dt.datetime | None] = mapped_column(Utc)
    facts: Mapped[Plain]
    """Version, free disk, microphone …, as the box tells them."""
    settings: Mapped[Plain]
    """What the staff has set: volume, quiet hours, mute."""
    messages: Mapped[int] = mapped_column(Integer, default=0)
    """The number of the last message to it."""
    receipts: Mapped[int] = mapped_column(Integer, default=0)
    """The number of the last receipt of it."""
    __table_args__ = (PrimaryKeyConstraint("village_id", "id"),
                      ForeignKeyConstraint(["village_id", "household_id"], ["household.village_id", "household.id"]))


class BoxMessage(Base):
    """One message to one box, in its place; what it says is with the notice, or in ``body``."""

    __tablename__ = "box_message"
    village_id: Mapped[Id] = mapped_column(ForeignKey("village.id"))
    box_id: Mapped[Id]
    number: Mapped[int]
    kind: Mapped[Name]
    notice_id: Mapped[Id | None]
    body: Mapped[Plain]
    sent_at: Mapped[Moment]
    expires_at: Mapped[dt.datetime | None] = mapped_column(Utc)
    __table_args__ = (PrimaryKeyConstraint("village_id", "box_id", "number"),
                      ForeignKeyConstraint(["village_id", "box_id"], ["box.village_id", "box.id"], ondelete="CASCADE"))


class Notice(Base):
    __tablename__ = "notice"
    village_id: Mapped[Id] = mapped_column(ForeignKey("village.id"))
    id: Mapped[Id]
    author_id: Mapped[Id] = mapped_column(ForeignKey("staff.id"))
    title: Mapped[Name]
    text: Mapped[str] = mapped_column(Text)
    category: Mapped[Name]
    priority: Mapped[Name]
    state: Mapped[Name]
    revision: Mapped[int] = mapped_column(default=1)
    question: Mapped[str] = mapped_column(String(200))
    choices: Mapped[list] = mapped_column(JSON)
    targets: Mapped[Plain]
    created_at: Mapped[Moment]
    send_at: Mapped[dt.datetime | None] = mapped_column(Utc)
    """When it is to go out; None: when it was told to."""
    repeat: Mapped[Name]
    """How often it goes out anew behind ``send_at``: empty, ``daily`` or ``weekly``."""
    plan_id: Mapped[Id | None]
    """The notice that repeats, of which this is one time."""
    missing: Mapped[list] = mapped_column(JSON, default=list)
    """Homes that it was meant for, and that had no box when it went out."""
    sent_at: Mapped[dt.datetime | None] = mapped_column(Utc)
    expires_at: Mapped[dt.datetime | None] = mapped_column(Utc)
    tries: Mapped[int] = mapped_column(default=0, server_default="0")
    """How often in a row it was due and could not go out; it is not tried again before ``try_at``. ``wrong`` is why, as the page shows it."""
    try_at: Mapped[dt.datetime | None] = mapped_column(Utc)
    wrong: Mapped[str] = mapped_column(String(200), default="", server_default="")
    token_id: Mapped[Id | None]
    """The program that sent it; None: a person."""
    audio_id: Mapped[Id | None]
    picture_id: Mapped[Id | None]
    __table_args__ = (PrimaryKeyConstraint("village_id", "id"), Index(None, "village_id", "created_at"), Index(None, "state", "send_at"),
                      Index(None, "village_id", "plan_id"))


class Upload(Base):
    """A recording or a picture, as the hub has made it from what was sent: in the database, which all processes share."""

    __tablename__ = "upload"
    village_id: Mapped[Id] = mapped_column(ForeignKey("village.id"))
    id: Mapped[Id]
    media_type: Mapped[Name]
    seconds: Mapped[float]
    """Of a recording; 0 of a picture."""
    data: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[Moment]
    __table_args__ = (PrimaryKeyConstraint("village_id", "id"),)


class Template(Base):
    """A notice that is often written."""

    __tablename__ = "template"
    village_id: Mapped[Id] = mapped_column(ForeignKey("village.id"))
    id: Mapped[Id]
    title: Mapped[Name]
    text: Mapped[str] = mapped_column(Text)
    category: Mapped[Name]
    priority: Mapped[Name] = mapped_column(server_default="ordinary")
    question: Mapped[str] = mapped_column(String(200), server_default="")
    choices: Mapped[list] = mapped_column(JSON, server_default="[]")
    repeat: Mapped[Name] = mapped_column(server_default="")
    __table_args__ = (PrimaryKeyConstraint("village_id", "id"),)


class NoticeReceipt(Base):
    """How far a notice has come on one box, of its newest revision."""

    __tablename__ = "notice_receipt"
    village_id: Mapped[Id] = mapped_column(ForeignKey("village.id"))
    notice_id: Mapped[Id]
    box_id: Mapped[Id]
    revision: Mapped[int]
    queued_at: Mapped[Moment]
    delivered_at: Mapped[dt.datetime | None] = mapped_column(Utc)
    playing_at: Mapped[dt.datetime | None] = mapped_column(Utc)
    heard_at: Mapped[dt.datetime | None] = mapped_column(Utc)
    interrupted_at: Mapped[dt.datetime | None] = mapped_column(Utc)
    confirmed_at: Mapped[dt.datetime | None] = mapped_column(Utc)
    answered_at: Mapped[dt.datetime | None] = mapped_column(Utc)
    answer: Mapped[Name]
    __table_args__ = (PrimaryKeyConstraint("village_id", "notice_id", "box_id"),
                      ForeignKeyConstraint(["village_id", "notice_id"], ["notice.village_id", "notice.id"], ondelete="CASCADE"),
                      ForeignKeyConstraint(["village_id", "box_id"], ["box.village_id", "box.id"], ondelete="CASCADE"))


class AlertChannel(Base):
    """An address in Apprise's form, which is itself the secret that opens it."""

    __tablename__ = "alert_channel"
    village_id: Mapped[Id] = mapped_column(ForeignKey("village.id"))
    id: Mapped[Id]
    name: Mapped[Name]
    address: Mapped[str] = mapped_column(String(500))
    kinds: Mapped[list] = mapped_column(JSON)
    created_at: Mapped[Moment]
    __table_args__ = (PrimaryKeyConstraint("village_id", "id"),)


class Alert(Base):
    __tablename__ = "alert"
    village_id: Mapped[Id] = mapped_column(ForeignKey("village.id"))
    id: Mapped[Id]
    kind: Mapped[Name]
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[Moment]
    __table_args__ = (PrimaryKeyConstraint("village_id", "id"),)


class AlertCause(Base):
    """What an alert has been given for: of the same cause nobody is told twice."""

    __tablename__ = "alert_cause"
    village_id: Mapped[Id] = mapped_column(ForeignKey("village.id"))
    cause: Mapped[str] = mapped_column(String(120))
    alert_id: Mapped[Id]
    __table_args__ = (PrimaryKeyConstraint("village_id", "cause"),
                      ForeignKeyConstraint(["village_id", "alert_id"], ["alert.village_id", "alert.id"], ondelete="CASCADE"))


class AlertSending(Base):
    """One alert over one channel. ``next_at`` is when it is to be tried (again); None: it is done, or given up on."""

    __tablename__ = "alert_sending"
    village_id: Mapped[Id] = mapped_column(ForeignKey("village.id"))
    alert_id: Mapped[Id]
    channel_id: Mapped[Id]
    tries: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[dt.datetime | None] = mapped_column(Utc, index=True)
    sent_at: Mapped[dt.datetime | None] = mapped_column(Utc)
    wrong: Mapped[str] = mapped_column(String(200), default="")
    __table_args__ = (PrimaryKeyConstraint("village_id", "alert_id", "channel_id"),
                      ForeignKeyConstraint(["village_id", "alert_id"], ["alert.village_id", "alert.id"], ondelete="CASCADE"),
                      ForeignKeyConstraint(["village_id", "channel_id"], ["alert_channel.village_id", "alert_channel.id"], ondelete="CASCADE"))


class ApiToken(Base):
    """A program of another system. ``digest`` is the SHA-256 of what it proves itself with; ``webhook`` is where it is told what became of its
    notices, signed with ``secret``; both empty where it asks for itself."""

    __tablename__ = "api_token"
    village_id: Mapped[Id] = mapped_column(ForeignKey("village.id"))
    id: Mapped[Id]
    name: Mapped[Name]
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    scopes: Mapped[list] = mapped_column(JSON)
    webhook: Mapped[str] = mapped_column(String(500))
    secret: Mapped[str] = mapped_column(String(80))
    made_by: Mapped[Id] = mapped_column(ForeignKey("staff.id"))
    created_at: Mapped[Moment]
    revoked_at: Mapped[dt.datetime | None] = mapped_column(Utc)
    __table_args__ = (PrimaryKeyConstraint("village_id", "id"),)


class WebhookCall(Base):
    """One message to a program. ``next_at`` is when it is to be tried (again); None: it is done, or given up on."""

    __tablename__ = "webhook_call"
    village_id: Mapped[Id] = mapped_column(ForeignKey("village.id"))
    id: Mapped[Id]
    token_id: Mapped[Id]
    body: Mapped[Plain]
    tries: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[dt.datetime | None] = mapped_column(Utc, index=True)
    sent_at: Mapped[dt.datetime | None] = mapped_column(Utc)
    wrong: Mapped[str] = mapped_column(String(200), default="")
    __table_args__ = (PrimaryKeyConstraint("village_id", "id"),
                      ForeignKeyConstraint(["village_id", "token_id"], ["api_token.village_id", "api_token.id"], ondelete="CASCADE"))


class Audit(Base):
    """Who did what; nothing is ever taken out of it."""

    __tablename__ = "audit"
    village_id: Mapped[Id] = mapped_column(ForeignKey("village.id"))
    id: Mapped[Id]
    at: Mapped[Moment]
    staff_id: Mapped[Id | None]
    who: Mapped[Name]
    """The name as it was then."""
    did: Mapped[Name]
    subject: Mapped[str] = mapped_column(String(200))
    address: Mapped[str] = mapped_column(String(64))
    __table_args__ = (PrimaryKeyConstraint("village_id", "id"),)
