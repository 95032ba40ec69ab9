"""What happens around every handler: the request id, the log, the headers, and errors becoming problems."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable

import structlog
from blacksheep import Request, Response
from blacksheep.exceptions import HTTPException, MessageAborted

from synctv.domain.errors import DomainError
from synctv.entrypoints.errors import INTERNAL, problem_of
from synctv.entrypoints.http.answers import problem_response
from synctv.entrypoints.http.headers import preflight, secure, share
from synctv.entrypoints.http.options import HttpOptions
from synctv.entrypoints.http.refusals import Refused

log = structlog.stdlib.get_logger(__name__)

Next = Callable[[Request], Awaitable[Response]]

_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,128}")
_MEDIA = "/media/v1/"
_CLIENT_LEFT = 499
"""Only for the log, as other servers write it: there is nobody left to read an answer."""


def pipeline(options: HttpOptions) -> Callable[[Request, Next], Awaitable[Response]]:
    """The one middleware."""

    async def around(request: Request, handler: Next) -> Response:
        request_id = _request_id(request, options)
        loop = asyncio.get_running_loop()
        began = loop.time()
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response = await _answer(request, handler, request_id)
            response.set_header(b"X-Request-Id", request_id.encode())
            secure(request, response)
            share(request, response, options)
            _log(request, response, loop.time() - began)
        return response

    return around


def _request_id(request: Request, options: HttpOptions) -> str:
    given = request.get_first_header(b"x-request-id")
    if given is not None and _REQUEST_ID.fullmatch(given):
        return given.decode()
    return options.new_request_id()


async def _answer(request: Request, handler: Next, request_id: str) -> Response:
    try:
        return preflight(request) or await handler(request)
    except MessageAborted:
        return Response(_CLIENT_LEFT)
    except Refused as refused:
        response = problem_response(refused.problem, request_id)
        for name, value in refused.headers:
            response.set_header(name, value)
        return response
    except DomainError as error:
        problem = problem_of(error)
        if problem.status >= 500:
            log.warning("request could not be carried out", code=problem.code, detail=problem.detail)
        return problem_response(problem, request_id)
    except HTTPException as error:
        # The library's own way to refuse; nothing here asks it to, so it is as much a surprise as any other error.
        log.warning("refused by the HTTP library", status=error.status, detail=str(error))
        return problem_response(INTERNAL, request_id)
    except Exception:
        log.exception("request failed")
        return problem_response(INTERNAL, request_id)


def _log(request: Request, response: Response, seconds: float) -> None:
    # The path without its query: what is in there may be secret. An address of media opens the door for its viewer.
    path = request.url.path.decode("ascii", "replace")
    if path.startswith(_MEDIA):
        path = f"{_MEDIA}…"
    level = log.info if path.startswith("/api/") else log.debug
    level("request", method=request.method, path=path, status=response.status, seconds=round(seconds, 4))
