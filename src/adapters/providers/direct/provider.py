"""The provider of plain addresses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from synctv.adapters.providers.direct.address import PATH, extension_of, title_of, valid_url
from synctv.adapters.providers.direct.formats import PLAYABLE, by_extension, is_unplayable
from synctv.adapters.providers.direct.login import FORMS, headers_for, new_login
from synctv.adapters.providers.direct.probe import Found, Probe
from synctv.adapters.providers.direct.source import Extras, extras_of
from synctv.adapters.providers.kit import ProviderKit
from synctv.application.ports.fetch import Fetch
from synctv.application.ports.providers import (
    FieldKind,
    FormField,
    Login,
    Manifest,
    NewLogin,
    PlayRequest,
    Provider,
    Recognises,
    ResolvedSource,
    SignsIn,
    Source,
)
from synctv.domain.delivery.offer import Offer, OfferedSubtitle, OfferedVariant, Upstream, origin_of
from synctv.domain.delivery.playable import Container
from synctv.domain.errors import Invalid, UpstreamFailed
from synctv.domain.library.item import MediaKind

MANIFEST = Manifest(
    name="direct",
    title="Address",
    priority=50,
    logins=FORMS,
    source=(FormField("url", "Address of a video, an audio file or a stream", FieldKind.URL),),
)


class DirectProvider(Provider, Recognises, SignsIn):
    """Plays what is at an http(s) address. What a source may hold is said in the module `source` beside this one."""

    manifest = MANIFEST

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch

    def recognise(self, text: str) -> Source | None:
        """Any http(s) address may be one."""
        try:
            url = valid_url({"url": text})
        except Invalid:
            return None
        return {"url": url, "server": origin_of(url)}

    async def sign_in(self, form: str, fields: Mapping[str, str]) -> NewLogin:
        """Keeps what the server wants to hear."""
        return new_login(form, fields)

    async def check(self, login: Login) -> str:
        """Where it is for. Whether it is good shows with the first file: there is nothing to ask for beside those."""
        return login.server

    async def resolve(self, source: Source, login: Login | None = None) -> Sequence[ResolvedSource]:
        """What is at the address. Where its server doesn't answer us, the address alone may tell enough."""
        url = valid_url(source)
        extras = extras_of(source)
        found = await self._found(url, {**extras.headers, **headers_for(url, login)})
        normal = {"url": url, "container": found.format.container.value, **extras.normal}
        return [ResolvedSource(normal, title_of(url), found.format.kind, found.duration)]

    async def play(self, request: PlayRequest) -> Offer:
        """The addresses themselves, which do not run out."""
        url, extras = str(request.source["url"]), extras_of(request.source)
        first = _variant("original", "Original", url, Container(str(request.source["container"])), request, extras)
        others = [
            _variant(f"other-{number}", other.label, other.url, other.container, request, extras)
            for number, other in enumerate(extras.variants, 1)
        ]
        subtitles = tuple(
            OfferedSubtitle(
                id=f"subtitle-{number}",
                label=one.label,
                upstream=_upstream(one.url, request, extras),
                language=one.language,
                format=extension_of(one.url) or None,
            )
            for number, one in enumerate(extras.subtitles, 1)
        )
        return Offer((first, *others), subtitles=subtitles)

    async def _found(self, url: str, headers: Mapping[str, str]) -> Found:
        extension = extension_of(url)
        if is_unplayable(extension):
            raise Invalid.field(PATH, f"No browser plays {extension} files. {PLAYABLE}", "format")
        expected = by_extension(extension)
        reason = "Its server does not show what it is."
        try:
            found = await Probe(self._fetch, headers).look(url, expected)
        except UpstreamFailed as error:
            found, reason = None, str(error)
        if found is not None:
            return found
        if expected is not None:
            return Found(expected)
        raise Invalid.field(PATH, f"Nothing to play was found at this address. {reason} {PLAYABLE}", "format")


def _variant(
    id: str, label: str, url: str, container: Container, request: PlayRequest, extras: Extras
) -> OfferedVariant:
    return OfferedVariant(
        id=id,
        label=label,
        container=container,
        media=_upstream(url, request, extras),
        public=not headers_for(url, request.login),
        live=request.kind is MediaKind.LIVE,
    )


def _upstream(url: str, request: PlayRequest, extras: Extras) -> Upstream:
    return Upstream(url, {**extras.headers, **headers_for(url, request.login)})


def providers(kit: ProviderKit) -> Sequence[Provider]:
    """What this folder offers."""
    return [DirectProvider(kit.fetch)]
