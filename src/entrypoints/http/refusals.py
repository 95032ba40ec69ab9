"""What HTTP itself refuses, ahead of any use case: wrong addresses, methods, hosts and media types."""

from __future__ import annotations

from collections.abc import Iterable

from synctv.entrypoints.errors import Problem


class Refused(Exception):
    """A request that no use case gets to see. `headers` go with the answer."""

    def __init__(self, problem: Problem, headers: Iterable[tuple[bytes, bytes]] = ()) -> None:
        self.problem = problem
        self.headers = tuple(headers)
        super().__init__(problem.detail)


def no_route(path: str) -> Refused:
    """There is nothing at this address."""
    detail = f"There is nothing at {path[:200]}. The API is described at /api/v1/openapi.json."
    return Refused(Problem(404, "NOT_FOUND", "not_found", "Not available", detail))


def wrong_method(method: str, allowed: Iterable[str]) -> Refused:
    """There is something at this address, but not for this method."""
    names = ", ".join(sorted(allowed))
    detail = f"{method} is not possible here. Possible are: {names}."
    problem = Problem(405, "UNIMPLEMENTED", "invalid_argument", "Method not allowed", detail)
    return Refused(problem, [(b"Allow", names.encode())])


def wrong_media_type() -> Refused:
    """The body is not said to be JSON."""
    detail = "Send the body as JSON, with the header Content-Type: application/json."
    problem = Problem(415, "INVALID_ARGUMENT", "invalid_argument", "Unsupported media type", detail)
    return Refused(problem, [(b"Accept-Post", b"application/json")])


def wrong_host() -> Refused:
    """The Host header names no host."""
    detail = "The Host header of this request is not the name of a host."
    return Refused(Problem(400, "INVALID_ARGUMENT", "invalid_argument", "Something in the request is wrong", detail))
