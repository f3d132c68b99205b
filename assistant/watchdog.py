"""Tells systemd that the loop is alive (``WatchdogSec=`` in deploy/xiangyin.service); does nothing elsewhere."""
from __future__ import annotations

import sdnotify


class Watchdog:
    """Feeds the service manager's watchdog; the first feeding also says that the box is ready."""

    def __init__(self) -> None:
        self._notifier = sdnotify.SystemdNotifier()
        self._notifier.notify("READY=1")

    def feed(self) -> None:
        self._notifier.notify("WATCHDOG=1")
