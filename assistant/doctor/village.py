"""Check of the line to the village: whether the box is one of a village's, and whether all that it has to tell gets there."""
from __future__ import annotations

from assistant.doctor.finding import Finding, fault, good, warning
from assistant.errors import StoreError
from assistant.hub.store import FILE_NAME, HubStore
from assistant.settings import Settings

MANY = 1_000


def check_village(settings: Settings) -> Finding:
    """What the box remembers of it; nobody is asked over the network."""
    if not settings.hub.url:
        return good("village", "没有接村务台（[hub] url 空着），不收村里的通知")
    if not (settings.data_dir / FILE_NAME).exists():
        return warning("village", "还没有加入村里", "开着盒子，请村委会在“盒子”页输入它念的六位数字")
    try:
        store = HubStore(settings.data_dir)
    except StoreError as error:
        return fault("village", f"村里的通知读不了：{error}", "检查磁盘和权限；损坏的文件会另存，不会丢")
    membership, apart, waiting = store.membership(), store.apart(), len(store.waiting(MANY))
    if membership is None:
        return warning("village", "还没有加入村里", "开着盒子，请村委会在“盒子”页输入它念的六位数字；或者对它说：念念村里的通知")
    if apart:
        return warning("village", f"有 {len(apart)} 条回执村务台不收，放在一边了，别的照常；最后一条：{apart[-1].why}",
                       f"把 {settings.data_dir / FILE_NAME} 里 outbox 的 apart 和村务台的日志一起报给维护人员")
    if waiting >= MANY:
        return warning("village", f"有 {MANY} 条以上的回执还没送到村务台", "看看网络；村务台开着没有")
    return good("village", f"是{membership.village}的盒子（{membership.name}），{waiting} 条回执等着送")
