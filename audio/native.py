"""The one door to LiteRT: it is loaded after Vosk, never before.

Loading ``libvosk.so`` while LiteRT's worker threads were already running has once hung for ever inside ``dlopen`` (it
brings its own OpenBLAS, which sets itself up while the loader's lock is held). Loaded first, it has no thread to meet.
Vosk costs 0.1 s, and the box needs both anyway.
"""
from __future__ import annotations

import vosk  # noqa: F401 - for the order alone, see above
from ai_edge_litert.interpreter import Interpreter

__all__ = ["Interpreter"]
