"""The provider of Bilibili."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import msgspec

from synctv.adapters.extractors.cookies import CookieRefused, netscape, parsed_netscape
from synctv.adapters.extractors.extractor import FRESH_SECONDS, Extractor, Job, Tool
from synctv.adapters.extractors.info import Format, Info
from synctv.adapters.extractors.offers import (
    COOKIES,
    cookies_of,
    duration_of,
    kind_of,
    must_have_something,
    offer_of,
    wait_until_ready,
)
from synctv.adapters.extractors.pages import PATH, page_title
from synctv.adapters.providers.bilibili.addresses import Kind, Page, page_of
from synctv.adapters.providers.bilibili.cookie import SITE, label_of, runs_out_at, session_cookies
from synctv.adapters.providers.bilibili.short_links import expanded
from synctv.adapters.providers.kit import ProviderKit
from synctv.application.ports.clock import Clock
from synctv.application.ports.fetch import Fetch
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
from synctv.domain.errors import Invalid, UpstreamCredential, UpstreamMissing
from synctv.domain.ids import MICROS
from synctv.domain.library.item import MediaKind

FORM = "cookie"
MAX_ITEMS = 200
MANIFEST = Manifest(
    name="bilibili",
    title="Bilibili",
    priority=20,
    logins=(
        LoginForm(
            FORM,
            "Cookie",
            (FormField("cookie", "Cookie", FieldKind.LONG_HIDDEN, placeholder="SESSDATA=…"),),
            help="Sign in on bilibili.com in a browser and copy SESSDATA from there. It acts for you: show nobody.",
        ),
    ),
    source=(FormField("url", "Address or number of a video, an episode, a list or a live room"),),
)

_AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


class BilibiliProvider(Provider, Recognises, SignsIn):
    """Plays videos, parts, episodes, lists and live rooms. A source is `{"url": …}`, the address that its kind has."""

    manifest = MANIFEST

    def __init__(self, extractor: Extractor, fetch: Fetch, clock: Clock) -> None:
        self._extractor = extractor
        self._fetch = fetch
        self._clock = clock

    def recognise(self, text: str) -> Source | None:
        """Addresses of all kinds, short links and bare numbers."""
        page = page_of(text)
        return {"url": page.url} if page is not None else None

    async def resolve(self, source: Source, login: Login | None = None) -> Sequence[ResolvedSource]:
        """The video, all parts of one, the episodes of a season, the videos of a list, or the live room."""
        page = await self._page(source)
        info = (await self._extractor.extract(replace(_job(page, login), whole=page.part is None))).info
        if info.kind == "list":
            return _must_have_entries(list(_entries(info))[:MAX_ITEMS])
        return [_single(must_have_something(info, SITE), page)]

    async def play(self, request: PlayRequest) -> Offer:
        """What the site shows to whoever is signed in, or to everybody."""
        page = await self._page(request.source)
        found = await self._extractor.extract(replace(_job(page, request.login), max_age=FRESH_SECONDS))
        sent = replace(found, info=_with_headers(found.info, page))
        offer = offer_of(sent, request.profile, request.login, page.url)
        await wait_until_ready(found.info, self._clock)
        return replace(offer, danmaku=tuple(replace(one, format="bilibili") for one in offer.danmaku))

    async def sign_in(self, form: str, fields: Mapping[str, str]) -> NewLogin:
        """Keeps the cookies of a session that runs."""
        if form != FORM:
            raise Invalid.field("form", "Bilibili takes a pasted cookie only.", "choice")
        try:
            cookies = session_cookies(fields.get("cookie", ""))
        except CookieRefused as refused:
            raise Invalid.field("fields.cookie", str(refused), "cookie") from None
        login = Login("", {COOKIES: netscape(cookies)})
        return NewLogin(login, await self.check(login))

    async def check(self, login: Login) -> str:
        """The account's number, as far as the cookie tells. Raises `UpstreamCredential` once the session is over."""
        cookies = parsed_netscape(cookies_of(login))
        end = runs_out_at(cookies)
        if not cookies or (end is not None and end * MICROS <= self._clock.now()):
            raise UpstreamCredential(SITE, "this cookie has run out. Copy a fresh one from the browser.")
        return label_of(cookies)

    async def _page(self, source: Source) -> Page:
        page = page_of(source.get("url"))
        if page is None:
            raise Invalid.field(PATH, "Give the address or the number of something on Bilibili, such as BV….", "url")
        return await expanded(self._fetch, page, SITE) if page.kind is Kind.SHORT else page


def _job(page: Page, login: Login | None) -> Job:
    tool = Tool.STREAMLINK if page.kind is Kind.LIVE else Tool.YT_DLP
    return Job(tool, page.url, cookies_of(login))


def _must_have_entries(entries: list[ResolvedSource]) -> list[ResolvedSource]:
    if not entries:
        raise UpstreamMissing(SITE, "this list is empty, or shows nothing to whoever is not signed in.")
    return entries


def _entries(info: Info) -> Iterator[ResolvedSource]:
    for entry in info.entries:
        page = page_of(entry.url)
        if page is None or page.kind in (Kind.SHORT, Kind.LIST):
            continue
        title = page_title(entry.title or _title_of_part(info, page), page.url)
        kind = MediaKind.LIVE if page.kind is Kind.LIVE else MediaKind.VIDEO
        yield ResolvedSource({"url": page.url}, title, kind, duration_of(entry.duration), entry.cover)


def _title_of_part(info: Info, page: Page) -> str | None:
    return f"{info.title} P{page.part}" if info.title and page.part else None


def _single(info: Info, page: Page) -> ResolvedSource:
    kind = MediaKind.LIVE if page.kind is Kind.LIVE else kind_of(info)
    own = page_of(f"{page.url}?p=1") if page.kind is Kind.VIDEO and page.part is None else None
    url = (own or page).url
    duration = None if kind is MediaKind.LIVE else duration_of(info.duration)
    heights = [one.height for one in info.formats if one.height]
    detail = f"{max(heights)}p" if heights else ""
    return ResolvedSource({"url": url}, page_title(info.title, url), kind, duration, info.cover, detail)


def _with_headers(info: Info, page: Page) -> Info:
    """The same with what its media servers demand: a page of the site as the referrer, and a browser's name."""
    referer = "https://live.bilibili.com/" if page.kind is Kind.LIVE else "https://www.bilibili.com/"

    def dressed(one: Format) -> Format:
        known = {name.lower() for name in one.headers}
        missing = {"Referer": referer, "User-Agent": _AGENT}
        added = {name: value for name, value in missing.items() if name.lower() not in known}
        return msgspec.structs.replace(one, headers=one.headers | added)

    return msgspec.structs.replace(info, formats=[dressed(one) for one in info.formats])


def providers(kit: ProviderKit) -> Sequence[Provider]:
    """What this folder offers."""
    return [BilibiliProvider(kit.extractor, kit.fetch, kit.clock)]
