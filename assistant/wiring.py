"""The one place that builds real parts and puts them together."""
from __future__ import annotations

import datetime as dt
import logging
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

from assistant import warm_up
from assistant.dialogue import Dialogue
from assistant.errors import NothingLearnt, StationsError, StoreError, maintainer_line
from assistant.fetcher import Fetcher
from assistant.head_start import HeadStart, ear_settings
from assistant.hearer import CalledHearer, Hearer, ListeningHearer
from assistant.learner import Learner
from assistant.lesson_store import LessonKeeper, Lessons, LessonStore, NoLessons, read_lessons
from assistant.library.library import SOURCE, Library
from assistant.loop import Loop
from assistant.name_files import NameFiles
from assistant.night import Night, night
from assistant.parts import Parts, ScreenPort
from assistant.play_history import PlayHistory
from assistant.ports import FeedSource, Loudspeaker, MediaPlayer, SpeechStyle, Synthesizer, WeatherSource
from assistant.refresher import Refresher
from assistant.schedule import Schedule
from assistant.settings import Settings, load_settings
from assistant.sources.broadcasts import remembered_broadcasts
from assistant.sources.feed_cache import FeedCache
from assistant.sources.feed_process import FeedProcess
from assistant.sources.sources import Sources
from assistant.turns import Manners
from assistant.wake_check import Verdict, judge
from assistant.watchdog import Watchdog
from assistant.weather.chain import Chain
from assistant.weather.gazetteer import Gazetteer
from assistant.weather.met_norway import MetNorway
from assistant.weather.open_meteo import OpenMeteo
from assistant.wording import Wording
from audio import loudness
from audio.ear import EarCore
from audio.ears import Ears
from audio.mpv import MpvPlayer
from audio.player import SoundcardLoudspeaker
from audio.recognizer import Phrase, SpeechModel, VoskRecognizer
from audio.replay import Listener
from audio.voice import Voice
from audio.voice_choice import choose_voice
from audio.wake import check_phrase, collisions, split_known
from intents.accent import accents, learned
from intents.accent_evidence import AccentEvidence, confused_pairs
from intents.grammar import personal, phrases
from intents.likely import load_likely
from intents.matcher import Matcher
from intents.model import Understander
from intents.own_names import Names, names_in
from intents.sound import Accent
from intents.wordlists import Vocabulary
from models.lexicon import Lexicon
from models.paths import model_path
from skills.registry import Registry, discover

if TYPE_CHECKING:
    from assistant.hub.store import HubStore
    from assistant.hub.village import Village

log = logging.getLogger(__name__)

Opened = TypeVar("Opened", LessonStore, PlayHistory, FeedCache, "HubStore")

NO_EVIDENCE = AccentEvidence()
GRAMMAR_BUDGET = 6000
"""Phrases in the recogniser's grammar; more make it slower to compile and easier to mislead."""


def build_box(
    settings: Settings, screen: ScreenPort, begun: HeadStart, *,
    loudspeaker: Loudspeaker | None = None, voice: Synthesizer | None = None, weather: WeatherSource | None = None,
    player: MediaPlayer | None = None, feeds: FeedSource | None = None,
    note: Callable[[Understander], Understander] = lambda understander: understander,
    on_started: Callable[[int], None] | None = None,
    now: Callable[[], dt.datetime] = dt.datetime.now,
) -> Loop:
    """The whole appliance, ready to run, around an ear that is already loading. What is not given is the real thing.
    Raises ModelError, ConfigError.

    ``note`` may wrap the understander and ``on_started(turn)`` learns of a reply's first sample: for the demo and the
    benchmarks, which look on.
    """
    mailbox = begun.mailbox
    lessons, files, library = open_lessons(settings), NameFiles(settings.data_dir), build_library(settings)
    sources = build_sources(settings, feeds)
    library.join(sources.broadcasts)
    sources.follow(library.join)
    matcher = build_understander(settings, Names.joined((files.names, library.names)), lessons.lessons().accent)
    learner = Learner(lessons, matcher)
    dialogue = build_dialogue(settings, discover(), note(learner))
    grammar = EarGrammar(begun.model.result(), settings, begun.hearing.set_phrases)
    grammar.prepare(matcher)
    learner.follow(grammar.tell)
    refresher = build_refresher(settings, files, matcher, learner, grammar, {SOURCE: library.names})
    library.follow(lambda names: refresher.know(SOURCE, names))
    synthesizer = voice or build_voice(settings)
    if not warm_up.kept():
        warm_up.make(synthesizer)
    speaker = loudspeaker or build_loudspeaker(settings)
    parts = Parts(
        mailbox=mailbox,
        ear=begun.hearing,
        voice=Voice(synthesizer, speaker, mailbox.post, SpeechStyle(settings.voice.rate, settings.voice.pitch),
                    on_started=on_started),
        loudspeaker=speaker,
        player=player or MpvPlayer(settings.media.device, library.gain_db),
        library=library,
        sources=sources,
        screen=screen,
        store=begun.store,
        schedule=Schedule(mailbox.post, now),
        fetcher=Fetcher(weather or build_weather(settings, now), mailbox.post, settings.weather.deadline_s),
        learner=learner,
        refresher=refresher,
        history=open_history(settings),
        village=build_village(settings),
        now=now,
        feed_watchdog=Watchdog().feed,
    )
    return Loop(parts, dialogue, settings)


def open_lessons(settings: Settings) -> LessonKeeper:
    """What was learnt is a help, not a need: the box goes on without it."""
    if not settings.lessons.keep:
        return NoLessons()
    return _opened(LessonStore, settings, "nothing is learnt until the next start") or NoLessons()


class EarGrammar:
    """Gives the ear its grammar: the sentences of all skills with the names in them, and this box's own sentences."""

    def __init__(self, model: SpeechModel, settings: Settings, set_phrases: Callable[[tuple[Phrase, ...]], None]) -> None:
        self._model = model
        self._settings = settings
        self._set_phrases = set_phrases
        self._vocabulary: Vocabulary | None = None
        self._common: tuple[Phrase, ...] = ()
        self._told: tuple[tuple[Phrase, ...], tuple[Phrase, ...]] = ((), ())

    def prepare(self, matcher: Matcher) -> None:
        """What takes seconds, before the matcher is used: sentences with its names. Nothing if the names are the same."""
        if matcher.vocabulary is not self._vocabulary:
            self._common, self._vocabulary = grammar_phrases(self._model, matcher, self._settings), matcher.vocabulary

    def tell(self, matcher: Matcher) -> None:
        """The ear listens for the sentences of this matcher from its next utterance on."""
        wanted = (self._common, personal_phrases(self._model, matcher, self._settings))
        if wanted != self._told:
            self._told = wanted
            self._set_phrases((*wanted[0], *wanted[1]))


def open_history(settings: Settings) -> PlayHistory:
    """What was played is a help, not a need: a box whose disk refuses forgets it at the end."""
    return _opened(PlayHistory, settings, "what is played is not remembered") or PlayHistory()


def _opened(store_of: Callable[[Path], Opened], settings: Settings, otherwise: str) -> Opened | None:
    """None where the disk refuses or another process owns it: the log tells that, and what was repaired."""
    try:
        store = store_of(settings.data_dir)
    except StoreError as error:
        log.error("%s; %s", maintainer_line(error), otherwise)
        return None
    if store.recovered:
        log.error(maintainer_line(StoreError(store.recovered)))
    return store


def build_library(settings: Settings) -> Library:
    """The media files of this box, as they were when it was last on."""
    return Library(settings.media_folders, settings.media_index, settings.media.rescan_minutes * 60.0,
                   loudness.measure if settings.media.even_loudness else None)


def build_sources(settings: Settings, feeds: FeedSource | None = None) -> Sources:
    """The stations and podcasts of this box. A disk that refuses costs the memory of the feeds, not the feeds."""
    cache = _opened(FeedCache, settings, "episodes are fetched anew at every start") or FeedCache()
    return Sources(settings.data_dir, feeds or FeedProcess(settings.media.episodes), cache, settings.media.feed_minutes * 60.0)


def build_village(settings: Settings) -> Village | None:
    """None where there is no hub, or a disk that refuses: without memory things would be read again and again. Raises ConfigError."""
    link = settings.hub
    if not link.url:
        return None

    from assistant.hub.store import HubStore
    from assistant.hub.village import Village

    store = _opened(partial(HubStore, alone=True), settings, "the village's notices do not come until the next start")
    return store and Village(link.url, settings.data_dir, store, Night(link.quiet_from, link.quiet_until))


def build_remembered_library(settings: Settings) -> Library:
    """What can be played as far as it is known without looking at disks or asking anybody; for those beside the running box."""
    library = build_library(settings)
    try:
        library.join(remembered_broadcasts(settings.data_dir))
    except (StationsError, StoreError) as error:
        log.error(maintainer_line(error))
    return library


def build_refresher(settings: Settings, files: NameFiles, matcher: Matcher, learner: Learner, grammar: EarGrammar,
                    known: Mapping[str, Names] = MappingProxyType({})) -> Refresher:
    """New names and a new accent reach the understanding and the ear, the grammar first: compiling it is the long part."""
    def adopt(matcher: Matcher) -> None:
        grammar.prepare(matcher)
        learner.rebase(matcher)

    refresher = Refresher(files, matcher, accent_of(settings, learner.accent), adopt, known)
    learner.follow_accent(lambda evidence: refresher.attune(accent_of(settings, evidence)))
    return refresher


def accent_of(settings: Settings, evidence: AccentEvidence) -> Accent:
    """How people here speak, and besides what this person has shown not to tell apart."""
    return learned(accents()[settings.listening.accent], *confused_pairs(evidence))


def build_dialogue(settings: Settings, registry: Registry, understander: Understander) -> Dialogue:
    """The conversation with the skills that are installed."""
    listening = settings.listening
    manners = Manners(listening.window_s, listening.answer_window_s, listening.follow_up_s, night=night(settings.media))
    return Dialogue(understander, registry.handlers, registry.answers, Wording.load(), manners, listening.wake_phrase)


def build_understander(
    settings: Settings, names: Names | None = None, evidence: AccentEvidence = NO_EVIDENCE
) -> Matcher:
    """Text to intent, with every skill's sentences; without ``names`` with those in the data directory and of its programmes."""
    if names is None:
        names = Names.joined((names_in(settings.data_dir), build_remembered_library(settings).names))
    return Matcher.load(home=settings.box.place, wake_phrase=settings.listening.wake_phrase, contacts=names.contacts,
                        titles=names.titles, artists=names.artists, accent=accent_of(settings, evidence))


def build_own_understander(settings: Settings, home: str) -> Matcher:
    """Text to intent as this box understands today, with what it has learnt; beside a running box too."""
    lessons = _lessons_so_far(settings)
    at_home = replace(settings, box=replace(settings.box, place=home))
    return build_understander(at_home, None, lessons.accent).with_personal(learnt.phrase for learnt in lessons.phrases)


def _lessons_so_far(settings: Settings) -> Lessons:
    if not settings.lessons.keep:
        return Lessons()
    try:
        return read_lessons(settings.data_dir)
    except NothingLearnt:
        return Lessons()
    except StoreError as error:
        log.warning(maintainer_line(error))
        return Lessons()


def build_weather(settings: Settings, now: Callable[[], dt.datetime]) -> Chain:
    """Two providers behind one port."""
    weather, locate = settings.weather, Gazetteer(settings.box.place).locate
    return Chain([OpenMeteo(locate, now, weather.open_meteo_url), MetNorway(locate, now, weather.met_norway_url, weather.contact)],
                 total_s=weather.deadline_s)


def build_voice(settings: Settings) -> Synthesizer:
    """The neural voice, or the system's where it is missing or too slow. Raises VoiceError, ModelError."""
    return choose_voice(engine=settings.voice.engine)


def build_loudspeaker(settings: Settings) -> SoundcardLoudspeaker:
    return SoundcardLoudspeaker(settings.audio.loudspeaker or None)


def grammar_phrases(model: SpeechModel, matcher: Matcher, settings: Settings) -> tuple[Phrase, ...]:
    """Sentences of every skill and the names in them, as words the recogniser knows."""
    return _as_words(model, sentences(matcher, settings))


def personal_phrases(model: SpeechModel, matcher: Matcher, settings: Settings) -> tuple[Phrase, ...]:
    """The sentences that this box has learnt, in the same form."""
    return _as_words(model, personal(matcher.personal_sentences(), matcher.vocabulary, settings.box.place))


def _as_words(model: SpeechModel, texts: list[str]) -> tuple[Phrase, ...]:
    lines = Lexicon.from_vosk(model.handle, model.homophones).grammar(texts)
    # a phrase given several times, and a word of many phrases, are kept once: 20 MB less
    words = {line: tuple(map(sys.intern, line.split())) for line in set(lines)}
    return tuple(words[line] for line in lines)


def sentences(matcher: Matcher, settings: Settings) -> list[str]:
    """What people are likely to say to this box, each sentence as often as it counts."""
    likely = chain.from_iterable(load_likely().values())
    return phrases(matcher.network, matcher.vocabulary, likely, GRAMMAR_BUDGET, settings.box.place)


def build_ear(settings: Settings, matcher: Matcher, voice: Synthesizer) -> EarCore:
    """An ear without a thread, complete with its grammar and warm: for files and for the benchmarks."""
    model = SpeechModel(model_path("vosk-cn"))
    speech = warm_up.kept() or warm_up.make(voice)
    return EarCore(model, grammar_phrases(model, matcher, settings), ear_settings(settings), speech)


def build_hearer(settings_file: str | None, wake: str) -> Hearer:
    """For sound files. ``wake`` is ``needed`` or ``none``. Raises ModelError, ConfigError."""
    settings = load_settings(settings_file)
    understander = build_own_understander(settings, settings.box.place)
    model = SpeechModel(model_path("vosk-cn"))
    lines = (*grammar_phrases(model, understander, settings), *personal_phrases(model, understander, settings))
    if wake == "needed":
        return CalledHearer(understander, EarCore(model, lines, ear_settings(settings)), settings.listening.window_s)
    return ListeningHearer(understander, Listener(Ears(VoskRecognizer(model), VoskRecognizer(model, lines))))


def check_wake_phrase(phrase: str, settings_file: str | None) -> Verdict:
    """What speaks against ``phrase``. Raises ConfigError, ModelError, VoiceError."""
    settings = load_settings(settings_file)
    check_phrase(phrase)
    model = SpeechModel(model_path("vosk-cn"))
    split_known(phrase, model.knows)
    near = collisions(phrase, sentences(build_understander(settings), settings))
    core = EarCore(model, settings=replace(ear_settings(settings), wake_phrase=phrase), warm_up=warm_up.kept())
    return judge(phrase, core, build_voice(settings), near)
