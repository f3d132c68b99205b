"""``python -m models.hanzi_words`` writes ``words.txt`` from the dictionary of phrases of the installed pypinyin."""
from __future__ import annotations

from collections import defaultdict
from importlib.metadata import version
from pathlib import Path

from models.hanzi import PINYIN_DICT

FILE = Path(__file__).with_name("words.txt")
_HEAD = """\
# Words of Chinese, from phrases_dict of pypinyin {version} (https://github.com/mozillazg/python-pinyin), MIT License,
# Copyright (c) 2016 mozillazg. Made by `python -m models.hanzi_words`; see models/hanzi.py.
# First part: all words by their first character. Second part: those that are not read as their characters are."""


def render() -> str:
    """The file's text."""
    from pypinyin.phrases_dict import phrases_dict  # 46 MB, which nobody but this program needs

    tails: dict[str, list[str]] = defaultdict(list)
    exceptions = []
    for word, syllables in sorted(phrases_dict.items()):
        tails[word[0]].append(word[1:])
        reading = [ways[0] for ways in syllables]
        if reading != [PINYIN_DICT[ord(character)].split(",")[0] for character in word]:
            exceptions.append(f"{word}\t{' '.join(reading)}")
    words = [f"{first} {' '.join(rest)}" for first, rest in sorted(tails.items())]
    return "\n\n".join((_HEAD.format(version=version("pypinyin")), "\n".join(words), "\n".join(exceptions))) + "\n"


if __name__ == "__main__":
    FILE.write_text(render(), encoding="utf-8")
