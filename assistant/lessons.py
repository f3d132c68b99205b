"""What an exchange teaches, drawn from the dialogue's own state. Pure: the dialogue asks, the loop has it kept.

A miss teaches the maintainer; a confirmed repair teaches a personal phrase; any turn that nobody objects to teaches how
this person's sounds come to be heard.
"""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from assistant import follow_up, repair
from assistant.commands import Attune, Learn, Lesson, NoteMiss, Unlearn
from assistant.follow_up import Said
from assistant.state import Deed, State
from intents.model import FragmentKind, Hypothesis, Intent, Source
from skills.api import Expectation

DENIAL = "dialog.no"
_ABOUT = "about"


def missed(state: State) -> NoteMiss:
    """The miss that ``state`` has just come out of."""
    texts = tuple(dict.fromkeys(hypothesis.text for hypothesis in state.heard))
    if state.misses != 1 or state.question is None:
        return NoteMiss(texts)
    return NoteMiss(texts, _offered(state.question.expectation))


def expectation(offered: Sequence[Intent], state: State) -> Expectation:
    """What answers the box's own question, which remembers the words that it is about.

    An answer to a skill's question means nothing without that question, so it teaches no phrase.
    """
    question = state.question
    answers_a_skill = question is not None and question.expectation.topic != repair.CHOICE
    expected = repair.expectation(offered)
    return replace(expected, data={**expected.data, _ABOUT: () if answers_a_skill else state.heard})


def about(expected: Expectation) -> tuple[Hypothesis, ...]:
    """The words that a question of the box's own is about."""
    found = expected.data.get(_ABOUT, ())
    return found if isinstance(found, tuple) else ()


def confirmed(expected: Expectation, choice: Intent, answer: Intent) -> tuple[tuple[Lesson, ...], Deed | None]:
    """What is learnt when the person takes ``choice`` by saying ``answer``, and the deed that the next words may still deny.

    Only what was offered is learnt, not what the answer added, and no phrase for what had been understood anyway. Nothing
    is learnt where the answer contradicts the offer, nor where it names in full (and so may newly wish for) what was offered
    without having been heard.
    """
    offered = _taken(expected, choice, answer.name == choice.name)
    source, heard = _plainest(about(expected))
    if offered is None or not heard or offered.learnt:
        return (), None
    lessons: list[Lesson] = []
    if not offered.heard or offered.confidence < repair.SURE:
        lessons.append(Learn(heard, offered))
    if source is Source.FREE_FORM and offered.meant:
        lessons.append(Attune(heard, offered.meant))
    return tuple(lessons), Deed(replace(offered, learnt=heard), heard)


def _taken(expected: Expectation, choice: Intent, by_name: bool) -> Intent | None:
    """The offer that was taken: pointed at it is the very one; named, it must have been heard and not be contradicted."""
    said = dict(choice.slots)
    for one in _offered(expected):
        if one.name == choice.name and (one.heard and said == {**said, **one.slots} if by_name else said == dict(one.slots)):
            return one
    return None


def deed(intent: Intent, hypotheses: Sequence[Hypothesis]) -> Deed:
    """Something done without asking."""
    source, heard = _plainest(hypotheses)
    return Deed(intent, heard if source is Source.FREE_FORM else "")


def judged(state: State, said: Said) -> tuple[Lesson, ...]:
    """What the next words say about the last deed, or about what is asked instead of done: they deny it, put it right, or let
    it stand."""
    done, question = state.deed, state.question
    if done is None:
        return denied(repair.asked_about(question.expectation)) if question is not None and _restated(said) else ()
    if said.understanding.intent.name == DENIAL or _restated(said) or follow_up.corrected(said, (done.intent,)):
        about_the_deed = question is None or DENIAL not in question.expectation.intents
        return denied((done.intent,)) if about_the_deed else ()
    if done.intent.learnt or not done.intent.meant or not done.heard:
        return ()
    return (Attune(done.heard, done.intent.meant),)


def _restated(said: Said) -> bool:
    """不是 with another wish behind it."""
    return any(one.kind is FragmentKind.RESTATED and one.confidence >= follow_up.LEAST_REFUSAL for one in said.fragments)


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
