"""What a media file is, from its tags and from how people name files and folders: 豫剧/常香玉/花木兰.mp3. Pure.

Files from markets and sticks carry many tags that say nothing; a tag counts where it can be said aloud and is no address.
"""
from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from intents.normalize import language
from intents.slots.numbers import value
from intents.sound import readings
from intents.wordlists import VOCABULARY_DIR, Entry, load_list
from skills.api import Programme

VIDEO = frozenset([".mp4", ".mkv", ".avi", ".mov", ".mpg", ".mpeg", ".flv", ".wmv", ".rmvb", ".webm", ".vob", ".m4v", ".3gp"])
AUDIO = frozenset([".mp3", ".m4a", ".aac", ".ogg", ".oga", ".opus", ".flac", ".wav", ".wma", ".ape", ".amr", ".aiff", ".mp2"])
SHORTEST_INSIDE = 3
"""Characters of a known title that are found inside a longer name: 赶脚 is in many words, 花木兰 is not."""

_NUMBER = r"(\d{1,3}|[一二三四五六七八九十百零两]{1,5})"
_PART = re.compile(rf"第\s*{_NUMBER}\s*[集回部场段折本讲章课]|[(（【]\s*{_NUMBER}\s*[)）】]|(?<=[^\d\s])[-_ ]*(\d{{1,3}})$")
_HALF = re.compile(r"(?:[(（【_ -]|(?<=[\u3400-\u9fff]))([上中下])\s*[集部本卷][)）】]?|[(（【]([上中下])[)）】]")
_ONLY_NUMBER = re.compile(r"\d{1,3}")
_TRACK = re.compile(r"^\d{1,3}(?:\s*[.\-_、)）]\s*|\s+|(?=[\u3400-\u9fff《]))")
_QUOTED = re.compile("[《「“]([^》」”]{1,40})[》」”]")
_ABOUT = re.compile("选段|唱段|片段|全场|全剧|全集|完整版|高清|超清|标清|伴奏|现场版|教学版|教学|背面|正面|演示|分解|无损|mp3|1080p|720p", re.I)
_BETWEEN = re.compile(r"\s*[-—–_·|/,，、.。:：;；()（）\[\]【】《》「」“”]+\s*|\s+")
_AD = re.compile(r"https?:|www\.|\.(?:com|cn|net)\b|未知|unknown|^track ?\d*$|^音轨|[qQ]群|微信", re.I)
_SPOKEN = re.compile(r"[\u3400-\u9fffA-Za-z0-9]")
_HANZI = re.compile("[㐀-鿿]")
_NAME = re.compile("[\u3400-\u9fff]{2,4}")


@dataclass(frozen=True, slots=True)
class Tags:
    """What a file says of itself, as read; ``duration_s`` 0 is unknown."""

    title: str = ""
    artist: str = ""
    genre: str = ""
    duration_s: float = 0.0


def describe(file: str, below: tuple[str, ...], tags: Tags) -> Programme:
    """``below`` is the path from the library's folder on; its last element is the file's name."""
    *folders, name = map(simplified, below)
    stem, suffix = _split_suffix(name)
    title_tag, artist_tag = usable(tags.title), usable(tags.artist)
    genre = _genre([stem, *reversed(folders), usable(tags.genre)])
    artist = _artist(stem, [artist_tag, *reversed(folders)])
    title, part = _title(stem, folders, title_tag, genre, artist)
    if not artist and title_tag != title:
        artist = _singer(stem, title)
    known = _known("titles").get(title) or _by_sound("titles").get(_sound(title)) or _inside(stem)
    if known:
        title, genre = known.canonical, genre or known.extras.get("genre", "")
    kind = _kind(genre, folders, known)
    if not kind and suffix in VIDEO:
        kind = "video"
    return Programme(file, title, kind, genre, artist, part, tags.duration_s)


def simplified(text: str) -> str:
    """With simplified characters, as the vocabulary has them."""
    return text.translate(language().traditional).strip()


def usable(tag: str) -> str:
    """A tag without what cannot be meant for an ear: empty for advertisements and for what nobody can say."""
    text = simplified(_as_gbk(tag)).strip("\0 ")
    return "" if _AD.search(text) or not _SPOKEN.search(text) else text


def _as_gbk(text: str) -> str:
    """Old Chinese programs wrote GBK where the format has Latin-1."""
    if not any("\x80" <= char <= "\xff" for char in text):
        return text
    try:
        return text.encode("latin-1").decode("gbk")
    except UnicodeError:
        return text


def _split_suffix(name: str) -> tuple[str, str]:
    stem, dot, suffix = name.rpartition(".")
    return (stem, f".{suffix.lower()}") if dot and stem else (name, "")


def _genre(texts: list[str]) -> str:
    for text in texts:
        for word in _words(text):
            for spoken, entry in _known("genres").items():
                if word.startswith(spoken):
                    return entry.canonical
    return ""


def _artist(stem: str, names: list[str]) -> str:
    """A known performer, else whoever the tag names."""
    for text in (*names, stem):
        for word in (text, *_words(text)):
            if found := _known("artists").get(word) or _by_sound("artists").get(_sound(word)):
                return found.canonical
    return names[0]


def _singer(stem: str, title: str) -> str:
    """凤凰传奇 - 最炫民族风: of two words with a dash between, the first is who sings, if it can be a name."""
    two = re.split(r"\s*[-–—]\s*", _TRACK.sub("", stem))
    if len(two) == 2 and two[1].startswith(title) and _NAME.fullmatch(two[0]):
        return "" if two[0] in _known("genres") or two[0] in _known("kinds") else two[0]
    return ""


def _title(stem: str, folders: list[str], tag: str, genre: str, artist: str) -> tuple[str, int]:
    """Title and number of the part."""
    if _ONLY_NUMBER.fullmatch(stem):
        named = [folder for folder in folders if folder != artist and not _is_category(folder)]
        return (tag or (named or folders or [stem])[-1]), int(stem)
    text = _TRACK.sub("", tag or stem)
    part = _part(text) or _part(stem)
    quoted = _QUOTED.search(text)
    if quoted:
        return quoted[1].strip(), part
    if not _HANZI.search(text):
        return text, part
    words = _words(_HALF.sub(" ", _PART.sub(" ", text)))
    left = [word for word in (_without_genre(_ABOUT.sub("", word), genre) for word in words) if word and word != artist]
    if len(left) > 1 and not tag and _singer(stem, left[1]) == left[0]:
        left = left[1:]
    known = [word for word in left if word in _known("titles")]
    said = [word for word in left if _SPOKEN.search(word)]
    return ((known or said or [text])[0], part)


def _part(text: str) -> int:
    if half := _HALF.search(text):
        return "上中下".index(half[1] or half[2]) + 1
    found = _PART.search(text)
    number = next((group for group in found.groups() if group), "") if found else ""
    return int(number) if number.isdigit() else value(number) or 0


def _without_genre(word: str, genre: str) -> str:
    """豫剧花木兰 is 花木兰; a word that is only the genre is none."""
    for spoken, entry in _known("genres").items():
        if entry.canonical == genre and word.startswith(spoken):
            rest = word.removeprefix(spoken).strip()
            return word if len(rest) == 1 else rest
    return word


def _is_category(folder: str) -> bool:
    return folder in _known("genres") or folder in _known("kinds") or folder in _known("artists")


def _inside(stem: str) -> Entry | None:
    return next((entry for spoken, entry in _known("titles").items() if len(spoken) >= SHORTEST_INSIDE and spoken in stem), None)


def _kind(genre: str, folders: list[str], known: Entry | None) -> str:
    named = _known("genres").get(genre)
    if named and "kind" in named.extras:
        return named.extras["kind"]
    for folder in reversed(folders):
        if folder in _known("kinds"):
            return _known("kinds")[folder].canonical
    return known.extras.get("kind", "") if known else ""


def _words(text: str) -> list[str]:
    return [word for word in _BETWEEN.split(text) if word]


def _sound(name: str) -> tuple[tuple[str, str, int], ...]:
    """How it sounds: characters that the tables do not simplify (掛帥) still find their title (挂帅)."""
    heard = [readings(char) for char in name]
    if len(name) < SHORTEST_INSIDE or not all(heard):
        return ()
    return tuple((sounds[0].initial, sounds[0].final, sounds[0].tone) for sounds in heard)


@cache
def _by_sound(which: str) -> dict[tuple[tuple[str, str, int], ...], Entry]:
    return {sound: entry for spoken, entry in _known(which).items() if (sound := _sound(spoken))}


@cache
def _known(which: str) -> dict[str, Entry]:
    """How a name of the vocabulary is spoken -> its entry, the longest first."""
    entries = load_list(VOCABULARY_DIR / f"{which}.tsv")
    pairs = [(spoken, entry) for entry in entries for spoken in entry.spoken]
    return dict(sorted(reversed(pairs), key=lambda pair: -len(pair[0])))
