"""The hub's address, asked over HTTP by one box; see ``hub/link/routes.py`` for what it answers."""
from __future__ import annotations

import contextlib
import datetime as dt
import email.utils
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import requests

from assistant.errors import ConfigError
from hub.messages import Receipt, receipt_to_plain

log = logging.getLogger(__name__)

CONNECT_S, ANSWER_S, SILENCE_S = 10.0, 30.0, 40.0
"""How long to wait for a connection, for an answer, and for the next sign of life of an open line: the hub gives one every 15 s."""
PIECE = 4096
"""Bytes of a file that are taken at once."""
LONGEST_LINE = 100_000
"""Bytes; a notice has a thousand characters."""
_FINAL = frozenset({400, 413, 422})
_BROKEN = 500
SKEW = dt.timedelta(seconds=5)
"""Clocks that differ by less are taken for the same: so long may an answer be on its way."""


class NotReached(Exception):
    """The hub does not answer, or not as a hub does: it is asked again."""


class Rejected(NotReached):
    """The hub itself says that it cannot take this. ``is_final``: it would say the same of it at any time."""

    def __init__(self, message: str, is_final: bool) -> None:
        super().__init__(message)
        self.is_final = is_final


class NotThere(NotReached):
    """The hub answers, and has no such thing for this box."""


class TurnedAway(Exception):
    """The hub does not know this box any more."""


class HubClient:
    """For one thread; only :meth:`hang_up` may be called from another. Every method raises NotReached and TurnedAway."""

    def __init__(self, url: str, key: str, now: Callable[[], dt.datetime]) -> None:
        """``now`` in UTC. Raises ConfigError."""
        if not url.startswith(("http://", "https://")):
            raise ConfigError(f"[hub] url {url!r}: not an address like https://hub.example")
        self._url = url.rstrip("/")
        self._now = now
        self._session = requests.Session()
        self._session.headers["authorization"] = f"Bearer {key}"
        self._line: requests.Response | None = None
        self.skew = dt.timedelta(0)
        """How far the hub's clock is ahead of the box's, as its last answer said."""

    def wish(self, facts: Mapping[str, str]) -> str:
        """The six digits under which this box wants to join; empty where the hub has no village yet, and nobody who could type them."""
        answer = self._ask("POST", "/link/join", json=dict(facts), also=(409,))
        return "" if answer.status_code == 409 else str(self._value(answer, "code"))

    def joined(self) -> Mapping[str, object] | str:
        """What the hub tells a box that has become somebody's; else ``waiting`` or ``over``."""
        answer = self._ask("GET", "/link/join", also=(404,))
        return self._plain(answer) if answer.status_code == 200 else str(self._value(answer, "state"))

    def messages(self, after: int, seen: str = "") -> list[str]:
        """Signed lines behind number ``after``, of which ``seen`` is when the hub sent it."""
        return list(self._value(self._ask("GET", "/link/messages", params={"after": after, "seen": seen}), "messages"))

    def receipts(self, receipts: Sequence[Receipt]) -> int:
        """The number up to which the hub has them. Raises Rejected besides."""
        body = {"now": self._now().isoformat(), "receipts": list(map(receipt_to_plain, receipts))}
        return int(self._value(self._ask("POST", "/link/receipts", json=body), "through"))

    def leave(self) -> None:
        """It is none of the hub's boxes any more."""
        self._ask("POST", "/link/leave")

    def status(self, facts: Mapping[str, object]) -> None:
        self._ask("POST", "/link/status", json=dict(facts))

    @contextlib.contextmanager
    def download(self, path: str, after: int) -> Iterator[tuple[int, Iterator[bytes]]]:
        """The file at ``path``, behind its first ``after`` bytes if the hub can do that: where it begins, and its pieces. Raises NotThere too."""
        headers = {"range": f"bytes={after}-"} if after else {}
        answer = self._ask("GET", path, also=(206, 404, 416), headers=headers, stream=True)
        self._line = answer
        try:
            if answer.status_code in (404, 416):
                raise NotThere(f"{path}: answered with {answer.status_code}")
            yield after if answer.status_code == 206 else 0, self._pieces(answer)
        finally:
            self._line = None
            answer.close()

    def _pieces(self, answer: requests.Response) -> Iterator[bytes]:
        try:
            yield from answer.iter_content(chunk_size=PIECE)
        except (requests.RequestException, OSError) as error:
            raise NotReached(f"{answer.url}: broke off: {error}") from error

    @contextlib.contextmanager
    def line(self, after: int, seen: str = "") -> Iterator[Iterator[str | None]]:
        """An open line: each signed line the moment it comes, None for each sign of life."""
        answer = self._ask("GET", "/link/stream", params={"after": after, "seen": seen}, stream=True, timeout=(CONNECT_S, SILENCE_S))
        self._line = answer
        try:
            yield _said(self._texts(answer))
        finally:
            self._line = None
            answer.close()

    def hang_up(self) -> None:
        """Wakes the thread that waits for the next sign of life, or the next piece."""
        line = self._line
        if line is not None:
            with contextlib.suppress(RuntimeError, OSError, ValueError):  # it has ended by itself in this moment
                line.raw.shutdown()

    def close(self) -> None:
        self._session.close()

    def _texts(self, answer: requests.Response) -> Iterator[str]:
        """Its text lines. What is not chunked is read byte by byte: more would be waited for."""
        begun = bytearray()
        try:
            for piece in answer.iter_content(chunk_size=None if answer.raw.chunked else 1):
                begun += piece
                if b"\n" in piece:
                    *whole, begun = begun.split(b"\n")
                    for line in whole:
                        yield line.rstrip(b"\r").decode("utf-8", "replace")
                if len(begun) > LONGEST_LINE:
                    raise NotReached("a line without end: this is no hub")
        except (requests.RequestException, OSError) as error:
            raise NotReached(f"the line is dead: {error}") from error

    def _ask(self, method: str, path: str, also: tuple[int, ...] = (), **options: object) -> requests.Response:
        try:
            answer = self._session.request(method, self._url + path, allow_redirects=False, **{"timeout": (CONNECT_S, ANSWER_S)} | options)
        except requests.RequestException as error:
            raise NotReached(f"{path}: {error}") from error
        if answer.status_code in (200, 202, *also):
            self._compare_clocks(answer.headers.get("date", ""))
            return answer
        try:
            raise self._refusal(path, answer)
        finally:
            answer.close()

    def _refusal(self, path: str, answer: requests.Response) -> Exception:
        """What somebody on the way says (a proxy, the page of a paid network) is not the hub's word."""
        status = answer.status_code
        if status == _BROKEN:  # a hub whose request has broken hangs up behind its answer: the next must not be said into that
            self._session.close()
        if status == 401:
            return TurnedAway(f"{path}: 401")
        if status in _FINAL or status == _BROKEN:
            with contextlib.suppress(NotReached, requests.RequestException):
                plain = self._plain(answer)
                if str(plain.get("code")).startswith("hub"):
                    return Rejected(f"{path}: answered with {status}: {plain.get('message')}", status in _FINAL)
        return NotReached(f"{path}: answered with {status}")

    def _compare_clocks(self, date: str) -> None:
        with contextlib.suppress(ValueError):  # a proxy that writes no date
            skew = email.utils.parsedate_to_datetime(date) - self._now()
            self.skew = skew if abs(skew) > SKEW else dt.timedelta(0)

    def _plain(self, answer: requests.Response) -> Mapping:
        try:
            plain = answer.json()
        except requests.RequestException as error:
            raise NotReached(f"{answer.url}: answered with no JSON") from error
        if not isinstance(plain, dict):
            raise NotReached(f"{answer.url}: answered with something else than a hub does")
        return plain

    def _value(self, answer: requests.Response, name: str):
        try:
            return self._plain(answer)[name]
        except KeyError as error:
            raise NotReached(f"{answer.url}: answered without {name}") from error


def _said(lines: Iterable[str]) -> Iterator[str | None]:
    """The data of server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html). All else is a sign of life."""
    data: list[str] = []
    for line in lines:
        if line.startswith("data:"):
            data.append(line.removeprefix("data:").removeprefix(" "))
        elif not line and data:
            yield "\n".join(data)
            data = []
        elif line:
            yield None
