"""What one hub process does, the others know: on PostgreSQL, which tells them."""
from __future__ import annotations

from tests.hub.conftest import Place
from tests.hub.noticing import joined, sent
from tests.hub.running import RunningHub


def test_one_that_is_turned_away_at_one_process_is_hung_up_on_by_the_other(postgres):
    url = postgres.new_database()
    with RunningHub(url) as one, RunningHub(url) as other:
        village = Place(one, "东山村")
        box = joined(village)
        village.hub = other
        clerk = village.staff()
        stream = box.stream()
        assert next(stream) is None
        sent(clerk)
        assert next(stream).body["title"] == "停水"  # from here on the one is told what the other does
        assert clerk.post(f"/boxes/{box.id}/turn-away").status_code == 303
        assert next(stream, "ended") == "ended"
