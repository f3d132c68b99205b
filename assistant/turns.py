"""Whose turn it is: waking, speaking, listening, falling silent. Pure."""
from __future__ import annotations

from dataclasses import dataclass, replace

from assistant import ducking, ringing
from assistant.commands import Card, Clip, Command, Listen, Say, Show, StopListening, StopSpeaking
from assistant.events import SpeechBegan, StopHeard
from assistant.night import Night
from assistant.state import Phase, Question, State, Window
from assistant.wording import Wording
from skills.api import Expectation

Step = tuple[State, tuple[Command, ...]]


@dataclass(frozen=True, slots=True)
class Manners:
    """How long the box waits, in seconds."""

    window_s: float = 7.0
    answer_window_s: float = 12.0
    follow_up_s: float = 5.0
    answer_patience_s: float = 0.6
    """Added to the silence that ends a turn while the person answers a question."""
    night: Night = Night()
    """When nothing is said that can wait."""


class Turns:
    """What every exchange is made of; what is said in it is the business of :class:`assistant.dialogue.Dialogue`,
    and of :class:`assistant.reports.Reports`."""

    def __init__(self, wording: Wording, manners: Manners, wake_phrase: str) -> None:
        self._wording = wording
        self._manners = manners
        self._wake_phrase = wake_phrase

    def apologise(self, state: State, sentence: str) -> Step:
        """Something inside went wrong: say so and forget the exchange, but not a timer that rings or is due."""
        ring = ringing.ringing(state)
        state = State(turn=state.turn + 1, question=ring, last_said=state.last_said, rings=state.rings, sticks=state.sticks,
                      ducked=state.ducked, tidings=state.tidings)
        return ducking.around(*self._speak(state, sentence, Window.ANSWER if ring else None))

    def _next_turn(self, state: State) -> State:
        return replace(state, turn=state.turn + 1, pending=None, arrived=False, called=False)

    def _speak(self, state: State, text: str, window: Window | None, *before: Command, tone: str | None = None, pace: float = 1.0,
               clip: Clip | None = None) -> Step:
        state = replace(state, phase=Phase.SPEAKING, window=window)
        return state, (*before, Say(state.turn, text, tone, pace, clip))

    def _wake(self, state: State) -> Step:
        dismissals = ringing.dismissals(state)
        state = replace(self._next_turn(state), question=None, misses=0)
        return self._speak(state, self._wording.say("here", state.turn), Window.COMMAND, *dismissals)

    def _interrupted(self, state: State, event: StopHeard | SpeechBegan) -> Step:
        if isinstance(event, StopHeard):
            return self._silence(state)
        if state.phase is Phase.SPEAKING and state.window is Window.COMMAND:
            return state, (StopSpeaking(),)  # the command follows at once: the acknowledgement is in its way
        if state.phase is Phase.ASLEEP and event.turn >= state.turn:  # an older one has been called off: nothing would follow
            return replace(state, called=True), ()
        return state, ()

    def _silence(self, state: State) -> Step:
        dismissals = ringing.dismissals(state)
        state = replace(self._next_turn(state), question=None, misses=0)
        state, commands = self._sleep(state)
        return state, (StopSpeaking(), *dismissals, *commands)

    def _sleep(self, state: State) -> Step:
        return replace(state, phase=Phase.ASLEEP, window=None, question=None, misses=0, heard=()), (StopListening(),)

    def _open(self, state: State, window: Window) -> Step:
        manners = self._manners
        seconds = {Window.COMMAND: manners.window_s, Window.ANSWER: manners.answer_window_s,
                   Window.FOLLOW_UP: manners.follow_up_s}[window]
        patience = manners.answer_patience_s if window is Window.ANSWER else 0.0
        return replace(state, phase=Phase.LISTENING, window=window), (Listen(state.turn, seconds, patience),)

    def _question(self, state: State, text: str, expected: Expectation, choices: tuple[str, ...]) -> Step:
        dismissals = ringing.dismissals(state)
        state = replace(state, question=Question(expected, text))
        return self._speak(state, text, Window.ANSWER, *dismissals, Show(Card("question", text, choices=choices)))
