"""The village hub of this machine, started beside the box: a process of its own, which the box does without when it must."""
from __future__ import annotations

import logging
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from assistant.errors import ConfigError
from assistant.settings import Settings

log = logging.getLogger(__name__)

HERE = "127.0.0.1:8730"
"""Reached from this machine alone: whoever wants the village's telephones to reach it says so."""
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}
_ENDS_WITHIN_S = 8.0


@dataclass(frozen=True, slots=True)
class Address:
    """Where a hub is to listen."""

    host: str
    port: int

    @classmethod
    def of(cls, text: str) -> Address:
        """``HOST:PORT``. Raises ConfigError."""
        try:
            parts = urlsplit(f"//{text}")
            host, port = parts.hostname, parts.port
        except ValueError:
            host = port = None
        if not host or not port or text != parts.netloc or "@" in text:
            raise ConfigError(f"--hub {text}: not an address like {HERE}")
        return cls(host, port)

    @property
    def url(self) -> str:
        """By which this machine reaches it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{_EVERYWHERE.get(self.host, host)}:{self.port}"


def beside(settings: Settings, wanted: str | None, options: Sequence[str], tell: Callable[[str], None]) -> tuple[Settings, OwnHub | None]:
    """The settings of a box with a hub at ``wanted``, and that hub, not started yet. ``wanted`` None: it has none. Empty: at the usual place,
    unless the settings name another hub: this box is another village's. ``options`` are those before the command. Raises ConfigError."""
    if wanted is None:
        return settings, None
    address = Address.of(wanted or HERE)
    elsewhere = settings.hub.url
    if not wanted and elsewhere.rstrip("/") not in ("", address.url):
        tell(f"这个盒子用的是设置里写的村务台 {elsewhere}，这台机器不另外开一个。")
        return settings, None
    command = [sys.executable, "-m", "assistant.cli", *options, "hub", "--until-eof", "--host", address.host, "--port", str(address.port)]
    linked = replace(settings, hub=replace(settings.hub, url=elsewhere or address.url))
    return linked, OwnHub(command, tell)


class OwnHub:
    """``with OwnHub(…):`` it runs, or somebody has been told that it does not. It ends with the block, and with this process however that
    ends: its standard input is a pipe from here."""

    def __init__(self, command: Sequence[str], tell: Callable[[str], None]) -> None:
        """``tell`` is called from another thread too."""
        self._command = command
        self._tell = tell
        self._process: subprocess.Popen | None = None
        self._is_closing = threading.Event()
        self._watching = threading.Thread(target=self._watch, name="own-hub", daemon=True)

    def __enter__(self) -> OwnHub:
        try:
            # A session of its own: Ctrl-C is meant for the box, which lets the hub end when it has ended.
            self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE, start_new_session=True)
        except OSError as error:
            self._tell_of_the_end(str(error))
        else:
            self._watching.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is None:
            return
        self._is_closing.set()
        self._process.stdin.close()
        self._process.terminate()  # one that is still starting does not look at its input yet
        self._watching.join(_ENDS_WITHIN_S)
        if self._watching.is_alive():
            log.warning("the hub did not end within %.0f s", _ENDS_WITHIN_S)
            self._process.kill()
            self._watching.join()

    def wait(self) -> None:
        """Until it has ended by itself."""
        if self._process is not None:
            self._watching.join()

    def _watch(self) -> None:
        code = self._process.wait()
        if not self._is_closing.is_set():
            self._tell_of_the_end(f"exit code {code}")

    def _tell_of_the_end(self, why: str) -> None:
        log.error("the hub has ended: %s", why)
        self._tell("村务台没有开起来，或者停了（原因在上面）。盒子照常用，只是收不到村里的通知。只要盒子：script/run --no-hub")
