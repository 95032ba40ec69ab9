"""The provider of files on WebDAV servers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from synctv.adapters.providers.answers import host_of
from synctv.adapters.providers.kit import ProviderKit
from synctv.adapters.providers.listings import entries_of, entry_of
from synctv.adapters.providers.servers import segments_of, server_of
from synctv.adapters.providers.webdav.account import Account, account_of, followed
from synctv.adapters.providers.webdav.dav import Dav, Found
from synctv.adapters.providers.webdav.folders import MAX_FILES, Folders, raw
from synctv.adapters.providers.webdav.multistatus import Resource
from synctv.adapters.providers.webdav.offers import Links, offer_of
from synctv.adapters.providers.webdav.pasted import source_of
from synctv.adapters.providers.webdav.products import FORMS
from synctv.adapters.providers.webdav.shares import share_of
from synctv.adapters.providers.webdav.signing_in import SigningIn
from synctv.application.library.login_forms import filled_in
from synctv.application.ports.clock import Clock
from synctv.application.ports.fetch import Fetch
from synctv.application.ports.providers import (
    Browses,
    FieldKind,
    FormField,
    Listing,
    Login,
    Manifest,
    NewLogin,
    PlayRequest,
    Provider,
    Recognises,
    ResolvedSource,
    Searches,
    SignsIn,
    Source,
)
from synctv.domain.delivery.offer import Offer
from synctv.domain.errors import (
    Invalid,
    UpstreamCredential,
    UpstreamFormat,
    UpstreamMissing,
    UpstreamRefused,
)

MANIFEST = Manifest(
    name="webdav",
    title="WebDAV",
    priority=22,
    logins=FORMS,
    source=(
        FormField("server", "Address of the server", FieldKind.URL, placeholder="https://dav.example.org"),
        FormField("path", "Path of a file or folder", placeholder="/films/film.mp4"),
    ),
)


class WebdavProvider(Provider, Recognises, Browses, Searches, SignsIn):
    """Plays files of a WebDAV server.

    A source is `{"server": …, "path": …}`; `account`, where it is known, is whose files they are; `full` says that
    the path begins above the top of the account. The link of a share is a server, too; `old` says that it is known in
    the way of old ones.
    """

    manifest = MANIFEST

    def __init__(self, fetch: Fetch, clock: Clock) -> None:
        self._dav = Dav(fetch, clock)
        self._folders = Folders(self._dav, clock)
        self._signing_in = SigningIn(self._dav)
        self._clock = clock

    def recognise(self, text: str) -> Source | None:
        """Addresses that say that they are WebDAV, and files and folders of Nextcloud, ownCloud and Seafile."""
        return source_of(text)

    async def resolve(self, source: Source, login: Login | None = None) -> Sequence[ResolvedSource]:
        """The file, or the files of the folder. Of the link of a share, the way that its server knows is found out."""
        try:
            return await self._resolved(source, login)
        except (UpstreamMissing, UpstreamFormat, UpstreamRefused):
            if login is not None or source.get("old") is True or not _is_shared(source):
                raise
        return await self._resolved({**source, "old": True}, login)

    async def _resolved(self, source: Source, login: Login | None) -> Sequence[ResolvedSource]:
        account, names = _place(source, login)
        found = await self._dav.look(account, names)
        if not names and not found.itself.is_folder:
            raise Invalid.field(
                "source.path", "This link is of a single file. Paste it with /download at its end.", "file"
            )
        if found.itself.is_folder:
            entries = entries_of(account.server, names, raw(found.children))
            files = [entry for entry in entries if isinstance(entry, ResolvedSource)][:MAX_FILES]
            if not files:
                raise Invalid.field("source.path", "Nothing in this folder can be played. Choose another.", "empty")
            return [_as_known(one, source) for one in files]
        made = entry_of(account.server, names[:-1], names[-1], found.itself.size)
        if not isinstance(made, ResolvedSource):
            raise Invalid.field("source.path", "This file is no video and no audio that can be played.", "format")
        return [_as_known(made, source)]

    async def play(self, request: PlayRequest) -> Offer:
        """The file, and the subtitles and comments beside it."""
        account, names = _place(request.source, request.login)
        found = await self._around(account, names)
        beside = {one.name: one for one in found.children if not one.is_folder}
        film = beside.get(names[-1])
        links = Links(account, names[:-1], found.prover)
        offer = offer_of(links, film, beside, self._clock.now()) if film is not None else None
        if offer is None:
            raise UpstreamMissing(host_of(account.server))
        return offer

    async def browse(self, login: Login | None, path: str, cursor: str | None, limit: int) -> Listing:
        """A page of a folder."""
        return await self._folders.page(_signed_in(login), path, cursor, limit)

    async def search(self, login: Login | None, query: str, path: str, cursor: str | None, limit: int) -> Listing:
        """What Nextcloud finds; on other servers what a look into the nearest folders does."""
        return await self._folders.search(_signed_in(login), query, path, cursor, limit)

    async def sign_in(self, form: str, fields: Mapping[str, str]) -> NewLogin:
        """Signs in to a product."""
        return await self._signing_in.new(form, filled_in(MANIFEST, form, fields))

    async def check(self, login: Login) -> str:
        """The name of the account."""
        return await self._signing_in.name_of(login)

    async def _around(self, account: Account, names: tuple[str, ...]) -> Found:
        """The folder that the file is in, so that one question tells of all that belongs to it.

        Where that folder may not be seen, or is too big, the file alone.
        """
        try:
            return await self._dav.look(account, names[:-1], folder=True)
        except (UpstreamRefused, UpstreamFormat):
            found = await self._dav.look(account, names, depth=0)
            return Found(found.itself, (_called(found.itself, names),), found.prover)


def providers(kit: ProviderKit) -> Sequence[Provider]:
    """What this folder offers."""
    return [WebdavProvider(kit.fetch, kit.clock)]


def _place(source: Source, login: Login | None) -> tuple[Account, tuple[str, ...]]:
    server = server_of(source.get("server"), "source.server")
    path, owner = source.get("path"), source.get("account")
    if not isinstance(path, str) or not (path.strip("/") or _is_shared(source)):
        raise Invalid.field("source.path", "Give the path of a file or a folder on this server.", "required")
    if login is None and "product" in source:
        raise UpstreamCredential(host_of(server))  # nobody's files begin at the top of such a server
    account = account_of(server, login)
    share = share_of(server)
    if share is not None and login is None and source.get("old") is True:
        account = followed(share, server, old=True)
    if isinstance(owner, str) and account.root[-1:] not in ((owner,), ("webdav",)):
        raise UpstreamCredential(host_of(server), "this file is another account's. Sign in to it as that one.")
    names = segments_of(path, server)
    if source.get("full") is True and account.root:
        below = names[len(account.root) :]
        if names[: len(account.root)] != account.root or not below:
            raise UpstreamMissing(host_of(server), "this sign-in does not lead there. Choose the file by browsing.")
        names = below
    return account, names


def _as_known(found: ResolvedSource, source: Source) -> ResolvedSource:
    """What was found in a share, which is known in the way of old servers or not."""
    return replace(found, source={**found.source, "old": True}) if source.get("old") is True else found


def _is_shared(source: Source) -> bool:
    server = source.get("server")
    return isinstance(server, str) and share_of(server) is not None


def _called(found: Resource, names: tuple[str, ...]) -> Resource:
    """The resource under the name that it was asked for by: its server may know itself by other ones."""
    return Resource(names, found.is_folder, found.size, found.modified, found.etag)


def _signed_in(login: Login | None) -> Account:
    if login is None:
        raise UpstreamCredential("WebDAV", "sign in to a server first.")
    return account_of(login.server, login)
