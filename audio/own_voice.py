"""Whether the microphone hears the box itself speak: found out from what it heard whenever the box spoke before. Pure.

A canceller in this process, one inside a conference microphone or a loudspeaker in the next room all come to the same: while
the box speaks and nobody else does, there is no voice in what the ear gets. Then words that a person says into the box's own
can be taken for what they are.
"""
from __future__ import annotations

KNOWN_S = 3.0
"""Seconds of the box's speech before anything is known."""
SPAN_S = 30.0
"""Seconds of the box's speech that count, roughly."""
BRIEF_S = 1.5
"""The beginning of what the box says does not count: people talk into its acknowledgements, and some do so every time."""
FAINT = 0.2
"""Share of voice while the box speaks up to which its own is not heard. Measured with simulated echoes as loud as the person:
``script/bench playback`` counts what it is worth."""


class OwnVoice:
    """An exponentially fading share of voice in the time the box has spoken."""

    def __init__(self) -> None:
        self._stretch_s = 0.0
        self._spoken_s = 0.0
        self._voice_s = 0.0

    def begins(self) -> None:
        """The box opens its mouth."""
        self._stretch_s = 0.0

    def heard(self, seconds: float, voiced: bool) -> None:
        """One more piece of sound of this length from the microphone, while the box was speaking."""
        self._stretch_s += seconds
        if self._stretch_s <= BRIEF_S:
            return
        kept = max(0.0, 1.0 - seconds / SPAN_S)
        self._spoken_s = self._spoken_s * kept + seconds
        self._voice_s = self._voice_s * kept + seconds * voiced

    @property
    def audible(self) -> bool:
        """Unless it is known that it is not."""
        return self._spoken_s < KNOWN_S or self._voice_s > FAINT * self._spoken_s
