"""Counties and districts of China with their coordinates, offline (geotool-cn, MIT)."""
from __future__ import annotations

from dataclasses import dataclass

import GeoToolCN
from GeoToolCN import Region

MOST_FOUND = 30
"""Districts of one name, or of one city: 重庆 has more than any other."""
_DECIMALS = 2
"""About one kilometre: as fine as a forecast is."""


@dataclass(frozen=True, slots=True)
class Place:
    """``code`` as of GB/T 2260; degrees of the middle of the area."""

    code: str
    name: str
    latitude: float
    longitude: float


def of(code: str) -> Place | None:
    """The county or district with this code."""
    regions = GeoToolCN.search(code, level="district") if code.isascii() and code.isdigit() else ()
    return _place(regions[0]) if regions else None


def found(text: str) -> tuple[Place, ...]:
    """Whose name is this, or has it in it; of a city all its districts. Empty where there is none."""
    text = text.strip()
    if len(text) < 2:  # half of China has 州 or 山 in its name
        return ()
    districts = GeoToolCN.search(text, level="district")
    for city in () if districts else GeoToolCN.search(text, level="city"):
        districts += [region for region in GeoToolCN.list_regions("district") if region.code.startswith(city.code[:4])]
    return tuple(map(_place, districts[:MOST_FOUND]))


def _place(region: Region) -> Place:
    chain = GeoToolCN.lookup_adcode(region.code)
    names = dict.fromkeys(part.name for part in (chain.province, chain.city, chain.district) if part is not None)
    return Place(region.code, "".join(names), round(region.latitude, _DECIMALS), round(region.longitude, _DECIMALS))
