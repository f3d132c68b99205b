"""Whose turn it is: waking, speaking, listening, falling silent, losing one's ears. Pure."""
from __future__ import annotations

from dataclasses import dataclass, replace

from assistant import ducking, ringing
from assistant.commands import Card, Command, FadeMedia, Listen, Say, Show, StopListening, StopSpeaking
from assistant.errors import LoudspeakerUnavailable, MediaUnreadable, MicrophoneUnavailable, PlayerFailed
from assistant.events import (
    MediaFailed,
    MediaStarted,
    MediaTimeUp,
    MicFailed,
    MicRestored,
    PlayerLost,
    SpeakerFailed,
    SpeechBegan,
    StopHeard,
)
from assistant.state import Phase, Question, State, Window
from assistant.wording import Wording
from skills.api import Expectation

Step = tuple[State, tuple[Command, ...]]
PartEvent = MicFailed | MicRestored | SpeakerFailed | MediaStarted | MediaTimeUp | MediaFailed | PlayerLost


@dataclass(frozen=True, slots=True)
class Manners:
    """How long the box waits, in seconds."""

    window_s: float = 7.0
    answer_window_s: float = 12.0
    follow_up_s: float = 5.0
    answer_patience_s: float = 0.6
    """Added to the silence that ends a turn while the person answers a question."""


class Turns:
    """What every exchange is made of; what is said in it is the business of :class:`assistant.dialogue.Dialogue`."""

    def __init__(self, wording: Wording, manners: Manners, wake_phrase: str) -> None:
        self._wording = wording
        self._manners = manners
        self._wake_phrase = wake_phrase

    def apologise(self, state: State, sentence: str) -> Step:
        """Something inside went wrong: say so and forget the exchange, but not a timer that rings or is due."""
        ring = ringing.ringing(state)
        state = State(turn=state.turn + 1, question=ring, last_said=state.last_said, rings=state.rings, ducked=state.ducked)
        return ducking.around(*self._speak(state, sentence, Window.ANSWER if ring else None))

    def _next_turn(self, state: State) -> State:
        return replace(state, turn=state.turn + 1, pending=None, arrived=False, called=False)

    def _speak(self, state: State, text: str, window: Window | None, *before: Command, tone: str | None = None) -> Step:
        state = replace(state, phase=Phase.SPEAKING, window=window)
        return state, (*before, Say(state.turn, text, tone))

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

    def _reported(self, state: State, event: PartEvent) -> Step:
        """What a part of the box tells of itself."""
        match event:
            case MediaStarted():
                return replace(state, fault=""), ()
            case MediaTimeUp():
                return state, (FadeMedia(),)
            case MediaFailed():
                return self._media_fault(state, MediaUnreadable.spoken, event.reason)
            case PlayerLost():
                return self._media_fault(state, PlayerFailed.spoken, event.reason)
            case _:
                return self._hardware(state, event)

    def _hardware(self, state: State, event: MicFailed | MicRestored | SpeakerFailed) -> Step:
        if isinstance(event, SpeakerFailed):
            return state, (Show(Card("fault", LoudspeakerUnavailable.spoken, (event.reason,))),)
        ring = ringing.ringing(state)
        # a result that somebody waits for is still owed: pending survives
        state = replace(state, turn=state.turn + 1, question=ring, misses=0)
        window, again, tone = (Window.ANSWER, ring.text, ringing.TONE) if ring else (None, "", None)
        if isinstance(event, MicRestored):
            return self._speak(state, self._wording.say("mic_back") + again, window, tone=tone)
        orders = StopListening(), Show(Card("fault", MicrophoneUnavailable.spoken, (event.reason,)))
        return self._speak(state, MicrophoneUnavailable.spoken + again, window, *orders, tone=tone)

    def _media_fault(self, state: State, sentence: str, reason: str) -> Step:
        """Shown at once; said at once too, or when the exchange is over: nobody should wait for a play that does not come."""
        shown = Show(Card("fault", sentence, (reason,)))
        state = replace(state, fault=sentence)
        if state.phase is not Phase.ASLEEP:
            return state, (shown,)
        state, commands = self._tell_fault(self._next_turn(state))
        return state, (shown, *commands)

    def _tell_fault(self, state: State) -> Step:
        return self._speak(replace(state, fault=""), state.fault, None)
