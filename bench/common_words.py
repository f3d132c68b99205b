"""``python -m bench.common_words`` writes ``intents/common_words.txt`` from the dictionary of the installed jieba."""
from __future__ import annotations

from importlib.metadata import version

import jieba

from intents.common_words import FILE, LENGTHS

COMMON = 300
"""Times in the corpus that jieba counted words in."""
_HEAD = """\
# Common words of two and three characters, from the dictionary of jieba {version} (https://github.com/fxsjy/jieba), MIT
# License, Copyright (c) 2013 Sun Junyi. Made by `python -m bench.common_words`; see intents/common_words.py."""


def render() -> str:
    """The file's text."""
    jieba.setLogLevel("ERROR")
    jieba.initialize()
    words = sorted(
        word for word, times in jieba.dt.FREQ.items()
        if times >= COMMON and len(word) in LENGTHS and all("\u4e00" <= char <= "\u9fff" for char in word)
    )
    return f"{_HEAD.format(version=version('jieba'))}\n{' '.join(words)}\n"


if __name__ == "__main__":
    FILE.write_text(render(), encoding="utf-8")
