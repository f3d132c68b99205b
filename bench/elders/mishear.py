"""Words as a recogniser gets them wrong, made to measure: near-homophones instead of what was said."""
from __future__ import annotations

import random
from collections import defaultdict
from functools import cache

from intents.pinyin import Syllable, readings
from intents.sound import Accent

LEVEL_ONE = range(0xB0, 0xD8)
"""Lead bytes of GB 2312's first level: the 3,755 commonest characters."""
ACCENTS = (("n", "l"), ("zh", "z"), ("ch", "c"), ("sh", "s"), ("f", "h"), ("r", "l"))
CODAS = (("in", "ing"), ("en", "eng"), ("an", "ang"), ("ian", "iang"), ("uan", "uang"))
Sound = tuple[str, str]


@cache
def _by_sound() -> dict[Sound, str]:
    """Initial and final -> the common characters that are read so first of all."""
    table: dict[Sound, list[str]] = defaultdict(list)
    for lead in LEVEL_ONE:
        for trail in range(0xA1, 0xFF):
            try:
                char = bytes((lead, trail)).decode("gb2312")
            except UnicodeDecodeError:
                continue
            if sounds := readings(char):
                table[sounds[0].initial, sounds[0].final].append(char)
    return {sound: "".join(chars) for sound, chars in table.items()}


def _near(sound: Syllable) -> list[Sound]:
    """One accent away."""
    found = [(b, sound.final) for pair in ACCENTS for a, b in (pair, pair[::-1]) if a == sound.initial]
    return found + [(sound.initial, b) for pair in CODAS for a, b in (pair, pair[::-1]) if a == sound.final]


def near_homophone(char: str, rng: random.Random) -> str:
    """Another common character that sounds the same, tone aside, or (every third time, where there is one) nearly so;
    the character itself if nothing sounds like it."""
    sounds = readings(char)
    if not sounds:
        return char
    table = _by_sound()
    same = table.get((sounds[0].initial, sounds[0].final), "").replace(char, "")
    near = "".join(table.get(other, "") for other in _near(sounds[0]))
    pools = [pool for pool in (same, near) if pool]
    if not pools:
        return char
    pool = pools[-1] if rng.random() < 1 / 3 else pools[0]
    return rng.choice(pool)


def every_third(text: str, seed: int = 0) -> str:
    """Every third syllable replaced by a near-homophone."""
    rng = random.Random(f"{seed} {text}")
    count, out = 0, []
    for char in text:
        if readings(char):
            count += 1
            char = near_homophone(char, rng) if count % 3 == 0 else char
        out.append(char)
    return "".join(out)


def accented(text: str, accent: Accent, share: float = 0.7, seed: int = 0) -> str:
    """As a speaker of the accent is heard by those who know only the standard: ``share`` of the syllables that the accent
    changes are written with a character of the other sound."""
    rng = random.Random(f"{seed} {text}")
    others = defaultdict(list)
    for (meant, said), _ in accent.initials:
        others["initial", meant].append(said)
    for (meant, said), _ in accent.finals:
        others["final", meant].append(said)
    table, out = _by_sound(), []
    for char in text:
        sounds = readings(char)
        if sounds and rng.random() < share:
            initial, final = sounds[0].initial, sounds[0].final
            heard = [table[sound] for said in others["initial", initial] if (sound := (said, final)) in table]
            heard += [table[sound] for said in others["final", final] if (sound := (initial, said)) in table]
            char = rng.choice(rng.choice(heard)) if heard else char
        out.append(char)
    return "".join(out)


def garbled(text: str, rate: float, seed: int = 0) -> str:
    """``rate`` of the characters wrong: of ten errors eight sound alike, one is left out, one is put in between."""
    rng = random.Random(f"{seed} {text}")
    chars, errors = list(text), round(rate * len(text) + rng.random() - 0.5)
    for place in sorted(rng.sample(range(len(chars)), min(errors, len(chars))), reverse=True):
        kind = rng.random()
        if kind < 0.8 or len(text) < 4:
            chars[place] = near_homophone(chars[place], rng)
        elif kind < 0.9:
            del chars[place]
        else:
            chars.insert(place, rng.choice("的了个那一"))
    return "".join(chars)
