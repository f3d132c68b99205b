"""The hub as one ASGI application."""
from __future__ import annotations

import contextlib
import logging
from collections.abc import AsyncIterator

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.staticfiles import StaticFiles
from sqlalchemy.exc import DataError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from hub.api.routes import create_api
from hub.errors import HubError, NotFound, Refused, TooLarge
from hub.headers import SecurityHeaders, headers
from hub.limits import BodyLimit
from hub.link import routes as link
from hub.pages import faults
from hub.pages.all import ROUTERS
from hub.pages.look import STATIC
from hub.parts import Parts, running

log = logging.getLogger(__name__)


def create_app(parts: Parts) -> FastAPI:
    """``parts`` are closed with the application."""

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with running(parts):
            yield

    app = FastAPI(title="乡音 hub", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    app.state.parts = parts
    app.add_middleware(BodyLimit)
    app.add_middleware(SecurityHeaders, https=parts.settings.is_https)
    app.include_router(link.router)
    for router in ROUTERS:
        app.include_router(router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    api = create_api(parts)
    app.mount("/api/v1", api)
    for one in (app, api):
        for kind, answer in _ANSWERS.items():
            one.add_exception_handler(kind, answer)
    return app


def _refused(request: Request, error: HubError) -> Response:
    if error.status >= 500:
        log.error("%s %s: %s", request.method, request.url.path, error)
    return faults.told(request, error)


def _not_understood(request: Request, error: RequestValidationError) -> Response:
    named = "、".join(sorted({str(one["loc"][-1]) for one in error.errors()}))
    return faults.told(request, Refused(f"填的内容不对：{named}"))


def _not_to_be_kept(request: Request, error: DataError) -> Response:
    """PostgreSQL takes no NUL in a text and nothing longer than its column, and says so also where it only looks for it."""
    log.info("%s %s: %s", request.method, request.url.path, error.orig)
    return faults.told(request, Refused("填的内容不对：太长，或者有不认识的字符"))


def _of_starlette(request: Request, error: HTTPException) -> Response:
    if error.status_code == 404:
        return faults.told(request, NotFound(request.url.path))
    if error.status_code == 413:
        return faults.told(request, TooLarge(request.url.path))
    return Response(status_code=error.status_code, headers=error.headers)


def _broken(request: Request, error: Exception) -> Response:
    """The traceback is logged by the server. Starlette answers this outside of all middleware."""
    answer = faults.told(request, HubError(f"{type(error).__name__}: {error}"))
    answer.headers.update(headers(request.app.state.parts.settings.is_https))
    return answer


_ANSWERS = {HubError: _refused, RequestValidationError: _not_understood, DataError: _not_to_be_kept, HTTPException: _of_starlette,
            Exception: _broken}
