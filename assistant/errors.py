"""The one exception tree. Each class carries a code, one sentence the box can say and one line a maintainer can act on.

    XiangyinError
    ├── ConfigError                 settings file cannot be used
    ├── ModelError
    │   ├── ModelMissing            a weight file is not installed
    │   ├── ModelCorrupt            a weight file does not match its catalogue entry
    │   ├── DownloadFailed          no source delivered the file
    │   └── NoSpace                 the disk cannot hold the file
    ├── AudioError
    │   ├── MicrophoneUnavailable   no input device, or it went away
    │   ├── LoudspeakerUnavailable  no output device, or it went away
    │   └── BadAudio                a sound file cannot be read
    ├── VoiceError                  the synthesiser failed
    ├── MediaError
    │   ├── PlayerMissing           mpv is not installed
    │   ├── PlayerFailed            mpv keeps ending by itself
    │   ├── MediaUnreadable         none of the files that were asked for can be played
    │   ├── StreamUnreachable       a station or an episode does not come over the network
    │   └── FeedUnavailable         a podcast's feed cannot be fetched, or is none
    ├── SentenceError               a skill's sentence, reply or case file is wrong
    ├── NamesError                  the box's own list of people or titles is wrong
    ├── StationsError               the box's own list of stations and podcasts is wrong
    ├── StoreError                  data could not be written or read
    │   ├── StoreInUse              another process owns the file
    │   └── NothingLearnt           there is no such lesson, or none at all
    ├── VillageError
    │   ├── ReceiptRefused          the village's hub does not take what the box tells it of a notice
    │   └── NoVillage               the box is no village's
    └── WeatherUnavailable          no forecast, neither fresh nor cached
        └── UnknownPlace            the place is not in the gazetteer
"""
from __future__ import annotations

from typing import ClassVar


class XiangyinError(Exception):
    """Base of every error this project raises on purpose.

    ``str(error)`` is the specific English line (file, device, address); ``spoken`` is what the box may say aloud;
    ``fix`` tells the maintainer what to do next.
    """

    code: ClassVar[str] = "internal"
    spoken: ClassVar[str] = "我这儿出了点毛病，您稍等一下再试。"
    fix: ClassVar[str] = "run `xiangyin doctor` and read the lines marked with a cross"


class ConfigError(XiangyinError):
    code = "config"
    spoken = "我的设置有点问题，请找装机的师傅看一看。"
    fix = "correct the named key in the settings file; docs/settings.md lists them all"


class ModelError(XiangyinError):
    code = "model"
    spoken = "我的语音模型有问题，请找装机的师傅看一看。"
    fix = "run `xiangyin models verify`, then `xiangyin models fetch`"


class ModelMissing(ModelError):
    code = "model-missing"
    fix = "run `xiangyin models fetch`"


class ModelCorrupt(ModelError):
    code = "model-corrupt"
    fix = "run `xiangyin models fetch`: the damaged file is replaced"


class DownloadFailed(ModelError):
    code = "download-failed"
    fix = "check the network, then run `xiangyin models fetch` again: it resumes where it stopped"


class NoSpace(ModelError):
    code = "no-space"
    fix = "free the named amount of disk, or point XIANGYIN_MODELS at a larger one"


class AudioError(XiangyinError):
    code = "audio"
    spoken = "我的声音部分出了点问题，请找人看一看插头和线。"
    fix = "run `xiangyin doctor`; docs/audio.md explains each sound fault"


class MicrophoneUnavailable(AudioError):
    code = "no-microphone"
    spoken = "我听不见了，请看看话筒的线插好没有。"
    fix = "plug in a microphone or set [audio] microphone; `xiangyin doctor` lists the devices it can see"


class LoudspeakerUnavailable(AudioError):
    code = "no-loudspeaker"
    spoken = "我的喇叭不响了，请看看线插好没有。"
    fix = "plug in a loudspeaker or set [audio] loudspeaker; `xiangyin doctor` lists the devices it can see"


class BadAudio(AudioError):
    code = "bad-audio"
    spoken = "这段录音我打不开。"
    fix = "give a PCM WAV, FLAC or OGG file that a player can open"


class VoiceError(XiangyinError):
    code = "voice"
    spoken = "我的嗓子出了点问题。"
    fix = "run `xiangyin models verify`; without the neural voice, install espeak-ng for the second engine"


class MediaError(XiangyinError):
    code = "media"
    spoken = "这会儿放不了节目，您过一会儿再试试。"
    fix = "run `xiangyin doctor`; docs/media.md explains what can go wrong with the library and the player"


class PlayerMissing(MediaError):
    code = "no-player"
    spoken = "我这儿还没装放节目的东西，请找装机的师傅看一看。"
    fix = "install mpv: `apt-get install --no-install-recommends mpv`, or run script/setup again"


class PlayerFailed(MediaError):
    code = "player"
    spoken = "放着放着老出毛病，我先不放了。"
    fix = "play the named file with `mpv FILE`; if it ends by itself there too, convert the file or update mpv"


class MediaUnreadable(MediaError):
    code = "bad-media"
    spoken = "这一段坏了，放不出来。您换一个听吧。"
    fix = "copy the named file again, or remove it; `xiangyin media list --broken` lists those that cannot be read"


class StreamUnreachable(MediaError):
    code = "no-stream"
    spoken = "这个台这会儿收不到，您过一会儿再试试。"
    fix = "check the network; play the named address with `mpv ADDRESS`, and correct it in stations.tsv if it has moved"


class FeedUnavailable(MediaError):
    code = "feed"
    fix = "check the network and the podcast's address in stations.tsv; the episodes from before stay known, and it is asked again by itself"


class SentenceError(XiangyinError):
    code = "sentences"
    fix = "correct the named line of the skill's file"


class NamesError(XiangyinError):
    code = "names"
    fix = "correct the named line of the file in the data directory; docs/names.md shows its form"


class StationsError(XiangyinError):
    code = "stations"
    fix = "correct the named line of stations.tsv in the data directory; docs/media.md shows its form"


class StoreError(XiangyinError):
    code = "store"
    spoken = "我记东西的地方出了问题，刚才的事可能没记住。"
    fix = "check free disk and permissions of the data directory that `xiangyin doctor` names"


class StoreInUse(StoreError):
    code = "store-in-use"
    fix = "stop the box (Ctrl-C, or `sudo systemctl stop xiangyin`), run this again, and start it again"


class NothingLearnt(StoreError):
    code = "nothing-learnt"
    fix = "the box writes lessons down as it runs, unless [lessons] keep is false; `xiangyin lessons list` shows their numbers"


class VillageError(XiangyinError):
    code = "village"
    fix = "see [hub] in the settings, and whether the hub runs"


class ReceiptRefused(VillageError):
    code = "receipt"
    fix = "it is kept under outbox, apart in hub.json of the data directory, and the others are sent; report it, with the hub's log"


class NoVillage(VillageError):
    code = "no-village"
    fix = "the office types the six digits that the box says at its start; see docs/hub.md"


class WeatherUnavailable(XiangyinError):
    code = "no-weather"
    spoken = "现在查不到天气，等有网了我再告诉您。"
    fix = "check the network and [weather] providers"


class UnknownPlace(WeatherUnavailable):
    """Its text begins with ``assistant.forecast.UNKNOWN_PLACE``, so that the skill can tell it from a dead network."""

    code = "unknown-place"
    spoken = "这个地方我没听说过，您说个县或者市的名字试试。"
    fix = "use the name of a Chinese province, city, county or district; for the home place, correct it in the settings"


def spoken_sentence(error: BaseException) -> str:
    """The sentence for the elder: the class's own, or the general one for anything not of this tree."""
    return getattr(error, "spoken", XiangyinError.spoken)


def maintainer_line(error: BaseException) -> str:
    """One line for the maintainer: code, what happened, what to do."""
    code = getattr(error, "code", type(error).__name__)
    fix = getattr(error, "fix", XiangyinError.fix)
    return f"[{code}] {error} -> {fix}"
