"""What an exchange teaches, drawn from the dialogue's own state. Pure: the dialogue asks, the loop has it kept.

A miss teaches the maintainer; a confirmed repair teaches a personal phrase; any turn that nobody objects to teaches how
this person's sounds come to be heard.
"""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from assistant import repair
from assistant.commands import Attune, Learn, Lesson, NoteMiss, Unlearn
from assistant.state import Deed, State
from intents.model import Hypothesis, Intent, Source
from skills.api import Expectation

DEAR = frozenset({
    "call.request", "call.accept", "message.send", "reminder.cancel", "activity.join", "activity.cancel", "sos.cancel",
})
"""Never done at once on the strength of a personal phrase: it was learnt from one confirmation, and this is hard to undo."""

DENIAL = "dialog.no"
_ABOUT = "about"


def is_dear(intent: Intent) -> bool:
    """Understood by a personal phrase, and to be confirmed all the same."""
    return bool(intent.learnt) and intent.name in DEAR


def missed(state: State) -> NoteMiss:
    """The miss that ``state`` has just come out of."""
    texts = tuple(dict.fromkeys(hypothesis.text for hypothesis in state.unclear))
    if state.misses != 1 or state.question is None:
        return NoteMiss(texts)
    return NoteMiss(texts, _offered(state.question.expectation))


def with_words(expected: Expectation, state: State) -> Expectation:
    """The box's own question, which remembers the words that it is about.

    An answer to a skill's question means nothing without that question, so it teaches no phrase.
    """
    question = state.question
    answers_a_skill = question is not None and question.expectation.topic != repair.CHOICE
    return replace(expected, data={**expected.data, _ABOUT: () if answers_a_skill else state.unclear})


def about(expected: Expectation) -> tuple[Hypothesis, ...]:
    """The words that a question of the box's own is about."""
    found = expected.data.get(_ABOUT, ())
    return found if isinstance(found, tuple) else ()


def confirmed(expected: Expectation, choice: Intent, answer: Intent) -> tuple[tuple[Lesson, ...], Deed | None]:
    """What is learnt when the person takes ``choice`` by saying ``answer``, and the deed that the next words may still deny.

    Only what was offered is learnt, not what the answer added. Nothing is where the answer contradicts the offer, nor
    where it names in full (and so may newly wish for) what was offered without having been heard.
    """
    offered = _named(expected, choice) if answer.name == choice.name else choice
    source, heard = _plainest(about(expected))
    if offered is None or not heard or choice.learnt:
        return (), None
    lessons: list[Lesson] = [Learn(heard, offered)]
    if source is Source.FREE_FORM and offered.meant:
        lessons.append(Attune(heard, offered.meant))
    return tuple(lessons), Deed(replace(offered, learnt=heard), heard)


def _named(expected: Expectation, choice: Intent) -> Intent | None:
    """The offer that the person has named, if it was heard and what they added does not contradict it."""
    said = dict(choice.slots)
    fitting = (one for one in _offered(expected) if one.name == choice.name and one.heard)
    return next((one for one in fitting if said == {**said, **one.slots}), None)


def deed(intent: Intent, hypotheses: Sequence[Hypothesis]) -> Deed:
    """Something done without asking."""
    source, heard = _plainest(hypotheses)
    return Deed(intent, heard if source is Source.FREE_FORM else "")


def judged(state: State, following: Intent) -> tuple[Lesson, ...]:
    """What the next words say about the last deed: they deny it, or let it stand."""
    done, question = state.deed, state.question
    if done is None:
        return ()
    if following.name == DENIAL:
        about_the_deed = question is None or DENIAL not in question.expectation.intents
        return denied((done.intent,)) if about_the_deed else ()
    if done.intent.learnt or not done.intent.meant or not done.heard:
        return ()
    return (Attune(done.heard, done.intent.meant),)


def denied(intents: Sequence[Intent]) -> tuple[Lesson, ...]:
    """Personal phrases that were wrong."""
    return tuple(Unlearn(intent.learnt) for intent in intents if intent.learnt)


def _offered(expected: Expectation) -> tuple[Intent, ...]:
    found = expected.data.get("offered") if expected.topic == repair.CHOICE else None
    return found if isinstance(found, tuple) else ()


def _plainest(hypotheses: Sequence[Hypothesis]) -> tuple[Source | None, str]:
    """The best reading that no grammar forced into the box's own sentences."""
    free = (one for one in hypotheses if one.source is not Source.GRAMMAR and one.text)
    best = next(free, None)
    return (best.source, best.text) if best else (None, "")
