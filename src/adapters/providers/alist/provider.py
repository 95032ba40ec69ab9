"""The provider of files on Alist and OpenList servers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from synctv.adapters.providers.alist.account import Account, account_of
from synctv.adapters.providers.alist.answers import File, Preview
from synctv.adapters.providers.alist.api import USER_AGENT, AlistApi
from synctv.adapters.providers.alist.folders import Folders, below
from synctv.adapters.providers.alist.offers import addresses, agent_of, expires_at, original, transcoded
from synctv.adapters.providers.alist.pasted import source_of
from synctv.adapters.providers.alist.signing_in import FORMS, SigningIn
from synctv.adapters.providers.alist.text_tracks import Links, beside
from synctv.adapters.providers.answers import host_of
from synctv.adapters.providers.kit import ProviderKit
from synctv.adapters.providers.listings import entry_of
from synctv.adapters.providers.servers import joined, segments_of, server_of
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
from synctv.domain.errors import Invalid, UpstreamCredential, UpstreamFailed, UpstreamMissing

MANIFEST = Manifest(
    name="alist",
    title="Alist / OpenList",
    priority=20,
    logins=FORMS,
    source=(
        FormField("server", "Address of the server", FieldKind.URL, placeholder="https://alist.example.org"),
        FormField("path", "Path of a file or folder", placeholder="/films/film.mp4"),
    ),
)

_NOTHING = Preview()


class AlistProvider(Provider, Recognises, Browses, Searches, SignsIn):
    """Plays what an Alist or OpenList server shows to an account, or to everybody.

    A source is `{"server": …, "path": …}`.
    """

    manifest = MANIFEST

    def __init__(self, fetch: Fetch, clock: Clock) -> None:
        self._api = AlistApi(fetch, clock)
        self._folders = Folders(self._api)
        self._signing_in = SigningIn(self._api)
        self._clock = clock

    def recognise(self, text: str) -> Source | None:
        """Signed links to files, and links of shares."""
        return source_of(text)

    async def resolve(self, source: Source, login: Login | None = None) -> Sequence[ResolvedSource]:
        """The file, or the files of the folder."""
        account, path = await self._place(source, login)
        file = await self._api.file(account, path)
        if file.is_dir:
            found = await self._folders.files(account, path)
            if not found:
                raise Invalid.field("source.path", "Nothing in this folder can be played. Choose another.", "empty")
            return found
        names = segments_of(path, account.server)
        made = entry_of(account.server, names[:-1], names[-1], file.size)
        if not isinstance(made, ResolvedSource):
            raise Invalid.field("source.path", "This file is no video and no audio that can be played.", "format")
        return [made]

    async def play(self, request: PlayRequest) -> Offer:
        """The file, what its cloud makes of it, and the subtitles and comments beside it."""
        account, path = await self._place(request.source, request.login)
        file = await self._api.file(account, path)
        agent = agent_of(file.provider, USER_AGENT)
        if agent != USER_AGENT:
            file = await self._api.file(account, path, agent)
        first = original(account, path, file, agent)
        if first is None:
            raise UpstreamMissing(host_of(account.server), "it gives no address of this file (any more).")
        variants = (first, *transcoded(account, path, file, await self._preview(account, path, file), agent))
        tracks = beside(file)
        base = segments_of((await self._api.me(account)).base_path, account.server) if tracks else ()
        links = Links(account, base, segments_of(path, account.server)[:-1], agent)
        offer = Offer(variants, None, links.offered_subtitles(tracks), links.offered_danmaku(tracks))
        return replace(offer, expires_at=expires_at(addresses(offer), account.server, self._clock.now()))

    async def browse(self, login: Login | None, path: str, cursor: str | None, limit: int) -> Listing:
        """A page of a folder."""
        return await self._folders.page(_signed_in(login), path, cursor, limit)

    async def search(self, login: Login | None, query: str, path: str, cursor: str | None, limit: int) -> Listing:
        """What the server's index has, or what the folder has where it keeps none."""
        return await self._folders.search(_signed_in(login), query, path, cursor, limit)

    async def sign_in(self, form: str, fields: Mapping[str, str]) -> NewLogin:
        """Signs in, or looks in as a guest."""
        return await self._signing_in.new(form, filled_in(MANIFEST, form, fields))

    async def check(self, login: Login) -> str:
        """The name of the account."""
        return await self._signing_in.name_of(login)

    async def _place(self, source: Source, login: Login | None) -> tuple[Account, str]:
        """Who asks, and for which path as the account names it."""
        server = server_of(source.get("server"), "source.server")
        path = source.get("path")
        if not isinstance(path, str) or not path.strip("/"):
            raise Invalid.field("source.path", "Give the path of a file or a folder on this server.", "required")
        account, names = account_of(server, login), segments_of(path, server)
        if source.get("full") is True:
            base = segments_of((await self._api.me(account)).base_path, server)
            own = below(base, names)
            if not own:
                raise UpstreamMissing(host_of(server), "this account does not see this path. Sign in with another one.")
            names = own
        return account, joined(names)

    async def _preview(self, account: Account, path: str, file: File) -> Preview:
        """The cloud's qualities; none where it has no such thing, or does not give it now."""
        if not file.provider.startswith("Aliyundrive"):
            return _NOTHING
        try:
            return await self._api.preview(account, path)
        except UpstreamFailed:
            return _NOTHING


def providers(kit: ProviderKit) -> Sequence[Provider]:
    """What this folder offers."""
    return [AlistProvider(kit.fetch, kit.clock)]


def _signed_in(login: Login | None) -> Account:
    if login is None:
        raise UpstreamCredential("Alist", "sign in to a server first, if only as a guest.")
    return account_of(login.server, login)
