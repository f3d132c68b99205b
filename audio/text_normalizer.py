"""wetext in a process of its own, because it must never be in one process with Vosk.

Both bring their own OpenFst as unique symbols (STB_GNU_UNIQUE: ``FlagRegister<...>::GetRegister()::reg``), which the
loader merges across libraries, whatever the order: ``import vosk`` after ``kaldifst`` (under wetext) hangs for ever in
``dlopen``, ``kaldifst`` after vosk corrupts the heap (aborts in malloc, crashes at exit). Seen with vosk 0.3.45 on Linux.
"""
from __future__ import annotations

import atexit
import subprocess
import sys
import threading

from assistant.errors import VoiceError

_CHILD = """
import sys, wetext
sys.stdin.reconfigure(encoding="utf-8"); sys.stdout.reconfigure(encoding="utf-8")
say = wetext.Normalizer(lang="zh", operator="tn", remove_interjections=False).normalize
for line in sys.stdin:
    print(say(line.rstrip("\\n")).replace("\\n", " "), flush=True)
"""


class TextNormalizer:
    """Started when made (0.4 s until the first answer), ended by ``close`` or at exit. Any thread may call it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._child = subprocess.Popen([sys.executable, "-c", _CHILD], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                       stderr=subprocess.DEVNULL, encoding="utf-8")
        atexit.register(self.close)

    def normalize(self, text: str) -> str:
        """Numbers and units in one line of text, written out. Raises VoiceError when the process has gone."""
        with self._lock:
            try:
                self._child.stdin.write(" ".join(text.splitlines()) + "\n")
                self._child.stdin.flush()
                answer = self._child.stdout.readline()
            except (OSError, ValueError) as error:
                raise VoiceError(f"the text normaliser has gone ({error})") from error
        if not answer:
            raise VoiceError(f"the text normaliser ended (exit code {self._child.poll()}); is wetext installed?")
        return answer.rstrip("\n")

    def close(self) -> None:
        """Idempotent."""
        atexit.unregister(self.close)
        with self._lock:
            if self._child.poll() is None:
                self._child.kill()
            self._child.communicate()
