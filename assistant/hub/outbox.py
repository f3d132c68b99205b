"""Receipts that the hub has not taken yet, numbered without a gap. Pure but for the tree that is given, which is changed in place."""
from __future__ import annotations

from dataclasses import replace

from hub.messages import Receipt, receipt_to_plain, to_receipt


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
    left = [receipt for receipt in box["waiting"] if receipt["number"] > through]
    if not left:
        box["number"] = through
    elif left[0]["number"] != through + 1:
        left = [receipt | {"number": number} for number, receipt in enumerate(left, start=through + 1)]
        box["number"] = left[-1]["number"]
    box["waiting"] = left
