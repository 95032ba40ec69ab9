"""What was found on a page, as what the application asks providers for."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import urlsplit

from synctv.adapters.extractors.codecs import Ids
from synctv.adapters.extractors.expiry import runs_out
from synctv.adapters.extractors.extractor import Extraction
from synctv.adapters.extractors.info import Info, Subtitle
from synctv.adapters.extractors.pages import site_of
from synctv.adapters.extractors.variants import Formats, variants_of
from synctv.application.ports.clock import Clock
from synctv.application.ports.providers import Login
from synctv.domain.delivery.inline import inline
from synctv.domain.delivery.offer import Offer, OfferedDanmaku, OfferedSubtitle, Upstream
from synctv.domain.delivery.playable import Chapter
from synctv.domain.delivery.profile import Profile
from synctv.domain.errors import UpstreamMissing
from synctv.domain.ids import MICROS, Micros, seconds_after
from synctv.domain.library.item import MAX_DURATION_SECONDS, MediaKind

MAX_SUBTITLES = 60
MAX_TITLE_LENGTH = 200
MAX_WAIT_SECONDS = 15.0
COOKIES = "cookies"
"""Where a login keeps its cookie file."""

# Best first: what is nearest to what pages show; of recognised speech json3 alone has no line twice.
_MANUAL = ("vtt", "srt", "ass", "ssa", "ttml", "json3")
_AUTOMATIC = ("json3", "srt", "vtt", "ttml")


def cookies_of(login: Login | None) -> str:
    """The cookie file of a login."""
    return login.secret.get(COOKIES, "") if login is not None else ""


def kind_of(info: Info) -> MediaKind:
    """What kind of thing it is."""
    if info.live:
        return MediaKind.LIVE
    return MediaKind.AUDIO if Formats.of(info).sound_alone else MediaKind.VIDEO


def duration_of(seconds: float | None) -> float | None:
    """The duration as an item can have it."""
    return seconds if seconds is not None and 0 < seconds <= MAX_DURATION_SECONDS else None


def must_have_something(info: Info, site: str) -> Info:
    """The page's description, if it is of one thing that can be played. Raises `UpstreamMissing`."""
    formats = Formats.of(info)
    if info.kind != "single" or not (formats.whole or formats.lists or formats.video or formats.audio):
        raise UpstreamMissing(site, "there is no video on this page that could be played here.")
    return info


def offer_of(found: Extraction, profile: Profile, login: Login | None, url: str) -> Offer:
    """The offer for the page at this address. Raises `UpstreamMissing` when there is nothing in it."""
    site = site_of(url)
    info = must_have_something(found.info, site)
    account = hashlib.sha256(cookies_of(login).encode()).hexdigest()[:16] if cookies_of(login) else ""
    variants = variants_of(info, profile, account, urlsplit(url).hostname or "")
    if not variants:
        raise UpstreamMissing(site, "there is no video on this page that could be played here.")
    urls = [url for one in info.formats for url in (one.url, one.manifest_url) if url]
    headers = info.formats[-1].headers
    danmaku = OfferedDanmaku("comments", "Comments", Upstream(info.danmaku, headers)) if info.danmaku else None
    return Offer(
        variants,
        runs_out(urls, found.at),
        subtitles=tuple(_subtitles(info.subtitles, headers)),
        danmaku=(danmaku,) if danmaku else (),
        chapters=tuple(Chapter(one.start, one.title[:MAX_TITLE_LENGTH]) for one in info.chapters),
    )


async def wait_until_ready(info: Info, clock: Clock) -> None:
    """Some sites hand out addresses that they refuse for the first seconds: returns when all of them are good."""
    instants = [round(one.available_at * MICROS) for one in info.formats if one.available_at]
    if instants:
        patience = seconds_after(clock.now(), MAX_WAIT_SECONDS)
        await clock.sleep_until(min(Micros(max(instants)), patience))


def _subtitles(found: Sequence[Subtitle], headers: dict[str, str]) -> Iterator[OfferedSubtitle]:
    """One for each language, made by people if there is one."""
    ids, given = Ids(), set[str]()
    by_hand = [one for one in found if not _automatic(one)]
    for tracks, order in ((by_hand, _MANUAL), ([one for one in found if _automatic(one)], _AUTOMATIC)):
        for language in dict.fromkeys(one.language for one in tracks):
            plain = language.removeprefix("ai-")
            best = _best((one for one in tracks if one.language == language), order)
            if best is None or plain in given or len(given) >= MAX_SUBTITLES:
                continue
            given.add(plain)
            automatic = _automatic(best)
            yield OfferedSubtitle(
                id=ids.of(plain, "auto") if automatic else ids.of(plain),
                label=(best.name or plain)[:80] + (" (automatic)" if automatic else ""),
                upstream=Upstream(best.url, headers) if best.url else inline(best.text or ""),
                language=plain,
                format=best.ext,
            )


def _automatic(one: Subtitle) -> bool:
    # Bilibili calls what its machines wrote `ai-zh`.
    return one.automatic or one.language.startswith("ai-")


def _best(tracks: Iterable[Subtitle], order: Sequence[str]) -> Subtitle | None:
    usable = [one for one in tracks if one.ext in order and (one.url or one.text)]
    return min(usable, key=lambda one: order.index(one.ext), default=None)
