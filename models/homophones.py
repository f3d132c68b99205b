"""A character the model knows that sounds like one it does not: the recogniser hears sounds, not strokes."""
from __future__ import annotations

from collections.abc import Callable
from threading import Lock

from models.hanzi import count_readings, main_reading

_COMMON_HAN = range(0x4E00, 0xA000)


class Homophones:
    """Finds stand-ins by syllable and tone, for any number of threads. The table is built at the first question (0.2 s)."""

    def __init__(self, knows: Callable[[str], bool]) -> None:
        self._knows = knows
        self._by_sound: dict[str, str] = {}
        self._building = Lock()

    def stand_in(self, character: str) -> str | None:
        """A known character with the main reading of ``character``, tone and all; None when there is none."""
        return self.sounds.get(main_reading(character))

    @property
    def sounds(self) -> dict[str, str]:
        """A known character for every syllable (with its tone) that the model has one for."""
        with self._building:
            self._by_sound = self._by_sound or self._table()
        return self._by_sound

    def _table(self) -> dict[str, str]:
        """Characters of one reading come first: a stand-in that can be read two ways would not be heard as itself."""
        known = [chr(code) for code in _COMMON_HAN if self._knows(chr(code))]
        known.sort(key=count_readings)
        table: dict[str, str] = {}
        for character in known:
            table.setdefault(main_reading(character), character)
        return table
