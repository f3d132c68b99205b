"""Writes docs/settings.md from assistant/settings.py: one place to document a setting. Run it as ``script/docs``."""
from __future__ import annotations

import typing
from dataclasses import Field, fields
from pathlib import Path

from assistant.settings import Settings, as_toml

PAGE = Path(__file__).with_name("settings.md")

_INTRODUCTION = """\
# Settings

*Generated from `assistant/settings.py` by `script/docs`; change it there.*

One [TOML](https://toml.io) file. Every line in it is optional, and so is the file: the defaults work. The box looks for it at

1. `xiangyin --settings FILE …`
2. the environment variable `XIANGYIN_SETTINGS`
3. `settings.toml` in the user's configuration folder: on Linux `~/.config/xiangyin/settings.toml`; for the installed
   service `/var/lib/xiangyin/.config/xiangyin/settings.toml`

```console
$ xiangyin settings            # print the whole file with every default and what it means
$ xiangyin settings --write    # put it where the box looks for it (never over an existing one)
$ xiangyin settings --check    # read it and name the first mistake
```

A mistake is named with file, section and key; `xiangyin doctor` shows it too. Start the box again after a change. Volume
and speaking speed are remembered from the last time they were changed by voice; the file only says where they begin.
"""

_ENVIRONMENT = """
## Environment variables

| variable | meaning |
|---|---|
| `XIANGYIN_SETTINGS` | the settings file, see above |
| `XIANGYIN_MODELS` | folder of the speech models; default: `xiangyin/models` in the user's cache folder |
| `XIANGYIN_DATA` | folder of timers, preferences, the weather cache and what was learnt; wins over `data_dir` |
"""

_SECTIONS = {
    "box": "Where it stands", "audio": "Sound devices", "listening": "Listening", "voice": "The box's voice",
    "weather": "Weather", "media": "Plays, songs and films", "lessons": "What it learns",
    "hub": "The village hub",
}


def settings_page() -> str:
    """The whole page as Markdown."""
    kinds = typing.get_type_hints(Settings)
    tables = [_table(section.name, kinds[section.name]) for section in fields(Settings)]
    return "".join([_INTRODUCTION, *tables, _ENVIRONMENT])


def _table(name: str, kind: type) -> str:
    rows = [f"| `{item.name}` | `{as_toml(item.default)}` | {_limits(item)} | {item.metadata['doc']} |" for item in fields(kind)]
    head = f"\n## `[{name}]` {_SECTIONS[name]}\n\n| key | default | allowed | meaning |\n|---|---|---|---|\n"
    return head + "\n".join(rows) + "\n"


def _limits(item: Field) -> str:
    limits = item.metadata
    if limits["choices"]:
        return ", ".join(f"`{choice}`" for choice in limits["choices"])
    if limits["low"] is not None:
        return f"{limits['low']:g} – {limits['high']:g}"
    if isinstance(item.default, tuple):
        return "list of texts"
    return "`true`, `false`" if isinstance(item.default, bool) else "text"


if __name__ == "__main__":
    PAGE.write_text(settings_page(), encoding="utf-8")
    print(PAGE)
