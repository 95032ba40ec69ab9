"""Providers of other processes: what they can do is what their server says, as soon as it says it."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from urllib.parse import urlsplit

from synctv.adapters.providers.kit import Arriving, ProviderKit
from synctv.adapters.providers.remote.address import RemoteAddress
from synctv.adapters.providers.remote.line import Line, Method, Request, T
from synctv.adapters.providers.remote.messages import (
    Nonsense,
    all_resolved,
    listing_of,
    login_of,
    manifest_of,
    source_of,
    source_text,
    to_login,
)
from synctv.adapters.providers.remote.offers import offer_of, to_play
from synctv.adapters.providers.remote.wire.synctv import v1 as wire
from synctv.application.ports.clock import Clock
from synctv.application.ports.providers import (
    Browses,
    Capability,
    Listing,
    Login,
    Manifest,
    NewLogin,
    PlayRequest,
    Provider,
    Recognises,
    Reports,
    ResolvedSource,
    Searches,
    SignsIn,
    Source,
)
from synctv.domain.delivery.offer import Offer, origin_of
from synctv.domain.errors import DomainError, Invalid, UpstreamFormat
from synctv.domain.ids import seconds_after

MANIFEST = Manifest(name="remote", title="Another process", priority=60)
"""What is known of each before its server answered, but for its name."""

FIRST_WAIT_SECONDS = 1.0
LONGEST_WAIT_SECONDS = 30.0
LOOK_SECONDS = 60.0
"""So often it is looked whether the other process is another one by now."""
RECOGNISE_SECONDS = 5.0
MAX_TEXT = 4_096
PASTED = "pasted"
"""The field of a source that is nothing but a text, of which the other process has not been asked yet."""

log = logging.getLogger(__name__)


class _Speaks:
    """What all parts of a remote provider have in common."""

    def __init__(self, line: Line, manifest: Manifest, hosts: Collection[str] = ()) -> None:
        self.line = line
        self.manifest = manifest
        self.hosts = hosts

    @property
    def there(self) -> str:
        """What it is called in the other process."""
        return self.line.address.provider

    def nonsense(self, error: Nonsense) -> UpstreamFormat:
        """What an answer that makes no sense is."""
        log.warning("The remote provider %s answered nonsense: %s", self.line.address.shown, error)
        return UpstreamFormat(self.line.address.shown)

    async def ask(self, method: Method[Request, T], request: Request) -> T:
        """What the other process answers."""
        return await self.line.ask(method, request)


class RemoteProvider(_Speaks, Provider, Arriving):
    """Resolves and plays in another process. Everything else that one can do is added by `_kind`."""

    _now: RemoteProvider | None = None
    _clock: Clock

    @classmethod
    def at(cls, address: RemoteAddress, clock: Clock) -> RemoteProvider:
        """The provider at an address, of which nothing is known yet. Nobody is called."""
        made = cls(Line(address), Manifest(address.name, address.name, MANIFEST.priority))
        made._clock = clock
        return made

    def arrived(self) -> Provider:
        """It with all its capabilities, once they are known."""
        return self._now or self

    async def follow(self) -> None:
        """Asks what it is until there is an answer, and from then on now and then. Closes the line at its end."""
        wait, shown = FIRST_WAIT_SECONDS, self.line.address.shown
        try:
            while True:
                try:
                    await self.learn()
                except DomainError as error:
                    if wait == FIRST_WAIT_SECONDS:
                        log.warning("The remote provider %s is not there: %s", shown, error)
                    pause, wait = wait, min(2 * wait, LONGEST_WAIT_SECONDS)
                else:
                    pause, wait = LOOK_SECONDS, FIRST_WAIT_SECONDS
                await self._clock.sleep_until(seconds_after(self._clock.now(), pause))
        finally:
            self.line.close()

    async def learn(self) -> None:
        """Asks what it is. Raises what the line raises, and `UpstreamFormat` where there is no such provider."""
        told = await self.ask(wire.ProviderStub.list, wire.ProviderListRequest())
        found = next((one for one in told.providers if one.name == self.there), None)
        if found is None:
            raise UpstreamFormat(self.line.address.shown, f"it has no provider called {self.there}.")
        try:
            manifest = manifest_of(found, self.name)
        except Nonsense as error:
            raise self.nonsense(error) from error
        capabilities = {one for one in Capability if one.value in found.capabilities}
        if not manifest.logins:
            capabilities.discard(Capability.LOGIN)
        if self._now is None:
            log.info("The remote provider %s is there", self.line.address.shown)
        self._now = _kind(frozenset(capabilities))(self.line, manifest, frozenset(found.hosts))

    async def resolve(self, source: Source, login: Login | None = None) -> Sequence[ResolvedSource]:
        """What the source is."""
        if PASTED in source:
            source = await self._recognised(str(source[PASTED]))
        request = wire.ProviderResolveRequest(self.there, source_text(source), to_login(login))
        answer = await self.ask(wire.ProviderStub.resolve, request)
        try:
            return all_resolved(answer.found)
        except Nonsense as error:
            raise self.nonsense(error) from error

    async def play(self, request: PlayRequest) -> Offer:
        """What there is of it now."""
        answer = await self.ask(wire.ProviderStub.play, wire.ProviderPlayRequest(self.there, to_play(request)))
        try:
            return offer_of(answer, self.name)
        except Nonsense as error:
            raise self.nonsense(error) from error

    async def _recognised(self, text: str) -> Source:
        request = wire.ProviderRecogniseRequest(self.there, text[:MAX_TEXT])
        answer = await self.line.ask(wire.ProviderStub.recognise, request, RECOGNISE_SECONDS)
        if answer.source is None:
            raise Invalid.field(f"source.{PASTED}", f"{self.manifest.title} does not know what this is.", "unknown")
        try:
            return source_of(answer.source)
        except Nonsense as error:
            raise self.nonsense(error) from error


class _Recognising(_Speaks, Recognises):
    def recognise(self, text: str) -> Source | None:
        """The text itself, if it is an address of one of the hosts; the other process is asked when it is resolved."""
        address = text.strip()
        try:
            parts = urlsplit(address)
            usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        except ValueError:
            return None
        if not usable or not address.isprintable() or len(address) > MAX_TEXT or not self._knows(parts.hostname or ""):
            return None
        per_server = any(field.name == "server" for form in self.manifest.logins for field in form.fields)
        return {PASTED: address} | ({"server": origin_of(address)} if per_server else {})

    def _knows(self, host: str) -> bool:
        labels = host.split(".")
        below = {"*." + ".".join(labels[index:]) for index in range(1, len(labels))}
        return not self.hosts or not ({host} | below).isdisjoint(self.hosts)


class _Browsing(_Speaks, Browses):
    async def browse(self, login: Login | None, path: str, cursor: str | None, limit: int) -> Listing:
        """A page of a folder."""
        request = wire.ProviderBrowseRequest(self.there, to_login(login), path, cursor, limit)
        answer = await self.ask(wire.ProviderStub.browse, request)
        try:
            return listing_of(answer.listing)
        except Nonsense as error:
            raise self.nonsense(error) from error


class _Searching(_Speaks, Searches):
    async def search(self, login: Login | None, query: str, path: str, cursor: str | None, limit: int) -> Listing:
        """A page of what was found."""
        request = wire.ProviderSearchRequest(self.there, to_login(login), query, path, cursor, limit)
        answer = await self.ask(wire.ProviderStub.search, request)
        try:
            return listing_of(answer.listing)
        except Nonsense as error:
            raise self.nonsense(error) from error


class _SigningIn(_Speaks, SignsIn):
    async def sign_in(self, form: str, fields: Mapping[str, str]) -> NewLogin:
        """Signs in there. The login comes back, and is kept here."""
        request = wire.ProviderSignInRequest(self.there, form, dict(fields))
        answer = await self.ask(wire.ProviderStub.sign_in, request)
        login = login_of(answer.login)
        if login is None:
            raise self.nonsense(Nonsense("There is no login in the answer."))
        return NewLogin(login, answer.label)

    async def check(self, login: Login) -> str:
        """As whom the login is known now."""
        answer = await self.ask(wire.ProviderStub.check, wire.ProviderCheckRequest(self.there, to_login(login)))
        return answer.label


class _Reporting(_Speaks, Reports):
    async def report(self, request: PlayRequest, position: float, *, playing: bool, ended: bool) -> None:
        """Notes the position."""
        message = wire.ProviderReportRequest(self.there, to_play(request), position, playing, ended)
        await self.ask(wire.ProviderStub.report, message)


_PARTS: Mapping[Capability, type] = {
    Capability.RECOGNISE: _Recognising,
    Capability.BROWSE: _Browsing,
    Capability.SEARCH: _Searching,
    Capability.LOGIN: _SigningIn,
    Capability.REPORT: _Reporting,
}


@cache
def _kind(capabilities: frozenset[Capability]) -> type[RemoteProvider]:
    """The class of a remote provider that can do this: what one can do is what it is an instance of."""
    parts = tuple(part for capability, part in _PARTS.items() if capability in capabilities)
    return type(RemoteProvider.__name__, (RemoteProvider, *parts), {})


def providers(kit: ProviderKit) -> Sequence[Provider]:
    """One for each that the operator set up."""
    return [RemoteProvider.at(address, kit.clock) for address in kit.remotes]
