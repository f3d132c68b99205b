"""What a village of three thousand homes asks of a form."""
from __future__ import annotations

from sqlalchemy import insert, select

from hub.db.columns import new_id
from hub.db.tables import Household, Notice
from tests.hub.noticing import draft, words_of

HOMES = 3_000


def test_a_notice_goes_to_as_many_homes_as_were_ticked(place):
    village = place()
    clerk, now = village.staff(), village.hub.parts.now()
    ids = [new_id() for _ in range(HOMES)]
    with village.hub.database.write() as work:
        work.execute(insert(Household), [{"village_id": village.id, "id": home, "name": f"第{number}家", "address": "", "phone": "", "notes": "",
                                          "created_at": now} for number, home in enumerate(ids)])
    notice = draft(clerk, scope="some", homes=ids[1:])
    with village.hub.database.read() as work:
        assert set(work.scalar(select(Notice.targets).where(Notice.id == notice))["homes"]) == set(ids[1:])
    shown = words_of(clerk.get(f"/notices/{notice}"))
    assert f"等{HOMES - 1}户" in shown and f"{HOMES - 1} 户没有盒子" in shown
    del clerk.headers["x-csrf"]  # a browser without htmx says it in the form
    assert clerk.post("/notices/new", data={"homes": ids}).status_code == 403
