"""Every Chinese province, city, county and district by the names people use, and well-known places abroad. Canonical is the
short form: 济南, 莱芜."""

from __future__ import annotations

import re
from functools import cache

from GeoToolCN import GeoTool, Region

_NATIONS = (
    "壮族|回族|维吾尔|藏族|羌族|彝族|苗族|侗族|布依族|土家族|哈尼族|傣族|景颇族|傈僳族|朝鲜族|白族|蒙古族|蒙古|哈萨克族|哈萨克|柯尔克孜|满族|畲族|"
    "瑶族|仫佬族|毛南族|黎族|纳西族|拉祜族|佤族|布朗族|独龙族|怒族|普米族|仡佬族|水族|土族|撒拉族|东乡族|保安族|裕固族|锡伯|塔吉克|达斡尔族|各族"
)
_KINDS = "(?:特别行政区|自治区|自治州|自治县|自治旗|地区|林区|新区|矿区|省|市|县|区|盟|旗)$"
_TAILS = (re.compile(f"(?:{_NATIONS})*{_KINDS}"), re.compile(_KINDS))
_TOWN_LEVELS = ("province", "city", "district")
_COMPASS = {"东", "西", "南", "北", "中", "郊", "城", "市"}
_VAGUE_SHORT = {
    "市中",
    "城中",
    "城关",
    "城区",
    "郊区",
    "矿区",
    "市北",
    "市南",
    "新城",
    "河东",
    "河西",
    "江北",
    "江南",
    "河北区",
    "桥东",
    "桥西",
}


_ABROAD = (
    "纽约", "华盛顿", "洛杉矶", "旧金山", "芝加哥", "波士顿", "西雅图", "休斯顿", "多伦多", "温哥华",
    "墨西哥城", "伦敦", "巴黎", "柏林", "慕尼黑", "法兰克福", "罗马", "米兰", "威尼斯", "马德里",
    "巴塞罗那", "阿姆斯特丹", "布鲁塞尔", "日内瓦", "维也纳", "雅典", "莫斯科", "圣彼得堡", "伊斯坦布尔",
    "迪拜", "开罗", "东京", "大阪", "京都", "首尔", "釜山", "平壤", "曼谷", "清迈", "普吉岛",
    "新加坡", "吉隆坡", "雅加达", "巴厘岛", "马尼拉", "河内", "胡志明市", "金边", "仰光", "孟买",
    "新德里", "悉尼", "墨尔本", "布里斯班", "奥克兰", "马尔代夫", "夏威夷", "美国", "加拿大", "英国",
    "法国", "德国", "意大利", "西班牙", "俄罗斯", "日本", "韩国", "朝鲜", "泰国", "越南", "印度",
    "马来西亚", "澳大利亚", "新西兰",
)
"""Where children work or travel: asked for now and then, and named as they are written."""
ABROAD_LEVEL = 3


def short_name(full: str) -> str:
    """The spoken form: 济南市 -> 济南, 临夏回族自治州 -> 临夏; names that would be left with one character stay whole."""
    for tail in _TAILS:
        short = tail.sub("", full)
        if len(short) >= 2:
            return full if set(short) <= _COMPASS or short in _VAGUE_SHORT else short
    return full


@cache
def spoken_places() -> dict[str, tuple[str, int]]:
    """Spoken form -> (canonical name, level: 0 province, 1 city, 2 county or district, 3 abroad). The bigger place owns a name."""
    places: dict[str, tuple[str, int]] = {}
    for region in _regions():
        short = short_name(region.name)
        for spoken in (short, region.name):
            places.setdefault(spoken, (short, _TOWN_LEVELS.index(region.level)))
    for name in _ABROAD:
        places.setdefault(name, (name, ABROAD_LEVEL))
    return places


@cache
def home_places(home: str) -> frozenset[str]:
    """Canonical names of the places in the same province as ``home``: they are the likeliest to be spoken of."""
    regions = _regions()
    codes = {region.code[:2] for region in regions if home in (region.name, short_name(region.name))}
    first = sorted(codes)[:1]
    return frozenset(short_name(region.name) for region in regions if region.code[:2] in first)


def _regions() -> list[Region]:
    """Read anew: the library's own instance would stay, 5 MB and the mapped file."""
    with GeoTool() as tool:
        return [region for level in _TOWN_LEVELS for region in tool.list_regions(level)]
