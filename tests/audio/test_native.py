"""Two native libraries in one process: the order in which they are loaded, and how they leave."""
from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from assistant.errors import VoiceError
from assistant.ports import SpeechStyle
from audio.neural_voice import NeuralVoice
from models.paths import model_path

ROOT = Path(__file__).parents[2]
_RUN = """
import sys, threading
from pathlib import Path
from assistant.ports import SpeechStyle
from audio.neural_voice import NeuralVoice
loaded = list(sys.modules)
assert loaded.index("vosk") < loaded.index("ai_edge_litert.interpreter"), "vosk must be loaded first"
voice = NeuralVoice(Path(sys.argv[1]), threads=2)
blocks = voice.synthesize("今天有小雨，出门带伞。后天转晴。", SpeechStyle())
next(blocks)
threading.Thread(target=lambda: [len(block) for block in blocks], daemon=sys.argv[2] == "daemon").start()
"""


def _imports(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    return names | {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}


def test_litert_is_reached_through_one_door() -> None:
    sources = [p for folder in ("assistant", "audio", "bench", "intents", "models", "skills") for p in (ROOT / folder).rglob("*.py")]
    assert [p.name for p in sources if "ai_edge_litert.interpreter" in _imports(p)] == ["native.py"]


@pytest.mark.parametrize("other_thread", ["daemon", "waited for"])
def test_a_process_ends_well_while_the_voice_computes(other_thread: str) -> None:
    """With faulthandler on: a crash in native code would be a negative exit code."""
    done = subprocess.run([sys.executable, "-X", "faulthandler", "-c", _RUN, str(model_path("voice-zh")), other_thread],
                          cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_closing_ends_the_threads_of_the_models() -> None:
    def native_threads() -> int:
        return len(list(Path("/proc/self/task").iterdir()))

    before = native_threads()
    voice = NeuralVoice(model_path("voice-zh"), threads=2)
    list(voice.synthesize("您好。", SpeechStyle()))
    assert native_threads() > before
    voice.close()
    voice.close()
    assert native_threads() <= before
    with pytest.raises(VoiceError, match="closed"):
        list(voice.synthesize("您好。", SpeechStyle()))


def test_wetext_is_never_in_one_process_with_vosk() -> None:
    """It brings the same unique symbols: a hang, or a broken heap. Numbers are written out by a child process."""
    script = ("import sys; from audio.spoken_text import spoken_text; assert spoken_text('2026年24℃') == '二零二六年二十四度';"
              "import vosk; assert not {'wetext', 'kaldifst'} & set(sys.modules)")
    done = subprocess.run([sys.executable, "-X", "faulthandler", "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
