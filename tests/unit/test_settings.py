import dataclasses
import tomllib
import typing

import pytest

from assistant.errors import ConfigError
from assistant.settings import Settings, load_settings, parse_settings, template


def test_a_missing_file_means_the_defaults(tmp_path, monkeypatch):
    monkeypatch.delenv("XIANGYIN_SETTINGS", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert load_settings() == Settings()


def test_a_file_that_was_asked_for_must_exist(tmp_path):
    with pytest.raises(ConfigError, match="no settings file"):
        load_settings(str(tmp_path / "none.toml"))


def test_values_are_read(tmp_path):
    file = tmp_path / "settings.toml"
    file.write_text('[box]\nplace = "莱芜"\n[listening]\nsilence_s = 2\n', encoding="utf-8")
    settings = load_settings(str(file))
    assert settings.box.place == "莱芜"
    assert settings.listening.silence_s == 2.0 and isinstance(settings.listening.silence_s, float)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[bx]\nplace='济南'", "did you mean 'box'"),
        ("[box]\nplce='济南'", "did you mean 'place'"),
        ("[audio]\nvolume=130", "between 0 and 100"),
        ("[audio]\nvolume='loud'", "must be int"),
        ("[audio]\nvolume=true", "must be int"),
        ("[lessons]\nkeep='no'", "must be bool"),
        ("[lessons]\nkeep=0", "must be bool"),
        ("[voice]\nengine='best'", "one of auto, neural, system"),
        ("[media]\nfolders='/media'", "must be a list of texts"),
        ("[media]\nfolders=['/media', 3]", "must be a list of texts"),
        ("[media]\nfolders=['/media', ' ']", "must be a list of texts"),
        ("box=3", "must be a section"),
    ],
)
def test_wrong_values_are_named(text, said):
    with pytest.raises(ConfigError, match=said):
        parse_settings(tomllib.loads(text))


def test_yes_and_no_are_read():
    assert not parse_settings(tomllib.loads("[lessons]\nkeep = false")).lessons.keep


def test_media_folders_are_a_list_and_may_be_none(tmp_path, monkeypatch):
    monkeypatch.setenv("XIANGYIN_DATA", str(tmp_path))
    monkeypatch.setenv("HOME", "/home/li")
    read = parse_settings(tomllib.loads("[media]\nfolders = ['~/戏', '/srv/媒体']"))
    assert [str(folder) for folder in read.media_folders] == [f"{tmp_path}/media", "/home/li/戏", "/srv/媒体"]
    assert parse_settings(tomllib.loads("[media]\nfolders = []")).media_folders == (tmp_path / "media",)


@pytest.mark.parametrize("content", [b"[box", b"\xff\xfe\x00", b"[box]\nplace = \n"])
def test_a_file_that_is_not_toml_is_a_config_error(tmp_path, content):
    file = tmp_path / "settings.toml"
    file.write_bytes(content)
    with pytest.raises(ConfigError, match="not valid TOML"):
        load_settings(str(file))


def test_the_template_is_toml_and_uncommented_gives_the_defaults():
    lines = [line.removeprefix("# ") if " = " in line and line.startswith("# ") else line for line in template().splitlines()]
    assert parse_settings(tomllib.loads("\n".join(lines))) == Settings()


def test_every_field_is_documented():
    for section in typing.get_type_hints(Settings).values():
        for item in dataclasses.fields(section):
            assert item.metadata["doc"].endswith((".", ";")), item.name
