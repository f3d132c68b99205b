"""Where alerts go: addresses in the form of Apprise (https://github.com/caronc/apprise/wiki), as far as they make sense here."""
from __future__ import annotations

import apprise

from hub.errors import Refused

SCHEMES = {
    "wecombot": "企业微信群机器人", "wechat": "企业微信", "dingtalk": "钉钉群机器人", "feishu": "飞书", "lark": "飞书",
    "pushplus": "推送加", "wxpusher": "WxPusher", "schan": "Server酱", "bark": "Bark", "barks": "Bark", "ntfy": "ntfy", "ntfys": "ntfy",
    "mailto": "邮件", "mailtos": "邮件", "smseagle": "短信", "smseagles": "短信", "json": "别的系统", "jsons": "别的系统"}
"""Others run programs on this machine, or write into its files."""


def channel(address: str) -> apprise.NotifyBase:
    """Raises Refused, in words for the person who typed it."""
    scheme = address.partition("://")[0].strip().lower()
    if scheme not in SCHEMES:
        raise Refused(f"地址要以这些开头：{'、'.join(f'{name}://' for name in sorted(SCHEMES))}")
    found = apprise.Apprise.instantiate(address.strip(), suppress_exceptions=True)
    if found is None:
        raise Refused(f"这个{SCHEMES[scheme]}地址不完整，请照说明再抄一遍")
    return found


def shown(address: str) -> str:
    """Without what opens it."""
    where, _, _ = channel(address).url(privacy=True).partition("?")
    return f"{SCHEMES[address.partition('://')[0].strip().lower()]}（{where}）"
