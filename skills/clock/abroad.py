"""Which time zone a place abroad has, as far as people name it: the children who work away are sometimes far away.

Source: the IANA time zone database through ``zoneinfo``; a country with several zones is taken by its capital or, for the
United States, by New York, and the answer names the city.
"""
from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

HOME = ZoneInfo("Asia/Shanghai")

ZONES = {
    "纽约": "America/New_York", "华盛顿": "America/New_York", "波士顿": "America/New_York", "芝加哥": "America/Chicago",
    "休斯顿": "America/Chicago", "洛杉矶": "America/Los_Angeles", "旧金山": "America/Los_Angeles",
    "西雅图": "America/Los_Angeles", "温哥华": "America/Vancouver", "多伦多": "America/Toronto", "伦敦": "Europe/London",
    "巴黎": "Europe/Paris", "柏林": "Europe/Berlin", "慕尼黑": "Europe/Berlin", "罗马": "Europe/Rome", "米兰": "Europe/Rome",
    "马德里": "Europe/Madrid", "莫斯科": "Europe/Moscow", "东京": "Asia/Tokyo", "大阪": "Asia/Tokyo", "首尔": "Asia/Seoul",
    "釜山": "Asia/Seoul", "曼谷": "Asia/Bangkok", "新加坡": "Asia/Singapore", "吉隆坡": "Asia/Kuala_Lumpur",
    "悉尼": "Australia/Sydney", "墨尔本": "Australia/Melbourne", "堪培拉": "Australia/Sydney", "奥克兰": "Pacific/Auckland",
    "迪拜": "Asia/Dubai", "开罗": "Africa/Cairo", "孟买": "Asia/Kolkata", "新德里": "Asia/Kolkata", "河内": "Asia/Ho_Chi_Minh",
    "雅加达": "Asia/Jakarta", "马尼拉": "Asia/Manila",
}
CAPITALS = {
    "美国": "纽约", "加拿大": "多伦多", "英国": "伦敦", "法国": "巴黎", "德国": "柏林", "意大利": "罗马", "西班牙": "马德里",
    "俄罗斯": "莫斯科", "日本": "东京", "韩国": "首尔", "泰国": "曼谷", "越南": "河内", "印度": "新德里", "澳大利亚": "悉尼",
    "澳洲": "悉尼", "新西兰": "奥克兰",
}
UNKNOWN = ("国外", "外国", "非洲", "欧洲", "那边", "当地")
"""Somewhere else, but where is not said."""


def city_in(text: str) -> str:
    """The city abroad that the words mean, or empty."""
    named = next((city for city in ZONES if city in text), "")
    return named or next((capital for country, capital in CAPITALS.items() if country in text), "")


def elsewhere_unknown(text: str) -> bool:
    """Some other place is meant, but not one that can be known."""
    return any(word in text for word in UNKNOWN)


def time_in(city: str, now: dt.datetime) -> dt.datetime:
    """Local, naive time in ``city`` when it is ``now`` (local, naive) in China. Raises KeyError."""
    return now.replace(tzinfo=HOME).astimezone(ZoneInfo(ZONES[city])).replace(tzinfo=None)
