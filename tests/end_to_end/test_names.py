"""Names that are written while a real box runs, and a mistake in them."""
from __future__ import annotations

import os
import signal
from pathlib import Path

from tests.end_to_end.box_process import BoxProcess, without_sound_devices


def _deaf(folder: Path) -> Path:
    file = folder / "settings.toml"
    file.write_text('[weather]\nopen_meteo_url = "http://127.0.0.1:9"\nmet_norway_url = "http://127.0.0.1:9"\n'
                    '[audio]\nmicrophone = "x"\nloudspeaker = "x"\n[media]\nfolders = []\n', encoding="utf-8")
    return without_sound_devices(file, folder)


def _ask(box: BoxProcess, text: str) -> str:
    box.type(text)
    box.wait_for(f"您：{text}")
    return box.wait_for("小乡：")


def test_a_contact_that_is_written_while_the_box_runs_is_understood(tmp_path):
    settings, data = _deaf(tmp_path), tmp_path / "data"
    with BoxProcess(dict(os.environ), settings, data) as box:
        box.wait_for("小乡：", "听不见", timeout_s=120.0)
        assert "张桂芳" not in _ask(box, "给小芳打电话")
        (data / "contacts.tsv").write_text("张桂芳\t小芳|闺女\n", encoding="utf-8")
        assert "小乡：" in _ask(box, "几点了")  # it goes on meanwhile
        box.wait_for("1 contacts and 0 titles of this box")
        assert "张桂芳" in _ask(box, "给小芳打电话")
        (data / "contacts.tsv").write_text("张桂芳\t小芳|闺女\n李桂英 小芳\n", encoding="utf-8")
        told = box.wait_for("[names]")
        assert "contacts.tsv:2" in told and "ERROR" in told
        assert "张桂芳" in _ask(box, "给我闺女打电话")
        assert box.end(signal.SIGTERM) == 0
    assert not any("Traceback" in line for line in box.seen)
    with BoxProcess(dict(os.environ), settings, data) as box:
        box.wait_for("[names]", "contacts.tsv:2", timeout_s=120.0)
        (data / "contacts.tsv").write_text("张桂芳\t小芳|闺女\n李桂英\t二闺女\n", encoding="utf-8")
        box.wait_for("2 contacts and 0 titles of this box", timeout_s=120.0)
        assert "李桂英" in _ask(box, "给二闺女打电话")
