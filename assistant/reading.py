"""Notices of the village: told of, read twice, asked about, confirmed. Pure."""
from __future__ import annotations

from dataclasses import replace

from assistant import notices
from assistant.commands import Card, Command, NoteNotice, NoticeStep, Show, StopListening, StopSpeaking
from assistant.events import Ending, Joined, JoiningCode, NoticeArrived, NoticesDue, NoticeWithdrawn, RecordingSettled
from assistant.follow_up import Said
from assistant.state import Phase, Question, Reading, State, Window
from assistant.turns import Step, Turns
from intents.model import Intent
from skills import spoken_numbers as spoken
from skills.api import NOTICE_ANSWERED, NOTICE_ASKED, NOTICE_READ, NOTICES_OFFERED, Expectation, Notice, Priority, World

VillageReport = NoticeArrived | RecordingSettled | NoticeWithdrawn | NoticesDue | JoiningCode | Joined

READINGS = 2


class NoticeReading(Turns):
    """What is urgent cuts in; all else waits until nobody speaks, which :class:`assistant.dialogue.Dialogue` sees to."""

    def _of_village(self, state: State, event: VillageReport, world: World) -> Step:
        match event:
            case NoticeWithdrawn(notice_id=notice_id):
                return self._withdrawn(state, notice_id, "notice_withdrawn", world)
            case NoticeArrived(notice_id=notice_id):
                return self._arrived_notice(state, notice_id, world)
            case RecordingSettled(notice_id=notice_id):
                return self._recording_settled(state, notice_id, world)
            case JoiningCode(code=code):
                digits = "，".join(spoken.digits(code))
                shown = Show(Card("code", "加入村里", (f"{code[:3]} {code[3:]}", "请在村委会的电脑上输入这六个数字")))
                state, commands = self._soon(state, self._wording.say("joining", digits=digits), world)
                return state, (shown, *commands)
            case Joined(village=village):
                return self._soon(state, self._wording.say("joined", village=village), world)
            case NoticesDue():
                return self._when_nobody_speaks(state, world)

    def _soon(self, state: State, sentence: str, world: World) -> Step:
        return self._when_nobody_speaks(replace(state, tidings=(*state.tidings, sentence)), world)

    def _when_nobody_speaks(self, state: State, world: World) -> Step:
        if state.phase is not Phase.ASLEEP or state.called:
            return state, ()
        return self._tell_of_village(state, world) or (state, ())

    def _tell_of_village(self, state: State, world: World) -> Step | None:
        """What has its turn, now that the exchange is over."""
        if state.tidings:
            first, *rest = state.tidings
            return self._speak(replace(self._next_turn(state), tidings=tuple(rest), last_said=first), first, None, tone=notices.TONE)
        due = notices.due(world)
        if due is None:
            return None
        if due.priority is Priority.ORDINARY:
            return self._offer(self._next_turn(state), due.ids, world)
        return self._read(self._next_turn(state), due.ids, "", world)

    def _offer(self, state: State, ids: tuple[str, ...], world: World) -> Step:
        text = self._wording.say("notice_new" if len(ids) == 1 else "notices_new", how_many=spoken.count(len(ids), "条"))
        expected = Expectation(("dialog.yes", "dialog.no", "dialog.cancel", "notices.read", "notices.confirm"), NOTICES_OFFERED, {"ids": ids})
        told = tuple(NoteNotice(notice.notice_id, notice.revision, NoticeStep.TOLD) for notice in world.notices if notice.notice_id in ids)
        state = replace(state, question=Question(expected, text))
        return self._speak(state, text, Window.ANSWER, *told, Show(Card("question", text)), tone=notices.TONE)

    def _arrived_notice(self, state: State, notice_id: str, world: World) -> Step:
        notice = notices.found(world, notice_id)
        if notice is None:
            return state, ()
        if state.reading is not None and state.reading.notice_id == notice_id:
            return self._withdrawn(state, notice_id, "notice_corrected", world)
        return self._is_new(state, notice, world)

    def _recording_settled(self, state: State, notice_id: str, world: World) -> Step:
        """What was being said in its place makes room for it."""
        notice = notices.found(world, notice_id)
        if notice is None:
            return state, ()
        reading = state.reading
        if reading is None or reading.notice_id != notice_id:
            return self._is_new(state, notice, world)
        if not reading.is_stopgap or notice.is_incomplete:
            return state, ()
        return self._read(self._next_turn(state), (notice_id, *reading.left), "", world, StopSpeaking())

    def _is_new(self, state: State, notice: Notice, world: World) -> Step:
        due = notices.due(world)
        if due is None or due.priority is not Priority.URGENT or notice.notice_id not in due.ids:
            return self._when_nobody_speaks(state, world)
        if notices.must_wait(state, world):
            return state, ()
        cut = () if state.phase is Phase.ASLEEP else (StopSpeaking(), StopListening())
        return self._read(self._next_turn(state), (notice.notice_id, *notices.unfinished(state.reading)), "", world, *cut)

    def _withdrawn(self, state: State, notice_id: str, why: str, world: World) -> Step:
        """It is not read to its end, and no answer to it is waited for."""
        asked = state.question is not None and state.question.expectation.data.get("id") == notice_id
        if not asked and (state.reading is None or state.reading.notice_id != notice_id):
            return state, ()
        left = state.reading.left if state.reading else state.question.expectation.data["left"]
        state = replace(self._next_turn(state), question=None, misses=0, reading=None)
        again = (notice_id,) if notices.found(world, notice_id) else ()
        text = self._wording.say(why)
        return self._read(state, (*again, *left), text, world, StopSpeaking(), StopListening())

    # -- reading --------------------------------------------------------------------------------------------------

    def _read(self, state: State, ids: tuple[str, ...], lead: str, world: World, *before: Command) -> Step:
        """The first of these that is still there; ``lead`` is said in front of it."""
        there = [notice for notice in map(lambda one: notices.found(world, one), ids) if notice is not None]
        if not there:
            return self._speak(state, lead or self._wording.say("alright", state.turn), None, *before)
        notice = there[0]
        left = tuple(other.notice_id for other in there[1:])
        reading, text = Reading(notice.notice_id, notice.revision, 1, left, notice.is_incomplete), self._text(notice)
        state = replace(state, question=None, misses=0, reading=reading, last_said=text)
        noted = NoteNotice(notice.notice_id, notice.revision, NoticeStep.TOLD if notice.is_incomplete else NoticeStep.PLAYING)
        shown = Show(Card("notice", notice.title or notice.category, (notice.text,), data=_seen(notice)))
        return self._speak(state, lead + text, None, *before, noted, shown, tone=notices.TONE, pace=notices.PACE, clip=notice.clip)

    def _text(self, notice: Notice) -> str:
        """What the voice says of it: of a recording that follows, its title alone."""
        who, text = notice.sent_by or "村里", "" if notice.clip else notice.text
        title = "" if text and text.startswith(notice.title) else _ended(notice.title)
        said = self._wording.say(f"notice_{notice.priority.value}", who=who, text=title + _ended(text))
        return self._wording.say("notice_coming", text=said) if notice.is_incomplete else said

    def _read_on(self, state: State, ending: Ending, world: World) -> Step | None:
        """A reading is over: the next, or what comes behind the last. None where nobody could hear it: it does not count."""
        reading = state.reading
        notice = notices.found(world, reading.notice_id)
        if ending is not Ending.FINISHED or notice is None:
            return None
        state = self._next_turn(state)
        if reading.is_stopgap:
            return self._read(replace(state, reading=None), reading.left, self._wording.say("next_notice"), world) if reading.left else None
        heard = (NoteNotice(reading.notice_id, reading.revision, NoticeStep.HEARD),) if reading.times == 1 else ()
        if reading.times < READINGS and not notice.is_incomplete:
            state = replace(state, reading=replace(reading, times=reading.times + 1))
            text = self._wording.say("notice_played_again") if notice.clip else self._wording.say("notice_again", text=_ended(notice.text))
            tone = notices.TONE if notice.priority is Priority.URGENT else None
            return self._speak(state, text, None, *heard, tone=tone, pace=notices.PACE, clip=notice.clip)
        state, commands = self._ask_about(replace(state, reading=None), notice, reading.left, world)
        return state, (*heard, *commands)

    def _ask_about(self, state: State, notice: Notice, left: tuple[str, ...], world: World) -> Step:
        data = {"id": notice.notice_id, "revision": notice.revision, "left": left}
        if notice.question and NoticeStep.ANSWERED not in notice.steps:
            return self._ask_choice(state, notice, data)
        if notice.is_settled:
            return self._read(state, left, self._wording.say("next_notice"), world) if left else self._open(state, Window.FOLLOW_UP)
        text = self._wording.say("notice_confirm")
        state = replace(state, question=Question(Expectation(_HEARD_IT, NOTICE_READ, data), text))
        return self._speak(state, text, Window.ANSWER, Show(Card("question", text)))

    def _read_next(self, state: State, expected: Expectation, world: World) -> Step | None:
        """Nobody has said anything: what is left is read all the same. None where nothing is."""
        left = tuple(expected.data.get("left", ()))
        return self._read(self._next_turn(state), left, "", world) if left else None

    # -- its question ---------------------------------------------------------------------------------------------

    def _ask_choice(self, state: State, notice: Notice, data: dict[str, object]) -> Step:
        choices = notice.choices or notices.YES_OR_NO
        named = "，".join(choices[:-1]) + f"，还是{choices[-1]}" if choices != notices.YES_OR_NO else "是，还是不是"
        text = self._wording.say("notice_asks", question=notice.question.rstrip("？?。") + "？", choices=named)
        expected = Expectation(("dialog.yes", "dialog.no", "dialog.repeat"), NOTICE_ASKED, {**data, "choices": choices, "text": text})
        state = replace(state, question=Question(expected, text))
        return self._speak(state, text, Window.ANSWER, Show(Card("question", notice.question, choices=choices)))

    def _choice_said(self, state: State, question: Question, said: Said, intent: Intent | None) -> Step | None:
        """An answer is said back before it counts: it cannot be seen what was understood. None where it is none."""
        data = question.expectation.data
        choice = notices.chosen(said, intent, data["choices"])
        if choice is None:
            if intent is not None and intent.name == "dialog.repeat":
                return self._speak(replace(state, misses=0), question.text, Window.ANSWER)
            return None
        text = self._wording.say("answer_back", answer=_aloud(choice))
        expected = Expectation(("dialog.yes", "dialog.no", "dialog.cancel", "notices.confirm"), NOTICE_ANSWERED, {**data, "answer": choice})
        state = replace(state, question=Question(expected, text), misses=0)
        return self._speak(state, text, Window.ANSWER, Show(Card("question", text)))


_HEARD_IT = ("notices.confirm", "dialog.repeat", "dialog.yes", "dialog.no", "dialog.thanks", "dialog.cancel", "device.sleep")


def _aloud(choice: str) -> str:
    return {"否": "不是"}.get(choice, choice)


def _seen(notice: Notice) -> dict[str, object]:
    return {"picture": notice.picture.file} if notice.picture and notice.picture.file else {}


def _ended(text: str) -> str:
    """With an end that can be heard."""
    return text if not text or text.endswith(("。", "！", "？", "；", ".", "!", "?")) else f"{text}。"
