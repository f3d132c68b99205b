"""The conversation as a pure function, ``step(state, event, world) -> (state, commands)``: no I/O, clock or threads."""
from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from assistant import answers, ducking, follow_up, lessons, notices, repair, rescue, ringing
from assistant.commands import Card, Command, Exit, Show, StopListening, StopSpeaking
from assistant.events import (
    Ending,
    Event,
    ForecastArrived,
    Heard,
    ListenTimedOut,
    SpeechBegan,
    SpeechEnded,
    Started,
    StopHeard,
    StopRequested,
    Typed,
    WakeHeard,
)
from assistant.follow_up import Said
from assistant.reports import Report, Reports
from assistant.state import Phase, Question, State, Window
from assistant.turns import Manners, Step
from assistant.wording import Wording
from intents.matcher import CERTAIN
from intents.model import NONE, Fragment, Hypothesis, Intent, Source, Understander
from skills.api import NOTICE_ASKED, Answer, Expectation, Handler, Reply, World

MISSES_BEFORE_LETTING_GO = 3


class Dialogue(Reports):
    """Holds only what never changes: the understander, the skills, the words and the manners."""

    def __init__(self, understander: Understander, handlers: Mapping[str, Handler], answers: Mapping[str, Answer],
                 wording: Wording, manners: Manners, wake_phrase: str) -> None:
        super().__init__(answers, wording, manners, wake_phrase)
        self._understander = understander
        self._handlers = handlers

    def step(self, state: State, event: Event, world: World) -> Step:
        """What follows from ``event``. Facts about an older turn change nothing."""
        world = replace(world, last_said=state.last_said, turn=state.turn)
        return ducking.around(*notices.broken_off(state, event, *self._follows(state, event, world)))

    def _follows(self, state: State, event: Event, world: World) -> Step:
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
                return self._nobody_spoke(state, world)
            case SpeechEnded(turn=turn, ending=ending) if state.phase is Phase.SPEAKING and turn == state.turn:
                return self._spoken(state, ending, world)
            case ForecastArrived(place=place):
                return self._arrived(state, place, world)
            case _ if isinstance(event, Report):
                return self._reported(state, event, world)
            case StopRequested():
                return replace(state, phase=Phase.ASLEEP), (StopSpeaking(), StopListening(), Exit())
        return state, ()

    def fixed_sentences(self) -> tuple[str, ...]:
        """Sentences worth keeping ready as sound."""
        said = self._wording.say
        return (said("here"), said("cry"), said("alright"), said("slow"), said("again"), said("let_go"), said("say_it"))

    # -- the end of a turn ----------------------------------------------------------------------------------------

    def _spoken(self, state: State, ending: Ending, world: World) -> Step:
        if state.reading is not None:
            return self._read_on(state, ending, world) or self._rest(replace(state, reading=None), world)
        if state.pending is not None:
            if state.arrived:
                return self._act(state, state.pending, replace(world, turn=state.turn))
            return replace(state, phase=Phase.WAITING, window=None), ()
        if state.window is not None:
            return self._open(state, state.window)
        return self._rest(state, world)

    def _rest(self, state: State, world: World) -> Step:
        """The exchange is over: sleep, unless something is still to be said, or a timer came due meanwhile."""
        if state.fault:
            return self._tell_fault(state)
        state, commands = self._sleep(state)
        if state.rings:
            first, *rest = state.rings
            return self._ring(replace(state, rings=tuple(rest)), first, world)
        if state.sticks:
            return self._tell_of_sticks(state, world)
        return self._tell_of_village(state, world) or (state, commands)

    def _nobody_spoke(self, state: State, world: World) -> Step:
        question = state.question
        if question is None:
            if state.rings and not state.fault:
                return self._speak(state, self._wording.say("alright"), None)
            return self._rest(state, world)
        if question.expectation.topic == ringing.RING:
            return self._unanswered_ring(state, question)
        if question.expectation.topic == rescue.CRY:
            return self._unanswered_cry(state, question)
        if notices.may_be_let_be(question):
            return self._read_next(state, question.expectation, world) or self._rest(replace(state, question=None), world)
        if question.asked == 1:
            state = replace(state, question=replace(question, asked=2))
            return self._speak(state, self._wording.say("still_there", question=question.text), Window.ANSWER)
        return self._speak(replace(state, question=None), self._wording.say("let_go"), None)

    def _unanswered_ring(self, state: State, ring: Question) -> Step:
        again = ringing.asked_again(ring)
        if again is not None:
            return self._speak(replace(state, question=again), ring.text, Window.ANSWER, tone=ringing.TONE)
        dismissals = ringing.dismissals(state)
        state, commands = self._sleep(state)
        return state, (*dismissals, *commands)

    def _typed(self, state: State, text: str, world: World) -> Step:
        if text.strip("，。！!,. ") == self._wake_phrase:
            return self._wake(state)
        typed = (Hypothesis(text, 1.0, Source.TYPED),)
        return self._utterance(replace(self._next_turn(state), window=Window.COMMAND), typed, world)

    # -- hearing --------------------------------------------------------------------------------------------------

    def _heard(self, state: State, event: Heard, world: World) -> Step:
        hypotheses = event.hypotheses
        if event.after_wake:
            dismissals = ringing.dismissals(state)
            state = replace(self._next_turn(state), window=Window.COMMAND)
            state, commands = self._utterance(state, hypotheses, replace(world, turn=state.turn))
            return state, (*dismissals, *commands)
        if state.phase is not Phase.LISTENING or event.turn != state.turn:
            return state, ()
        window = state.window
        state = replace(self._next_turn(state), window=window)
        return self._utterance(state, hypotheses, replace(world, turn=state.turn))

    def _utterance(self, state: State, hypotheses: tuple[Hypothesis, ...], world: World) -> Step:
        said = self._understood(state, hypotheses, world)
        learnt = lessons.judged(state, said)
        state, commands = self._respond(replace(state, heard=hypotheses, deed=None), said, world)
        return state, (Show(Card("heard", _text(said))), *commands, *learnt)

    def _understood(self, state: State, hypotheses: tuple[Hypothesis, ...], world: World) -> Said:
        """By itself and, where something was asked or done just before, as a fragment of that."""
        question = state.question
        expects = question.expectation.intents if question else ()
        said = Said(hypotheses, self._understander.understand(hypotheses, world.now, expects))
        if question is None and follow_up.remembered(state.acted, world.now) is None:
            return said
        return replace(said, fragments=self._understander.fragments(hypotheses, world.now))

    def _respond(self, state: State, said: Said, world: World) -> Step:
        """A cry for help first, then what puts right or answers what was asked, then any other wish."""
        question = state.question
        if question is not None and question.expectation.topic == rescue.CRY:
            return self._cry_answered(state, question, said, world)
        cry = rescue.cry(said.understanding)
        if cry is not None:
            return self._cried(state, cry, said, world)
        said = follow_up.restated(said, self._understander, world.now)
        step = self._put_right(state, said, world)
        if step is None and question is not None:
            step = self._answer(state, question, said, world)
        return step or self._wish(state, said, world)

    def _put_right(self, state: State, said: Said, world: World) -> Step | None:
        """A correction of what is being asked about or, when that is nothing, of what was just done."""
        asked = repair.asked_about(state.question.expectation) if state.question else ()
        before = follow_up.remembered(state.acted, world.now)
        corrected = follow_up.corrected(said, asked or ((before.intent,) if before else ()))
        if corrected is None:
            return None
        if asked or before is None:
            state, commands = self._settled(state, corrected, world)
            return state, (*commands, *lessons.denied(asked))
        return self._settled(replace(state, acted=None), corrected, follow_up.without(world, before.undo), *before.undo)

    def _wish(self, state: State, said: Said, world: World) -> Step:
        """A wish of its own, or one that goes on from the last."""
        before = follow_up.remembered(state.acted, world.now)
        intent = (follow_up.continued(said, before.intent) if before else None) or said.understanding.intent
        if intent.name == "dialog.cancel":
            return self._speak(replace(state, question=None, misses=0, acted=None), self._wording.say("alright"), None)
        offered = repair.candidates(replace(said.understanding, intent=intent), self._describing(world))
        if intent.name == NONE:
            return self._missed(state, offered, _text(said), world)
        if intent.confidence < repair.SURE:
            return self._unsure(state, offered, intent, world)
        return self._settled(state, intent, world)

    def _answer(self, state: State, question: Question, said: Said, world: World) -> Step | None:
        """The answer to the box's question, or None when the utterance is something else."""
        expected = question.expectation
        intent = answers.answer(expected, said)
        if expected.topic == repair.CHOICE:
            return self._chosen(state, said.fragments, intent or said.understanding.intent, expected, world)
        if expected.topic == NOTICE_ASKED:
            return self._choice_said(state, question, said, intent)
        if intent is None and notices.is_wanted(expected, said):
            intent = Intent("notices.read", confidence=1.0, heard=_text(said))
        if intent is None:
            return None
        if expected.topic == ringing.RING:
            dismissals = ringing.dismissals(state)
            state = replace(state, question=None, misses=0)
            return self._speak(state, self._wording.say("alright", state.turn), None, *dismissals)
        if expected.wish is not None and intent.name == expected.wish.name:
            if not answers.fills(intent, expected):
                return self._missed(state, (), intent.heard, world)
            intent = answers.completed(intent, expected.wish)
        if expected.topic not in self._answers:
            return self._settled(state, intent, world)
        state = replace(state, question=None, misses=0)
        return self._carry(state, intent, self._answers[expected.topic](intent, world, expected.data), world)

    def _chosen(self, state: State, fragments: tuple[Fragment, ...], intent: Intent, expected: Expectation,
                world: World) -> Step | None:
        offered: tuple[Intent, ...] = expected.data["offered"]
        choice = repair.by_ordinal(fragments, offered)
        if choice is None and intent.name == "dialog.yes":
            if len(offered) > 1:
                return self._ask(replace(state, heard=lessons.about(expected)), offered[:1], offered[0].heard, world)
            choice = replace(offered[0], confidence=1.0)
        if choice is None and intent.name == "dialog.no":
            state, commands = self._speak(replace(state, question=None, misses=0), self._wording.say("say_it"), Window.COMMAND)
            return state, (*commands, *lessons.denied(offered))
        if choice is None:
            choice = repair.by_name(intent, offered)
        if choice is None:
            return None
        learnt, deed = lessons.confirmed(expected, choice, intent)
        state, commands = self._settled(state, replace(choice, learnt=""), world)
        return replace(state, deed=deed), (*commands, *learnt)

    # -- a cry for help -------------------------------------------------------------------------------------------

    def _cried(self, state: State, cry: Intent, said: Said, world: World) -> Step:
        if cry is said.understanding.intent and cry.confidence >= repair.SURE:
            return self._settled(state, cry, world)
        return self._question(state, self._wording.say("cry"), rescue.expectation(), ())

    def _cry_answered(self, state: State, question: Question, said: Said, world: World) -> Step:
        answer = answers.answer(question.expectation, said)
        if rescue.is_agreed(answer, said):
            return self._settled(state, Intent(rescue.TRIGGER, confidence=1.0, heard=_text(said)), world)
        intent = said.understanding.intent
        if answer is None and intent.name != NONE and intent.confidence >= CERTAIN:
            return self._respond(replace(state, question=None), said, world)
        return self._unanswered_cry(state, question)

    def _unanswered_cry(self, state: State, question: Question) -> Step:
        """No, silence, or words that nobody can make out."""
        if question.asked == 1:
            text = self._wording.say("cry_again")
            return self._speak(replace(state, question=replace(question, text=text, asked=2)), text, Window.ANSWER)
        text = self._wording.say("cry_let_go", wake=self._wake_phrase)
        return self._speak(replace(state, question=None, misses=0), text, Window.FOLLOW_UP)

    # -- not sure -------------------------------------------------------------------------------------------------

    def _describing(self, world: World) -> Callable[[Intent], str]:
        return lambda intent: self._wording.describe(intent, world.now.date())

    def _ask(self, state: State, offered: tuple[Intent, ...], heard: str, world: World) -> Step:
        names = [self._describing(world)(intent) for intent in offered]
        if len(offered) == 1:
            text = self._wording.say("sure", heard=repair.quoted(heard), first=names[0])
        else:
            text = self._wording.say("choice", heard=repair.quoted(heard), first=names[0], second=names[1])
        return self._question(state, text, lessons.expectation(offered, state), tuple(names))

    def _unsure(self, state: State, offered: tuple[Intent, ...], intent: Intent, world: World) -> Step:
        if state.window is Window.FOLLOW_UP:
            return self._sleep(state)
        return self._ask(state, offered or (intent,), intent.heard, world)

    def _missed(self, state: State, offered: tuple[Intent, ...], heard: str, world: World) -> Step:
        if state.window is Window.FOLLOW_UP:
            return self._sleep(state)
        question = state.question
        if question is not None and question.expectation.topic == ringing.RING:
            return self._open(state, Window.ANSWER)
        state, commands = self._after_a_miss(replace(state, misses=state.misses + 1), offered, heard, world)
        return state, (*commands, lessons.missed(state))

    def _after_a_miss(self, state: State, offered: tuple[Intent, ...], heard: str, world: World) -> Step:
        question = state.question
        say = self._wording.say
        if state.misses >= MISSES_BEFORE_LETTING_GO:
            return self._speak(replace(state, question=None, misses=0), say("give_up"), None)
        if state.misses == 2:
            return self._speak(state, say("again"), Window.ANSWER)
        if question is not None:
            return self._speak(state, question.text, Window.ANSWER)
        offered = repair.stand_ins(self._wording, offered, state.turn)
        names = tuple(self._describing(world)(intent) for intent in offered)
        key = "missed" if heard else "missed_nothing"
        text = say(key, heard=repair.quoted(heard), first=names[0], second=names[1])
        return self._question(state, text, lessons.expectation(offered, state), names)

    # -- doing ----------------------------------------------------------------------------------------------------

    def _settled(self, state: State, intent: Intent, world: World, *before: Command) -> Step:
        """Understood: acted upon or, if it is dear and not certain, asked about first. Either way ``before`` is done."""
        if repair.wants_a_yes(intent):
            text = self._wording.confirm(intent, world.now.date())
            names = (self._describing(world)(intent),)
            state, commands = self._question(state, text, lessons.expectation((intent,), state), names)
        else:
            before = (*ringing.dismissals(state), *before)
            deed = lessons.deed(intent, state.heard)
            state, commands = self._act(replace(state, question=None, misses=0, deed=deed), intent, world)
        return state, (*before, *commands)

    def _act(self, state: State, intent: Intent, world: World) -> Step:
        return self._carry(state, intent, self._handlers[intent.name](intent, world), world)

    def _carry(self, state: State, intent: Intent, reply: Reply, world: World) -> Step:
        acted = follow_up.acted(state.acted, intent, world.now, reply.undo)
        state = replace(state, pending=None, arrived=False, acted=acted)
        shown = (Show(reply.card),) if reply.card else ()
        orders = (*reply.commands, *shown)
        if reply.reads:
            return self._read(state, reply.reads, reply.text, world, *orders)
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


def _text(said: Said) -> str:
    """What was heard, as it is said back."""
    return said.understanding.intent.heard or (said.hypotheses[0].text if said.hypotheses else "")
