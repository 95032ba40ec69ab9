"""The line to another process: one connection that is made anew when it broke, and calls that end in time."""

from __future__ import annotations

import ssl
from collections.abc import Awaitable, Callable
from typing import TypeVar

import betterproto2
from grpclib import GRPCError
from grpclib.client import Channel
from grpclib.config import Configuration
from grpclib.exceptions import ProtocolError, StreamTerminatedError

from synctv.adapters.providers.remote.address import RemoteAddress
from synctv.adapters.providers.remote.bounds import MAX_REQUEST_BYTES, TOO_LARGE, BoundedChannel
from synctv.adapters.providers.remote.failures import FailureDetails, error_of
from synctv.adapters.providers.remote.wire.synctv import v1 as wire
from synctv.domain.errors import Invalid, UpstreamFormat, UpstreamTimeout, UpstreamUnavailable

CALL_SECONDS = 30.0
KEEPALIVE_SECONDS = 20.0

Request = TypeVar("Request", bound=betterproto2.Message)
T = TypeVar("T")
Method = Callable[[wire.ProviderStub, Request], Awaitable[T]]


class Line:
    """Calls one server. It connects with the first call, and again with the next one after the connection broke."""

    def __init__(self, address: RemoteAddress) -> None:
        self.address = address
        self._channel: Channel | None = None

    async def ask(self, method: Method[Request, T], request: Request, seconds: float = CALL_SECONDS) -> T:
        """What the server answers to a call of this method.

        Raises the error that it told, `UpstreamUnavailable` where it can't be reached, `UpstreamTimeout`, and
        `UpstreamFormat` where it does not speak as it should.
        """
        shown = self.address.shown
        if len(bytes(request)) > MAX_REQUEST_BYTES:
            raise Invalid.field("source", "This is too much for a remote provider.", "length")
        try:
            return await method(self._stub(seconds), request)
        except GRPCError as error:
            raise error_of(error, shown) from error
        except TimeoutError:
            raise UpstreamTimeout(shown, seconds) from None
        except OSError as error:
            raise _unreachable(shown, error) from error
        except (StreamTerminatedError, ProtocolError, AssertionError, ValueError, AttributeError) as error:
            known = _by_library(shown, error)
            raise known from (None if known is error else error)

    def close(self) -> None:
        """Ends the connection. The next call would make another one."""
        if self._channel is not None:
            self._channel.close()
            self._channel = None

    def _stub(self, seconds: float) -> wire.ProviderStub:
        if self._channel is None:
            self._channel = _channel(self.address)
        token = self.address.token
        metadata = {"authorization": f"Bearer {token}"} if token else None
        return wire.ProviderStub(self._channel, timeout=seconds, metadata=metadata)


def _channel(address: RemoteAddress) -> Channel:
    return BoundedChannel(
        address.host,
        address.port,
        ssl=_tls(address) if address.tls else None,
        status_details_codec=FailureDetails(),
        # A connection that died without a word is noticed while a call waits for it.
        config=Configuration(_keepalive_time=KEEPALIVE_SECONDS, _keepalive_timeout=KEEPALIVE_SECONDS),
    )


def _tls(address: RemoteAddress) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=address.ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["h2"])
    return context


def _unreachable(shown: str, error: OSError) -> UpstreamUnavailable:
    if isinstance(error, ssl.SSLError):
        reason = "it can't be talked to over TLS. Whoever runs this server can check its certificate and `ca_file`."
        return UpstreamUnavailable(shown, reason)
    return UpstreamUnavailable(shown, "it can't be reached. Whoever runs it can start it.")


def _by_library(shown: str, error: Exception) -> Exception:
    """What the library says with its own errors and those of Python; one of ours stays as it is."""
    if isinstance(error, StreamTerminatedError):
        too_large = UpstreamFormat(shown, "its answer is far longer than expected.")
        return too_large if TOO_LARGE in str(error) else _away(shown)
    if not isinstance(error, AttributeError):
        # Bytes that make no sense, as protocol or as message.
        return UpstreamFormat(shown)
    # grpclib takes itself apart when a connection ends, and trips over that when a call begins just then.
    library = type(error.obj).__module__.partition(".")[0] in {"grpclib", "h2"}
    return _away(shown) if library else error


def _away(shown: str) -> UpstreamUnavailable:
    return UpstreamUnavailable(shown, "it went away before it answered. Try again in a moment.")
