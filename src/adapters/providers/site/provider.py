"""The provider of the sites that yt-dlp knows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from synctv.adapters.extractors.cookies import CookieRefused, netscape, parsed_netscape, pasted_cookies
from synctv.adapters.extractors.extractor import FRESH_SECONDS, KEPT_SECONDS, Extraction, Extractor, Job, Tool
from synctv.adapters.extractors.info import Entry, Info
from synctv.adapters.extractors.offers import (
    COOKIES,
    cookies_of,
    duration_of,
    kind_of,
    must_have_something,
    offer_of,
    wait_until_ready,
)
from synctv.adapters.extractors.pages import page_title, page_url, site_of
from synctv.adapters.providers.kit import ProviderKit
from synctv.application.ports.clock import Clock
from synctv.application.ports.providers import (
    FieldKind,
    FormField,
    Login,
    LoginForm,
    Manifest,
    NewLogin,
    PlayRequest,
    Provider,
    Recognises,
    ResolvedSource,
    SignsIn,
    Source,
)
from synctv.domain.delivery.offer import Offer
from synctv.domain.errors import Invalid, UpstreamCredential
from synctv.domain.ids import MICROS
from synctv.domain.library.item import MediaKind

FORM = "cookie"
MANIFEST = Manifest(
    name="site",
    title="Video sites",
    priority=60,
    logins=(
        LoginForm(
            FORM,
            "Cookie of a site",
            (
                FormField("server", "Site", placeholder="example.org"),
                FormField("cookie", "Cookie", FieldKind.LONG_HIDDEN, help="name=value; … or the text of a cookies.txt"),
            ),
            help="Sign in to the site in a browser and copy its cookie from there. It acts for you: show nobody.",
        ),
    ),
    source=(FormField("url", "Address of a page with a video", FieldKind.URL),),
)

_HOST = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{1,62}")


class SiteProvider(Provider, Recognises, SignsIn):
    """Plays what yt-dlp finds on a page.

    A source is `{"url": …}`, in its normal form with `server`, the site that the page belongs to.
    """

    manifest = MANIFEST

    def __init__(self, extractor: Extractor, clock: Clock) -> None:
        self._extractor = extractor
        self._clock = clock

    def recognise(self, text: str) -> Source | None:
        """Any http(s) address may be one; whether it is, its worker finds out."""
        try:
            return _source(page_url(text))
        except Invalid:
            return None

    async def resolve(self, source: Source, login: Login | None = None) -> Sequence[ResolvedSource]:
        """The thing on the page, or all pages of a list, up to 200."""
        url = page_url(source.get("url"))
        found = (await self._found(url, login)).info
        if found.kind == "list":
            entries = [_entry(entry) for entry in found.entries if _usable(entry.url)]
            if not entries:
                raise Invalid.field("source.url", "This list is empty.", "empty")
            return entries
        return [_single(must_have_something(found, site_of(url)), url)]

    async def play(self, request: PlayRequest) -> Offer:
        """The formats of the page, good for as long as their addresses say."""
        url = page_url(request.source.get("url"))
        found = await self._found(url, request.login, max_age=FRESH_SECONDS)
        offer = offer_of(found, request.profile, request.login, url)
        await wait_until_ready(found.info, self._clock)
        return offer

    async def sign_in(self, form: str, fields: Mapping[str, str]) -> NewLogin:
        """Keeps the cookies of the site among those that were pasted. Nobody is asked whether they are still good."""
        if form != FORM:
            raise Invalid.field("form", "Sites take a pasted cookie only.", "choice")
        site = _site(fields.get("server", ""))
        try:
            cookies = pasted_cookies(fields.get("cookie", ""), site)
        except CookieRefused as refused:
            raise Invalid.field("fields.cookie", str(refused), "cookie") from None
        login = Login(_server(site), {COOKIES: netscape(cookies)})
        return NewLogin(login, await self.check(login))

    async def check(self, login: Login) -> str:
        """The site. Raises `UpstreamCredential` when all of the cookies that say when they run out have done so."""
        site = site_of(login.server)
        ends = [cookie.expires for cookie in parsed_netscape(cookies_of(login))]
        if not ends or (all(ends) and max(ends) * MICROS <= self._clock.now()):
            raise UpstreamCredential(site, "this cookie has run out. Copy a fresh one from the browser.")
        return site

    async def _found(self, url: str, login: Login | None, max_age: float = KEPT_SECONDS) -> Extraction:
        return await self._extractor.extract(Job(Tool.YT_DLP, url, cookies_of(login), max_age=max_age))


def _source(url: str) -> Source:
    return {"url": url, "server": _server(site_of(url))}


def _server(site: str) -> str:
    """The site as an address, as which logins name their servers."""
    return f"https://{f'[{site}]' if ':' in site else site}"


def _usable(url: str) -> bool:
    try:
        page_url(url)
    except Invalid:
        return False
    return True


def _entry(entry: Entry) -> ResolvedSource:
    title = page_title(entry.title, entry.url)
    return ResolvedSource(_source(entry.url), title, MediaKind.VIDEO, duration_of(entry.duration), entry.cover)


def _single(info: Info, url: str) -> ResolvedSource:
    own = info.url if info.url and _usable(info.url) else url
    kind = kind_of(info)
    duration = None if kind is MediaKind.LIVE else duration_of(info.duration)
    heights = [one.height for one in info.formats if one.height]
    detail = f"{max(heights)}p" if heights else ""
    return ResolvedSource(_source(own), page_title(info.title, own), kind, duration, info.cover, detail)


def _site(text: str) -> str:
    """The site that a person named, by its host or an address of it."""
    text = text.strip().lower()
    try:
        site = site_of(page_url(text if "://" in text else f"https://{text}"))
    except Invalid:
        site = ""
    if not _HOST.fullmatch(site):
        raise Invalid.field("fields.server", "Name the site that the cookie is for, such as example.org.", "server")
    return site


def providers(kit: ProviderKit) -> Sequence[Provider]:
    """What this folder offers."""
    return [SiteProvider(kit.extractor, kit.clock)]
