"""How works, sorts and lists of them are said. Pure."""
from __future__ import annotations

from collections import Counter

from skills.api import Programme
from skills.media.choice import Slots, Works
from skills.replies import Replies

AT_A_TIME = 3
"""Names in one sentence: what an ear can hold."""
LONGEST = 14
"""Characters of a title that are said."""


class Saying:
    """Puts the words of ``replies.yaml`` around names."""

    def __init__(self, replies: Replies) -> None:
        self._replies = replies

    def title(self, title: str) -> str:
        if len(title) <= LONGEST:
            return title
        return self._replies.say("long", 0, begin=title[:LONGEST - 3])

    def does(self, kind: str) -> str:
        """What a performer does: 唱, 讲; empty where nobody is named (a dance, a film)."""
        return self._replies.word("does", kind) if kind in ("opera", "song", "story") else ""

    def work(self, programme: Programme, sort: str = "") -> str:
        """吕剧李二嫂改嫁; 常香玉唱的豫剧花木兰; without the genre when ``sort`` has just been said."""
        genre = "" if programme.genre in programme.title or programme.genre == sort else programme.genre
        by = f"{self.title(programme.artist)}{self.does(programme.kind)}的" if programme.artist else ""
        return f"{by}{genre}{self.title(programme.title)}"

    def wish(self, slots: Slots) -> str:
        """What was asked for, in the order in which it is said."""
        artist, genre, title = (str(slots.get(slot, "")) for slot in ("artist", "genre", "title"))
        by = f"{artist}的" if artist else ""
        return f"{by}{'' if title else genre}{self.title(title)}" if title or genre else by + self.sort(slots)

    def sort(self, slots: Slots) -> str:
        """Genre, else kind."""
        if genre := slots.get("genre"):
            return str(genre)
        kind = str(slots.get("kind") or "any")
        return self._replies.word("kind", kind)

    def names(self, works: Works) -> str:
        """A few titles, each once: 花木兰、朝阳沟，还有穆桂英挂帅."""
        said = list(dict.fromkeys(self.title(work[0].title) for work in works))[:AT_A_TIME]
        return said[0] if len(said) == 1 else f"{'、'.join(said[:-1])}，还有{said[-1]}"

    def most_common(self, programmes: tuple[Programme, ...], number: int = AT_A_TIME) -> tuple[dict[str, str], ...]:
        """The genres, else kinds, of which there is most, as slots."""
        counted = Counter(("genre", p.genre) if p.genre else ("kind", p.kind) for p in programmes if p.genre or p.kind)
        return tuple({slot: value} for (slot, value), _ in counted.most_common(number))

    def sorts(self, programmes: tuple[Programme, ...], number: int = AT_A_TIME) -> str:
        """The same in words."""
        said = [self.sort(sort) for sort in self.most_common(programmes, number)] or [self.sort({})]
        return said[0] if len(said) == 1 else f"{'、'.join(said[:-1])}，还有{said[-1]}"
