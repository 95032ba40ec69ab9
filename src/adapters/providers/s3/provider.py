"""The provider of buckets: Amazon S3, and all servers that speak its protocol."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from urllib.parse import quote

from synctv.adapters.providers.answers import host_of
from synctv.adapters.providers.files import subtitles_beside, track_id, type_of
from synctv.adapters.providers.kit import ProviderKit
from synctv.adapters.providers.s3 import folders
from synctv.adapters.providers.s3.account import account_of
from synctv.adapters.providers.s3.bucket import PLAY_SECONDS, Bucket, opened
from synctv.adapters.providers.s3.documents import StoredObject
from synctv.adapters.providers.s3.forms import FORMS, new_account
from synctv.application.ports.clock import Clock
from synctv.application.ports.fetch import Fetch
from synctv.application.ports.providers import (
    Browses,
    FormField,
    Listing,
    Login,
    Manifest,
    NewLogin,
    PlayRequest,
    Provider,
    ResolvedSource,
    Searches,
    SignsIn,
    Source,
)
from synctv.domain.delivery.offer import Offer, OfferedSubtitle, OfferedVariant, Signing, Upstream
from synctv.domain.delivery.playable import Container
from synctv.domain.errors import Invalid, UpstreamCredential, UpstreamMissing, UpstreamRefused
from synctv.domain.ids import seconds_after

MANIFEST = Manifest(
    name="s3",
    title="S3 bucket",
    priority=40,
    logins=FORMS,
    source=(FormField("path", "Name of the file in the bucket", placeholder="films/A Film.mp4"),),
    needs_login=True,
)
MAX_BESIDE = 200
_NAME_OTHERS = frozenset({Container.HLS, Container.DASH})


class S3Provider(Provider, Browses, Searches, SignsIn):
    """Shows and plays what lies in one bucket for each login.

    A source is `{"server", "path"}`: the address of the bucket (endpoint and name), and the name of the object.
    """

    manifest = MANIFEST

    def __init__(self, fetch: Fetch, clock: Clock) -> None:
        self._fetch = fetch
        self._clock = clock

    async def sign_in(self, form: str, fields: Mapping[str, str]) -> NewLogin:
        """Keeps the keys, if they open the bucket."""
        account = new_account(MANIFEST, form, fields)
        login = account.login
        return NewLogin(login, await self.check(login))

    async def check(self, login: Login) -> str:
        """The name of the bucket, if it can be listed."""
        bucket = await self._bucket(login)
        await bucket.page("", limit=1)
        return bucket.account.bucket

    async def resolve(self, source: Source, login: Login | None = None) -> Sequence[ResolvedSource]:
        """The one object. Its headers are asked for, to know that it is there."""
        key = _key(source)
        bucket = await self._bucket(login, source)
        answer = await bucket.head(key)
        length = answer.headers.get("content-length", "")
        return [folders.resolved(bucket.account.server, key, int(length) if length.isdecimal() else None)]

    async def browse(self, login: Login | None, path: str, cursor: str | None, limit: int) -> Listing:
        """A page of what lies below a prefix."""
        return await folders.browse(await self._bucket(login), path, cursor, min(max(limit, 1), folders.MAX_ENTRIES))

    async def search(self, login: Login | None, query: str, path: str, cursor: str | None, limit: int) -> Listing:
        """What has the words in its name."""
        return await folders.search(await self._bucket(login), query, path, cursor, max(limit, 1))

    async def play(self, request: PlayRequest) -> Offer:
        """The object at an address that is signed for six hours, with the text tracks beside it."""
        key = _key(request.source)
        bucket = await self._bucket(request.login, request.source)
        expires_at = seconds_after(self._clock.now(), PLAY_SECONDS)
        beside = await self._beside(bucket, key)
        version = next((one.etag for one in beside if one.key == key), "")
        container = _container(key)
        film = _upstream(bucket, key, version)
        if container in _NAME_OTHERS:
            film = replace(film, sign=_signing(bucket, key))
        variant = OfferedVariant("original", "Original", container, film)
        name = key.rpartition("/")[2]
        names = {one.key.rpartition("/")[2]: one for one in beside}
        subtitles = tuple(
            OfferedSubtitle(
                track_id("subtitle", found.name),
                found.label,
                _upstream(bucket, names[found.name].key, names[found.name].etag),
                found.language,
                found.format,
            )
            for found in subtitles_beside(name, names)
        )
        return Offer((variant,), expires_at, subtitles)

    async def _beside(self, bucket: Bucket, key: str) -> Sequence[StoredObject]:
        """The objects whose names begin like this one's, itself among them; none when the key may not list.

        Raises `UpstreamMissing` when the object is gone.
        """
        folder, slash, name = key.rpartition("/")
        try:
            page = await bucket.page(folder + slash + name.rpartition(".")[0], delimiter="/", limit=MAX_BESIDE)
        except UpstreamRefused:
            return ()
        if page.token is None and all(one.key != key for one in page.objects):
            raise UpstreamMissing(bucket.host)
        return page.objects

    async def _bucket(self, login: Login | None, source: Source | None = None) -> Bucket:
        """The login's bucket, which has to be the one that the source names."""
        named = (source or {}).get("server")
        if login is None or (named is not None and named != login.server):
            raise UpstreamCredential(host_of(str(named)) if named else MANIFEST.title)
        return await opened(self._fetch, self._clock, account_of(login))


def _key(source: Source) -> str:
    """The name of an object that plays. Raises `Invalid`."""
    key = source.get("path")
    if not isinstance(key, str) or not folders.is_key(key):
        raise Invalid.field("source.path", "Give the name of a file in the bucket: films/A Film.mp4.", "required")
    if not folders.plays(key):
        raise Invalid.field(
            "source.path",
            "Out of a bucket play mp4, webm, mkv, flv, ts, m3u8, mpd, and as audio mp3, m4a, aac, ogg, flac, wav.",
            "format",
        )
    return key


def _container(key: str) -> Container:
    type_ = type_of(key.rpartition("/")[2])
    return type_.container if type_ is not None else Container.MP4


def _upstream(bucket: Bucket, key: str, version: str) -> Upstream:
    # Escaped, so that no name looks like another one with its version. What one key may read another one may not.
    name = f"s3:{bucket.account.reader}@{bucket.account.server}/{quote(key)}"
    return Upstream(bucket.address(key), key=f"{name}#{version}" if version else name)


def _signing(bucket: Bucket, playlist: str) -> Signing:
    """Signs what a playlist names, as far as it lies in the folder of the playlist or below.

    Who may write into one folder of a bucket could otherwise have viewers read the others. What was asked for in the
    query is left out: it could make another operation of it.
    """
    folder = playlist[: playlist.rfind("/") + 1]

    def sign(url: str) -> Upstream | None:
        key = bucket.account.key_of(url)
        if key is None or not key.startswith(folder) or not folders.is_key(key):
            return None
        return replace(_upstream(bucket, key, ""), sign=sign)

    return sign


def providers(kit: ProviderKit) -> Sequence[Provider]:
    """What this folder offers."""
    return [S3Provider(kit.fetch, kit.clock)]
