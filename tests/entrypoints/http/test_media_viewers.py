"""Who may have what through the proxy, what both sides are told, and what is left when somebody goes."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import structlog

from synctv.adapters.disk.slices import DiskSliceStore, disk_slice_store
from synctv.adapters.memory.clock import MemoryClock
from synctv.application.delivery.addresses import LIFETIME_HOURS
from synctv.application.delivery.admission import CHECKED_SECONDS
from synctv.application.delivery.playlists import FRESH_SECONDS
from synctv.application.ports.passwords import PasswordHasher
from synctv.application.ports.slices import FileRegion, SliceId
from synctv.domain.delivery.offer import OfferedDanmaku, OfferedSubtitle, OfferedVariant
from synctv.domain.delivery.playable import Container
from synctv.domain.delivery.ranges import Span
from synctv.domain.rooms.actor import AccountActor, Actor
from tests.adapters.aiohttp.site import site
from tests.application.delivery.media_server import Exchange, media_server
from tests.applications import CLIENT
from tests.entrypoints.http.screening import FILM, SECRETS, Got, Screening, page, playlist, screening

VIEWER = {"cookie": "viewer-private=1", "authorization": "Bearer viewer-private", "user_agent": "viewer-private"}
VIEWER |= {"referer": "https://viewer-private.test/", "x_forwarded_for": "192.0.2.77", "origin": "https://viewer.test"}
TOLD = {"accept-ranges", "cache-control", "content-length", "content-range", "content-type", "date", "etag"}
TOLD |= {"last-modified", "x-request-id", "x-content-type-options", "referrer-policy", "x-frame-options"}
TOLD |= {"cross-origin-opener-policy", "content-security-policy"}


@pytest.fixture
async def hall(passwords: PasswordHasher) -> AsyncIterator[Screening]:
    async with screening(passwords) as opened:
        yield opened


def inside(at: str, got: Got) -> list[str]:
    """The addresses that a playlist got at this address names, from the root."""
    folder = at.partition("?")[0].rpartition("/")[0]
    lines = [line for line in got.text.splitlines() if line and not line.startswith("#")]
    return [urlsplit(f"{folder}/{line}").path for line in lines]


async def settled(hall: Screening) -> None:
    """Returns when nothing is being sent and no transfer is open, neither here nor at the upstream."""
    pacer = hall.memory.container.delivery.pacer()
    sliced = hall.memory.container.delivery.sliced()
    while pacer.sending or sliced.streams.count or sliced.fills_in_flight or hall.server.open:
        await asyncio.sleep(0.01)
    assert pacer._streams == {}


# ---------------------------------------------------------------- what is kept on disk


@pytest.mark.skipif(sys.platform != "linux", reason="Files are sent so on Linux only.")
async def test_what_is_kept_on_disk_is_sent_from_there(
    passwords: PasswordHasher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = []
    region = DiskSliceStore.region

    def seen(store: DiskSliceStore, slice_id: SliceId, span: Span) -> FileRegion | None:
        given.append(region(store, slice_id, span))
        return given[-1]

    monkeypatch.setattr(DiskSliceStore, "region", seen)
    async with (
        disk_slice_store(tmp_path, 16 << 20, MemoryClock()) as store,
        screening(passwords, settings={"cache": {"slice_bytes": 1 << 16}}, slices=store) as hall,
    ):
        hall.shows("/film.mp4", Container.MP4)
        assert (await hall.get(hall.address())).body == FILM.body
        await settled(hall)
        given.clear()
        assert (await hall.get(hall.address())).body == FILM.body
        assert (await hall.get(hall.address(), range="bytes=70000-280000")).body == FILM.body[70_000:280_001]
    assert given
    if not any(given):
        pytest.skip("This system can't tell whether the bytes of a file are in memory, so that they are always read.")
    assert len(given) == len(FILM.body) // (1 << 16) + 3


# ---------------------------------------------------------------- addresses


async def test_an_address_runs_out(hall: Screening) -> None:
    hall.shows("/film.mp4", Container.MP4)
    at = hall.address()
    hall.memory.clock.advance(LIFETIME_HOURS * 3_600 + 3_600)
    got = await hall.get(at)
    assert got.problem == (401, "token_expired")
    assert "Ask for what the room plays again" in got.detail
    assert hall.paths == []


async def test_no_log_has_an_address_that_opens_the_door(hall: Screening) -> None:
    hall.pages["/x"] = page(b"", 404)
    hall.shows("/x", Container.MP4)
    token = hall.address().split("/")[3]
    with structlog.testing.capture_logs() as logged:
        assert (await hall.get(hall.address())).status == 502
    assert [entry for entry in logged if entry.get("path") == "/media/v1/…"]
    assert token not in repr(logged)


async def test_a_changed_address_is_refused_before_anybody_is_asked(hall: Screening) -> None:
    hall.shows("/film.mp4", Container.MP4)
    at = hall.address()
    token = at.removeprefix("/media/v1/").partition("/")[0]
    key, claims, signature = token.split(".")
    other = "A" if claims[5] != "A" else "B"
    changed = [
        f"{key}.{claims[:5]}{other}{claims[6:]}.{signature}",
        f"{key}.{claims}.{signature[:-4]}AAAA",
        f"{key}.{claims}.",
        f"nokey.{claims}.{signature}",
        f"{key}.{claims}.{signature}%00",
        f"{key}.{claims}.{signature}=",
        "x" * 5_000,
        "%2e%2e",
    ]
    for text in changed:
        assert (await hall.get(f"/media/v1/{text}/video.mp4")).problem == (403, "permission_denied")
    assert hall.projector.asked == 0


async def test_what_was_sealed_for_one_viewer_or_part_is_of_no_use_to_another(hall: Screening) -> None:
    hall.pages["/x"] = playlist("film.mp4")
    hall.shows("/x")
    bert = await hall.memory.member("Bert", hall.room)
    at = hall.address()
    (segment,) = inside(at, await hall.get(at))
    assert (await hall.get(segment)).body == FILM.body
    mine, others = at.split("/")[3], hall.address(bert).split("/")[3]
    assert (await hall.get(segment.replace(mine, others))).problem == (403, "permission_denied")
    subtitle = hall.addresses().subtitle("en").split("/")[3]
    assert (await hall.get(segment.replace(mine, subtitle))).problem == (403, "permission_denied")


async def test_a_stranger_with_an_address_of_their_own_making_is_refused(hall: Screening) -> None:
    hall.shows("/film.mp4", Container.MP4)
    stranger = await hall.memory.account("Stranger")
    assert (await hall.get(hall.address(stranger))).problem == (403, "permission_denied")


async def test_an_item_or_a_part_that_is_gone_is_not_found(hall: Screening) -> None:
    hall.shows("/film.mp4", Container.MP4)
    assert (await hall.get(hall.addresses().variant("other", Container.MP4))).problem == (404, "not_found")
    assert (await hall.get(hall.addresses().subtitle("other"))).problem == (404, "not_found")
    await hall.memory.application.items.delete(hall.anna, hall.room, hall.item.id)
    hall.memory.clock.advance(CHECKED_SECONDS)
    assert (await hall.get(hall.address())).problem == (404, "not_found")


# ---------------------------------------------------------------- who is put out in mid-stream


async def kicked(hall: Screening, who: AccountActor) -> None:
    await hall.memory.application.members.kick(hall.anna, hall.room, who.id)


async def left(hall: Screening, who: AccountActor) -> None:
    await hall.memory.application.members.leave(who, hall.room)


async def signed_out(hall: Screening, who: AccountActor) -> None:
    await hall.memory.application.sessions.sign_out(who, CLIENT)


async def banned(hall: Screening, who: AccountActor) -> None:
    await hall.memory.application.account_access.ban(who.name, "Enough.")


async def without_the_item(hall: Screening, who: AccountActor) -> None:
    await hall.memory.application.items.delete(hall.anna, hall.room, hall.item.id)


@pytest.mark.parametrize("put_out", [kicked, banned, left, signed_out, without_the_item])
@pytest.mark.parametrize("live", [False, True])
async def test_who_may_no_longer_watch_is_cut_off_in_the_middle(hall: Screening, put_out: object, live: bool) -> None:
    await cut_off(hall, put_out, live=live)


async def cut_off(hall: Screening, put_out: object, *, live: bool) -> None:
    """Watches as Bert, has him put out, and asserts that the connection ends before the film does."""
    go_on = asyncio.Event()

    async def halting(exchange: Exchange) -> None:
        await exchange.head(200, content_length=None if live else FILM.length)
        await exchange.send(FILM.body[:100_000])
        await go_on.wait()
        await exchange.send(FILM.body[100_000:])

    hall.pages["/x"] = halting
    hall.shows("/x", Container.FLV if live else Container.MP4, live=live)
    bert = await hall.memory.member("Bert", hall.room)
    async with asyncio.TaskGroup() as group:
        watching = group.create_task(hall.get(hall.address(bert)))
        pacer = hall.memory.container.delivery.pacer()
        while not pacer.sent_bytes:
            await asyncio.sleep(0.01)
        await put_out(hall, bert)  # type: ignore[operator]
        hall.memory.clock.advance(CHECKED_SECONDS)
        go_on.set()
    got = watching.result()
    assert got.cut
    assert len(got.body) < FILM.length
    assert (await hall.get(hall.address(bert))).problem[0] in (401, 403, 404)
    await settled(hall)


async def test_who_may_still_watch_is_not_cut_off(hall: Screening) -> None:
    go_on = asyncio.Event()

    async def halting(exchange: Exchange) -> None:
        await exchange.head(200)
        await exchange.send(FILM.body[:100_000])
        await go_on.wait()
        await exchange.send(FILM.body[100_000:])

    hall.pages["/x"] = halting
    hall.shows("/x", Container.FLV, live=True)
    async with asyncio.TaskGroup() as group:
        watching = group.create_task(hall.get(hall.address()))
        while not hall.memory.container.delivery.pacer().sent_bytes:
            await asyncio.sleep(0.01)
        hall.memory.clock.advance(CHECKED_SECONDS)
        go_on.set()
    assert (watching.result().body, watching.result().cut) == (FILM.body, False)


async def test_an_upstream_that_fails_in_the_middle_cuts_the_connection(hall: Screening) -> None:
    async def breaking(exchange: Exchange) -> None:
        await exchange.head(200, content_length=FILM.length)
        await exchange.send(FILM.body[:100_000])

    hall.pages["/x"] = breaking
    hall.shows("/x", Container.MP4)
    got = await hall.get(hall.address())
    assert (got.status, got.cut) == (200, True)
    assert FILM.body.startswith(got.body)
    await settled(hall)


# ---------------------------------------------------------------- leaving, and being slow


@pytest.mark.parametrize("live", [False, True])
async def test_a_viewer_who_leaves_ends_the_transfer_from_the_upstream(hall: Screening, live: bool) -> None:
    async def endless(exchange: Exchange) -> None:
        await exchange.head(200)
        while True:
            await exchange.send(bytes(65_536))

    hall.pages["/x"] = endless
    hall.shows("/x", Container.FLV if live else Container.MP4, live=live)
    async with hall.client.get(f"{hall.origin}{hall.address()}") as response:
        await response.content.readexactly(200_000)
        assert hall.server.open
        response.close()
    await settled(hall)


async def test_a_slow_viewer_makes_the_upstream_wait(hall: Screening) -> None:
    sent = 0

    async def endless(exchange: Exchange) -> None:
        nonlocal sent
        await exchange.head(200)
        while True:
            await exchange.send(bytes(65_536))
            sent += 65_536

    hall.pages["/x"] = endless
    hall.shows("/x", Container.FLV, live=True)
    async with hall.client.get(f"{hall.origin}{hall.address()}") as response:
        await response.content.readexactly(1_000)
        before = -1
        while before != sent:
            before = sent
            await asyncio.sleep(0.3)
        assert sent < 40 << 20  # what the sockets of this machine hold
        response.close()
    await settled(hall)


async def test_one_viewer_has_so_many_bodies_at_a_time_and_no_upstream_hears_of_more(passwords: PasswordHasher) -> None:
    async with screening(passwords, settings={"media": {"streams_per_viewer": 2}}) as hall:

        async def dripping(exchange: Exchange) -> None:
            await exchange.head(200)
            while True:
                await exchange.send(bytes(1_000))
                await asyncio.sleep(0.01)

        hall.pages["/x"] = dripping
        hall.shows("/x", Container.FLV, live=True)
        bert = await hall.memory.member("Bert", hall.room)
        url = f"{hall.origin}{hall.address()}"
        async with hall.client.get(url) as first, hall.client.get(url) as second:
            assert (first.status, second.status) == (200, 200)
            got = await hall.get(hall.address())
            assert (got.problem, got.headers["retry-after"]) == ((429, "rate_limited"), "1")
            assert len(hall.paths) == 2
            async with hall.client.get(f"{hall.origin}{hall.address(bert)}") as other:
                assert other.status == 200
                other.close()
            first.close()
            second.close()
        await settled(hall)
        async with hall.client.get(url) as again:
            assert again.status == 200
            again.close()


async def test_a_limit_holds_for_many_small_requests_as_for_one(passwords: PasswordHasher) -> None:
    async with screening(passwords, settings={"media": {"viewer_mbit": 0.8}}) as hall:  # 100,000 bytes a second
        hall.shows("/film.mp4", Container.MP4)
        assert len((await hall.get(hall.address(), range="bytes=0-99999")).body) == 100_000
        async with asyncio.TaskGroup() as group:
            waiting = group.create_task(hall.get(hall.address(), range="bytes=0-49999"))
            await asyncio.sleep(0.2)
            assert not waiting.done()
            hall.memory.clock.advance(0.5)
        assert len(waiting.result().body) == 50_000


async def test_as_many_watch_a_live_stream_as_like_and_other_calls_to_its_host_go_on(hall: Screening) -> None:
    async def dripping(exchange: Exchange) -> None:
        await exchange.head(200)
        while True:
            await exchange.send(bytes(100))
            await asyncio.sleep(0.05)

    hall.pages |= {"/x": dripping, "/s": page("1\n00:00:01,000 --> 00:00:02,000\nHello\n")}
    live = OfferedVariant("main", "", Container.FLV, hall.upstream("/x"), live=True)
    hall.offers(live, subtitles=(OfferedSubtitle("en", "English", hall.upstream("/s")),))
    guests = [await hall.memory.guest(hall.room, f"Guest {number}") for number in range(40)]
    async with AsyncExitStack() as stack:
        for guest in guests:
            url = f"{hall.origin}{hall.address(guest)}"
            response = await stack.enter_async_context(hall.client.get(url))
            stack.callback(response.close)
            assert await response.content.readexactly(10)
        assert (await hall.get(hall.addresses().subtitle("en"))).status == 200
    await settled(hall)


# ---------------------------------------------------------------- HTTP


async def test_ranges_heads_and_conditions_are_answered_as_http_says(hall: Screening) -> None:
    hall.shows("/film.mp4", Container.MP4)
    at = hall.address()
    whole = await hall.get(at)
    assert (whole.status, whole.body, whole.headers["accept-ranges"]) == (200, FILM.body, "bytes")
    etag = whole.headers["etag"]
    part = await hall.get(at, range="bytes=1000-1999")
    assert (part.status, part.body) == (206, FILM.body[1_000:2_000])
    assert part.headers["content-range"] == f"bytes 1000-1999/{FILM.length}"
    suffix = await hall.get(at, range="bytes=-10")
    assert (suffix.status, suffix.body) == (206, FILM.body[-10:])
    several = await hall.get(at, range="bytes=0-9,200000-200009")
    assert several.headers["content-type"].startswith("multipart/byteranges")
    assert FILM.body[200_000:200_010] in several.body
    head = await hall.get(at, "HEAD", range="bytes=0-9")
    assert (head.status, head.body, head.headers["content-length"]) in ((200, b"", str(FILM.length)), (206, b"", "10"))
    assert (await hall.get(at, if_none_match=etag)).status == 304
    assert (await hall.get(at, if_match='"other"')).status == 412
    assert (await hall.get(at, range="bytes=0-9", if_range='"other"')).status == 200
    await settled(hall)


@pytest.mark.parametrize("container", [Container.HLS, Container.FLV])
async def test_a_head_of_a_document_or_a_stream_has_no_body(hall: Screening, container: Container) -> None:
    hall.pages["/x"] = playlist("a.ts")
    hall.shows("/x", container, live=container is Container.FLV)
    got = await hall.get(hall.address(), "HEAD")
    assert (got.status, got.body) == (200, b"")
    await settled(hall)


async def test_nothing_else_than_reading_is_allowed(hall: Screening) -> None:
    hall.shows("/film.mp4", Container.MP4)
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        assert (await hall.get(hall.address(), method)).status == 405
    assert hall.paths == []


# ---------------------------------------------------------------- what both sides are told


@pytest.mark.parametrize("container, live", [(Container.MP4, False), (Container.HLS, False), (Container.FLV, True)])
async def test_nothing_of_the_viewer_reaches_the_upstream(hall: Screening, container: Container, live: bool) -> None:
    hall.pages["/x"] = playlist("film.mp4") if container is Container.HLS else Exchange.honest
    hall.shows("/x", container, live=live, headers=SECRETS)
    at = hall.address()
    got = await hall.get(at, **VIEWER)
    if container is Container.HLS:
        await hall.get(inside(at, got)[0], **VIEWER)
    for exchange in hall.server.seen:
        assert not [value for value in exchange.headers.values() if "viewer" in value or "192.0.2" in value]
        assert exchange.headers["authorization"] == SECRETS["Authorization"]
        assert exchange.headers["user-agent"] == "SyncTV"


@pytest.mark.parametrize("container, live", [(Container.MP4, False), (Container.HLS, False), (Container.FLV, True)])
async def test_nothing_of_the_upstream_but_its_media_reaches_the_viewer(
    hall: Screening, container: Container, live: bool
) -> None:
    said = {"set_cookie": "a=b", "server": "nas", "location": "/", "x_powered_by": "x", "alt_svc": "x", "link": "</x>"}
    said |= {"content_security_policy": "default-src *", "access_control_allow_origin": "*", "refresh": "0"}
    said |= {"clear_site_data": '"*"', "service_worker_allowed": "/", "content_disposition": "inline", "via": "x"}
    content = b"#EXTM3U\n#EXTINF:4,\na.ts\n" if container is Container.HLS else FILM.body
    hall.pages["/x"] = page(content, content_type="video/mp4", **said)  # type: ignore[arg-type]
    hall.shows("/x", container, live=live)
    got = await hall.get(hall.address())
    assert got.status == 200
    assert not got.headers.keys() - TOLD - {"transfer-encoding"}
    assert got.headers["content-security-policy"].startswith("default-src 'none'")
    assert got.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "said", ["text/htmlx", "text/javascript; charset=x", "image/svg+xml", "application/javascript", "x\ty"]
)
@pytest.mark.parametrize("named", [False, True])
async def test_what_a_browser_would_run_becomes_bytes(hall: Screening, said: str, named: bool) -> None:
    hall.pages |= {"/x": page(b"<script>alert(1)</script>", content_type=said), "/list": playlist("x")}
    hall.shows("/list" if named else "/x", Container.HLS if named else Container.MP4)
    at = hall.address()
    if named:
        (at,) = inside(at, await hall.get(at))
    assert (await hall.get(at)).headers["content-type"] == "application/octet-stream"


@pytest.mark.parametrize("said", ["text/html", "Text/HTML; charset=x", "application/json"])
@pytest.mark.parametrize("named", [False, True])
async def test_a_page_in_the_place_of_media_is_refused(hall: Screening, said: str, named: bool) -> None:
    hall.pages |= {"/x": page(b"<script>alert(1)</script>", content_type=said), "/list": playlist("x")}
    hall.shows("/list" if named else "/x", Container.HLS if named else Container.MP4)
    at = hall.address()
    if named:
        (at,) = inside(at, await hall.get(at))
    assert (await hall.get(at)).problem == (502, "upstream_format")


async def test_a_key_may_come_from_a_script_that_calls_it_a_page(hall: Screening) -> None:
    hall.pages |= {
        "/key": page(b"0123456789abcdef", content_type="text/html"),
        "/list": page(b'#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI="key"\n#EXTINF:4,\na.ts\n'),
    }
    hall.shows("/list", Container.HLS)
    at = hall.address()
    text = (await hall.get(at)).text
    got = await hall.get(at.rpartition("/")[0] + "/" + text.partition('URI="')[2].partition('"')[0])
    assert (got.text, got.headers["content-type"]) == ("0123456789abcdef", "application/octet-stream")


async def test_a_page_in_the_place_of_a_live_stream_is_refused_once_it_is_one_at_a_later_address_too(
    hall: Screening,
) -> None:
    hall.pages["/x"] = page(b"<html>over</html>", content_type="text/html")
    hall.shows("/x", Container.FLV, live=True)
    assert (await hall.get(hall.address())).problem == (502, "upstream_format")
    assert len(hall.server.seen) == 2


async def test_credentials_are_never_sent_to_another_origin_that_a_playlist_names(passwords: PasswordHasher) -> None:
    async with site(b"bytes") as other, screening(passwords, allow=["127.0.0.1"]) as hall:
        hall.pages["/x"] = playlist(f"{other.origin}/file", "film.mp4")
        hall.shows("/x", headers={**SECRETS, "X-Emby-Token": "upstream-secret", "User-Agent": "Player"})
        at = hall.address()
        elsewhere, here = inside(at, await hall.get(at))
        assert (await hall.get(elsewhere)).body == b"bytes"
        assert (await hall.get(here)).body == FILM.body
        told = other.seen[0][2]
        assert not [value for value in told.values() if "secret" in value]
        assert (told["referer"], told["user-agent"]) == (SECRETS["Referer"], "Player")
        assert hall.server.seen[-1].headers["x-emby-token"] == "upstream-secret"


async def test_a_playlist_at_another_origin_gets_no_credentials_for_what_it_names_there(
    passwords: PasswordHasher,
) -> None:
    async with media_server(FILM, playlist("a.ts")) as other, screening(passwords, allow=["127.0.0.1"]) as hall:
        hall.pages["/x"] = page(b"", 302, location=f"http://127.0.0.1:{other.port}/list")
        hall.shows("/x", headers=SECRETS)
        at = hall.address()
        await hall.get(inside(at, await hall.get(at))[0])
        assert {exchange.path for exchange in other.seen} == {"/list", "/a.ts"}
        assert not [value for exchange in other.seen for value in exchange.headers.values() if "secret" in value]


# ---------------------------------------------------------------- playlists and manifests


async def test_what_a_player_of_low_latency_asks_is_passed_on_and_nothing_else(hall: Screening) -> None:
    hall.pages |= {"/x": page("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nlow?a=1\n"), "/low": playlist("a.ts")}
    hall.shows("/x", key="channel")
    at = hall.address()
    (low,) = inside(at, await hall.get(at))
    await hall.get(f"{low}?_HLS_msn=7&_HLS_part=2&_HLS_skip=YES&token=x&_HLS_msn=1%26b")
    await hall.get(f"{low}?_HLS_msn=8")
    await hall.get(f"{at}?_HLS_msn=9")
    assert hall.paths == ["/x", "/low?a=1&_HLS_msn=7&_HLS_part=2&_HLS_skip=YES", "/low?a=1&_HLS_msn=8", "/x?_HLS_msn=9"]


MPD = """<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" mediaPresentationDuration="PT9S"><Period><AdaptationSet>
<Representation id="v" bandwidth="1" codecs="avc1" mimeType="video/mp4">
<SegmentTemplate media="$Number$.m4s?x=1" initialization="init.mp4"/></Representation></AdaptationSet></Period></MPD>"""


async def test_a_player_forms_addresses_below_a_folder_and_none_outside(hall: Screening) -> None:
    hall.pages["/films/one/list.mpd"] = page(MPD)
    hall.shows("/films/one/list.mpd", Container.DASH)
    at = hall.address(container=Container.DASH)
    manifest = (await hall.get(at)).text
    folder = f"{at.rpartition('/')[0]}/{manifest.partition('<BaseURL>')[2].partition('</BaseURL>')[0]}"
    assert (await hall.get(f"{folder}1.m4s?x=1")).body == FILM.body
    assert hall.paths[-1] == "/films/one/1.m4s?x=1"
    asked = len(hall.paths)
    for escape in ("..%2fsecret", "%2e%2e/secret", "..%5csecret", "a/..%252f..%252fsecret", "%2Fsecret", "a/%2e%2e;/x"):
        assert (await hall.get(folder + escape)).problem == (403, "permission_denied"), escape
    for absolute in ("http:%2f%2f127.0.0.1:1/x", "%68ttp:x", "//127.0.0.1:1/x", "?x=1", "%00", "a%0d%0aHost:x"):
        assert (await hall.get(folder + absolute)).status in (403, 404), absolute
    assert len(hall.paths) == asked


async def test_a_crowd_asks_for_a_playlist_once(hall: Screening) -> None:
    hall.pages["/x"] = playlist("a.ts")
    hall.shows("/x")
    guests: list[Actor] = [await hall.memory.guest(hall.room, f"Guest {number}") for number in range(20)]
    answers = await asyncio.gather(*(hall.get(hall.address(guest)) for guest in guests))
    assert {got.status for got in answers} == {200}
    assert len({got.body for got in answers}) == 20
    assert hall.paths == ["/x"]
    hall.memory.clock.advance(FRESH_SECONDS)
    await hall.get(hall.address())
    assert hall.paths == ["/x", "/x"]


# ---------------------------------------------------------------- texts


async def test_a_subtitle_of_any_kind_and_charset_comes_as_webvtt(hall: Screening) -> None:
    lines = ["你好世界", "今天我们一起看电影", "这部电影的导演是谁", "我不知道但是很好看", "再见明天见"]
    text = "".join(f"{n}\n00:00:0{n},000 --> 00:00:0{n},900\n{line}\n\n" for n, line in enumerate(lines))
    hall.pages["/s"] = page(text.encode("gb18030"), content_type="application/x-subrip")
    hall.offers(subtitles=(OfferedSubtitle("zh", "中文", hall.upstream("/s", SECRETS), "zh"),))
    got = await hall.get(hall.addresses().subtitle("zh"))
    assert got.text.startswith("WEBVTT")
    assert [line for line in lines if line not in got.text] == []
    assert got.headers["content-type"] == "text/vtt; charset=utf-8"
    assert hall.server.seen[0].headers["authorization"] == SECRETS["Authorization"]
    for _ in range(3):
        await hall.get(hall.addresses().subtitle("zh"))
    assert hall.paths == ["/s"]


async def test_comments_come_as_json(hall: Screening) -> None:
    xml = '<?xml version="1.0"?><i><d p="1.5,5,25,16711680,0,0,0,0">High &lt;b&gt;</d></i>'
    hall.pages["/d"] = page(xml, content_type="text/xml")
    hall.offers(danmaku=(OfferedDanmaku("main", "Comments", hall.upstream("/d"), "bilibili"),))
    got = await hall.get(hall.addresses().danmaku("main"))
    assert got.headers["content-type"] == "application/json"
    assert '"time":1.5,"mode":"top","color":16711680' in got.text


async def test_an_offer_without_the_part_any_more_is_not_found(hall: Screening) -> None:
    hall.offers(OfferedVariant("main", "", Container.MP4, hall.upstream()))
    at = hall.address()
    hall.offers(OfferedVariant("another", "", Container.MP4, hall.upstream()))
    assert (await hall.get(at)).problem == (404, "not_found")
