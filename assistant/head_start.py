"""The ear, begun before the rest of the program is even imported: it takes longest to load, most of it outside Python."""
from __future__ import annotations

import logging
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

from assistant import warm_up
from assistant.errors import ModelError, StoreError, maintainer_line
from assistant.hearing import Hearing
from assistant.mailbox import Mailbox
from assistant.ports import Microphone
from assistant.settings import Settings
from assistant.store import PATIENCE, Store
from audio.cancelling import CancellingMicrophone
from audio.capture import SoundcardMicrophone
from audio.ear import EarCore, EarSettings
from audio.ear_thread import Ear
from audio.echo import AdaptiveEchoCanceller
from audio.far_end import MonitorFarEnd
from audio.memory import keep_heaps_small
from audio.recognizer import SpeechModel
from audio.segment import SegmentSettings
from audio.server_watch import ServerWatch
from audio.sound_server import Hears
from models.paths import model_path

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class HeadStart:
    """``model`` is there as soon as the ear has loaded it, or its error is; ``hearing`` loads in its own thread."""

    mailbox: Mailbox
    store: Store
    model: Future[SpeechModel]
    hearing: Hearing


def begin(settings: Settings, microphone: Microphone | None = None, mailbox: Mailbox | None = None) -> HeadStart:
    """Returns at once. ``mailbox`` may be one that looks on. Raises StoreError, ConfigError; what is wrong with the model is raised by who
    waits for it."""
    keep_heaps_small()
    mailbox, store, model = mailbox or Mailbox(), _open_store(settings.data_dir / "box.json"), Future()
    listening = ear_settings(settings, store.preference(PATIENCE, None))
    hearing = Hearing(Ear(lambda: _load(model, listening), mailbox.post), microphone or build_microphone(settings), mailbox.post)
    hearing.begin()
    return HeadStart(mailbox, store, model, hearing)


def build_microphone(settings: Settings) -> Microphone:
    """The microphone of the settings, without the box's own sound unless they say otherwise."""
    wanted = settings.audio.microphone or None
    if settings.audio.echo_cancellation == "off":
        return SoundcardMicrophone(wanted, ServerWatch())
    far_end = MonitorFarEnd()
    server = ServerWatch(far_end.check)
    return CancellingMicrophone(SoundcardMicrophone(wanted, server), far_end, AdaptiveEchoCanceller(),
                                lambda: server.hears is Hears.WITHOUT_ECHO)


def ear_settings(settings: Settings, patience_s: float | None = None) -> EarSettings:
    """``patience_s`` is what the box has learnt of its person, else the configured silence."""
    listening = settings.listening
    return EarSettings(wake_phrase=listening.wake_phrase, segment=SegmentSettings(patience_s=patience_s or listening.silence_s))


def _open_store(path: Path) -> Store:
    store = Store(path)
    if store.recovered:
        log.error(maintainer_line(StoreError(store.recovered)))
    return store


def _load(model: Future[SpeechModel], settings: EarSettings) -> EarCore:
    try:
        model.set_result(SpeechModel(model_path("vosk-cn")))
    except ModelError as error:
        model.set_exception(error)
        raise
    return EarCore(model.result(), (), settings, warm_up.kept())
