"""Who may set up a hub that is nobody's yet: on its own machine whoever sits there, from elsewhere whoever has read the code that it shows
where it was started. Otherwise the first stranger who finds the address would own a village."""
from __future__ import annotations

import hashlib
import hmac
import unicodedata

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hub.settings import HubSettings, is_this_machine

_DIGITS = 8


def code(key: Ed25519PrivateKey) -> str:
    """From what all processes of this hub share and nobody else knows: the same in each of them."""
    secret = hmac.digest(key.private_bytes_raw(), b"xiangyin first set-up", hashlib.sha256)
    return f"{int.from_bytes(secret) % 10**_DIGITS:0{_DIGITS}}"


def shown(code: str) -> str:
    """In two halves, as one reads it."""
    return f"{code[: _DIGITS // 2]} {code[_DIGITS // 2 :]}"


def needs_code(settings: HubSettings, address: str) -> bool:
    """Of whoever comes from ``address``: a proxy may stand before a hub that believes itself alone."""
    return not (settings.is_of_this_machine_alone and is_this_machine(address))


def fits(key: Ed25519PrivateKey, typed: str) -> bool:
    """Whatever stands between the digits."""
    digits = "".join(filter(str.isdecimal, unicodedata.normalize("NFKC", typed)))
    return hmac.compare_digest(digits.encode(), code(key).encode())
