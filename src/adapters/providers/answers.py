"""What the answers of other servers mean, for all providers that speak HTTP and JSON to them."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from synctv.application.ports.fetch import FetchResponse
from synctv.domain.delivery.upstream_status import failure, host_of, seconds_of
from synctv.domain.errors import UpstreamFormat
from synctv.domain.ids import Micros

__all__ = ["decoded", "failure", "host_of", "must_be_good", "seconds_of"]

T = TypeVar("T")


def must_be_good(response: FetchResponse, now: Micros) -> FetchResponse:
    """The answer, if its status is 2xx. Else raises the `UpstreamFailed` that its status means."""
    if 200 <= response.status < 300:
        return response
    raise failure(host_of(response.url), response.status, response.headers.get("retry-after"), now)


def decoded(response: FetchResponse, kind: type[T]) -> T:
    """The JSON body as this type. Raises `UpstreamFormat` for anything else, such as a page of HTML."""
    host = host_of(response.url)
    if response.truncated:
        raise UpstreamFormat(host, "its answer is far longer than expected.")
    try:
        return msgspec.json.decode(response.body, type=kind, strict=False)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        if response.body.lstrip()[:1] == b"<":
            raise UpstreamFormat(
                host, "it answered with a web page. Check the address: it may lack a path, or a proxy is in the way."
            ) from None
        raise UpstreamFormat(host) from None
