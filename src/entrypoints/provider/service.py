"""The provider service: each call becomes one call of a provider of this process."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TypeVar

from grpclib import GRPCError, Status

from synctv.adapters.providers.remote.failures import failure_of
from synctv.adapters.providers.remote.messages import (
    Nonsense,
    login_of,
    source_of,
    source_text,
    to_listing,
    to_login,
    to_manifest,
    to_resolved,
)
from synctv.adapters.providers.remote.offers import play_of, to_offer
from synctv.adapters.providers.remote.wire.synctv import v1 as wire
from synctv.application.ports.providers import (
    Browses,
    Login,
    Provider,
    Recognises,
    Reports,
    Searches,
    SignsIn,
    capabilities,
)
from synctv.domain.errors import DomainError
from synctv.entrypoints.errors import INTERNAL, problem_of

MAX_TEXT = 4_096

Can = TypeVar("Can")

log = logging.getLogger(__name__)


class ProviderService(wire.ProviderBase):
    """Offers these providers under their names."""

    def __init__(self, providers: Mapping[str, Provider]) -> None:
        self._providers = providers

    async def list(self, message: wire.ProviderListRequest) -> wire.ProviderListResponse:
        """All of them."""
        found = [to_manifest(one.manifest, capabilities(one)) for _, one in sorted(self._providers.items())]
        return wire.ProviderListResponse(found)

    async def recognise(self, message: wire.ProviderRecogniseRequest) -> wire.ProviderRecogniseResponse:
        """Whether a text is one of its own."""
        with told_as_status():
            source = self._that(message.provider, Recognises).recognise(message.text[:MAX_TEXT])  # type: ignore[type-abstract]
            return wire.ProviderRecogniseResponse(None if source is None else source_text(source))

    async def resolve(self, message: wire.ProviderResolveRequest) -> wire.ProviderResolveResponse:
        """What a source is."""
        with told_as_status():
            provider = self._provider(message.provider)
            found = await provider.resolve(source_of(message.source), login_of(message.login))
            return wire.ProviderResolveResponse([to_resolved(one) for one in found])

    async def play(self, message: wire.ProviderPlayRequest) -> wire.ProviderPlayResponse:
        """What there is of it."""
        with told_as_status():
            return to_offer(await self._provider(message.provider).play(play_of(message.play)))

    async def browse(self, message: wire.ProviderBrowseRequest) -> wire.ProviderBrowseResponse:
        """A page of a folder."""
        with told_as_status():
            provider = self._that(message.provider, Browses)  # type: ignore[type-abstract]
            listing = await provider.browse(login_of(message.login), message.path, message.cursor, message.limit)
            return wire.ProviderBrowseResponse(to_listing(listing))

    async def search(self, message: wire.ProviderSearchRequest) -> wire.ProviderSearchResponse:
        """A page of what was found."""
        with told_as_status():
            provider = self._that(message.provider, Searches)  # type: ignore[type-abstract]
            listing = await provider.search(
                login_of(message.login), message.query, message.path, message.cursor, message.limit
            )
            return wire.ProviderSearchResponse(to_listing(listing))

    async def sign_in(self, message: wire.ProviderSignInRequest) -> wire.ProviderSignInResponse:
        """Signs in."""
        with told_as_status():
            provider = self._that(message.provider, SignsIn)  # type: ignore[type-abstract]
            new = await provider.sign_in(message.form, message.fields)
            return wire.ProviderSignInResponse(to_login(new.login), new.label)

    async def check(self, message: wire.ProviderCheckRequest) -> wire.ProviderCheckResponse:
        """As whom a login is known."""
        with told_as_status():
            provider = self._that(message.provider, SignsIn)  # type: ignore[type-abstract]
            return wire.ProviderCheckResponse(await provider.check(_told(message.login)))

    async def report(self, message: wire.ProviderReportRequest) -> wire.ProviderReportResponse:
        """Notes a position."""
        with told_as_status():
            provider = self._that(message.provider, Reports)  # type: ignore[type-abstract]
            played = play_of(message.play)
            await provider.report(played, message.position, playing=message.playing, ended=message.ended)
            return wire.ProviderReportResponse()

    def _provider(self, name: str) -> Provider:
        provider = self._providers.get(name)
        if provider is None:
            raise GRPCError(Status.NOT_FOUND, f"There is no provider called {name[:40]} here.")
        return provider

    def _that(self, name: str, can: type[Can]) -> Can:
        provider = self._provider(name)
        if not isinstance(provider, can):
            raise GRPCError(Status.UNIMPLEMENTED, f"The provider {name[:40]} can't do this.")
        return provider


def _told(message: wire.ProviderLogin | None) -> Login:
    login = login_of(message)
    if login is None:
        raise Nonsense("There is no login in the request.")
    return login


@contextmanager
def told_as_status() -> Iterator[None]:
    """Turns whatever fails inside into a gRPC status. What is not in the table is logged, and says nothing."""
    try:
        yield
    except GRPCError:
        raise
    except Nonsense as error:
        raise GRPCError(Status.INVALID_ARGUMENT, str(error)) from error
    except Exception as error:
        problem = problem_of(error)
        if problem is INTERNAL or not isinstance(error, DomainError):
            log.exception("A provider failed")
            raise GRPCError(Status.INTERNAL, INTERNAL.detail) from error
        raise GRPCError(Status[problem.grpc], problem.detail, failure_of(error)) from error
