"""What nobody has asked for at this moment: what the parts of the box tell, timers that ring, sticks that come and go. Pure."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from assistant import ringing, sticks
from assistant.commands import Card, FadeMedia, Show, StopListening
from assistant.errors import (
    LoudspeakerUnavailable,
    MediaUnreadable,
    MicrophoneUnavailable,
    PlayerFailed,
    StreamUnreachable,
)
from assistant.events import (
    Joined,
    JoiningCode,
    MediaFailed,
    MediaStarted,
    MediaTimeUp,
    MicFailed,
    MicRestored,
    NoticeArrived,
    NoticesDue,
    NoticeWithdrawn,
    PlayerLost,
    RecordingSettled,
    SpeakerFailed,
    SticksGone,
    SticksRead,
    StreamLost,
    TimerRang,
)
from assistant.feed import is_address
from assistant.reading import NoticeReading, VillageReport
from assistant.state import Phase, Question, State, Window
from assistant.turns import Manners, Step
from assistant.wording import Wording
from intents.model import Intent
from skills.api import LOST, STICKS_READ, Answer, Expectation, World

HardwareReport = MicFailed | MicRestored | SpeakerFailed
MediaReport = MediaStarted | MediaTimeUp | MediaFailed | StreamLost | PlayerLost
Report = HardwareReport | MediaReport | TimerRang | SticksRead | SticksGone | VillageReport


class Reports(NoticeReading):
    """Told at once when nobody speaks, else when the exchange is over, which :class:`assistant.dialogue.Dialogue` sees to."""

    def __init__(self, answers: Mapping[str, Answer], wording: Wording, manners: Manners, wake_phrase: str) -> None:
        super().__init__(wording, manners, wake_phrase)
        self._answers = answers

    def _reported(self, state: State, event: Report, world: World) -> Step:
        match event:
            case TimerRang():
                return self._ring(state, event, world)
            case SticksRead(places=places):
                return self._sticks_read(state, places, world)
            case SticksGone(places=places):
                return self._sticks_gone(state, places, world)
            case MicFailed() | MicRestored() | SpeakerFailed():
                return self._hardware(state, event)
            case NoticeArrived() | RecordingSettled() | NoticeWithdrawn() | NoticesDue() | JoiningCode() | Joined():
                return self._of_village(state, event, world)
            case _:
                return self._media(state, event, world)

    def _ring(self, state: State, ring: TimerRang, world: World) -> Step:
        if state.phase is not Phase.ASLEEP:
            return replace(state, rings=(*state.rings, ring)), ()
        state = self._next_turn(state)
        intent = Intent(ringing.RING, {"label": ring.label, "late_s": int(ring.late_s)}, 1.0)
        reply = self._answers[ringing.RING](intent, replace(world, turn=state.turn), {"timer_id": ring.timer_id})
        state = replace(state, question=ringing.question(ring, reply), last_said=reply.text)
        shown = (Show(reply.card),) if reply.card else ()
        return self._speak(state, reply.text, Window.ANSWER, *shown, tone=ringing.TONE)

    def _hardware(self, state: State, event: HardwareReport) -> Step:
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

    # -- the player -----------------------------------------------------------------------------------------------

    def _media(self, state: State, event: MediaReport, world: World) -> Step:
        match event:
            case MediaStarted():
                return replace(state, fault="", offer=None), ()
            case MediaTimeUp():
                return state, (FadeMedia(),)
            case StreamLost():
                return self._lost(state, event, world)
            case MediaFailed(file=file) if is_address(file):
                return self._lost(state, event, world)
            case MediaFailed():
                return self._media_fault(state, MediaUnreadable.spoken, event.reason)
            case PlayerLost():
                return self._media_fault(state, PlayerFailed.spoken, event.reason)

    def _lost(self, state: State, event: MediaFailed | StreamLost, world: World) -> Step:
        """It does not come over the network: the media skill knows what there is instead."""
        if LOST not in self._answers:
            return self._media_fault(state, StreamUnreachable.spoken, event.reason)
        data = {"file": event.file, "begun": isinstance(event, StreamLost)}
        reply = self._answers[LOST](Intent("media.play", {}, 1.0), world, data)
        return self._media_fault(state, reply.text, event.reason, reply.expects)

    def _media_fault(self, state: State, sentence: str, reason: str, offer: Expectation | None = None) -> Step:
        """Shown at once; said at once too, or when the exchange is over: nobody should wait for a play that does not come."""
        shown = Show(Card("fault", sentence, (reason,)))
        state = replace(state, fault=sentence, offer=offer)
        if state.phase is not Phase.ASLEEP:
            return state, (shown,)
        state, commands = self._tell_fault(self._next_turn(state))
        return state, (shown, *commands)

    def _tell_fault(self, state: State) -> Step:
        told, state = state, replace(state, fault="", offer=None)
        if told.offer is None:
            return self._speak(state, told.fault, None)
        return self._speak(replace(state, question=Question(told.offer, told.fault)), told.fault, Window.ANSWER)

    # -- sticks ---------------------------------------------------------------------------------------------------

    def _sticks_read(self, state: State, places: tuple[str, ...], world: World) -> Step:
        """Told at once, unless somebody speaks or sleeps: then when the exchange, or the next one, is over."""
        state = replace(state, sticks=(*state.sticks, *places))
        if state.phase is not Phase.ASLEEP or state.called or self._manners.night.is_at(world.now):
            return state, ()
        return self._tell_of_sticks(state, world)

    def _tell_of_sticks(self, state: State, world: World) -> Step:
        state = self._next_turn(state)
        reply = self._answers[STICKS_READ](Intent(STICKS_READ), replace(world, turn=state.turn), {"places": state.sticks})
        state = replace(state, sticks=(), last_said=reply.text)
        return self._speak(state, reply.text, Window.FOLLOW_UP if self._manners.follow_up_s else None)

    def _sticks_gone(self, state: State, places: tuple[str, ...], world: World) -> Step:
        """What was to be told of them is not; what plays from them stops, and it is said why."""
        state = replace(state, sticks=tuple(place for place in state.sticks if place not in places))
        stops = sticks.stops(world.playing, places)
        if not sticks.is_cut_off(world, places):
            return state, stops
        state, commands = self._media_fault(state, self._wording.say("stick_gone"), ", ".join(places))
        return state, (*stops, *commands)
