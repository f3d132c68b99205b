"""How one hub process is run."""
from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from assistant.errors import ConfigError


@dataclass(frozen=True, slots=True)
class HubSettings:
    """Everything else is in the database, which all processes share."""

    database: str
    """sqlite:///FILE or postgresql://…"""
    host: str = "127.0.0.1"
    """Address to listen on. Only this machine unless told otherwise."""
    port: int = 8730
    public: str = ""
    """The address under which browsers and boxes reach it, where a proxy stands before it: https://hub.example. Decides whether cookies
    are for https alone and whom a form may come from."""
    proxies: tuple[str, ...] = ("127.0.0.1",)
    """Whose X-Forwarded-For is believed."""
    weather: str = "https://api.open-meteo.com"
    """Where boards have their weather from; empty: they have none."""
    box: tuple[str, ...] = ()
    """The command that starts the box's command line on this machine, whose voice notices can be listened to in; empty: there is none."""

    def __post_init__(self) -> None:
        """Raises ConfigError."""
        if self.public and (urlsplit(self.public).scheme not in ("http", "https") or not urlsplit(self.public).netloc):
            raise ConfigError(f"--public {self.public}: not an address like https://hub.example")
        if self.weather and (urlsplit(self.weather).scheme not in ("http", "https") or not urlsplit(self.weather).netloc):
            raise ConfigError(f"--weather {self.weather}: not an address like https://api.open-meteo.com")
        if not 0 <= self.port < 65536:
            raise ConfigError(f"--port {self.port}: not between 0 and 65535")

    @property
    def is_https(self) -> bool:
        return self.public.startswith("https://")

    @property
    def is_of_this_machine_alone(self) -> bool:
        """Whether nobody from elsewhere can reach it."""
        return not self.public and is_this_machine(self.host)


def is_this_machine(host: str) -> bool:
    """Whether an address, or a name of one, is the machine's own to itself."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def sqlite_url(folder: Path) -> str:
    return f"sqlite:///{folder / 'hub.sqlite'}"
