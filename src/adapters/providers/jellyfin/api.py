"""The calls to Jellyfin and Emby servers. The paths are those that both have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar
from urllib.parse import urlencode

import msgspec

from synctv.adapters.providers.answers import decoded, host_of, must_be_good
from synctv.adapters.providers.jellyfin.account import Account
from synctv.adapters.providers.jellyfin.answers import (
    Item,
    Items,
    PlaybackInfo,
    PublicInfo,
    QuickConnect,
    SignedIn,
    User,
)
from synctv.adapters.providers.jellyfin.device_profile import UNLIMITED, Quality, device_profile, transcoding_profile
from synctv.adapters.providers.jellyfin.items import is_id
from synctv.adapters.providers.servers import must_stay
from synctv.application.ports.clock import Clock
from synctv.application.ports.fetch import Fetch, FetchRequest, FetchResponse
from synctv.domain.delivery.profile import Profile
from synctv.domain.errors import FlowOver, UpstreamCredential, UpstreamFormat, UpstreamRefused

T = TypeVar("T")

ANSWER_BYTES = 8 << 20
CALL_SECONDS = 20.0
_PLAYABLE = "Movie,Episode,Video,MusicVideo,Audio"
_FOUND = f"{_PLAYABLE},Series,MusicAlbum,BoxSet,Playlist"
_FIELDS = "Width,Height"


class JellyfinApi:
    """Speaks as an account."""

    def __init__(self, fetch: Fetch, clock: Clock) -> None:
        self._fetch = fetch
        self._clock = clock

    async def public_info(self, server: str) -> PublicInfo:
        """What the server is. Raises `Invalid` when it sends callers on to another one."""
        answer = await self._fetch.fetch(FetchRequest(f"{server}/System/Info/Public", max_bytes=ANSWER_BYTES))
        return decoded(must_be_good(must_stay(server, answer), self._clock.now()), PublicInfo)

    async def signed_in(self, account: Account, name: str, password: str) -> SignedIn:
        """A token for a name and a password."""
        body = {"Username": name, "Pw": password}
        answer = await self._sent(account, "POST", "/Users/AuthenticateByName", {}, body)
        host = host_of(account.server)
        if answer.status in (400, 401):
            raise UpstreamCredential(host, "it does not know this name with this password. Check both.")
        if answer.status == 403:
            raise UpstreamRefused(host, "it does not let this account in from here, or not at this time of the day.")
        return decoded(must_be_good(answer, self._clock.now()), SignedIn)

    async def code(self, account: Account) -> QuickConnect:
        """A code that somebody who is signed in there can confirm, for ten minutes (Jellyfin alone)."""
        answer = await self._sent(account, "POST", "/QuickConnect/Initiate", {}, None)
        if answer.status in (404, 405):
            answer = await self._sent(account, "GET", "/QuickConnect/Initiate", {}, None)  # up to 10.8
        host = host_of(account.server)
        if answer.status == 401:
            raise UpstreamRefused(host, "Quick Connect is switched off there. Sign in with a name and a password.")
        return decoded(must_be_good(answer, self._clock.now()), QuickConnect)

    async def signed_in_by_code(self, account: Account, secret: str) -> SignedIn | None:
        """A token, once the code is confirmed. Raises `FlowOver` when it is no longer known."""
        answer = await self._sent(account, "GET", "/QuickConnect/Connect", {"secret": secret}, None)
        if answer.status == 404:
            raise FlowOver("This code has run out. Begin again to get a new one.")
        if not decoded(must_be_good(answer, self._clock.now()), QuickConnect).authenticated:
            return None
        answer = await self._sent(account, "POST", "/Users/AuthenticateWithQuickConnect", {}, {"Secret": secret})
        if answer.status in (400, 401):
            raise UpstreamCredential(host_of(account.server), "it does not take this code any more. Begin again.")
        return decoded(must_be_good(answer, self._clock.now()), SignedIn)

    async def users(self, account: Account) -> Sequence[User]:
        """All accounts, for who may see them."""
        return await self._got(account, "/Users", {}, list[User])

    async def user(self, account: Account) -> User:
        """The account itself."""
        return await self._got(account, f"/Users/{account.user}", {}, User)

    async def libraries(self, account: Account) -> Sequence[Item]:
        """The top folders."""
        return (await self._got(account, f"/Users/{account.user}/Views", {}, Items)).items or ()

    async def item(self, account: Account, item_id: str) -> Item:
        """One item, with its versions and chapters."""
        item = await self._got(account, f"/Users/{account.user}/Items/{item_id}", {}, Item)
        if not is_id(item.id):
            raise UpstreamFormat(host_of(account.server))
        return item

    async def ancestors(self, account: Account, item_id: str) -> Sequence[Item]:
        """The folders around an item, the nearest first."""
        return await self._got(account, f"/Items/{item_id}/Ancestors", {"UserId": account.user}, list[Item])

    async def children(self, account: Account, parent: str, start: int, limit: int) -> Items:
        """A page of a folder, in the order of seasons, episodes and names."""
        query = {"ParentId": parent, **_page(start, limit)}
        return await self._got(account, f"/Users/{account.user}/Items", query, Items)

    async def everything(self, account: Account, parent: Item, limit: int) -> Items:
        """All that plays in a folder and below; a list that people made keeps its own order."""
        if parent.type == "Playlist":
            query = {"UserId": account.user, "Limit": str(limit), "Fields": _FIELDS}
            return await self._got(account, f"/Playlists/{parent.id}/Items", query, Items)
        query = {"ParentId": parent.id, "Recursive": "true", "IncludeItemTypes": _PLAYABLE, **_page(0, limit)}
        return await self._got(account, f"/Users/{account.user}/Items", query, Items)

    async def found(self, account: Account, words: str, parent: str, start: int, limit: int) -> Items:
        """A page of what has the words in its name; an empty parent is everywhere."""
        query = {"SearchTerm": words, "Recursive": "true", "IncludeItemTypes": _FOUND, **_page(start, limit)}
        if parent:
            query["ParentId"] = parent
        return await self._got(account, f"/Users/{account.user}/Items", query, Items)

    async def playback(self, account: Account, item_id: str, profile: Profile) -> PlaybackInfo:
        """What the player may play as it is."""
        body = {"MaxStreamingBitrate": UNLIMITED, "DeviceProfile": device_profile(profile)}
        return await self._playback(account, item_id, body)

    async def transcoding(self, account: Account, item_id: str, source_id: str, quality: Quality) -> PlaybackInfo:
        """A transcoding of one version. It begins when its first piece is asked for."""
        body: dict[str, object] = {
            "MediaSourceId": source_id,
            "MaxStreamingBitrate": quality.bitrate,
            "EnableDirectPlay": False,
            "EnableDirectStream": False,
            "SubtitleStreamIndex": -1,
            "DeviceProfile": transcoding_profile(quality),
        }
        if quality.audio is not None:
            body["AudioStreamIndex"] = quality.audio
        return await self._playback(account, item_id, body)

    async def tell(self, account: Account, path: str, body: Mapping[str, object]) -> None:
        """Reports something."""
        self._must_be_good(account, await self._sent(account, "POST", path, {}, body))

    async def stop(self, account: Account, play_session: str) -> None:
        """Ends a transcoding."""
        query = {"DeviceId": account.device, "PlaySessionId": play_session}
        self._must_be_good(account, await self._sent(account, "DELETE", "/Videos/ActiveEncodings", query, None))

    async def _playback(self, account: Account, item_id: str, body: Mapping[str, object]) -> PlaybackInfo:
        told = {"UserId": account.user, "EnableTranscoding": True, "AllowAudioStreamCopy": True, **body}
        answer = await self._sent(account, "POST", f"/Items/{item_id}/PlaybackInfo", {"UserId": account.user}, told)
        return decoded(self._must_be_good(account, answer), PlaybackInfo)

    async def _got(self, account: Account, path: str, query: Mapping[str, str], kind: type[T]) -> T:
        answer = await self._sent(account, "GET", path, query, None)
        return decoded(self._must_be_good(account, answer), kind)

    async def _sent(
        self,
        account: Account,
        method: str,
        path: str,
        query: Mapping[str, str],
        body: Mapping[str, object] | None,
    ) -> FetchResponse:
        headers = {**account.headers, "Accept": "application/json"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        request = FetchRequest(
            f"{account.server}{path}" + (f"?{urlencode(query)}" if query else ""),
            method,
            headers,
            None if body is None else msgspec.json.encode(body),
            max_bytes=ANSWER_BYTES,
            timeout=CALL_SECONDS,
            max_redirects=0,  # a POST that is redirected becomes a GET, and a token belongs to one server
        )
        return await self._fetch.fetch(request)

    def _must_be_good(self, account: Account, answer: FetchResponse) -> FetchResponse:
        if answer.status == 401:
            raise UpstreamCredential(
                host_of(account.server), "this sign-in has run out or was taken back there. Sign in to it again."
            )
        return must_be_good(answer, self._clock.now())


def _page(start: int, limit: int) -> dict[str, str]:
    return {
        "StartIndex": str(start),
        "Limit": str(limit),
        "SortBy": "ParentIndexNumber,IndexNumber,SortName",
        "SortOrder": "Ascending",
        "Fields": _FIELDS,
    }
