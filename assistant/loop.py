"""The main thread: take an event, ask the dialogue what follows, have the parts do it. The only place that carries out commands."""
from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable
from dataclasses import dataclass

from assistant.commands import (
    Attune,
    Command,
    DismissTimer,
    Exit,
    FetchForecast,
    KeepPlaying,
    Learn,
    Listen,
    MediaOrder,
    NoteMiss,
    Say,
    SetSpeechRate,
    SetVolume,
    Show,
    StartTimer,
    StopListening,
    StopMedia,
    StopMediaAt,
    StopSpeaking,
    Unlearn,
    VillageOrder,
)
from assistant.dialogue import Dialogue
from assistant.errors import (
    MediaUnreadable,
    MicrophoneUnavailable,
    PlayerFailed,
    StoreError,
    StreamUnreachable,
    XiangyinError,
    maintainer_line,
    spoken_sentence,
)
from assistant.events import (
    Ending,
    Event,
    ForecastArrived,
    Guessed,
    Heard,
    ListenTimedOut,
    MediaFailed,
    MediaPlayedOut,
    MediaTimeUp,
    MicFailed,
    MicRestored,
    NoticesDue,
    PatienceLearned,
    PlayerLost,
    SpeakerFailed,
    SpeechEnded,
    Started,
    SticksGone,
    SticksRead,
    StreamLost,
    TimerRang,
    VillageSet,
    WakeHeard,
)
from assistant.failed_fetches import FailedFetches
from assistant.feed import is_address
from assistant.media_orders import carry_out
from assistant.night import media_level
from assistant.parts import Health, Parts
from assistant.play_tracker import PlayTracker
from assistant.settings import Settings
from assistant.state import Phase, State
from assistant.store import PATIENCE
from assistant.turns import Step
from skills.api import Timer, World

log = logging.getLogger(__name__)

ALERT_VOLUME = 40
"""A timer that was asked for is heard even when the box has been muted."""

MEDIA_TIME = "media-time"
"""Name of the job that ends what plays at a time that was asked for."""

NOTICES_MINUTES = 1
"""How often it is looked whether a notice has its turn: the night is over, or nobody has confirmed what is urgent."""

STALE_EAR_S = 10.0
"""An ear that has had no sound for this long is deaf: the watchdog is not fed."""


@dataclass(frozen=True, slots=True)
class _Rehearsal:
    """A step worked out in the short pause, valid if the same words end the turn in the same state."""

    state: State
    heard: Heard
    step: Step


@dataclass(frozen=True, slots=True)
class _DeafWindow:
    """A listening window without a microphone. The ear's clock is the sound, so it would never end; timers would wait."""

    turn: int
    over: dt.datetime


class Loop:
    """Runs until an Exit command. Nothing an event contains can take it down."""

    def __init__(self, parts: Parts, dialogue: Dialogue, settings: Settings) -> None:
        self.parts = parts
        self.dialogue = dialogue
        self.settings = settings
        self.state = State()
        self._rehearsal: _Rehearsal | None = None
        self._failures = FailedFetches()
        self._forecasts = parts.store.forecasts()
        self._tracker = PlayTracker(parts.history)
        self._media_level: int | None = None
        self._mic_lost = parts.ear is None
        self._speaker_lost = False
        self._deaf_window: _DeafWindow | None = None
        self._running = True
        self.observe: Callable[[Event, tuple[Command, ...]], None] = lambda event, commands: None

    def run(self) -> None:
        """Start the parts, handle events until Exit, stop the parts."""
        try:
            self._start()
            while self._running:
                event = self.parts.mailbox.take(1.0)
                if event is not None:
                    self.handle(event)
                self._watch()
        finally:
            self._close()

    def _start(self) -> None:
        parts, place = self.parts, self.settings.box.place
        parts.loudspeaker.set_volume(self._volume())
        parts.player.start(parts.mailbox.post)
        self._tune_media()
        parts.voice.set_rate(self._preference("speech_rate", self.settings.voice.rate))
        parts.voice.start()
        parts.voice.warm(self.dialogue.fixed_sentences())
        if parts.ear:
            parts.ear.start()
        parts.mailbox.post(Started())  # before the timers: one that is overdue must not be cut short by "I am ready"
        parts.schedule.start(parts.store.timers())
        parts.schedule.every(self.settings.weather.refresh_minutes, lambda: parts.fetcher.fetch(place))
        if parts.refresher:
            parts.refresher.start()
        parts.library.start(parts.mailbox.post)
        if parts.sources:
            parts.sources.start()
        if parts.village:
            parts.village.start(parts.mailbox.post, self._health)
            parts.schedule.every(NOTICES_MINUTES, lambda: parts.mailbox.post(NoticesDue()))
            parts.mailbox.post(VillageSet())

    def _close(self) -> None:
        parts = self.parts
        self._keep(lambda: self._tracker.settle(parts.player.status(), parts.now()))
        if parts.village:
            parts.village.close()
        parts.player.close()
        if parts.sources:
            parts.sources.close()
        parts.library.close()
        if parts.refresher:
            parts.refresher.close()
        parts.schedule.close()
        parts.fetcher.close()
        if parts.ear:
            parts.ear.close()
        parts.voice.close()
        parts.learner.close()
        parts.history.close()
        parts.store.close()

    def _watch(self) -> None:
        window = self._deaf_window
        if window is not None and self.parts.now() >= window.over:
            self._deaf_window = None
            self.parts.mailbox.post(ListenTimedOut(window.turn))
        self._tune_media()
        if self.state.phase is Phase.ASLEEP:  # a disk that takes its time must not delay an answer
            self._keep(lambda: self._tracker.observe(self.parts.player.status(), self.parts.now()))
        ear = self.parts.ear
        if ear is None or self._mic_lost or ear.last_chunk_age() < STALE_EAR_S:
            self.parts.feed_watchdog()

    # -- events ---------------------------------------------------------------------------------------------------

    def handle(self, event: Event) -> None:
        """One event, start to end."""
        if isinstance(event, Guessed):
            self._rehearse_safely(event)
            return
        if isinstance(event, SpeakerFailed) and self._speaker_lost:
            return  # shown already: once is enough until it has worked again
        try:
            self._note(event)
            self.state, commands = self._step(event)
            self._carry_out(commands)
        except Exception as error:  # one event gone wrong must cost one answer, never the box
            log.exception("while handling %r", event)
            commands = self._apologise(error)
        log.debug("handled %r -> %s, %d commands", event, self.state.phase.value, len(commands))
        self.observe(event, commands)

    def _note(self, event: Event) -> None:
        """Keep what the event itself says, before anybody decides what follows."""
        match event:
            case ForecastArrived(place=place, forecast=None, reason=reason):
                self._failures.note(place, self.parts.now(), reason)
            case ForecastArrived(place=place, forecast=forecast):
                self._forecasts[place] = forecast
                self._failures.forget(place)
                self._keep(lambda: self.parts.store.keep_forecast(forecast))
            case SpeakerFailed():
                self._speaker_lost = True
            case SpeechEnded(turn=turn, ending=ending) if turn == self.state.turn:
                self._speaker_lost &= ending is Ending.FAILED
                self.parts.loudspeaker.set_volume(self._volume())
                if self.parts.ear:
                    self.parts.ear.speaking_ended()
            case PatienceLearned(patience_s=patience_s):
                self._keep(lambda: self.parts.store.set_preference(PATIENCE, patience_s))
            case MicFailed(reason=reason):
                self._mic_lost = True
                log.error("microphone lost: %s", reason)
            case MicRestored():
                self._mic_lost = False
            case VillageSet():
                self._keep(self._set_by_village)
            case MediaPlayedOut() | MediaFailed() | StreamLost() | PlayerLost():
                self._note_media(event)
            case WakeHeard() | Heard() | TimerRang() | SticksRead() | SticksGone():
                log.info("%r", event)

    def _note_media(self, event: MediaPlayedOut | MediaFailed | StreamLost | PlayerLost) -> None:
        match event:
            case MediaPlayedOut(file=file):
                self._keep(lambda: self._tracker.played_out(file, self.parts.now()))
            case MediaFailed(file=file, reason=reason) | StreamLost(file=file, reason=reason) if is_address(file):
                log.error(maintainer_line(StreamUnreachable(f"{file}: {reason}")))
            case MediaFailed(file=file, reason=reason):
                log.error(maintainer_line(MediaUnreadable(f"{file}: {reason}")))
            case PlayerLost(reason=reason):
                log.error(maintainer_line(PlayerFailed(reason)))

    def _set_by_village(self) -> None:
        level = self.parts.village.volume_to_set()
        if level is not None:
            self._change(SetVolume(level))
            self.parts.village.volume_was_set()

    def _health(self) -> Health:
        return Health(self._volume(), MicrophoneUnavailable.spoken if self._mic_lost else "")

    def _keep(self, write: Callable[[], None]) -> None:
        """Store what nobody asked to be stored: a disk that refuses is the maintainer's business, not the elder's."""
        try:
            write()
        except StoreError as error:
            log.error(maintainer_line(error))

    def _step(self, event: Event) -> Step:
        ready, self._rehearsal = self._rehearsal, None
        if ready and ready.heard == event and ready.state is self.state:
            return ready.step
        return self.dialogue.step(self.state, event, self.world())

    def _rehearse_safely(self, guess: Guessed) -> None:
        try:
            self._rehearse(guess)
        except Exception:  # the same words will come again as Heard, and the apology is made there, once
            log.exception("while rehearsing %r", guess)

    def _rehearse(self, guess: Guessed) -> None:
        """The person paused: work out the answer and have the voice make its sound, in the silence that must pass anyway."""
        heard = Heard(guess.turn, guess.hypotheses, guess.after_wake)
        step = self.dialogue.step(self.state, heard, self.world())
        self._rehearsal = _Rehearsal(self.state, heard, step)
        for command in step[1]:
            if isinstance(command, Say):
                self.parts.voice.prepare(command.text)

    def _apologise(self, error: Exception) -> tuple[Command, ...]:
        sentence = spoken_sentence(error) if isinstance(error, XiangyinError) else XiangyinError.spoken
        log.error(maintainer_line(error))
        self.state, commands = self.dialogue.apologise(self.state, sentence)
        self._carry_out(commands)
        return commands

    def world(self) -> World:
        """What the skills may know, now."""
        now, box, village = self.parts.now(), self.settings.box, self.parts.village
        of_village = {"village": village.name, "notices": village.notices(now), "is_quiet": village.is_quiet(now)} if village else {}
        return World(
            now=now, home_place=box.place, market_cycle=box.market_cycle, wake_phrase=self.settings.listening.wake_phrase,
            volume=self._volume(),
            speech_rate=self._preference("speech_rate", self.settings.voice.rate),
            forecasts=self._forecasts, forecast_failures=self._failures.fresh(now), timers=self.parts.store.timers(),
            programmes=self.parts.library.programmes, playing=self.parts.library.playing(self.parts.player.status()),
            hearings=self.parts.history.hearings, **of_village,
        )

    def _tune_media(self) -> None:
        """As loud as it is to be at this hour."""
        level = media_level(self._volume(), self.parts.now(), self.settings.media)
        if level != self._media_level:
            self._media_level = level
            self.parts.player.set_volume(level)

    def _volume(self) -> int:
        return self._preference("volume", self.settings.audio.volume)

    def _preference(self, name: str, default):
        return self.parts.store.preference(name, default)

    # -- commands -------------------------------------------------------------------------------------------------

    def _carry_out(self, commands: tuple[Command, ...]) -> None:
        for command in commands:
            match command:
                case Say():
                    self._say(command)
                case Listen() | StopListening():
                    self._listen(command)
                case Show(card=card):
                    self.parts.screen.show(card)
                case _:
                    self._change(command)

    def _listen(self, order: Listen | StopListening) -> None:
        if self.parts.ear:
            self.parts.ear.obey(order)
        self._deaf_window = None
        if self._mic_lost and isinstance(order, Listen):
            self._deaf_window = _DeafWindow(order.turn, self.parts.now() + dt.timedelta(seconds=order.window_s))

    def _say(self, order: Say) -> None:
        if self.parts.ear:
            self.parts.ear.speaking_began(order.text)
        if order.tone:
            self.parts.loudspeaker.set_volume(max(self._volume(), ALERT_VOLUME))
        self.parts.voice.say(order.turn, order.text, order.tone, order.pace, order.clip)
        self.parts.screen.said(order.text)

    def _change(self, command: Command) -> None:
        parts = self.parts
        match command:
            case StopSpeaking():
                parts.voice.stop_speaking()
            case SetVolume(level=level):
                parts.store.set_preference("volume", level)
                self._tune_media()
                if level > 0:  # a mute begins after its own confirmation has been heard
                    parts.loudspeaker.set_volume(level)
            case SetSpeechRate(rate=rate):
                parts.voice.set_rate(rate)
                parts.store.set_preference("speech_rate", rate)
            case FetchForecast(place=place):
                parts.fetcher.fetch(place)
            case StartTimer(timer_id=timer_id, due=due, label=label):
                timer = Timer(timer_id, due, label)
                parts.store.add_timer(timer)
                parts.schedule.add(timer)
            case DismissTimer(timer_id=timer_id):
                parts.schedule.remove(timer_id)
                parts.store.remove_timer(timer_id)
            case _ if isinstance(command, MediaOrder | StopMediaAt | KeepPlaying):
                self._change_media(command)
            case NoteMiss() | Learn() | Unlearn() | Attune():
                self._keep(lambda: parts.learner.take(command, parts.now()))
            case _ if isinstance(command, VillageOrder) and parts.village:
                self._keep(lambda: parts.village.obey(command, parts.now()))
            case Exit():
                self._running = False

    def _change_media(self, order: MediaOrder | StopMediaAt | KeepPlaying) -> None:
        parts = self.parts
        match order:
            case StopMediaAt(due=due):
                parts.schedule.once(MEDIA_TIME, due, lambda: parts.mailbox.post(MediaTimeUp()))
            case KeepPlaying():
                parts.schedule.remove(MEDIA_TIME)
            case StopMedia():  # what is begun later was not meant to end then
                parts.schedule.remove(MEDIA_TIME)
                carry_out(order, parts.player)
            case _:
                carry_out(order, parts.player)
