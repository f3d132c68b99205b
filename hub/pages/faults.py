"""What went wrong, told to a person as a page and to a program as JSON."""
from __future__ import annotations

from fastapi import Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from hub.errors import HubError, NotSignedIn, Refused, TooMany
from hub.pages.look import page

PROGRAMS = ("/link", "/api")


def told(request: Request, error: HubError) -> Response:
    shown = error.shown if isinstance(error, Refused) else error.spoken
    headers = {"Retry-After": str(error.wait_s)} if isinstance(error, TooMany) else {}
    if request.url.path.startswith(PROGRAMS):
        return JSONResponse({"code": error.code, "message": shown}, error.status, headers)
    if isinstance(error, NotSignedIn):
        if "hx-request" in request.headers:
            return Response(status_code=204, headers={"HX-Redirect": "/login"})
        return RedirectResponse("/login", 303)
    answer = page(request, "fault.html", status=error.status, shown=shown)
    answer.headers.update(headers)
    return answer
