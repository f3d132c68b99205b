"""Receipts that the hub has not taken yet, numbered without a gap. Pure but for the tree that is given, which is changed in place."""
from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from hub.messages import Receipt, receipt_to_plain, to_receipt, write_time

MOST_APART = 100
"""The newest are kept: whoever looks for the cause needs some, not all."""


@dataclass(frozen=True, slots=True)
class SetApart:
    """A receipt that the hub does not take, ``why`` it says so, and when (UTC) it was given up on."""

    receipt: Receipt
    why: str
    at: dt.datetime


def add(tree: dict, receipt: Receipt) -> None:
    """It gets the next number, whatever its own."""
    box = tree["outbox"]
    box["number"] += 1
    box["waiting"].append(receipt_to_plain(replace(receipt, number=box["number"])))


def waiting(tree: dict, most: int) -> tuple[Receipt, ...]:
    """The first of them, in order."""
    return tuple(map(to_receipt, tree["outbox"]["waiting"][:most]))


def taken(tree: dict, through: int) -> None:
    """The hub has all up to number ``through``. Where it counts otherwise, because one of the two has lost its disk, the box goes on
    from where the hub is: else nothing would ever be taken again."""
    box = tree["outbox"]
    _go_on(box, [receipt for receipt in box["waiting"] if receipt["number"] > through], through)


def set_apart(tree: dict, why: str, now: dt.datetime) -> None:
    """The first of them is not sent any more, and those behind it take its number: the hub takes nothing behind a gap."""
    box = tree["outbox"]
    first, *left = box["waiting"]
    kept = [*box.get("apart", ()), {"receipt": first, "why": why[:300], "at": write_time(now)}]
    box["apart"] = kept[-MOST_APART:]
    _go_on(box, left, first["number"] - 1)


def apart(tree: dict) -> tuple[SetApart, ...]:
    """The oldest first."""
    return tuple(SetApart(to_receipt(one["receipt"]), one["why"], dt.datetime.fromisoformat(one["at"])) for one in tree["outbox"].get("apart", ()))


def _go_on(box: dict, left: Sequence[dict], through: int) -> None:
    """These wait, behind number ``through``."""
    if left and left[0]["number"] != through + 1:
        left = [receipt | {"number": number} for number, receipt in enumerate(left, start=through + 1)]
    box["number"] = left[-1]["number"] if left else through
    box["waiting"] = list(left)
