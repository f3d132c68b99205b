"""The microphone and the ear as one part of the loop."""
from __future__ import annotations

from assistant.commands import Listen, StopListening
from assistant.ports import Microphone, Post
from audio.ear_thread import Ear


class Hearing:
    """Starts the ear first, so that no sound of the microphone is lost, and stops it last."""

    def __init__(self, ear: Ear, microphone: Microphone, post: Post) -> None:
        self._ear = ear
        self._microphone = microphone
        self._post = post

    def begin(self) -> None:
        """Start loading the models and return at once."""
        self._ear.begin()

    def start(self) -> None:
        """Returns when the ear is warm. Raises ModelError, ConfigError. A missing microphone is posted, not raised."""
        self._ear.wait_ready()
        self._microphone.start(self._ear.hear, self._post)

    def obey(self, order: Listen | StopListening) -> None:
        self._ear.obey(order)

    def set_phrases(self, phrases: tuple[tuple[str, ...], ...]) -> None:
        """Exchange the grammar while listening goes on."""
        self._ear.set_phrases(phrases)

    def speaking_began(self, says: str) -> None:
        self._ear.speaking_began(says)

    def speaking_ended(self) -> None:
        self._ear.speaking_ended()

    def last_chunk_age(self) -> float:
        """Seconds since a chunk was last dealt with."""
        return self._ear.last_chunk_age()

    def behind_s(self) -> float:
        """Seconds of sound that wait to be dealt with."""
        return self._ear.behind_s()

    def close(self) -> None:
        self._microphone.stop()
        self._ear.close()
