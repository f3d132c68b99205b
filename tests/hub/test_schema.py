"""What the API, and the line to the boxes, say of themselves, tried by Schemathesis: requests of that form and of others, many and strange."""
from __future__ import annotations

import contextlib
from collections.abc import Mapping

import httpx
import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import APIOperation, Case
from schemathesis.generation import GenerationMode
from sqlalchemy import func, select

from hub.api.tokens import Scope
from hub.db.tables import Notice
from hub.link import routes as link
from tests.hub.conftest import Place
from tests.hub.noticing import joined
from tests.hub.running import RunningHub
from tests.hub.test_api import home_with_box, program

TRIES = settings(max_examples=25, derandomize=True, database=None, deadline=None, phases=[Phase.explicit, Phase.generate],
                 suppress_health_check=list(HealthCheck))
"""The same ones every time."""
LEFT_OUT = {"/link/stream", "/link/leave"}
"""What never ends, and what ends all else."""


@pytest.fixture
def hub(postgres):
    """PostgreSQL, which is the stricter of the two in what it keeps."""
    with RunningHub(postgres.new_database()) as running:
        yield running


@pytest.fixture
def village(hub):
    return Place(hub, "东山村")


def tried(described: Mapping[str, object], client: httpx.Client, base: str, statuses: set[int]) -> dict[tuple[str, str], set[int]]:
    """Of each operation, the statuses that it was answered with: none but these, and every refusal has a sentence."""
    operations = [found.ok() for found in schemathesis.openapi.from_dict(dict(described)).get_all_operations()]
    return {(one.method.upper(), one.path): _tried(one, client, f"{client.base_url}{base}", statuses) for one in operations}


def _tried(operation: APIOperation, client: httpx.Client, base: str, statuses: set[int]) -> set[int]:
    seen = set()

    def ask(case: Case) -> None:
        answer = case.call(base_url=base, headers=dict(client.headers), timeout=20)
        seen.add(answer.status_code)
        assert answer.status_code in statuses, (answer.status_code, case.method, case.path, case.query, case.body)
        if answer.status_code >= 400 and answer.status_code != 405:
            told = answer.json()
            assert set(told) >= {"code", "message"} and any("\u4e00" <= sign <= "\u9fff" for sign in told["message"]), told

    for mode in GenerationMode:
        with contextlib.suppress(*(Unsatisfiable,) if mode is GenerationMode.NEGATIVE else ()):  # what takes nothing can be given nothing wrong
            TRIES(given(case=operation.as_strategy(generation_mode=mode))(ask))()
    return seen


@pytest.mark.parametrize("scopes", [tuple(Scope), (Scope.HOMES,)], ids=lambda scopes: " ".join(scopes))
def test_whatever_a_program_sends_is_answered_or_refused_in_words(village, scopes):
    home, box = home_with_box(village)
    client, _ = program(village, *scopes)
    described = client.get("/api/v1/openapi.json").json()
    # by chance nobody would hit upon a home, a line that can be spoken and a time to come, and nothing would ever be sent
    fields = described["components"]["schemas"]["NewNotice"]["properties"]
    fields["homes"]["items"] = {"enum": [home]}
    fields |= {"title": {"enum": ["停水", "停\0水", "停\n水", ""]}, "expires_at": {"type": "null"}, "question": {"enum": ["", "您来吗"]}}
    answered = tried(described, client, "/api/v1", {200, 201, 400, 401, 403, 404, 405})
    assert len(answered) == len(described["paths"])
    assert answered["GET", "/homes"] >= ({200} if Scope.HOMES in scopes else {403})
    with village.hub.database.read() as work:
        sent = work.scalar(select(func.count(Notice.id)))
    assert (201 in answered["POST", "/notices"], sent > 0) == (Scope.SEND in scopes,) * 2
    assert len(box.messages()) == sent


def test_whatever_a_box_sends_is_answered_or_refused_in_words(village):
    box = joined(village)
    app = FastAPI()
    for route in link.router.routes:
        if route.path not in LEFT_OUT:
            app.add_api_route(route.path, route.endpoint, methods=list(route.methods))
    answered = tried(app.openapi(), box._client, "", {200, 202, 400, 404, 405, 429})
    files = {"/link/audio/{upload_id}", "/link/picture/{upload_id}"}  # there are none
    assert {path for _, path in answered} == {"/link/join", "/link/messages", "/link/receipts", "/link/status"} | files
    assert all((404 if path in files else 200) in seen for (_, path), seen in answered.items()), answered
    assert box.messages() == [] and box.join().status_code == 200
