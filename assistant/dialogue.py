"""The conversation as a pure function, ``step(state, event, world) -> (state, commands)``: no I/O, clock or threads."""
from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from assistant import lessons, repair
from assistant.commands import (
    Card,
    Command,
    DismissTimer,
    Exit,
    Listen,
    Say,
    Show,
    StopListening,
    StopSpeaking,
)
from assistant.errors import LoudspeakerUnavailable, MicrophoneUnavailable
from assistant.events import (
    Event,
    ForecastArrived,
    Heard,
    ListenTimedOut,
    MicFailed,
    MicRestored,
    SpeakerFailed,
    SpeechBegan,
    SpeechEnded,
    Started,
    StopHeard,
    StopRequested,
    TimerRang,
    Typed,
    WakeHeard,
)
from assistant.state import Phase, Question, State, Window
from assistant.wording import Wording
from intents.model import NONE, Hypothesis, Intent, Source, Understander
from skills.api import Expectation, Handler, Reply, World

Answer = Callable[[Intent, World, Mapping[str, object]], Reply]
Step = tuple[State, tuple[Command, ...]]

RING = "timer.rang"
"""Topic of a ringing timer; its answer is any sign that the person has heard it."""

RING_TONE = "ring"
"""Name of the alert in ``audio/cues.py``."""

RING_REPEATS = 5
MISSES_BEFORE_LETTING_GO = 3


@dataclass(frozen=True, slots=True)
class Manners:
    """How long the box waits, in seconds."""

    window_s: float = 7.0
    answer_window_s: float = 12.0
    follow_up_s: float = 5.0
    answer_patience_s: float = 0.6
    """Added to the silence that ends a turn while the person answers a question."""


class Dialogue:
    """Holds only what never changes: the understander, the skills, the words and the manners."""

    def __init__(self, understander: Understander, handlers: Mapping[str, Handler], answers: Mapping[str, Answer],
                 wording: Wording, manners: Manners, wake_phrase: str) -> None:
        self._understander = understander
        self._handlers = handlers
        self._answers = answers
        self._wording = wording
        self._manners = manners
        self._wake_phrase = wake_phrase

    def step(self, state: State, event: Event, world: World) -> Step:
        """What follows from ``event``. Facts about an older turn change nothing."""
        world = replace(world, last_said=state.last_said, turn=state.turn)
        match event:
            case Started() if state.turn == 0:
                return self._speak(self._next_turn(state), self._wording.say("ready", wake=self._wake_phrase), None)
            case WakeHeard():
                return self._wake(state)
            case StopHeard() | SpeechBegan():
                return self._interrupted(state, event)
            case Heard():
                return self._heard(state, event, world)
            case Typed(text=text):
                return self._typed(state, text, world)
            case ListenTimedOut(turn=turn) if state.phase is Phase.LISTENING and turn == state.turn:
                return self._nobody_spoke(state)
            case SpeechEnded(turn=turn) if state.phase is Phase.SPEAKING and turn == state.turn:
                return self._spoken(state, world)
            case TimerRang():
                return self._ring(state, event, world)
            case ForecastArrived(place=place):
                return self._arrived(state, place, world)
            case MicFailed() | MicRestored() | SpeakerFailed():
                return self._hardware(state, event)
            case StopRequested():
                return replace(state, phase=Phase.ASLEEP), (StopSpeaking(), StopListening(), Exit())
        return state, ()

    def apologise(self, state: State, sentence: str) -> Step:
        """Something inside went wrong: say so and forget the exchange, but not a timer that rings or is due."""
        ring = state.question if state.question and state.question.expectation.topic == RING else None
        state = State(turn=state.turn + 1, question=ring, last_said=state.last_said, rings=state.rings)
        return self._speak(state, sentence, Window.ANSWER if ring else None)

    def fixed_sentences(self) -> tuple[str, ...]:
        """Sentences worth keeping ready as sound."""
        said = self._wording.say
        return (said("here"), said("alright"), said("slow"), said("again"), said("let_go"), said("say_it"))

    # -- waking, speaking, falling silent -------------------------------------------------------------------------

    def _next_turn(self, state: State) -> State:
        return replace(state, turn=state.turn + 1, pending=None, arrived=False)

    def _speak(self, state: State, text: str, window: Window | None, *before: Command, tone: str | None = None) -> Step:
        state = replace(state, phase=Phase.SPEAKING, window=window)
        return state, (*before, Say(state.turn, text, tone))

    def _wake(self, state: State) -> Step:
        dismissals = self._dismiss(state)
        state = replace(self._next_turn(state), question=None, misses=0)
        return self._speak(state, self._wording.say("here", state.turn), Window.COMMAND, *dismissals)

    def _dismiss(self, state: State) -> tuple[Command, ...]:
        question = state.question
        if question is None or question.expectation.topic != RING:
            return ()
        return (DismissTimer(str(question.expectation.data["timer_id"])),)

    def _interrupted(self, state: State, event: StopHeard | SpeechBegan) -> Step:
        if isinstance(event, StopHeard):
            return self._silence(state)
        if state.phase is Phase.SPEAKING and state.window is Window.COMMAND:
            return state, (StopSpeaking(),)  # the command follows at once: the acknowledgement is in its way
        return state, ()

    def _silence(self, state: State) -> Step:
        dismissals = self._dismiss(state)
        state = replace(self._next_turn(state), question=None, misses=0)
        state, commands = self._sleep(state)
        return state, (StopSpeaking(), *dismissals, *commands)

    def _sleep(self, state: State) -> Step:
        return replace(state, phase=Phase.ASLEEP, window=None, question=None, misses=0, unclear=()), (StopListening(),)

    def _open(self, state: State, window: Window) -> Step:
        manners = self._manners
        seconds = {Window.COMMAND: manners.window_s, Window.ANSWER: manners.answer_window_s,
                   Window.FOLLOW_UP: manners.follow_up_s}[window]
        patience = manners.answer_patience_s if window is Window.ANSWER else 0.0
        return replace(state, phase=Phase.LISTENING, window=window), (Listen(state.turn, seconds, patience),)

    def _spoken(self, state: State, world: World) -> Step:
        if state.pending is not None:
            if state.arrived:
                return self._act(state, state.pending, replace(world, turn=state.turn))
            return replace(state, phase=Phase.WAITING, window=None), ()
        if state.window is not None:
            return self._open(state, state.window)
        return self._rest(state, world)

    def _rest(self, state: State, world: World) -> Step:
        """The exchange is over: sleep, unless a timer came due meanwhile."""
        state, commands = self._sleep(state)
        if not state.rings:
            return state, commands
        first, *rest = state.rings
        return self._ring(replace(state, rings=tuple(rest)), first, world)

    def _nobody_spoke(self, state: State) -> Step:
        question = state.question
        if question is not None and question.expectation.topic == RING:
            if question.asked < RING_REPEATS:
                state = replace(state, question=replace(question, asked=question.asked + 1))
                return self._speak(state, question.text, Window.ANSWER, tone=RING_TONE)
            dismissals = self._dismiss(state)
            state, commands = self._sleep(state)
            return state, (*dismissals, *commands)
        if question is not None and question.asked == 1:
            state = replace(state, question=replace(question, asked=2))
            return self._speak(state, self._wording.say("still_there", question=question.text), Window.ANSWER)
        if question is not None:
            return self._speak(replace(state, question=None), self._wording.say("let_go"), None)
        if state.rings:
            return self._speak(state, self._wording.say("alright"), None)
        return self._sleep(state)

    def _typed(self, state: State, text: str, world: World) -> Step:
        if text.strip("，。！!,. ") == self._wake_phrase:
            return self._wake(state)
        typed = (Hypothesis(text, 1.0, Source.TYPED),)
        return self._utterance(replace(self._next_turn(state), window=Window.COMMAND), typed, world)

    # -- hearing --------------------------------------------------------------------------------------------------

    def _heard(self, state: State, event: Heard, world: World) -> Step:
        hypotheses = event.hypotheses
        if event.after_wake:
            dismissals = self._dismiss(state)
            state = replace(self._next_turn(state), window=Window.COMMAND)
            state, commands = self._utterance(state, hypotheses, replace(world, turn=state.turn))
            return state, (*dismissals, *commands)
        if state.phase is not Phase.LISTENING or event.turn != state.turn:
            return state, ()
        window = state.window
        state = replace(self._next_turn(state), window=window)
        return self._utterance(state, hypotheses, replace(world, turn=state.turn))

    def _utterance(self, state: State, hypotheses: tuple[Hypothesis, ...], world: World) -> Step:
        question = state.question
        expects = question.expectation.intents if question else ()
        understanding = self._understander.understand(hypotheses, world.now, expects)
        intent = understanding.intent
        shown = Show(Card("heard", intent.heard or (hypotheses[0].text if hypotheses else "")))
        learnt, state = lessons.judged(state, intent), replace(state, deed=None)
        if question is not None:
            answered = self._answer(state, question, hypotheses, intent, world)
            if answered is not None:
                state, commands = answered
                return state, (shown, *commands, *learnt)
        if intent.name == "dialog.cancel":
            state, commands = self._speak(replace(state, question=None, misses=0), self._wording.say("alright"), None)
        elif intent.name == NONE:
            state, commands = self._missed(replace(state, unclear=hypotheses), repair.candidates(understanding), shown.card.title)
        elif intent.confidence < repair.SURE:
            state, commands = self._unsure(replace(state, unclear=hypotheses), repair.candidates(understanding), intent)
        elif lessons.is_dear(intent):
            state, commands = self._ask(replace(state, unclear=hypotheses), (intent,), intent.heard)
        else:
            deed = lessons.deed(intent, hypotheses)
            state, commands = self._act(replace(state, question=None, misses=0, deed=deed), intent, world)
        return state, (shown, *commands, *learnt)

    def _answer(self, state: State, question: Question, hypotheses: tuple[Hypothesis, ...], intent: Intent,
                world: World) -> Step | None:
        """The answer to the box's question, or None when the utterance is something else."""
        expected = question.expectation
        if expected.topic == repair.CHOICE:
            return self._chosen(state, hypotheses, intent, expected, world)
        if intent.name not in expected.intents:
            return None
        dismissals = self._dismiss(state)
        state = replace(state, question=None, misses=0)
        if expected.topic == RING:
            state, commands = self._speak(state, self._wording.say("alright", state.turn), None)
            return state, (*dismissals, *commands)
        if expected.topic not in self._answers:
            return self._act(state, intent, world)
        return self._carry(state, intent, self._answers[expected.topic](intent, world, expected.data))

    def _chosen(self, state: State, hypotheses: tuple[Hypothesis, ...], intent: Intent, expected: Expectation,
                world: World) -> Step | None:
        offered: tuple[Intent, ...] = expected.data["offered"]
        choice = repair.by_ordinal(hypotheses, offered)
        if choice is None and intent.name == "dialog.yes":
            if len(offered) > 1:
                return self._ask(replace(state, unclear=lessons.about(expected)), offered[:1], offered[0].heard)
            choice = offered[0]
        if choice is None and intent.name == "dialog.no":
            state, commands = self._speak(replace(state, question=None, misses=0), self._wording.say("say_it"), Window.COMMAND)
            return state, (*commands, *lessons.denied(offered))
        if choice is None:
            choice = next((one for one in offered if one.name == intent.name), None)
            if choice is not None:
                choice = replace(choice, slots={**choice.slots, **intent.slots})
        if choice is None:
            return None
        learnt, deed = lessons.confirmed(expected, choice, intent)
        state = replace(state, question=None, misses=0, deed=deed)
        state, commands = self._act(state, replace(choice, confidence=1.0), world)
        return state, (*commands, *learnt)

    # -- not sure -------------------------------------------------------------------------------------------------

    def _ask(self, state: State, offered: tuple[Intent, ...], heard: str) -> Step:
        names = [self._wording.describe(intent) for intent in offered]
        if len(offered) == 1:
            text = self._wording.say("sure", heard=repair.quoted(heard), first=names[0])
        else:
            text = self._wording.say("choice", heard=repair.quoted(heard), first=names[0], second=names[1])
        return self._question(state, text, repair.expectation(offered), tuple(names))

    def _question(self, state: State, text: str, expected: Expectation, choices: tuple[str, ...]) -> Step:
        state = replace(state, question=Question(lessons.with_words(expected, state), text))
        return self._speak(state, text, Window.ANSWER, Show(Card("question", text, choices=choices)))

    def _unsure(self, state: State, offered: tuple[Intent, ...], intent: Intent) -> Step:
        if state.window is Window.FOLLOW_UP:
            return self._sleep(state)
        return self._ask(state, offered or (intent,), intent.heard)

    def _missed(self, state: State, offered: tuple[Intent, ...], heard: str) -> Step:
        if state.window is Window.FOLLOW_UP:
            return self._sleep(state)
        question = state.question
        if question is not None and question.expectation.topic == RING:
            return self._open(state, Window.ANSWER)
        state, commands = self._after_a_miss(replace(state, misses=state.misses + 1), offered, heard)
        return state, (*commands, lessons.missed(state))

    def _after_a_miss(self, state: State, offered: tuple[Intent, ...], heard: str) -> Step:
        question = state.question
        say = self._wording.say
        if state.misses >= MISSES_BEFORE_LETTING_GO:
            return self._speak(replace(state, question=None, misses=0), say("give_up"), None)
        if state.misses == 2:
            return self._speak(state, say("again"), Window.ANSWER)
        if question is not None:
            return self._speak(state, question.text, Window.ANSWER)
        offered = repair.stand_ins(self._wording, offered, state.turn)
        names = tuple(self._wording.describe(intent) for intent in offered)
        key = "missed" if heard else "missed_nothing"
        text = say(key, heard=repair.quoted(heard), first=names[0], second=names[1])
        return self._question(state, text, repair.expectation(offered), names)

    # -- doing ----------------------------------------------------------------------------------------------------

    def _act(self, state: State, intent: Intent, world: World) -> Step:
        return self._carry(state, intent, self._handlers[intent.name](intent, world))

    def _carry(self, state: State, intent: Intent, reply: Reply) -> Step:
        state = replace(state, pending=None, arrived=False)
        shown = (Show(reply.card),) if reply.card else ()
        orders = (*reply.commands, *shown)
        if reply.waits:
            state = replace(state, pending=intent)
            if not reply.text:
                return replace(state, phase=Phase.WAITING, window=None), orders
            return self._speak(state, reply.text, None, *orders)
        if reply.repeatable and reply.text:
            state = replace(state, last_said=reply.text)
        window = None if reply.goes_to_sleep or not self._manners.follow_up_s else Window.FOLLOW_UP
        if reply.expects is not None:
            state = replace(state, question=Question(reply.expects, reply.text))
            window = Window.ANSWER
        if not reply.text:
            state, commands = self._sleep(state)
            return state, (*orders, *commands)
        return self._speak(state, reply.text, window, *orders)

    def _arrived(self, state: State, place: str, world: World) -> Step:
        if state.pending is None or place not in {*world.forecasts, *world.forecast_failures}:
            return state, ()
        if state.phase is Phase.WAITING:
            return self._act(state, state.pending, world)
        return replace(state, arrived=True), ()

    def _ring(self, state: State, ring: TimerRang, world: World) -> Step:
        if state.phase is not Phase.ASLEEP:
            return replace(state, rings=(*state.rings, ring)), ()
        state = self._next_turn(state)
        intent = Intent(RING, {"label": ring.label, "late_s": int(ring.late_s)}, 1.0)
        reply = self._answers[RING](intent, replace(world, turn=state.turn), {"timer_id": ring.timer_id})
        expected = reply.expects or Expectation(())
        expected = replace(expected, topic=RING, data={"timer_id": ring.timer_id})
        state = replace(state, question=Question(expected, reply.text), last_said=reply.text)
        shown = (Show(reply.card),) if reply.card else ()
        return self._speak(state, reply.text, Window.ANSWER, *shown, tone=RING_TONE)

    # -- hardware -------------------------------------------------------------------------------------------------

    def _hardware(self, state: State, event: MicFailed | MicRestored | SpeakerFailed) -> Step:
        if isinstance(event, SpeakerFailed):
            return state, (Show(Card("fault", LoudspeakerUnavailable.spoken, (event.reason,))),)
        ring = state.question if state.question and state.question.expectation.topic == RING else None
        # a result that somebody waits for is still owed: pending survives
        state = replace(state, turn=state.turn + 1, question=ring, misses=0)
        window, again, tone = (Window.ANSWER, ring.text, RING_TONE) if ring else (None, "", None)
        if isinstance(event, MicRestored):
            return self._speak(state, self._wording.say("mic_back") + again, window, tone=tone)
        orders = StopListening(), Show(Card("fault", MicrophoneUnavailable.spoken, (event.reason,)))
        return self._speak(state, MicrophoneUnavailable.spoken + again, window, *orders, tone=tone)


