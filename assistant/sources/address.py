"""Which addresses the box goes to: http and https, and nothing on its own network on the word of a stranger. Pure."""
from __future__ import annotations

import ipaddress
import re
from urllib.parse import SplitResult, urljoin, urlsplit

LONGEST = 2000
"""Characters of an address; longer ones are no addresses."""
_UNFIT = re.compile(r"[\x00-\x20\x7f]")


def fault_of(address: str) -> str:
    """What is wrong with it, in one plain sentence, or nothing."""
    if _UNFIT.search(address):
        return "the address has a space or a control character in it"
    if len(address) > LONGEST:
        return f"the address is longer than {LONGEST} characters"
    parts = _split(address)
    if parts is None:
        return "this is not an address"
    if parts.scheme not in ("http", "https"):
        return f"the address begins with {parts.scheme or 'no scheme'}; only http:// and https:// can be used"
    return "" if parts.hostname else "the address names no server"


def led_to(address: str, link: str) -> str:
    """Where ``link`` leads that was found at ``address``, or empty where it must not be followed: other schemes, and from the public
    network into a private one."""
    try:
        target = urljoin(address, link.strip())
    except ValueError:
        return ""
    if not link.strip() or fault_of(target) or (_is_private(target) and not _is_private(address)):
        return ""
    return target


def _split(address: str) -> SplitResult | None:
    try:
        parts = urlsplit(address)
        parts.port  # noqa: B018 - looked at because that is what finds out that it is no number
    except ValueError:
        return None
    return parts


def _is_private(address: str) -> bool:
    """By what is written: names are not looked up."""
    host = (urlsplit(address).hostname or "").rstrip(".")
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return host == "localhost" or "." not in host or host.endswith((".localhost", ".local", ".lan", ".internal"))
