"""Checks of the machine: settings, versions, models, disk, memory, clock, network, stored data."""
from __future__ import annotations

import datetime as dt
import importlib.metadata
import os
import platform
import shutil
import tempfile
from pathlib import Path

import psutil
import requests

from assistant.doctor.finding import Finding, fault, good, warning
from assistant.errors import (
    ConfigError,
    ModelCorrupt,
    ModelMissing,
    NamesError,
    StationsError,
    StoreError,
    UnknownPlace,
)
from assistant.library.scan import remembered
from assistant.settings import Settings, load_settings, settings_path
from assistant.sources.feed_cache import remembered_feeds
from assistant.sources.station_file import STATIONS, read_stations
from assistant.store import Store
from assistant.weather.gazetteer import Gazetteer
from intents.own_names import CONTACTS, TITLES, read_names
from models.catalogue import catalogue
from models.paths import models_home
from models.verify import verify

PACKAGES = ("xiangyin", "vosk", "pyttsx3", "sounddevice", "onnxruntime", "ai-edge-litert", "apscheduler", "tinydb", "tinytag", "feedparser")
DISK_NEEDED = 200_000_000
"""Bytes to keep free: a year of data and logs with a wide margin."""
MEMORY_NEEDED = 700_000_000
"""Bytes of memory the machine should have in all: the box itself is bounded to 400 MB."""


def check_settings(given: str | None) -> Finding:
    path = settings_path(given)
    try:
        settings = load_settings(given)
    except ConfigError as error:
        return fault("settings", f"设置文件有错：{error}", "按提示改好这一行；docs/settings.md 里有全部设置")
    try:
        Gazetteer().locate(settings.box.place)
    except UnknownPlace:
        return fault("settings", f"不认识设置里的地名“{settings.box.place}”", f"在 {path} 的 [box] place 写县、区或市的名字")
    where = str(path) if path.exists() else f"没有 {path}，用默认值"
    return good("settings", f"设置：{where}；家在{settings.box.place}")


def check_versions() -> Finding:
    found = []
    for name in PACKAGES:
        try:
            found.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            return fault("versions", f"缺少程序包 {name}", "运行 script/setup")
    return good("versions", f"版本：Python {platform.python_version()}，{platform.machine()}；" + "，".join(found))


def check_models() -> Finding:
    for model in catalogue().values():
        try:
            verify(model)
        except ModelMissing as error:
            return fault("models", f"缺少模型 {model.name}：{error}", "运行 xiangyin models fetch")
        except ModelCorrupt as error:
            return fault("models", f"模型 {model.name} 坏了：{error}", "运行 xiangyin models fetch，会换掉坏的文件")
    return good("models", f"模型完好，校验和都对：{models_home()}")


def check_disk(settings: Settings) -> Finding:
    folder = settings.data_dir
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            free = shutil.disk_usage(folder).free
    except OSError as error:
        return fault("disk", f"数据目录 {folder} 写不进去：{error.strerror}", "检查磁盘和目录权限，或改 [box] data_dir")
    text = f"数据目录 {folder}，还剩 {free / 1e9:.1f} GB"
    return good("disk", text) if free >= DISK_NEEDED else warning("disk", text, "清理磁盘，至少留 0.2 GB")


def check_store(settings: Settings) -> Finding:
    path = settings.data_dir / "box.json"
    if not path.exists():
        return good("store", "还没有存过数据（第一次用）")
    try:
        store = Store(path)
    except StoreError as error:
        return fault("store", f"数据文件读不了：{error}", "检查磁盘和权限；损坏的文件会另存，不会丢")
    recovered, timers = store.recovered, len(store.timers())
    store.close()
    if recovered:
        return warning("store", f"数据文件损坏过，已用上一份：{recovered}", "看看是不是存储卡老化，或常被直接断电")
    return good("store", f"数据文件完好，{timers} 个未到的定时")


def check_names(settings: Settings) -> Finding:
    """The box's own people and titles; each file is optional."""
    folder, told = settings.data_dir, []
    for file, kind in ((CONTACTS, "个人"), (TITLES, "个节目")):
        try:
            told.append(f"{file} {len(read_names(folder / file))} {kind}")
        except NamesError as error:
            return fault("names", f"名单有错：{error}", "按提示改好这一行，不用重启；格式见 docs/names.md")
    return good("names", f"自己的名单：{'，'.join(told)}")


def check_library(settings: Settings) -> Finding:
    """What there is to be played, as of the last scan."""
    try:
        found = remembered(settings.media_folders, settings.media_index)
    except StoreError as error:
        return fault("library", f"节目单读不了：{error}", "检查磁盘和权限；删掉这个文件也行，会重新找一遍")
    if not found.programmes:
        return warning("library", "还没有能放的戏和歌", f"把文件拷到 {settings.media_folders[0]}，或插上优盘，再运行 xiangyin media scan")
    text = f"能放的节目 {len(found.programmes)} 个"
    if found.broken:
        return warning("library", f"{text}，坏的 {len(found.broken)} 个", "看看是哪些：xiangyin media list --broken；重新拷一遍")
    return good("library", text)


def check_stations(settings: Settings) -> Finding:
    """The installer's radio stations and podcasts; the file is optional."""
    try:
        found = read_stations(settings.data_dir / STATIONS)
        feeds = remembered_feeds(settings.data_dir)
    except StationsError as error:
        return fault("stations", f"收音机的台单读不了：{error}", "按提示改好，不用重启；格式见 docs/media.md")
    except StoreError as error:
        return fault("stations", f"存下的播客读不了：{error}", "检查磁盘和权限；删掉这个文件也行，会重新取")
    if found.faults:
        more = f"（一共 {len(found.faults)} 行有错）" if len(found.faults) > 1 else ""
        return fault("stations", f"收音机的台单有错：{found.faults[0]}{more}", "按提示改好这一行，不用重启；格式见 docs/media.md")
    if not found.stations:
        return good("stations", f"没有设收音机的台（可以不设；要设就写 {settings.data_dir / STATIONS}，见 docs/media.md）")
    silent = [podcast.name for podcast in found.podcasts if podcast.address not in feeds]
    text = f"收音机 {len(found.radio)} 个台，播客 {len(found.podcasts)} 个"
    if silent:
        return warning("stations", f"{text}，还没取到节目的：{'、'.join(silent)}", "开着机、连着网等几分钟；还取不到，看看地址对不对")
    return good("stations", text)


def check_memory() -> Finding:
    memory = psutil.virtual_memory()
    text = f"内存共 {memory.total / 1e9:.1f} GB，可用 {memory.available / 1e9:.1f} GB；{os.cpu_count()} 个处理器"
    return good("memory", text) if memory.total >= MEMORY_NEEDED else warning("memory", text, "至少要 1 GB 内存")


def check_clock(now: dt.datetime) -> Finding:
    built = dt.datetime.fromtimestamp(Path(__file__).stat().st_mtime)
    zone = now.astimezone().strftime("%z")
    text = f"时钟：{now:%Y-%m-%d %H:%M}，时区 {zone}"
    if now < built - dt.timedelta(days=1):
        return fault("clock", f"{text}，比程序的日期还早，肯定不对", "接上网让它自动对时，或运行 sudo date -s '2026-01-01 08:00'")
    if zone != "+0800":
        return warning("clock", f"{text}，不是北京时间", "运行 sudo timedatectl set-timezone Asia/Shanghai")
    return good("clock", text)


def check_network(settings: Settings) -> Finding:
    address = settings.weather.open_meteo_url
    try:
        requests.head(address, timeout=3)
    except requests.RequestException as error:
        return warning("network", f"连不上天气服务 {address}（{type(error).__name__}）",
                       "没有网也能用，只是天气用存下的；要天气就接上网")
    return good("network", f"网络通，天气服务 {address} 能连上")


