"""What docs/scale.md says of villages and shards: of every key, of every statement that writes or locks, and by a hub that really runs on
tables that are divided."""
from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from sqlalchemy import Engine, event

from hub.api.tokens import Scope
from hub.auth.roles import Role
from hub.db import sharding
from hub.db.columns import Base
from hub.db.engine import newest
from hub.db.sharding import KEY, OF_THE_HUB
from hub.link.outgoing import put
from hub.messages import Kind, Step
from hub.notices import due
from tests.hub.conftest import Place
from tests.hub.noticing import FORM, hears, joined, sent
from tests.hub.running import Clock, RunningHub, only_when_told

OF_VILLAGES = {table.name for table in Base.metadata.sorted_tables} - OF_THE_HUB
READ_EVERYWHERE = {
    "box": "which box has this key; how many there are, for the hub's operator",
    "household": "how many there are, for the hub's operator",
    "api_token": "which program has this token; which calls are due",
    "notice": "what is due", "webhook_call": "what is due", "alert_sending": "what is due",
}
"""Tables that some statement reads without naming a village, and why; docs/scale.md says how often."""


def test_every_key_begins_with_the_village():
    assert OF_VILLAGES and {table.name for table in Base.metadata.sorted_tables} >= OF_THE_HUB
    for table in sharding.of_villages():
        assert next(iter(table.primary_key.columns)).name == KEY, table.name
        for foreign in table.foreign_key_constraints:
            to = foreign.referred_table.name
            pairs = [(one.parent.name, one.column.name) for one in foreign.elements]
            assert to in OF_THE_HUB or pairs[0] == (KEY, KEY), (table.name, to)
    for name in OF_THE_HUB:
        assert {foreign.referred_table.name for foreign in Base.metadata.tables[name].foreign_key_constraints} <= OF_THE_HUB, name


def test_only_digests_of_chance_are_unique_in_the_whole_hub():
    found = {(table.name, *(column.name for column in one.columns)) for table in sharding.of_villages() for one in sharding.unique_in_the_hub(table)}
    assert found == {("box", "key"), ("api_token", "digest")}
    assert not [index.name for table in sharding.of_villages() for index in table.indexes if index.unique and KEY not in index.columns]


def test_the_command_of_the_page_names_every_table_once(capsys):
    assert sharding.main(["citus"]) == 0 and sharding.main(["partitions", "0"]) == sharding.main([]) == 2
    shown = capsys.readouterr().out
    assert set(re.findall(r"create_reference_table\('(\w+)'\)", shown)) == OF_THE_HUB
    assert sorted(re.findall(r"create_distributed_table\('(\w+)', 'village_id'", shown)) == sorted(OF_VILLAGES)


# -- a hub on divided tables --------------------------------------------------------------------------------------------

@pytest.fixture
def divided(postgres) -> str:
    url = postgres.new_database()
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in sharding.partitions(4, newest()):
            connection.execute(statement)
    return url


@pytest.fixture
def hub(divided, monkeypatch):
    monkeypatch.setattr("hub.parts.over_and_over", only_when_told)
    clock = Clock()
    with RunningHub(divided, clock) as running:
        running.clock = clock
        yield running


@contextmanager
def listening(engine: Engine) -> Iterator[set[str]]:
    said: set[str] = set()

    def hear(connection, cursor, statement: str, *_: object) -> None:
        said.add(" ".join(statement.split()))

    event.listen(engine, "before_cursor_execute", hear)
    yield said
    event.remove(engine, "before_cursor_execute", hear)


def names(statement: str) -> list[str]:
    """Tables of villages in it, in their order."""
    return [name for name in re.findall(r"(?:FROM|JOIN|UPDATE|INTO) \"?(\w+)\"?", statement) if name in OF_VILLAGES]


def names_the_village(statement: str, table: str) -> bool:
    """By a value, or by the village of another table in the statement that is named by one."""
    is_given = re.search(rf"\b\w+\.{KEY} (= |IN \()%\(", statement)
    return bool(is_given and re.search(rf"\b{table}\.{KEY} (= |IN \()%\(|\b{table}\.{KEY} = \w+\.{KEY}|\w+\.{KEY} = {table}\.{KEY}", statement))


def day(place: Place) -> None:
    """What happens in a village, from the first box to the last answer."""
    hub, clerk, leader = place.hub, place.staff(Role.CLERK), place.staff(Role.ADMIN)
    home = clerk.post("/people/homes/new", data={"name": "张大娘家", "address": "三组"}).headers["location"]
    clerk.post(f"{home}/residents/new", data={"name": "张秀兰", "born": "1945", "tags": "独居"})
    box = joined(place, home=home.rpartition("/")[2])
    clerk.post(f"/boxes/{box.id}", data={"name": "堂屋", "home": home.rpartition("/")[2], "volume": "50"})
    leader.post("/alerts", data={"name": "群", "address": "json://127.0.0.1:9/", "kinds": ["silent", "unheard"]})
    leader.post("/alerts/test")
    leader.post("/board/on")
    address = re.search(r'href="(http[^"]+/board/[^"]+)"', leader.get("/board").text)[1]
    made = leader.post("/programs", data={"name": "门禁", "scopes": [scope.value for scope in Scope], "webhook": "http://127.0.0.1:9/"})
    token = re.search(r"xy_[\w-]+", made.text)[0]
    asked = hub.client(headers={"authorization": f"Bearer {token}"}).post(
        "/api/v1/notices", json={"title": "访客", "text": "有人找。", "question": "让他进吗", "homes": [home.rpartition("/")[2]]})
    assert asked.status_code in (200, 201), asked.text
    for steps, answer in (((Step.DELIVERED, Step.PLAYING, Step.HEARD), ""), ((Step.ANSWERED,), "是")):
        hears(box, place, asked.json()["id"], *steps, answer=answer)
    notice = sent(clerk, priority="urgent")
    plan = sent(clerk, repeat="daily", expires_at="2099-01-01T00:00", asks="yes-no", question="好吗？")
    hears(box, place, notice, Step.DELIVERED, Step.PLAYING, Step.HEARD)
    clerk.post(f"/notices/{notice}/correct", data=FORM | {"text": "改了。"})
    clerk.post(f"/notices/{notice}/withdraw")
    for path in ("/notices", f"/notices/{notice}", f"/notices/{plan}", f"/notices/{notice}/visits", f"/notices/{notice}/print", "/people", "/people?q=zdn", home,
                 "/boxes", f"/boxes/{box.id}", "/staff", "/alerts", "/programs", "/audit", "/audit.csv", "/people/export.csv", f"/notices/{plan}/answers.csv", address):
        assert clerk.get(path).status_code == 200 or leader.get(path).status_code == 200, path
    assert len(box.messages()) >= 5
    with hub.database.write() as work:
        put(work, place.id, [box.id], Kind.SETTINGS, {"name": "x"}, hub.parts.now())


def test_a_hub_runs_on_divided_tables_and_each_statement_that_writes_has_one_shard_to_go_to(hub):
    places = [Place(hub, name) for name in ("东山村", "西山村", "南山村")]
    with listening(hub.database.engine) as said:
        for place in places:
            day(place)
        for ahead in (0, 1, 1):
            hub.clock.forward(days=ahead, minutes=31)
            hub.parts.attendance.write_down()
            assert due.send_due(hub.database, hub.parts.bell, hub.parts.now()) == (3 if ahead else 0)
            hub.parts.watch.look()
            assert hub.parts.sender.work() and (hub.parts.caller.work() or ahead)
        places[0].staff(Role.OPERATOR).get("/villages")
    everywhere: dict[str, list[str]] = {}
    for statement in said:
        for table in names(statement):
            locks = re.search(r"FOR (NO KEY |KEY )?(UPDATE|SHARE)", statement)
            if statement.startswith("INSERT"):
                assert re.search(rf"\({KEY}|, {KEY}[,)]", statement), statement
            elif not names_the_village(statement, table):
                assert statement.startswith("SELECT") and not locks, f"it would have to go to every shard: {statement}"
                everywhere.setdefault(table, []).append(statement)
    assert everywhere.keys() == READ_EVERYWHERE.keys(), everywhere
    with psycopg.connect(str(hub.database.url.set(drivername="postgresql").render_as_string(hide_password=False))) as connection:
        spread = connection.execute(f"SELECT {KEY}, count(DISTINCT tableoid) FROM box_message GROUP BY 1").fetchall()
        plan = connection.execute("EXPLAIN SELECT * FROM box_message WHERE village_id = %s", (places[0].id,)).fetchall()
    assert len(spread) == 3 and {parts for _, parts in spread} == {1}, "a village is in one part, whole"
    assert len(re.findall(r"box_message_p\d", str(plan))) in (1, 2) and len(set(re.findall(r"box_message_p\d", str(plan)))) == 1, plan
