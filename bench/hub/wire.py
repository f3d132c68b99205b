"""The network between boxes and hub, which can be cut: a TCP proxy on this machine."""
from __future__ import annotations

import asyncio
import contextlib
import random
import threading
from urllib.parse import urlsplit


class Wire:
    """``with Wire(hub.address) as wire:`` boxes call ``wire.address``. While it is cut nothing gets through in either direction, and nobody is
    told: connections stay open, and new ones are made that bring nothing."""

    def __init__(self, hub: str, seed: int = 1) -> None:
        parts = urlsplit(hub)
        self._host, self._port = parts.hostname, parts.port
        self._chance = random.Random(seed)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="wire")
        self._whole = asyncio.Event()
        self._whole.set()
        self._forgotten: dict[asyncio.Task, bool] = {}
        self._server: asyncio.Server | None = None
        self.address = ""

    def __enter__(self) -> Wire:
        self._thread.start()
        self._server = self._do(asyncio.start_server(self._carry, "127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    def __exit__(self, *_: object) -> None:
        self._do(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def cut(self) -> None:
        self._do(self._set(False))

    def mend(self, forgotten: float) -> int:
        """It is whole again. Of the connections that were there, about this share (0..1) is forgotten, as by a router that was started anew:
        neither end is told, and nothing comes through them any more. Returns how many."""
        return self._do(self._set(True, forgotten))

    def _do(self, what):
        return asyncio.run_coroutine_threadsafe(what, self._loop).result(10)

    async def _set(self, is_whole: bool, forgotten: float = 0.0) -> int:
        if is_whole:
            for task in self._forgotten:
                self._forgotten[task] = self._forgotten[task] or self._chance.random() < forgotten
            self._whole.set()
        else:
            self._whole.clear()
        return sum(self._forgotten.values())

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        self._forgotten[task] = False
        try:
            await self._whole.wait()
            # the hub is down, or one of the two has gone: the other is told; or all of it ends
            with contextlib.suppress(OSError, asyncio.CancelledError):
                hub_reader, hub_writer = await asyncio.open_connection(self._host, self._port)
                ways = [asyncio.create_task(self._pump(task, *way)) for way in ((reader, hub_writer), (hub_reader, writer))]
                try:
                    await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    for way in ways:
                        way.cancel()
                    await asyncio.gather(*ways, return_exceptions=True)
                    hub_writer.close()
        finally:
            writer.close()
            del self._forgotten[task]

    async def _pump(self, task: asyncio.Task, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65_536):
            await self._whole.wait()
            if not self._forgotten[task]:
                writer.write(data)
                await writer.drain()

    async def _end(self) -> None:
        self._server.close()
        tasks = list(self._forgotten)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
