"""Drives the dialogue the way the loop does, without anything behind it."""
from __future__ import annotations

from assistant.commands import Listen, Say
from assistant.dialogue import Dialogue
from assistant.events import Event, Heard, ListenTimedOut, SpeechEnded, WakeHeard
from assistant.state import State
from intents.model import Hypothesis, Source
from skills.api import World


class Box:
    def __init__(self, dialogue: Dialogue, world: World) -> None:
        self.dialogue, self.state, self.world = dialogue, State(), world
        self.commands = ()

    def tell(self, event: Event):
        self.state, self.commands = self.dialogue.step(self.state, event, self.world)
        return self.commands

    def said(self) -> str | None:
        return next((c.text for c in self.commands if isinstance(c, Say)), None)

    def done(self):
        return self.tell(SpeechEnded(self.state.turn))

    def wake(self) -> Box:
        self.tell(WakeHeard())
        self.done()
        return self

    def hear(self, *texts: str) -> str | None:
        """The readings of one utterance, best first."""
        self.tell(Heard(self.state.turn, tuple(Hypothesis(text, 0.9, Source.FREE_FORM) for text in texts)))
        return self.said()

    def talk(self, *utterances: str) -> str | None:
        """One after the other, each when the box has finished speaking; what the box says to the last of them."""
        for utterance in utterances:
            self.hear(utterance)
            answer = self.said()
            self.done()
        return answer

    def silence(self) -> str | None:
        self.tell(ListenTimedOut(self.state.turn))
        answer = self.said()
        self.done()
        return answer

    def listening(self) -> Listen | None:
        return next((c for c in self.commands if isinstance(c, Listen)), None)
