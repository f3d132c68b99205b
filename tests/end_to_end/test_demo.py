"""The demo is the promise of the front page: it must hold, every turn of it."""
from __future__ import annotations

from assistant.demo_command import load_script
from tests.end_to_end.command_line import xiangyin


def test_the_whole_day_is_understood_and_answered():
    answer = xiangyin("demo", longest_s=560)
    turns = len(load_script())
    assert turns >= 25
    assert f"{turns}/{turns} 句听懂并回答了" in answer.out, answer.out
    assert answer.code == 0
