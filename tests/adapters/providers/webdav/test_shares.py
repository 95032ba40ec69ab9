"""Links of shares at Nextcloud and ownCloud."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from synctv.adapters.aiohttp.egress import EgressPolicy
from synctv.adapters.aiohttp.fetch import AiohttpFetch, aiohttp_fetch
from synctv.adapters.memory.clock import MemoryClock
from synctv.adapters.providers.webdav.provider import WebdavProvider
from synctv.application.ports.fetch import FetchRequest
from synctv.application.ports.providers import PlayRequest, ResolvedSource, Source
from synctv.domain.delivery.offer import Upstream
from synctv.domain.errors import Invalid, UpstreamCredential, UpstreamFailed, UpstreamMissing
from tests.adapters.providers.listening import Answer
from tests.adapters.providers.webdav.server import Dav, dav

TOKEN = "AbCdEfGhIjKlMn9"
NEW, OLD = f"/public.php/dav/files/{TOKEN}", "/public.php/webdav"
WAYS = {
    "new": {"prefix": NEW, "asks": ()},
    "old": {"prefix": OLD, "asks": ("Basic",), "proof": f"{TOKEN}:"},
    "new with a password": {"prefix": NEW, "asks": ("Basic",), "proof": "anonymous:sesame"},
    "old with a password": {"prefix": OLD, "asks": ("Basic",), "proof": f"{TOKEN}:sesame"},
}


@pytest.fixture
async def fetch() -> AsyncIterator[AiohttpFetch]:
    async with aiohttp_fetch(EgressPolicy.of(["127.0.0.1"])) as opened:
        yield opened


@pytest.fixture
def provider(fetch: AiohttpFetch) -> WebdavProvider:
    return WebdavProvider(fetch, MemoryClock())


def recognised(provider: WebdavProvider, text: str) -> Source:
    source = provider.recognise(text)
    assert source is not None
    return source


def titles(found: object) -> list[str]:
    return [one.title for one in found]  # type: ignore[attr-defined]


@pytest.mark.parametrize("way", ["new", "old"])
async def test_a_link_is_pasted_and_plays_without_an_account(
    provider: WebdavProvider, fetch: AiohttpFetch, way: str
) -> None:
    async with dav(links=True, **WAYS[way]) as server:
        found = await provider.resolve(recognised(provider, f" {server.origin}/index.php/s/{TOKEN}?dir=/Movies "))
        assert titles(found) == ["a", "b 2", "b 10", "影片 #1?"]
        (again,) = await provider.resolve(found[0].source)
        assert again == found[0]
        offer = await provider.play(PlayRequest(again.source, again.kind))
        (variant,), (subtitle,) = offer.variants, offer.subtitles
        assert isinstance(variant.media, Upstream)
        assert subtitle.language == "zh"
        answer = await fetch.fetch(FetchRequest(variant.media.url, headers=variant.media.headers))
        assert answer.body == b"/Movies/a.mkv"
        assert titles(await provider.resolve(recognised(provider, f"{server.origin}/s/{TOKEN}"))) == ["stray"]


@pytest.mark.parametrize("way", sorted(WAYS))
async def test_a_link_can_be_signed_in_with_and_browsed(provider: WebdavProvider, way: str) -> None:
    async with dav(links=True, **WAYS[way]) as server:
        fields = {"server": f"{server.origin}/s/{TOKEN}?path=%2FMovies", "password": "sesame" if "with" in way else ""}
        new = await provider.sign_in("share", fields)
        assert (new.label, new.login.server) == ("link", f"{server.origin}/s/{TOKEN}")
        listing = await provider.browse(new.login, "/Movies/Sub", None, 50)
        (film,) = listing.entries
        assert isinstance(film, ResolvedSource)
        assert (await provider.play(PlayRequest(film.source, film.kind, new.login))).variants
        assert await provider.resolve(film.source, new.login) == [film]


async def test_a_link_with_a_password_asks_for_it_there(provider: WebdavProvider) -> None:
    async with dav(links=True, **WAYS["new with a password"]) as server:
        with pytest.raises(UpstreamCredential, match="another password"):
            await provider.resolve(recognised(provider, f"{server.origin}/s/{TOKEN}"))
        with pytest.raises(UpstreamCredential, match="another password"):
            await provider.sign_in("share", {"server": f"{server.origin}/s/{TOKEN}", "password": "wrong"})


async def test_one_link_opens_no_other(provider: WebdavProvider) -> None:
    async with dav(links=True, **WAYS["new with a password"]) as server:
        new = await provider.sign_in("share", {"server": f"{server.origin}/s/{TOKEN}", "password": "sesame"})
        server.seen.clear()
        other = {"server": f"{server.origin}/s/{TOKEN[::-1]}", "path": "/Movies"}
        with pytest.raises(UpstreamCredential):
            await provider.resolve(other, new.login)
        with pytest.raises(UpstreamCredential):
            await provider.resolve({"server": server.origin, "path": "/Movies"}, new.login)
        assert not server.seen


async def test_a_page_of_another_site_is_nothing_of_ours(provider: WebdavProvider) -> None:
    for answer in (Answer(b"<html>"), Answer(status=404), Answer(status=405), Answer(status=403)):
        async with dav(links=True, prefix=NEW, asks=()) as server:
            server.answer = answer
            with pytest.raises(UpstreamFailed) as caught:
                await provider.resolve(recognised(provider, f"{server.origin}/s/{TOKEN}"))
            assert not isinstance(caught.value, UpstreamCredential)
            assert len(server.seen) == 2


async def test_a_folder_that_is_not_in_the_share_is_missing(provider: WebdavProvider) -> None:
    async with dav(links=True, **WAYS["new"]) as server:
        with pytest.raises(UpstreamMissing):
            await provider.resolve(recognised(provider, f"{server.origin}/s/{TOKEN}?dir=/gone"))


async def test_a_link_of_one_file_says_what_to_paste(provider: WebdavProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Dav, "_response", lambda self, path: _file(self._href(path, folder=False)))
    async with dav(links=True, **WAYS["new"]) as server:
        with pytest.raises(Invalid, match="/download"):
            await provider.resolve(recognised(provider, f"{server.origin}/s/{TOKEN}"))


def _file(href: str) -> str:
    prop = "<D:resourcetype/><D:getcontentlength>5</D:getcontentlength>"
    status = "<D:status>HTTP/1.1 200 OK</D:status>"
    return f"<D:response><D:href>{href}</D:href><D:propstat><D:prop>{prop}</D:prop>{status}</D:propstat></D:response>"


@pytest.mark.parametrize(
    "text",
    [
        "https://cloud.test/s/short",
        f"https://cloud.test/s/{TOKEN}/download",
        f"https://cloud.test/s/{TOKEN}?dir=/../up",
        f"https://cloud.test/s/{TOKEN}x",
        f"ftp://cloud.test/s/{TOKEN}",
    ],
)
def test_what_is_no_link_is_not_taken_for_one(provider: WebdavProvider, text: str) -> None:
    assert provider.recognise(text) is None


async def test_a_form_wants_a_link(provider: WebdavProvider) -> None:
    with pytest.raises(Invalid) as caught:
        await provider.sign_in("share", {"server": "https://cloud.test/apps/files", "password": ""})
    assert caught.value.errors[0].path == "fields.server"
