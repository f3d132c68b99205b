"""The one door to LiteRT: it is loaded after Vosk, never before.

So there is one order of loading in every command. (The hang in ``dlopen`` that was once put down to LiteRT came from
wetext: see ``text_normalizer.py``.) Vosk costs 0.13 s, and the box needs both anyway.
"""
from __future__ import annotations

import vosk  # noqa: F401 - for the order alone, see above
from ai_edge_litert.interpreter import Interpreter

__all__ = ["Interpreter"]
