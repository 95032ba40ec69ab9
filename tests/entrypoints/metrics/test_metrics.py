"""The listener for Prometheus: what it tells, to whom, and that it ends."""

from __future__ import annotations

import asyncio
import http.client
import socket
from collections.abc import AsyncGenerator, Mapping

import pytest
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from synctv.adapters.aiohttp.metered import Calls
from synctv.adapters.memory.clock import MemoryClock
from synctv.adapters.memory.fetch import MemoryFetch
from synctv.adapters.providers.kit import ProviderKit
from synctv.application.delivery.pace import Bandwidth, Pacer
from synctv.application.mail.postman import Tally
from synctv.application.operation.operators import LiveCounts
from synctv.application.ports.fetch import FetchRequest
from synctv.application.ports.slices import Buffer
from synctv.domain.errors import RateLimited, UpstreamFailed
from synctv.entrypoints.bootstrap.cache_metrics import MediaCollector
from synctv.entrypoints.bootstrap.call_metrics import CallCollector
from synctv.entrypoints.bootstrap.metrics import metrics_served
from synctv.entrypoints.bootstrap.settings import MetricsSettings
from tests.adapters.extractors.scripted import ScriptedExtractor
from tests.application.delivery.media_server import Film
from tests.application.delivery.theatre import SLICE, theatre

HERE = MetricsSettings(host="127.0.0.1", port=0)
TOKEN = "a-token-of-many-characters"


def live() -> LiveCounts:
    return LiveCounts(connections=3, viewed_rooms=2)


def get(address: str, path: str = "/metrics", headers: Mapping[str, str] | None = None) -> tuple[int, str]:
    connection = http.client.HTTPConnection(address, timeout=10)
    try:
        connection.request("GET", path, headers=dict(headers or {}))
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def test_the_figures_are_those_of_the_moment() -> None:
    counts, mail = [LiveCounts(0, 0)], Tally()
    with metrics_served(HERE, lambda: counts[-1], mail, "1.2.3") as address:
        assert "synctv_connections 0.0" in get(address)[1]
        counts.append(LiveCounts(3, 2))
        mail.postponed += 2
        status, text = get(address)
    assert status == 200
    values = {sample.name: sample.value for family in text_string_to_metric_families(text) for sample in family.samples}
    assert (values["synctv_connections"], values["synctv_viewed_rooms"]) == (3, 2)
    assert 'synctv_letters_total{outcome="postponed"} 2.0' in text
    assert 'synctv_build_info{version="1.2.3"} 1.0' in text
    assert values["process_resident_memory_bytes"] > 0


def test_there_is_nothing_else() -> None:
    with metrics_served(HERE, live, Tally(), "1.2.3") as address:
        assert get(address, "/")[0] == 404


def test_a_token_keeps_others_out() -> None:
    settings = HERE.model_copy(update={"token": SecretStr(TOKEN)})
    with metrics_served(settings, live, Tally(), "1.2.3") as address:
        assert get(address)[0] == 401
        assert get(address, headers={"Authorization": "Bearer wrong"})[0] == 401
        assert get(address, "/", {"Authorization": TOKEN})[0] == 401
        assert get(address, headers={"Authorization": f"Bearer {TOKEN}"})[0] == 200


def test_the_listener_ends_with_the_block() -> None:
    with metrics_served(HERE, live, Tally(), "1.2.3") as address:
        pass
    with pytest.raises(ConnectionRefusedError):
        get(address)


def test_a_port_in_use_is_an_error_and_leaves_nothing_behind() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = HERE.model_copy(update={"port": other.getsockname()[1]})
        with pytest.raises(OSError, match="in use"), metrics_served(taken, live, Tally(), "1.2.3"):
            pass


def test_a_caller_who_says_nothing_does_not_hold_up_the_others() -> None:
    with metrics_served(HERE, live, Tally(), "1.2.3") as address:
        host, _, port = address.rpartition(":")
        with socket.create_connection((host, int(port))):
            assert get(address)[0] == 200


async def test_media_are_counted() -> None:
    async with theatre(Film(3 * SLICE)) as stage:
        await stage.read()
        await stage.read()
        with metrics_served(HERE, live, Tally(), "1.2.3", [MediaCollector(stage.media)]) as address:
            status, text = await asyncio.to_thread(get, address)
    assert status == 200
    for line in (
        'synctv_media_slice_reads_total{kind="hit"} 3.0',
        'synctv_media_slice_fills_total{kind="begun"} 3.0',
        f'synctv_media_bytes_total{{kind="served"}} {6 * SLICE}.0',
        "synctv_cache_slices 3.0",
        'synctv_cache_lost_slices_total{reason="damaged"} 0.0',
    ):
        assert line in text


async def test_what_the_proxy_sends_is_counted() -> None:
    pacer = Pacer(Bandwidth(), 1, MemoryClock())

    async def body() -> AsyncGenerator[Buffer, None]:
        yield bytes(1_000)

    async with theatre(Film(SLICE)) as stage:
        with pacer.stream("anna"):
            assert [piece async for piece in pacer.paced(body(), "anna", "room")]
            with pytest.raises(RateLimited), pacer.stream("anna"):
                pass
            with metrics_served(HERE, live, Tally(), "1.2.3", [MediaCollector(stage.media, pacer)]) as address:
                _, text = await asyncio.to_thread(get, address)
    for line in (
        "synctv_proxy_streams 1.0",
        "synctv_proxy_sent_bytes_total 1000.0",
        "synctv_proxy_refused_streams_total 1.0",
    ):
        assert line in text


async def test_calls_to_other_servers_are_counted_for_each_who_makes_them() -> None:
    calls, fetch, clock = Calls(), MemoryFetch(), MemoryClock()
    fetch.answers("http://films.test/", bytes(100))
    kit = ProviderKit(fetch, clock, ScriptedExtractor(), calls=calls)
    await kit.for_provider("alist").fetch.fetch(FetchRequest("http://films.test/"))
    with pytest.raises(UpstreamFailed):
        await calls.metered(fetch, clock, "playlists").fetch(FetchRequest("http://nobody.test/"))
    with metrics_served(HERE, live, Tally(), "1.2.3", [CallCollector(calls)]) as address:
        _, text = await asyncio.to_thread(get, address)
    for line in (
        'synctv_calls_total{caller="alist",outcome="ok"} 1.0',
        'synctv_calls_received_bytes_total{caller="alist"} 100.0',
        'synctv_calls_running{caller="alist"} 0.0',
        'synctv_calls_total{caller="playlists",outcome="upstream_failed"} 1.0',
        'synctv_calls_seconds_total{caller="playlists"} 0.0',
    ):
        assert line in text
