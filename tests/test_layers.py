"""The import rule of the house, checked from the source itself."""
import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("assistant", "audio", "bench", "hub", "intents", "models", "skills")
PURE = ["assistant/dialogue.py", "assistant/turns.py", "assistant/follow_up.py", "assistant/answers.py", "assistant/rescue.py",
        "assistant/reports.py", "assistant/ringing.py", "assistant/sticks.py", "assistant/ducking.py", "assistant/lessons.py", "assistant/night.py",
        "assistant/repair.py", "assistant/state.py", "assistant/wording.py", "assistant/events.py", "assistant/commands.py", "assistant/forecast.py",
        "assistant/feed.py", "assistant/notices.py", "assistant/reading.py", "assistant/hub/course.py", "assistant/sources/address.py", "assistant/sources/back_off.py", "assistant/library/describe.py",
        "assistant/library/stick_book.py", "audio/segment.py", "audio/media_course.py", "audio/mpv_loaded.py", "audio/reception.py"]
OUTSIDE = {"sounddevice", "vosk", "threading", "socket", "requests", "time", "hub", "asyncio", "subprocess", "queue",
           "onnxruntime", "ai_edge_litert", "apscheduler", "tinydb", "pyttsx3"}
DOORS = {"intents/network_cache.py"}
"""Of the intents room: it keeps compiled sentences on disk."""
CLOCKS = {"now", "today", "utcnow"}


def modules(*rooms: str) -> list[Path]:
    return sorted(path for room in rooms for path in (ROOT / room).rglob("*.py"))


def pure_modules() -> list[Path]:
    pure = [ROOT / name for name in PURE] + modules("intents", "skills")
    return [path for path in pure if str(path.relative_to(ROOT)) not in DOORS]


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("path", pure_modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_pure_modules_import_nothing_of_the_outside(path):
    roots = {name.split(".")[0] for name in imports(path)}
    assert not roots & OUTSIDE


@pytest.mark.parametrize("path", pure_modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_pure_modules_do_not_ask_the_clock(path):
    calls = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Attribute)]
    asked = [ast.unparse(node) for node in calls if node.attr in CLOCKS and ast.unparse(node.value).split(".")[0] in ("dt", "datetime")]
    assert not asked


@pytest.mark.parametrize("path", modules(*ROOMS), ids=lambda path: str(path.relative_to(ROOT)))
def test_nobody_imports_the_command_line(path):
    assert "assistant.cli" not in imports(path)


@pytest.mark.parametrize("path", modules("intents", "audio", "models", "skills"), ids=lambda path: str(path.relative_to(ROOT)))
def test_the_lower_rooms_do_not_know_the_loop(path):
    allowed = ("assistant.errors", "assistant.events", "assistant.commands", "assistant.ports", "assistant.forecast", "assistant.feed",
               "assistant.settings", "assistant.weather.places")
    used = {name for name in imports(path) if name.startswith("assistant.")}
    assert all(name.startswith(allowed) for name in used), used


@pytest.mark.parametrize("path", modules("assistant", "audio", "intents", "models", "skills"), ids=lambda path: str(path.relative_to(ROOT)))
def test_the_box_knows_of_the_hub_only_what_they_say_to_each_other(path):
    used = {name for name in imports(path) if name.split(".")[0] == "hub"}
    assert all(name.startswith("hub.messages") for name in used), used


@pytest.mark.parametrize("path", modules("hub"), ids=lambda path: str(path.relative_to(ROOT)))
def test_the_hub_knows_nothing_of_the_box(path):
    used = {name for name in imports(path) if name.split(".")[0] in ROOMS and name.split(".")[0] != "hub"}
    allowed = ("assistant.errors", "assistant.settings") if path.name == "command.py" else ("assistant.errors",)
    assert all(name.startswith(allowed) for name in used), used


@pytest.mark.parametrize("path", modules(*ROOMS), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_module_is_too_long(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400
