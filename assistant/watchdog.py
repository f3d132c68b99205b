"""Tells systemd that the loop is alive (``WatchdogSec=`` in deploy/xiangyin.service); does nothing elsewhere."""
from __future__ import annotations

import os

import sdnotify


class Watchdog:
    """Feeds the service manager's watchdog; the first feeding also says that the box is ready."""

    def __init__(self) -> None:
        # without a manager sdnotify would open a socket and lose it
        self._notifier = sdnotify.SystemdNotifier() if os.environ.get("NOTIFY_SOCKET") else None
        self._notify("READY=1")

    def feed(self) -> None:
        self._notify("WATCHDOG=1")

    def _notify(self, message: str) -> None:
        if self._notifier is not None:
            self._notifier.notify(message)
