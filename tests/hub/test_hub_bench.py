"""The hub's bench, with a few boxes: nothing is lost or comes twice, also where the hub is killed while it sends; and its table."""
from __future__ import annotations

import pytest

from bench.hub import hardship, measure, report


@pytest.fixture(autouse=True)
def few(monkeypatch):
    monkeypatch.setattr(measure, "BOXES", 20)
    monkeypatch.setattr(measure, "KILLED_BOXES", 10)
    monkeypatch.setattr(measure, "KILLS", 2)
    monkeypatch.setattr(measure, "RECEIPT_WITHIN_S", 1.0)


def test_one_notice_reaches_every_box_once(tmp_path, monkeypatch):
    monkeypatch.setattr(measure, "STAYS_S", 5.0)
    found = measure.one_notice(f"sqlite:///{tmp_path}/hub.sqlite", 1, tmp_path)
    assert (found["delivered"], found["lost"], found["twice"], found["unsigned"], found["receipts"], found["of"]) == (20, 0, 0, 0, 20, 20)
    assert 0 < found["p50_s"] <= found["p99_s"] < 5


def test_a_hub_that_is_killed_while_it_sends_loses_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(measure, "STAYS_S", 25.0)
    found = measure.killed(f"sqlite:///{tmp_path}/hub.sqlite", tmp_path)
    assert (found["lost"], found["twice"], found["unsigned"], found["receipts"], found["of"]) == (0, 0, 0, 20, 20)


def test_boxes_and_hubs_are_killed_and_the_network_is_cut_and_nothing_is_lost(monkeypatch):
    for name, value in (("BOXES", 2), ("CUT_S", 1.0), ("EVERY_S", 0.3), ("FORGOTTEN", 0.0), ("BOX_KILLS", 2), ("HUB_KILLS", 1)):
        monkeypatch.setattr(hardship, name, value)
    found = hardship.measure(lambda items, **_: items)
    assert found["notices"] >= 9 and (found["lost"], found["twice"], found["receipts_missing"]) == (0, 0, 0)


def test_the_table_names_what_went_wrong():
    each = {"boxes": 9, "p99_s": 6.0, "p50_s": 1.0, "largest_s": 7.0, "answered_s": 0.1, "connected_s": 2.0, "lost": 1, "twice": 0, "unsigned": 0,
            "of": 9, "receipts": 8, "rss_mb": 100}
    figures = {"n": 9, "p50": 900.0, "p95": 1200.0, "max": 1300.0}
    rows = report.hub({
        "postgresql, 2": each, "killed": {"boxes": 9, "kills": 2, "lost": 0, "twice": 0, "unsigned": 0, "of": 9, "receipts": 9},
        "spoken": {"notices": 9, "missed": [], "sound_ms": figures, "word_ms": figures, "answered_ms": figures},
        "hardship": {"boxes": 9, "notices": 9, "cut_s": 30.0, "box_kills": 9, "hub_kills": 4, "caught_up_s": 9.0, "lost": 0, "twice": 1,
                     "receipts_missing": 0}})
    assert [met for *_, met in rows] == ["NO", "", "", "", "NO", "NO", "yes", "yes", "yes", "NO", "", "", "", "yes", "yes", "NO", "yes", ""]
    assert "postgresql, 2 hub processes" in rows[0][0]
