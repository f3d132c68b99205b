"""A box as the hub sees it, made of the smallest pieces: for what real boxes never do, and for many of them at once."""
from __future__ import annotations

import datetime as dt
import json
import secrets
from collections.abc import Iterator, Sequence

import httpx

from hub.keys import read_public
from hub.messages import Message, Receipt, Step, opened, receipt_to_plain


class CallingBox:
    """Holds its key; after :meth:`join` it knows its hub's."""

    def __init__(self, client: httpx.Client) -> None:
        self.key = secrets.token_urlsafe(32)
        self._client = client
        self._client.headers["authorization"] = f"Bearer {self.key}"
        self.id, self.hub_key, self.receipts = "", None, 0

    def wish(self, **facts: str) -> httpx.Response:
        return self._client.post("/link/join", json=facts)

    def join(self) -> httpx.Response:
        answer = self._client.get("/link/join")
        if answer.status_code == 200:
            self.id, self.hub_key = answer.json()["box"], read_public(answer.json()["hub_key"])
        return answer

    def messages(self, after: int = 0, seen: str = "") -> list[Message]:
        answer = self._client.get("/link/messages", params={"after": after, "seen": seen})
        assert answer.status_code == 200, answer.text
        return [opened(line, self.hub_key, self.id) for line in answer.json()["messages"]]

    def stream(self, after: int = 0, seen: str = "", **headers: str) -> Iterator[Message | None]:
        """None for each sign of life."""
        with self._client.stream("GET", "/link/stream", params={"after": after, "seen": seen}, headers=headers) as answer:
            assert answer.status_code == 200
            for line in answer.iter_lines():
                if line.startswith("data: "):
                    yield opened(line.removeprefix("data: "), self.hub_key, self.id)
                elif line.startswith(("retry", ":")):
                    yield None

    def receipt(self, notice: str, step: Step, at: dt.datetime, revision: int = 1, answer: str = "") -> Receipt:
        self.receipts += 1
        return Receipt(self.receipts, notice, revision, step, at, answer)

    def send(self, receipts: Sequence[Receipt], now: dt.datetime) -> httpx.Response:
        return self._client.post("/link/receipts", json={"now": now.isoformat(), "receipts": [receipt_to_plain(receipt) for receipt in receipts]})


def raw(line: str) -> dict:
    """What a message says, whoever signed it."""
    return json.loads(line.partition(" ")[2])
