import numpy as np
import pytest

from assistant import warm_up
from assistant.ports import SAMPLE_RATE


class Humming:
    name, sample_rate = "humming", SAMPLE_RATE

    def synthesize(self, text, style):
        yield np.full(100 * len(text), 7, np.int16)


def test_what_was_made_is_kept_for_the_next_start(tmp_path):
    file = tmp_path / "cache" / "w.wav"
    assert warm_up.kept(file) == ()
    (made,) = warm_up.make(Humming(), file)
    (again,) = warm_up.kept(file)
    assert np.array_equal(made, again) and len(made) > 100 * len(warm_up.SENTENCE)
    assert [path.name for path in file.parent.iterdir()] == ["w.wav"]


@pytest.mark.parametrize("damage", [b"", b"RIFF torn", b"\x00" * 100])
def test_a_damaged_file_is_as_good_as_none(tmp_path, damage):
    file = tmp_path / "w.wav"
    file.write_bytes(damage)
    assert warm_up.kept(file) == ()


def test_a_disk_that_refuses_costs_only_time(tmp_path):
    (tmp_path / "file").write_text("in the way")
    assert len(warm_up.make(Humming(), tmp_path / "file" / "w.wav")) == 1
