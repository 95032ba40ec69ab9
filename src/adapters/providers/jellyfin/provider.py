"""The provider of films and music on Jellyfin and Emby servers."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from synctv.adapters.providers.jellyfin.account import Account, account_of
from synctv.adapters.providers.jellyfin.answers import Item, MediaSource
from synctv.adapters.providers.jellyfin.api import JellyfinApi
from synctv.adapters.providers.jellyfin.device_profile import Quality
from synctv.adapters.providers.jellyfin.items import is_id, resolved
from synctv.adapters.providers.jellyfin.libraries import Libraries
from synctv.adapters.providers.jellyfin.offers import (
    as_sound,
    chapters_of,
    original,
    qualities_of,
    subtitles_of,
    transcoded,
    transcoding_url,
    usable,
)
from synctv.adapters.providers.jellyfin.pasted import source_of
from synctv.adapters.providers.jellyfin.reports import Reports as PlaybackReports
from synctv.adapters.providers.jellyfin.sessions import Playing, Sessions, Transcoding
from synctv.adapters.providers.jellyfin.signing_in import CODES, FORMS, SigningIn, failure_of
from synctv.adapters.providers.kit import ProviderKit
from synctv.adapters.providers.servers import server_of
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
    PendingLogin,
    PlayRequest,
    Provider,
    Recognises,
    Reports,
    ResolvedSource,
    Searches,
    SignsIn,
    SignsInByCode,
    Source,
)
from synctv.domain.delivery.offer import Offer, OfferedVariant
from synctv.domain.errors import Invalid, UpstreamCredential, UpstreamFailed

MANIFEST = Manifest(
    name="jellyfin",
    title="Jellyfin / Emby",
    priority=21,
    logins=FORMS,
    codes=CODES,
    source=(
        FormField("server", "Address of the server", FieldKind.URL, placeholder="https://jellyfin.example.org"),
        FormField("id", "Id of a film, an episode, a series or a folder"),
    ),
    needs_login=True,
)


class JellyfinProvider(Provider, Recognises, Browses, Searches, SignsIn, SignsInByCode, Reports):
    """Plays what an account sees on a Jellyfin or Emby server.

    A source is `{"server": …, "id": …}`.
    """

    manifest = MANIFEST

    def __init__(self, fetch: Fetch, clock: Clock) -> None:
        self._api = JellyfinApi(fetch, clock)
        self._libraries = Libraries(self._api)
        self._sessions = Sessions(clock)
        self._reports = PlaybackReports(self._api, self._sessions)
        self._signing_in = SigningIn(self._api)

    def recognise(self, text: str) -> Source | None:
        """Pages of the servers' own clients."""
        return source_of(text)

    async def resolve(self, source: Source, login: Login | None = None) -> Sequence[ResolvedSource]:
        """The film or episode; of a series, a season, an album or a folder all that is in it."""
        account, item_id = _place(source, login)
        item = await self._api.item(account, item_id)
        found = await self._libraries.everything(account, item) if item.is_folder else [resolved(account.server, item)]
        playable = [one for one in found if one is not None]
        if not playable:
            raise Invalid.field(
                "source.id", "There is nothing here that can be played. Choose something else.", "empty"
            )
        return playable

    async def play(self, request: PlayRequest) -> Offer:
        """The versions as they are, and what the server makes of the first one; what fits the player comes first."""
        account, item_id = _place(request.source, request.login)
        item = await self._api.item(account, item_id)
        info = await self._api.playback(account, item_id, request.profile)
        sources = usable(info.media_sources)
        if info.error_code or not sources:
            raise failure_of(account.server, info.error_code or "")
        playing = self._sessions.of(account, item_id, request.screening)
        playing.source_id, playing.play_session = sources[0].id, info.play_session_id or ""
        fitting, others = _originals(account, item, sources)
        made = await self._made(account, item, sources[0], playing)
        variants = (*fitting, *made, *others)
        if not variants:
            raise failure_of(account.server, "")
        return Offer(variants, None, subtitles_of(account, item, sources[0]), chapters=chapters_of(item))

    async def browse(self, login: Login | None, path: str, cursor: str | None, limit: int) -> Listing:
        """The libraries, or a page of a folder."""
        return await self._libraries.page(_signed_in(login), path, cursor, limit)

    async def search(self, login: Login | None, query: str, path: str, cursor: str | None, limit: int) -> Listing:
        """What the server finds."""
        return await self._libraries.search(_signed_in(login), query, path, cursor, limit)

    async def sign_in(self, form: str, fields: Mapping[str, str]) -> NewLogin:
        """Signs in as an account, or takes a key that acts for one."""
        return await self._signing_in.new(form, filled_in(MANIFEST, form, fields))

    async def begin(self, form: str, fields: Mapping[str, str]) -> PendingLogin:
        """Begins a Quick Connect."""
        return await self._signing_in.code(fields)

    async def confirmed(self, state: Mapping[str, str]) -> NewLogin | None:
        """The login that a Quick Connect led to."""
        return await self._signing_in.confirmed(state)

    async def check(self, login: Login) -> str:
        """The name of the account."""
        return await self._signing_in.name_of(login)

    async def report(self, request: PlayRequest, position: float, *, playing: bool, ended: bool) -> None:
        """Notes where the account is in the item; at the end the server stops transcoding it."""
        account, item_id = _place(request.source, request.login)
        await self._reports.note(account, item_id, request.screening, position, playing=playing, ended=ended)

    async def _made(self, account: Account, item: Item, source: MediaSource, playing: Playing) -> list[OfferedVariant]:
        """What the server makes of a version. All is asked for at once, and only what was not asked for lately."""
        if item.media_type == "Audio":
            sound = as_sound(account, source)
            return [sound] if sound is not None else []
        if not source.supports_transcoding:
            return []
        qualities = qualities_of(source)
        # Of those who begin to watch at once, one asks for all.
        async with playing.lock, asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(self._transcoding(account, item.id, source.id, quality, playing))
                for quality in qualities
            ]
        urls = [task.result() for task in tasks]
        pairs = zip(qualities, urls, strict=True)
        return [transcoded(account, source, quality, url) for quality, url in pairs if url is not None]

    async def _transcoding(
        self, account: Account, item_id: str, source_id: str, quality: Quality, playing: Playing
    ) -> str | None:
        key = (source_id, quality.id)
        if key in playing.transcodings:
            return playing.transcodings[key].url
        try:
            info = await self._api.transcoding(account, item_id, source_id, quality)
        except UpstreamFailed:
            return None  # there is more to choose from
        source = next((one for one in info.media_sources or () if one.id == source_id), None)
        url = transcoding_url(account, source) if source is not None else None
        playing.transcodings[key] = Transcoding(url, info.play_session_id or "")
        return url


def providers(kit: ProviderKit) -> Sequence[Provider]:
    """What this folder offers."""
    return [JellyfinProvider(kit.fetch, kit.clock)]


def _originals(
    account: Account, item: Item, sources: Sequence[MediaSource]
) -> tuple[list[OfferedVariant], list[OfferedVariant]]:
    """The versions that the player plays as they are, in the server's opinion, and the others."""
    made = [(source.supports_direct_play, original(account, item, source)) for source in sources]
    fitting = [variant for fits, variant in made if fits and variant is not None]
    # A file that lies on the way to a transcoded one can still be what another player wants.
    return fitting, [variant for fits, variant in made if not fits and variant is not None]


def _place(source: Source, login: Login | None) -> tuple[Account, str]:
    server, item_id = server_of(source.get("server"), "source.server"), source.get("id")
    if not isinstance(item_id, str) or not is_id(item_id):
        raise Invalid.field("source.id", "Give the id of something on this server.", "required")
    return account_of(server, login), item_id


def _signed_in(login: Login | None) -> Account:
    if login is None:
        raise UpstreamCredential("Jellyfin", "sign in to a server first.")
    return account_of(login.server, login)
