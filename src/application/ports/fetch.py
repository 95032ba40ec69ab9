"""Calls to servers that are not ours: providers and media hosts."""

from __future__ import annotations

from abc import ABC, ABCMeta, abstractmethod
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class FetchRequest:
    """One call. `max_bytes` bounds the body that is read; `timeout` is in seconds, for the whole call.

    Headers and body may hold secrets, so that they are not part of its text form. Without `follow` a redirect is an
    answer like any other, for who has to see where it leads.
    """

    url: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | None = field(default=None, repr=False)
    max_bytes: int = 1 << 20
    timeout: float = 10.0
    max_redirects: int = 5
    follow: bool = True


@dataclass(frozen=True, slots=True)
class FetchResponse:
    """The answer: names of headers are lower case; `url` is the address that answered, after redirects.

    `truncated` says that the body was longer than `max_bytes` and is cut there.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str
    truncated: bool


@dataclass(frozen=True, slots=True)
class StreamRequest:
    """One call for a body of any length.

    `head_timeout` is in seconds until the headers of the answer, redirects included; `stall_timeout` from one piece of
    the body to the next. There is no limit for the whole.
    """

    url: str = field(repr=False)
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    head_timeout: float = 15.0
    stall_timeout: float = 20.0
    max_redirects: int = 5


class FetchStream(metaclass=ABCMeta):
    """An answer whose body is still on its way: names of headers are lower case, `url` is the address that answered."""

    status: int
    headers: Mapping[str, str]
    url: str

    @abstractmethod
    def chunks(self) -> AsyncIterator[bytes]:
        """The body as it arrives, in pieces of at most 1 MiB, once.

        No more than a few pieces are read ahead of who iterates. Raises `UpstreamTimeout` when nothing came for the
        stall timeout, and `UpstreamFailed` when the body ends before its announced length.
        """


class Fetch(ABC):
    """Fetches over HTTP(S), within the egress policy.

    Every hop of a redirect is checked anew; the address that was checked is the one that is connected to.
    No cookies are kept, no proxy is taken from the environment, nothing is retried.
    """

    @abstractmethod
    async def fetch(self, request: FetchRequest) -> FetchResponse:
        """The answer, whatever its status.

        Raises `Invalid` for an address that is no http(s) URL, `UpstreamRefused` where the egress policy forbids it
        (the sentence names the setting that allows it), `UpstreamTimeout`, and `UpstreamFailed` for any other failure,
        such as one more redirect than `max_redirects`.
        """

    @abstractmethod
    def stream(self, request: StreamRequest) -> AbstractAsyncContextManager[FetchStream]:
        """The answer, whatever its status, as soon as its headers are there. Leaving the block ends the transfer.

        Entering it raises as `fetch` does.
        """
