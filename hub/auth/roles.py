"""What the staff's roles allow. Pure; every route of the pages names one of these permissions."""
from __future__ import annotations

from enum import StrEnum


class May(StrEnum):
    LOOK = "look"
    """At the notices, the people and the boxes of one's village."""
    SEND = "send"
    """Write, send, correct and withdraw notices."""
    PEOPLE = "people"
    """Change households and residents, import and export them."""
    BOXES = "boxes"
    """Let boxes join, set them, turn them away."""
    STAFF = "staff"
    """Give and take roles; read who did what."""
    VILLAGES = "villages"
    """Open villages, and go from one to another."""


class Role(StrEnum):
    OPERATOR = "operator"
    ADMIN = "admin"
    CLERK = "clerk"
    GRID = "grid"

    @property
    def shown(self) -> str:
        return _SHOWN[self]

    @property
    def explained(self) -> str:
        return _EXPLAINED[self]

    @property
    def may(self) -> frozenset[May]:
        return _MAY[self]


_SHOWN = {Role.OPERATOR: "总管理员", Role.ADMIN: "管理员", Role.CLERK: "工作人员", Role.GRID: "网格员"}
_EXPLAINED = {Role.OPERATOR: "管所有的村", Role.ADMIN: "什么都能做，还管人员", Role.CLERK: "发通知，管住户和盒子", Role.GRID: "只看，不改"}
_GRID = frozenset({May.LOOK})
_CLERK = _GRID | {May.SEND, May.PEOPLE, May.BOXES}
_ADMIN = _CLERK | {May.STAFF}
_MAY = {Role.GRID: _GRID, Role.CLERK: _CLERK, Role.ADMIN: _ADMIN, Role.OPERATOR: _ADMIN | {May.VILLAGES}}
