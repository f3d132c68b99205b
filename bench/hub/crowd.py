"""Many simulated boxes on one hub, as a program of its own: ``python -m bench.hub.crowd ADDRESS KEYS SECONDS WITHIN``.

Each holds a connection of its own, as a real box does, notes the moment at which a message comes, and says that it has been delivered, not
all at the same moment but WITHIN so many seconds. On standard output: ``connected`` once all are, and at the end, after SECONDS or by SIGTERM, a
line of JSON.
"""
from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import json
import random
import signal
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from hub.messages import Kind, Receipt, Step, receipt_to_plain

AT_ONCE = 200
"""Connections that are being made."""


@dataclass
class SimulatedBox:
    """``arrived``: number of each message, and when it came by this machine's clock."""

    id: str
    key: str
    arrived: list[tuple[int, float]] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    receipts: int = 0
    taken: int = 0
    lost_line: int = 0


class Crowd:
    def __init__(self, address: str, boxes: list[SimulatedBox], receipt_within_s: float) -> None:
        self._receipt_within_s = receipt_within_s
        parts = urlsplit(address)
        self._host, self._port = parts.hostname, parts.port
        self.boxes = boxes
        self._places = asyncio.Semaphore(AT_ONCE)
        self._posts = asyncio.Semaphore(AT_ONCE)
        self.connected = 0
        self._all = asyncio.Event()
        self._waiting: set[asyncio.Task] = set()

    async def run(self, seconds: float) -> None:
        lines = [asyncio.create_task(self._hold(box)) for box in self.boxes]
        await self._all.wait()
        print("connected", flush=True)
        over = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, over.set)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(over.wait(), seconds)
        for line in lines:
            line.cancel()
        await asyncio.gather(*lines, return_exceptions=True)
        await asyncio.gather(*self._waiting)

    async def _hold(self, box: SimulatedBox) -> None:
        while True:
            try:
                await self._stream(box)
            except OSError:
                """The hub is gone: called again like one that has been cut off."""
            box.lost_line += 1
            await asyncio.sleep(random.uniform(0.5, 3.0))

    async def _stream(self, box: SimulatedBox) -> None:
        async with self._places:
            reader, writer = await asyncio.open_connection(self._host, self._port)
            after = box.arrived[-1][0] if box.arrived else 0
            writer.write(f"GET /link/stream?after={after} HTTP/1.1\r\nHost: hub\r\nAuthorization: Bearer {box.key}\r\n\r\n".encode())
            status = await reader.readline()
            if b" 200 " not in status:
                raise ConnectionRefusedError(status)
            await reader.readuntil(b"retry")
        self.connected += 1
        if self.connected == len(self.boxes):
            self._all.set()
        try:
            number = 0
            while line := await reader.readline():
                if line.startswith(b"id: "):
                    number = int(line[4:])
                elif line.startswith(b"data: "):
                    box.arrived.append((number, time.time()))
                    self._receive(box, line[6:].decode())
        finally:
            writer.close()

    def _receive(self, box: SimulatedBox, line: str) -> None:
        box.lines.append(line)
        message = json.loads(line.partition(" ")[2])
        if message["kind"] == Kind.NOTICE:
            task = asyncio.create_task(self._say(box, message["body"]))
            self._waiting.add(task)
            task.add_done_callback(self._waiting.discard)

    async def _say(self, box: SimulatedBox, body: dict) -> None:
        """That it has been delivered; until the hub has taken it."""
        await asyncio.sleep(random.uniform(0, self._receipt_within_s))
        box.receipts += 1
        receipt = Receipt(box.receipts, body["notice"], body["revision"], Step.DELIVERED, dt.datetime.now(dt.UTC))
        text = json.dumps({"now": dt.datetime.now(dt.UTC).isoformat(), "receipts": [receipt_to_plain(receipt)]}).encode()
        while box.taken < receipt.number:
            try:
                async with self._posts:
                    box.taken = await self._post(box, text)
            except (OSError, ValueError, asyncio.IncompleteReadError):
                await asyncio.sleep(random.uniform(0.5, 2.0))

    async def _post(self, box: SimulatedBox, text: bytes) -> int:
        reader, writer = await asyncio.open_connection(self._host, self._port)
        try:
            writer.write(f"POST /link/receipts HTTP/1.1\r\nHost: hub\r\nConnection: close\r\nAuthorization: Bearer {box.key}\r\n"
                         f"Content-Type: application/json\r\nContent-Length: {len(text)}\r\n\r\n".encode() + text)
            answer = await reader.read()
        finally:
            writer.close()
        return json.loads(answer.partition(b"\r\n\r\n")[2])["through"]


def main(address: str, keys: str, seconds: str, receipt_within_s: str) -> None:
    boxes = [SimulatedBox(*line.split("\t")) for line in Path(keys).read_text(encoding="utf-8").splitlines()]
    crowd = Crowd(address, boxes, float(receipt_within_s))
    asyncio.run(crowd.run(float(seconds)))
    print(json.dumps({"arrived": {box.id: box.arrived for box in boxes}, "lines": {box.id: box.lines for box in boxes},
                      "taken": sum(box.taken for box in boxes), "lost_lines": sum(box.lost_line for box in boxes)}))


if __name__ == "__main__":
    main(*sys.argv[1:])
