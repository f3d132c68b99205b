"""Place names to coordinates, offline, for every Chinese province, prefecture, county and district.

The coordinates of the data (geotool-cn, MIT) are middles of areas, which for a large prefecture or province is a
mountain where nobody lives. A wider area therefore stands at its seat: by the numbering of GB/T 2260 the districts of
an area are counted from its seat on, so the lowest county code lies in the seat; Chongqing is the one exception.
"""
from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from GeoToolCN import GeoTool, Region

from assistant.errors import UnknownPlace
from assistant.forecast import UNKNOWN_PLACE

_LEVELS = {"province": 2, "city": 4, "district": 6}
"""How many leading digits of the six-digit code belong to the area."""
_SUFFIXES = (
    "特别行政区", "壮族自治区", "回族自治区", "维吾尔自治区", "自治区", "自治州", "自治县", "自治旗", "地区", "林区",
    "新区", "盟", "省", "市", "县", "区", "旗",
)
_LONGEST_NAME = 40
"""新疆维吾尔自治区克孜勒苏柯尔克孜自治州阿克陶县 has 23 characters; anything much longer is not a name."""
_AUTONOMOUS = ("自治州", "自治县", "自治旗")
"""Their names carry peoples that nobody says: 延边朝鲜族自治州 is 延边."""
_SEAT_EXCEPTIONS = {"50": "500103"}
_PRIVACY_DECIMALS = 2
"""Two decimals are about one kilometre: enough for a forecast, too coarse to point at a home."""


@dataclass(frozen=True, slots=True)
class Point:
    """Degrees, rounded for privacy, and the official name they belong to."""

    latitude: float
    longitude: float
    name: str


@dataclass(frozen=True, slots=True)
class _Index:
    """All areas by full name and by the name without its kind; counties; those with a people in their name."""

    by_name: Mapping[str, list[Region]]
    by_short_name: Mapping[str, list[Region]]
    counties: tuple[Region, ...]
    autonomous: tuple[Region, ...]

    @classmethod
    def of(cls, regions: Iterable[Region]) -> _Index:
        every = tuple(regions)
        by_name, by_short_name = defaultdict(list), defaultdict(list)
        for region in every:
            by_name[region.name].append(region)
            by_short_name[_short(region.name)].append(region)
        return cls(
            by_name, by_short_name, tuple(r for r in every if r.level == "district"),
            tuple(r for r in every if r.name.endswith(_AUTONOMOUS)),
        )


class Gazetteer:
    """Resolves names as people say them: 莱芜, 商河县, 山东章丘, 济南市长清区. Thread-safe; loads its data late."""

    def __init__(self, home: str = "济南") -> None:
        """Of several places with one name the one in ``home``'s prefecture, then in its province, is meant."""
        self._home = home
        self._lock = threading.Lock()
        self._loaded: _Index | None = None
        self.locate = lru_cache(maxsize=256)(self._locate)

    def _locate(self, place: str) -> Point:
        """Coordinates of a place. Raises UnknownPlace."""
        region = self._resolve(place.strip())
        if region is None:
            raise UnknownPlace(f"{UNKNOWN_PLACE}: {place[:40]!r} is no Chinese province, city, county or district")
        seat = self._seat(region)
        return Point(round(seat.latitude, _PRIVACY_DECIMALS), round(seat.longitude, _PRIVACY_DECIMALS), region.name)

    def _resolve(self, place: str) -> Region | None:
        if len(place) > _LONGEST_NAME:
            return None
        found = self._candidates(place) or self._nested(place)
        if not found:
            return None
        home = self._home_code() if len(found) > 1 else ""
        return min(found, key=lambda r: (-_shared(r.code, home), _LEVELS[r.level], r.code))

    def _candidates(self, place: str, within: str = "") -> list[Region]:
        if len(place) < 2:
            return []
        index = self._index()
        found = index.by_name.get(place) or index.by_short_name.get(place) or [
            region for region in index.autonomous if region.name.startswith(place)
        ]
        return [region for region in found if region.code.startswith(within)]

    def _nested(self, place: str, within: str = "") -> list[Region]:
        """A wider area said before the narrower one: 山东章丘, 山东省济南市章丘区."""
        for cut in range(len(place) - 2, 1, -1):
            for wider in self._candidates(place[:cut], within):
                inside, rest = wider.code[: _LEVELS[wider.level]], place[cut:]
                narrower = [r for r in self._candidates(rest, inside) if r.code != wider.code]
                found = narrower or self._nested(rest, inside)
                if found:
                    return found
        return []

    def _home_code(self) -> str:
        found = self._candidates(self._home) or self._nested(self._home)
        return min((r.code for r in found), default="")

    def _seat(self, region: Region) -> Region:
        within = region.code[: _LEVELS[region.level]]
        counties = [r for r in self._index().counties if r.code.startswith(within)]
        wanted = _SEAT_EXCEPTIONS.get(within)
        return next((r for r in counties if r.code == wanted), min(counties, key=lambda r: r.code, default=region))

    def _index(self) -> _Index:
        with self._lock:
            if self._loaded is None:
                with GeoTool() as tool:
                    self._loaded = _Index.of([region for level in _LEVELS for region in tool.list_regions(level)])
            return self._loaded


def _short(name: str) -> str:
    """济南市 -> 济南, 沂水县 -> 沂水; names of two characters stay whole."""
    for suffix in _SUFFIXES:
        if name.endswith(suffix) and len(name) - len(suffix) >= 2:
            return name[: -len(suffix)]
    return name


def _shared(code: str, home: str) -> int:
    """2 for the same prefecture, 1 for the same province, 0 otherwise."""
    if not home:
        return 0
    return 2 if code[:4] == home[:4] and code[2:4] != "00" else int(code[:2] == home[:2])
