"""Whether the box hears itself speak, told from what the microphone heard meanwhile."""
import pytest

from audio.own_voice import BRIEF_S, FAINT, KNOWN_S, SPAN_S, OwnVoice
from audio.vad import WINDOW_S


def spoken(*parts: tuple[float, float]) -> OwnVoice:
    """Each part so many seconds of the box's speech behind its beginning, and the share of it in which there was voice."""
    own = OwnVoice()
    for seconds, share in parts:
        own.begins()
        due = 0.0
        for _ in range(round((BRIEF_S + seconds) / WINDOW_S)):
            due += share
            own.heard(WINDOW_S, due >= 1.0)
            due -= due >= 1.0
    return own


@pytest.mark.parametrize(
    ("parts", "audible"),
    [
        ((), True),
        (((KNOWN_S - 0.5, 0.0),), True),
        (((KNOWN_S + 0.5, 0.0),), False),
        (((10.0, FAINT - 0.05),), False),
        (((10.0, FAINT + 0.05),), True),
        (((10.0, 0.6),), True),
        # a canceller that has learnt, and one that has lost its way
        (((10.0, 0.6), (2 * SPAN_S, 0.0)), False),
        (((60.0, 0.0), (15.0, 0.7)), True),
        # somebody who talks into everything that the box says
        (((10.0, 0.0), (-0.5, 1.0)) * 6, False),
        (((3.0, 0.0), (0.5, 1.0)) * 6, False),
    ],
)
def test_the_box_is_heard_where_there_was_voice_while_it_spoke(parts, audible):
    assert spoken(*parts).audible is audible
