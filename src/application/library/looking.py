"""Looking for something to add: a pasted text, a source by hand, the folders of a provider, and a search there."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from synctv.application.library.credentials import Credentials
from synctv.application.library.discretion import FOLDERS_SERVER, discretion
from synctv.application.library.findings import Finding, Findings
from synctv.application.library.live_folders import PAGE, LiveFolders
from synctv.application.limits.portions import person
from synctv.application.ports.providers import (
    Browses,
    Crumb,
    Listing,
    Login,
    Provider,
    Recognises,
    ResolvedSource,
    Searches,
    SignsIn,
    Source,
)
from synctv.application.ports.transaction import Transactions
from synctv.application.rooms.access import Access
from synctv.domain.errors import DomainError, FieldError, Invalid, NotFound, UpstreamCredential, UpstreamFailed
from synctv.domain.ids import AccountId, CredentialId, FolderId, RoomId
from synctv.domain.library.folder import DynamicSource, Folder
from synctv.domain.library.typed_address import completed
from synctv.domain.rooms.actor import AccountActor, Actor
from synctv.domain.rooms.permissions import Permission

MAX_TEXT = 8_192
MAX_QUERY = 200


@dataclass(frozen=True, slots=True)
class Pasted:
    """Whatever somebody pasted."""

    text: str


@dataclass(frozen=True, slots=True)
class Given:
    """A source of a provider, filled in by hand."""

    provider: str
    source: Source
    credential_id: CredentialId | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """A page of a folder of a provider; the empty path is its top."""

    provider: str
    path: str = ""
    cursor: str | None = None
    credential_id: CredentialId | None = None


@dataclass(frozen=True, slots=True)
class Searched:
    """A page of what is found by words below a folder of a provider."""

    provider: str
    query: str
    path: str = ""
    cursor: str | None = None
    credential_id: CredentialId | None = None


@dataclass(frozen=True, slots=True)
class OpenedDynamic:
    """A page of a dynamic folder of the room."""

    folder_id: FolderId
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class OpenedWithin:
    """A page of a folder that a finding lists, in a dynamic folder of the room."""

    finding_id: str
    path: str
    cursor: str | None = None


Look = Pasted | Given | Opened | Searched | OpenedDynamic | OpenedWithin


@dataclass(frozen=True, slots=True)
class _Access:
    """With which login, whose and where, for the sentence when it is refused."""

    login: Login | None
    credential_id: CredentialId | None


@dataclass(frozen=True, slots=True)
class Looking:
    """Asks providers on behalf of who looks. Nothing is added by that."""

    transactions: Transactions
    access: Access
    providers: Mapping[str, Provider]
    credentials: Credentials
    findings: Findings
    live: LiveFolders

    async def look(self, actor: Actor, room_id: RoomId, look: Look) -> Finding:
        """What is there. Whoever may add something may look; a dynamic folder is for all who see the library.

        Raises `Denied`, `Invalid`, `NotFound`, what providers raise, and `UpstreamCredential`, which names the provider
        and its server, where a login is missing or no longer good, and `TooManyCalls`.
        """
        shown = isinstance(look, OpenedDynamic | OpenedWithin)
        needed = Permission.BROWSE_LIBRARY if shown else Permission.MANAGE_OWN_MEDIA
        async with self.transactions.read() as tx:
            (await self.access.standing(tx, actor, room_id)).require(needed)
        match look:
            case Pasted():
                return await self._pasted(actor, room_id, look.text)
            case Given():
                return await self._given(actor, room_id, look)
            case Opened() | Searched():
                return await self._listed(actor, room_id, look)
            case OpenedDynamic():
                return await self._dynamic(actor, room_id, look.folder_id, None, look.cursor)
            case OpenedWithin():
                return await self._within(actor, room_id, look)

    # ------------------------------------------------------------ what is pasted or given

    async def _pasted(self, actor: Actor, room_id: RoomId, text: str) -> Finding:
        """Those who recognise the text are asked in their order; who finds nothing in it makes room for the next.

        What nobody recognises may be an address without its scheme.
        """
        text = text.strip()
        if not text or len(text) > MAX_TEXT:
            raise Invalid.field("text", f"Paste an address or a name of at most {MAX_TEXT:,} characters.", "length")
        recognised, address = self._recognised(text), None
        if not recognised and (address := completed(text)) is not None:
            recognised = self._recognised(address)
        refusal: DomainError | None = None
        for provider, source in recognised:
            try:
                access = await self._matching(actor, provider, source)
                found = await self._resolved(provider, source, access, person(actor.ref, room_id))
            except (Invalid, UpstreamFailed) as error:
                if isinstance(error, UpstreamCredential):
                    raise
                if refusal is None or _gives_way(refusal):
                    refusal = _about_the_text(error)
                continue
            listing = Listing(tuple(found), total=len(found))
            return await self.findings.keep(
                actor, room_id, provider.name, access.credential_id, listing, address=address
            )
        raise refusal or Invalid.field(
            "text", "Nobody here knows what this is. Paste an address that begins with https://.", "unknown"
        )

    def _recognised(self, text: str) -> Sequence[tuple[Provider, Source]]:
        known = [provider for provider in self.providers.values() if isinstance(provider, Recognises)]
        known.sort(key=lambda provider: provider.manifest.priority)
        return [(one, source) for one in known if (source := one.recognise(text)) is not None]

    async def _given(self, actor: Actor, room_id: RoomId, look: Given) -> Finding:
        provider = self._provider(look.provider)
        access = await self._chosen(actor, provider, look.credential_id)
        if access.login is None:
            access = await self._matching(actor, provider, _with_server(provider, look.source))
        found = await self._resolved(provider, look.source, access, person(actor.ref, room_id))
        return await self.findings.keep(
            actor, room_id, provider.name, access.credential_id, Listing(tuple(found), total=len(found))
        )

    async def _resolved(
        self, provider: Provider, source: Source, access: _Access, whose: str
    ) -> Sequence[ResolvedSource]:
        server = _with_server(provider, source).get("server")
        async with self._using(provider, access, server if isinstance(server, str) else None, whose):
            return await provider.resolve(source, access.login)

    # ------------------------------------------------------------ folders and searches

    async def _listed(self, actor: Actor, room_id: RoomId, look: Opened | Searched) -> Finding:
        provider = self._provider(look.provider)
        access = await self._chosen(actor, provider, look.credential_id)
        if access.login is None and isinstance(provider, SignsIn):
            access = await self._matching(actor, provider, {})
        listing = await self._listing(provider, access, look, person(actor.ref, room_id))
        path = look.path if isinstance(look, Opened) else None
        return await self.findings.keep(actor, room_id, provider.name, access.credential_id, listing, path=path)

    async def _listing(self, provider: Provider, access: _Access, look: Opened | Searched, whose: str) -> Listing:
        async with self._using(provider, access, None, whose):
            if isinstance(look, Searched):
                if not isinstance(provider, Searches):
                    raise Invalid.field("provider", f"{provider.manifest.title} can't be searched.", "capability")
                query = look.query.strip()
                if not query or len(query) > MAX_QUERY:
                    raise Invalid.field("query", f"Search with 1 to {MAX_QUERY} characters.", "length")
                return await provider.search(access.login, query, look.path, look.cursor, PAGE)
            if not isinstance(provider, Browses):
                raise Invalid.field("provider", f"{provider.manifest.title} has no folders to look into.", "capability")
            return await provider.browse(access.login, look.path, look.cursor, PAGE)

    async def _within(self, actor: Actor, room_id: RoomId, look: OpenedWithin) -> Finding:
        finding = await self.findings.get(actor, room_id, look.finding_id)
        # Only downwards: what lies above or beside the folder that was shared is nobody else's to see.
        if finding.dynamic is None or not finding.leads_to(look.path):
            raise Invalid.field(
                "folder", "This is no folder of that list. Choose one of those that it shows.", "choice"
            )
        return await self._dynamic(actor, room_id, finding.dynamic, look.path, look.cursor)

    async def _dynamic(
        self, actor: Actor, room_id: RoomId, folder_id: FolderId, path: str | None, cursor: str | None
    ) -> Finding:
        """A page of a dynamic folder, or of the folder at a path within (None: of itself)."""
        async with self.transactions.read() as tx:
            folder = await tx.folders.get(room_id, folder_id)
        if folder is None:
            raise NotFound("folder")
        source = folder.dynamic
        if source is None:
            raise Invalid.field("folderId", "This folder holds items of its own. List the library instead.", "static")
        path = source.path if path is None else path
        with discretion(folder.added_by, actor.id, FOLDERS_SERVER):
            listing = await self.live.page(folder, source, path, cursor, asked_by=actor.id)
        listing = replace(listing, crumbs=_from(folder, source, listing.crumbs))
        return await self.findings.keep(
            actor, room_id, source.provider, source.credential_id, listing, path=path, dynamic=folder
        )

    # ------------------------------------------------------------ logins

    async def _chosen(self, actor: Actor, provider: Provider, credential_id: CredentialId | None) -> _Access:
        if credential_id is None:
            return _Access(None, None)
        if not isinstance(actor, AccountActor):
            raise NotFound("sign-in")
        return _Access(await self._login(actor.id, credential_id, provider), credential_id)

    async def _login(self, owner: AccountId, credential_id: CredentialId, provider: Provider) -> Login:
        try:
            return await self.credentials.login_for(owner, credential_id, provider.name)
        except UpstreamCredential as error:
            raise error.at(provider.name, None) from None

    async def _matching(self, actor: Actor, provider: Provider, source: Source) -> _Access:
        """The actor's own login that fits the source, if there is one.

        Raises `Invalid` where the source names no server, and they have logins at several: nobody guesses which one.
        """
        if not isinstance(actor, AccountActor) or not isinstance(provider, SignsIn):
            return _Access(None, None)
        server = source.get("server")
        if not isinstance(server, str):
            server = None
            await self._must_be_at_one_server(actor, provider)
        found = await self.credentials.matching(actor.id, provider.name, server)
        return _Access(None, None) if found is None else _Access(found[1], found[0])

    async def _must_be_at_one_server(self, actor: AccountActor, provider: Provider) -> None:
        own = await self.credentials.list(actor)
        if len({one.server for one in own if one.provider == provider.name}) > 1:
            title = provider.manifest.title
            raise Invalid.field("credentialId", f"You have several sign-ins for {title}. Choose one of them.", "choice")

    @asynccontextmanager
    async def _using(self, provider: Provider, access: _Access, server: str | None, whose: str) -> AsyncIterator[None]:
        try:
            async with self.credentials.using(access.credential_id, whose):
                yield
        except UpstreamCredential as error:
            raise error.at(provider.name, access.login.server if access.login else server) from None

    def _provider(self, name: str) -> Provider:
        provider = self.providers.get(name)
        if provider is None:
            known = ", ".join(sorted(self.providers))
            raise Invalid.field("provider", f"There is no provider of this name. There are: {known}.", "choice")
        return provider


def _from(folder: Folder, source: DynamicSource, crumbs: Sequence[Crumb]) -> tuple[Crumb, ...]:
    """The way from the folder that was shared on, under its title here: what lies above is told to nobody."""
    start = next((at for at, crumb in enumerate(crumbs) if crumb.path == source.path), None)
    return () if start is None else (Crumb(source.path, folder.title), *crumbs[start + 1 :])


def _with_server(provider: Provider, source: Source) -> Source:
    """The source with the server that it is at, where the address in it tells."""
    address = source.get("url")
    if isinstance(source.get("server"), str) or not isinstance(address, str) or not isinstance(provider, Recognises):
        return source
    recognised = provider.recognise(address) or {}
    return {**source, "server": recognised.get("server")}


def _gives_way(refusal: DomainError) -> bool:
    """Whether who is asked later knows better why nothing was found: they read pages, and this one is a page."""
    return isinstance(refusal, Invalid) and any(error.code == "page" for error in refusal.errors)


def _about_the_text(error: Invalid | UpstreamFailed) -> DomainError:
    """The same refusal, about what was pasted: nobody filled in a source."""
    if isinstance(error, Invalid):
        return Invalid(*(FieldError("text", one.code, one.message) for one in error.errors))
    return error
