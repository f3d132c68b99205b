"""The screen of a box without a screen: what was heard and said, as a transcript on standard output."""
from __future__ import annotations

import logging
import sys
import threading
from typing import TextIO

from assistant.commands import Card
from assistant.events import Typed
from assistant.ports import Post

log = logging.getLogger(__name__)


class TerminalScreen:
    """Prints each sentence once; a question's choices are numbered under it."""

    def __init__(self, out: TextIO = sys.stdout) -> None:
        self._out = out

    def said(self, text: str) -> None:
        self._print(f"小乡：{text}")

    def show(self, card: Card) -> None:
        if card.kind == "heard":
            self._print(f"您：{card.title or '（没听清）'}")
        elif card.kind == "fault":
            self._print(f"！{card.title}（{'；'.join(card.lines)}）" if card.lines else f"！{card.title}")
        elif card.kind != "question":
            for line in card.lines:
                self._print(f"    {line}")
        for number, choice in enumerate(card.choices, 1):
            self._print(f"    [{number}] {choice}")

    def _print(self, line: str) -> None:
        try:
            print(line, file=self._out, flush=True)
        except (OSError, ValueError) as error:  # the terminal has gone; the voice goes on without it
            log.warning("cannot show %r: %s", line, error)


def read_keyboard(post: Post, stream: TextIO = sys.stdin) -> threading.Thread:
    """Post every typed line as if it had been said; returns the thread. End of input only ends the typing."""

    def pump() -> None:
        for line in stream:
            if line.strip():
                post(Typed(line.strip()))

    thread = threading.Thread(target=pump, name="keyboard", daemon=True)
    thread.start()
    return thread
