"""Playlists in private buckets: each of their pieces is signed by itself, and nothing that lies elsewhere is."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from synctv.adapters.providers.s3.provider import S3Provider
from synctv.adapters.system.clock import SystemClock
from synctv.application.ports.passwords import PasswordHasher
from synctv.application.ports.providers import Login, PlayRequest
from synctv.domain.delivery.offer import Offer, Upstream
from synctv.domain.library.item import MediaKind
from tests.adapters.providers.s3.server import ACCESS, BUCKET, SECRET, Guard, guarded, local_fetch, moto
from tests.e2e.test_manifests import H264, PICTURE, TONE, make, probed
from tests.entrypoints.http.screening import Screening, screening

PLAYLIST = b"#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\n%s\n#EXT-X-ENDLIST\n"
OTHER = "AKIAOTHER"
PIECE = "show/a piece+1.ts"


@pytest.fixture
async def hall(passwords: PasswordHasher) -> AsyncIterator[Screening]:
    async with screening(passwords, allow=["127.0.0.0/8"]) as opened:
        yield opened


@asynccontextmanager
async def bucket(films: dict[str, bytes]) -> AsyncIterator[tuple[Guard, str]]:
    with moto(films) as behind:
        async with guarded(behind) as (guard, origin):
            guard.keys[OTHER] = SECRET
            yield guard, origin


async def offer(origin: str, path: str, access: str = ACCESS) -> Offer:
    secret = {"access_key": access, "secret_key": SECRET, "region": "us-east-1", "style": "path"}
    async with local_fetch() as fetch:
        login = Login(f"{origin}/{BUCKET}", secret)
        return await S3Provider(fetch, SystemClock()).play(PlayRequest({"path": path}, MediaKind.VIDEO, login))


def address(hall: Screening, offered: Offer) -> str:
    """Where the viewer finds it."""
    (variant,) = offered.variants
    hall.offers(variant)
    return hall.addresses().variant(variant.id, variant.container)


async def pieces(hall: Screening, at: str) -> list[str]:
    """The addresses in a playlist."""
    got = await hall.get(at)
    assert got.status == 200, got.body
    folder = at.rpartition("/")[0]
    return [f"{folder}/{line}" for line in got.text.splitlines() if line and not line.startswith("#")]


def files(folder: Path) -> dict[str, bytes]:
    return {f"show/{path.relative_to(folder).as_posix()}": path.read_bytes() for path in folder.rglob("*.*")}


@pytest.mark.parametrize(
    "name, options",
    [
        ("all.m3u8", ["-f", "hls", "-hls_time", "1", "-master_pl_name", "film.m3u8", "-hls_list_size", "0"]),
        ("film.m3u8", ["-f", "hls", "-hls_segment_type", "fmp4", "-hls_flags", "single_file"]),
        ("film.mpd", ["-f", "dash", "-seg_duration", "1", "-use_template", "1"]),
    ],
    ids=["hls", "hls in one file", "dash by template"],
)
async def test_a_film_in_pieces_plays_out_of_a_bucket_that_lets_in_only_what_is_signed(
    hall: Screening, tmp_path: Path, name: str, options: list[str]
) -> None:
    make(tmp_path / name, [*PICTURE, *TONE], *H264, "-c:a", "aac", *options)
    playlist = "show/film.mpd" if name.endswith("mpd") else "show/film.m3u8"
    async with bucket(files(tmp_path)) as (guard, origin):
        streams = await probed(hall.origin + address(hall, await offer(origin, playlist)))
        assert sorted({stream["codec_name"] for stream in streams}) == ["aac", "h264"]
        assert all(int(stream["nb_read_packets"]) > 80 for stream in streams)
        assert guard.refused == []
        assert len({path for _, path in guard.let_in}) >= 3


@pytest.mark.parametrize(
    "options", [["-use_template", "0", "-use_timeline", "0"], ["-single_file", "1"]], ids=["pieces", "ranges of a file"]
)
async def test_what_a_manifest_lists_one_by_one_is_signed(hall: Screening, tmp_path: Path, options: list[str]) -> None:
    make(tmp_path / "film.mpd", [*PICTURE, *TONE], *H264, "-c:a", "aac", "-f", "dash", *options)
    async with bucket(files(tmp_path)) as (guard, origin):
        at = address(hall, await offer(origin, "show/film.mpd"))
        named = re.findall(r'(?:sourceURL="|media="|BaseURL>)([^"<]+)', (await hall.get(at)).text)
        assert named
        for name in named:
            assert (await hall.get(f"{at.rpartition('/')[0]}/{name}", range="bytes=0-9")).status == 206
        assert guard.refused == []


@pytest.mark.parametrize(
    "named",
    [
        b"../private.ts",
        b"%2e%2e/private.ts",
        b"/films/private.ts",
        b"/films/show/..%2fprivate.ts",
        b"/films/showing.ts",
        b"/empty/private.ts",
        b"/films?list-type=2&prefix=",
    ],
)
async def test_what_lies_outside_of_the_playlist_s_folder_is_not_signed(hall: Screening, named: bytes) -> None:
    films = {"show/film.m3u8": PLAYLIST % named, "private.ts": b"secret", "showing.ts": b"secret"}
    async with bucket(films) as (guard, origin):
        (piece,) = await pieces(hall, address(hall, await offer(origin, "show/film.m3u8")))
        assert (await hall.get(piece)).problem == (502, "upstream_refused")
        assert guard.refused
        assert not any("X-Amz" in path for path in guard.refused)


async def test_nobody_else_is_told_a_signature(hall: Screening) -> None:
    elsewhere = hall.upstream("/films/show/piece.ts").url.encode()
    async with bucket({"show/film.m3u8": PLAYLIST % elsewhere}) as (_, origin):
        (piece,) = await pieces(hall, address(hall, await offer(origin, "show/film.m3u8")))
        assert (await hall.get(piece)).status == 200
    assert hall.paths == ["/films/show/piece.ts"]


async def test_a_template_can_not_climb_to_what_is_signed(hall: Screening) -> None:
    mpd = (
        b'<MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><Period><AdaptationSet><Representation id="1" bandwidth="1">'
        b'<SegmentTemplate media="$Number$.m4s"/></Representation></AdaptationSet></Period></MPD>'
    )
    async with bucket({"show/film.mpd": mpd, "private.ts": b"secret", "show/1.m4s": b"piece"}) as (guard, origin):
        at = address(hall, await offer(origin, "show/film.mpd"))
        _, _, rest = (await hall.get(at)).text.partition("BaseURL>")
        folder = f"{at.rpartition('/')[0]}/{rest.partition('<')[0]}"
        assert (await hall.get(f"{folder}1.m4s")).body == b"piece"
        for tail in ("../private.ts", "%2e%2e/private.ts", "%252e%252e/private.ts"):
            assert (await hall.get(f"{folder}{tail}")).status in (403, 404)
        assert not any("private" in path for _, path in guard.let_in)


async def test_what_one_key_has_read_is_read_again_for_another_key(hall: Screening) -> None:
    films = {"show/film.m3u8": PLAYLIST % b"a%20piece+1.ts?v=1", PIECE: b"piece"}
    async with bucket(films) as (guard, origin):
        for access in (ACCESS, OTHER):
            (piece,) = await pieces(hall, address(hall, await offer(origin, "show/film.m3u8", access)))
            assert [(await hall.get(piece)).body for _ in range(3)] == [b"piece"] * 3
        read = [access for access, path in guard.let_in if path == "/films/show/a%20piece%2B1.ts"]
        assert read == [ACCESS, OTHER]


async def test_a_playlist_that_is_asked_to_wait_is_called_by_its_signed_address(hall: Screening) -> None:
    async with bucket({"show/film.m3u8": PLAYLIST % b"1.ts"}) as (guard, origin):
        at = address(hall, await offer(origin, "show/film.m3u8"))
        assert (await hall.get(f"{at}?_HLS_msn=7")).status == 200
        assert guard.refused == []


def test_a_signature_is_asked_for_first_and_does_without_where_there_is_none() -> None:
    plain = Upstream("https://s3.test/a.m3u8", {"X-Token": "t"}, sign=lambda url: None)
    assert plain.naming("https://s3.test/b.ts").headers == {"X-Token": "t"}
    signed = Upstream("https://s3.test/b.ts?signed", key="b")
    assert Upstream("https://s3.test/a.m3u8", sign=lambda url: signed).naming("https://s3.test/b.ts") is signed
