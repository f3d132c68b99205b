"""One TOML file, read into frozen values. Every field's docstring is its documentation: docs/settings.md is tested against it.

Search order: ``--settings FILE``, ``XIANGYIN_SETTINGS``, ``settings.toml`` in the user's configuration directory. A missing
file is no error: every field has a default that works.
"""
from __future__ import annotations

import difflib
import os
import tomllib
import typing
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path

import platformdirs

from assistant.errors import ConfigError

ACCENTS = ("standard", "shandong", "henan", "sichuan", "dongbei")
"""Those of ``intents/accents.yaml``."""


def setting(default: object, doc: str, low: float | None = None, high: float | None = None, choices: tuple = ()):
    """A dataclass field with its documentation and limits."""
    return field(default=default, metadata={"doc": doc, "low": low, "high": high, "choices": choices})


@dataclass(frozen=True, slots=True)
class Box:
    place: str = setting("济南", "Home place for the weather: any Chinese province, city, district or county.")
    market_cycle: str = setting(
        "", "The village's market days: `农历二七` (lunar days ending in 2 or 7), `公历五十`, `每周三`; empty when there are none."
    )
    data_dir: str = setting("", "Where timers, preferences, the weather cache, what was learnt and what was played live; empty: the user's data "
                                "directory.")


@dataclass(frozen=True, slots=True)
class Audio:
    microphone: str = setting("", "Input device: part of its name, or its number; a name that the sound server knows becomes its default; empty: "
                                "the system's default.")
    loudspeaker: str = setting("", "Output device: part of its name, or its number; a name that the sound server knows becomes its default, and "
                                 "plays and songs go there too; empty: the system's default.")
    echo_cancellation: str = setting("auto", "`auto`: what the sound server plays is taken out of what the microphone hears, where there is "
                                             "a PulseAudio or PipeWire and it does not do so itself; `off`: never.", choices=("auto", "off"))
    volume: int = setting(60, "Loudness at first start, 0-100; later the last one set by voice.", 0, 100)


@dataclass(frozen=True, slots=True)
class Listening:
    wake_phrase: str = setting("小乡小乡", "What wakes the box, 3-6 Chinese characters; try it with `xiangyin wake check`.")
    accent: str = setting("standard", "How people here speak Mandarin: `standard`, `shandong`, `henan`, `sichuan` or `dongbei`. What a "
                          "region does not tell apart is then forgiven.", choices=ACCENTS)
    silence_s: float = setting(1.0, "Silence that ends a turn, in seconds, before the box has learned the person's own.", 0.8, 2.5)
    window_s: float = setting(7.0, "How long the box waits for the first word after `哎，我在`.", 3.0, 30.0)
    answer_window_s: float = setting(12.0, "How long it waits for the answer to a question of its own.", 5.0, 60.0)
    follow_up_s: float = setting(5.0, "How long it listens for a follow-up after an answer; 0 turns this off.", 0.0, 20.0)


@dataclass(frozen=True, slots=True)
class VoiceSettings:
    engine: str = setting("auto", "`neural`, `system` (espeak-ng, SAPI5 or NSSpeech through pyttsx3) or `auto`.",
                          choices=("auto", "neural", "system"))
    rate: float = setting(0.85, "Speaking speed at first start; 1.0 is a normal speaker.", 0.5, 1.3)
    pitch: float = setting(1.0, "Pitch of the neural voice; 1.0 is its natural one, lower is deeper: old ears lose the high sounds first.", 0.7, 1.3)


@dataclass(frozen=True, slots=True)
class Weather:
    open_meteo_url: str = setting("https://api.open-meteo.com", "Address of the first provider.")
    met_norway_url: str = setting("https://api.met.no", "Address of the second provider.")
    contact: str = setting("", "Mail address or site of whoever runs the boxes; MET Norway's terms want it in every request.")
    deadline_s: float = setting(2.5, "How long the providers together may take before the cache answers.", 0.5, 10.0)
    refresh_minutes: int = setting(60, "How often the home place's forecast is fetched ahead of any question.", 15, 720)


@dataclass(frozen=True, slots=True)
class MediaSettings:
    folders: tuple[str, ...] = setting(
        ("~/音乐", "~/Music", "/media", "/run/media"), "Where the files to be played are, with all that is below; those that are not there "
        "do no harm. `media` in the data folder and sticks that are plugged in belong to it.")
    rescan_minutes: int = setting(10, "How often the box looks whether files have come or gone.", 1, 1440)
    episodes: int = setting(20, "How many of a podcast's newest episodes are known.", 1, 200)
    feed_minutes: int = setting(60, "How often the box asks a podcast whether there is something new.", 15, 10080)
    even_loudness: bool = setting(True, "Play soft recordings louder and loud ones softer, so that nobody has to turn the volume from one "
                                        "to the next. The box listens into new files for that when it has nothing better to do.")
    night_volume: int = setting(70, "How loud plays and songs are at night, in percent of what they are by day; the box's own voice stays "
                                    "as it is. 100: as by day.", 10, 100)
    night_from: int = setting(22, "The hour at which the night begins.", 0, 23)
    night_until: int = setting(6, "The hour at which it is over; the same as `night_from`: never night.", 0, 23)
    device: str = setting("", "Where plays and songs sound, by mpv's name for it (`mpv --audio-device=help` lists them); empty: the "
                              "system's default.")


@dataclass(frozen=True, slots=True)
class LessonSettings:
    keep: bool = setting(True, "Learn from what was not understood: keep its text (never sound) and the phrases that were confirmed, on "
                               "this box only; see `xiangyin lessons`. With `false` nothing is kept and nothing learnt is used.")


@dataclass(frozen=True, slots=True)
class HubLinkSettings:
    url: str = setting("", "Address of the village hub, such as `https://hub.example`; empty: none, and nothing of it is looked for. A box that "
                           "is no village's yet says six digits at its start, which the office types in.")
    quiet_from: int = setting(21, "The hour from which notices wait till morning, unless they are urgent; the village may set another for "
                                  "each box.", 0, 23)
    quiet_until: int = setting(7, "The hour at which they are told; the same as `quiet_from`: they never wait.", 0, 23)


@dataclass(frozen=True, slots=True)
class Settings:
    box: Box = field(default_factory=Box)
    audio: Audio = field(default_factory=Audio)
    listening: Listening = field(default_factory=Listening)
    voice: VoiceSettings = field(default_factory=VoiceSettings)
    weather: Weather = field(default_factory=Weather)
    media: MediaSettings = field(default_factory=MediaSettings)
    lessons: LessonSettings = field(default_factory=LessonSettings)
    hub: HubLinkSettings = field(default_factory=HubLinkSettings)

    @property
    def data_dir(self) -> Path:
        """The directory that holds everything the box must not forget."""
        override = os.environ.get("XIANGYIN_DATA") or self.box.data_dir
        return Path(override).expanduser() if override else Path(platformdirs.user_data_dir("xiangyin"))

    @property
    def media_folders(self) -> tuple[Path, ...]:
        """Where media files are looked for: the data folder's own place, and what the settings name."""
        return (self.data_dir / "media", *(Path(folder).expanduser() for folder in self.media.folders))

    @property
    def media_index(self) -> Path:
        """What is known of the media files; it can be made anew."""
        return self.data_dir / "media.sqlite"


def settings_path(given: str | None = None) -> Path:
    """The file that will be read, whether or not it exists."""
    chosen = given or os.environ.get("XIANGYIN_SETTINGS")
    return Path(chosen).expanduser() if chosen else Path(platformdirs.user_config_dir("xiangyin")) / "settings.toml"


def load_settings(given: str | None = None) -> Settings:
    """Read and check the file. Raises ConfigError naming file, section and key."""
    path = settings_path(given)
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        if given or os.environ.get("XIANGYIN_SETTINGS"):
            raise ConfigError(f"no settings file at {path}") from None
        return Settings()
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    try:
        tree = tomllib.loads(raw.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from error
    return parse_settings(tree, str(path))


def parse_settings(tree: dict, where: str = "settings") -> Settings:
    """Build settings from a parsed TOML tree. Raises ConfigError on unknown keys, wrong types and values out of range."""
    sections = typing.get_type_hints(Settings)
    sections = {name: kind for name, kind in sections.items() if is_dataclass(kind)}
    built = {}
    for name, body in tree.items():
        if name not in sections:
            raise ConfigError(f"{where}: unknown section [{name}]{_meant(name, sections)}")
        if not isinstance(body, dict):
            raise ConfigError(f"{where}: [{name}] must be a section")
        built[name] = _section(sections[name], body, f"{where}: [{name}]")
    return Settings(**built)


def _section(kind: type, body: dict, where: str):
    known = {f.name: f for f in fields(kind)}
    types = typing.get_type_hints(kind)
    values = {}
    for key, value in body.items():
        if key not in known:
            raise ConfigError(f"{where} unknown key {key!r}{_meant(key, known)}")
        values[key] = _checked(value, types[key], known[key].metadata, f"{where} {key}")
    return kind(**values)


def _checked(value: object, kind: type, limits: typing.Mapping, where: str):
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if kind == tuple[str, ...]:
        if not isinstance(value, list | tuple) or not all(isinstance(item, str) and item.strip() for item in value):
            raise ConfigError(f"{where} must be a list of texts, such as [\"a\", \"b\"], not {value!r}")
        return tuple(value)
    if type(value) is not kind:  # exactly: true is an int to Python
        raise ConfigError(f"{where} must be {kind.__name__}, not {value!r}")
    low, high, choices = limits["low"], limits["high"], limits["choices"]
    if low is not None and high is not None and not low <= value <= high:  # written so that "not a number" fails too
        raise ConfigError(f"{where} must be between {low:g} and {high:g}, not {value!r}")
    if choices and value not in choices:
        raise ConfigError(f"{where} must be one of {', '.join(choices)}, not {value!r}")
    return value


def _meant(word: str, known: typing.Iterable[str]) -> str:
    close = difflib.get_close_matches(word, list(known), 1)
    return f"; did you mean {close[0]!r}?" if close else f"; known: {', '.join(known)}"


def template() -> str:
    """The whole settings file with every default and its documentation, ready to be edited."""
    parts = ["# 乡音 settings. Every line is optional; the values shown are the defaults.\n"]
    for section in fields(Settings):
        kind = typing.get_type_hints(Settings)[section.name]
        parts.append(f"\n[{section.name}]\n")
        for item in fields(kind):
            parts.append(f"# {item.metadata['doc']}\n# {item.name} = {as_toml(item.default)}\n")
    return "".join(parts)


def as_toml(value: object) -> str:
    """A value as it stands in the file."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return f"[{', '.join(map(as_toml, value))}]"
    return f'"{value}"' if isinstance(value, str) else str(value)
