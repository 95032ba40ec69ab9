"""What the media proxy does and keeps, for Prometheus."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from synctv.application.delivery.pace import Pacer
from synctv.application.delivery.slices import SlicedMedia
from synctv.application.ports.slices import StoreStats


class MediaCollector(Collector):
    """Reads the counts whenever somebody looks."""

    def __init__(self, media: SlicedMedia, pacer: Pacer | None = None) -> None:
        self._media = media
        self._pacer = pacer

    def collect(self) -> Iterable[Metric]:
        """All families."""
        media, tally = self._media, self._media.tally
        yield GaugeMetricFamily("synctv_media_bodies", "Media that are being sent.", value=media.streams.count)
        yield GaugeMetricFamily(
            "synctv_media_fills_in_flight", "Slices that are being fetched or in line.", value=media.fills_in_flight
        )
        yield _counter("slice_reads", "Slices that a viewer began to read.", hit=tally.hits, miss=tally.misses)
        yield _counter(
            "slice_fills",
            "Slices that were fetched.",
            begun=tally.fills,
            shared=tally.joined,
            failed=tally.failed_fills,
            abandoned=tally.abandoned_fills,
        )
        yield _counter("bytes", "Bytes of media.", served=tally.served_bytes, fetched=tally.fetched_bytes)
        yield CounterMetricFamily("synctv_media_bypasses", "Media handed on without being kept.", value=tally.bypasses)
        if media.store is not None:
            yield from _stored(media.store.stats())
        if self._pacer is not None:
            yield from _sent(self._pacer)


def _sent(pacer: Pacer) -> Iterable[Metric]:
    yield GaugeMetricFamily("synctv_proxy_streams", "Answers that are being sent to viewers.", value=pacer.sending)
    yield CounterMetricFamily("synctv_proxy_sent_bytes", "Bytes that were sent to viewers.", value=pacer.sent_bytes)
    yield CounterMetricFamily(
        "synctv_proxy_refused_streams", "Requests beyond what one viewer may have at a time.", value=pacer.refused
    )


def _stored(stats: StoreStats) -> Iterable[Metric]:
    yield GaugeMetricFamily("synctv_cache_stored_bytes", "Bytes of media that are kept.", value=stats.stored_bytes)
    yield GaugeMetricFamily("synctv_cache_size_bytes", "Bytes of media that may be kept.", value=stats.size_bytes)
    yield GaugeMetricFamily("synctv_cache_slices", "Slices that are kept.", value=stats.slices)
    lost = CounterMetricFamily("synctv_cache_lost_slices", "Slices that are not kept (any more).", labels=["reason"])
    for reason, count in (("evicted", stats.evicted), ("refused", stats.refused), ("damaged", stats.damaged)):
        lost.add_metric([reason], count)
    yield lost


def _counter(name: str, told: str, **counts: int) -> Metric:
    family = CounterMetricFamily(f"synctv_media_{name}", told, labels=["kind"])
    for kind, count in counts.items():
        family.add_metric([kind], count)
    return family
