"""What this server asks of others, for Prometheus."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from synctv.adapters.aiohttp.metered import Calls


class CallCollector(Collector):
    """Reads the tallies whenever somebody looks. `caller` is a provider, or a part of the proxy."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def collect(self) -> Iterable[Metric]:
        """All families."""
        labels = ["caller"]
        running = GaugeMetricFamily("synctv_calls_running", "Calls to other servers now.", labels=labels)
        over = CounterMetricFamily(
            "synctv_calls", "Calls to other servers by what came of them.", labels=[*labels, "outcome"]
        )
        seconds = CounterMetricFamily("synctv_calls_seconds", "How long they took to answer.", labels=labels)
        received = CounterMetricFamily("synctv_calls_received_bytes", "Bytes that they sent.", labels=labels)
        for caller, tally in sorted(self._calls.by_caller().items()):
            running.add_metric([caller], tally.running)
            seconds.add_metric([caller], tally.seconds)
            received.add_metric([caller], tally.received_bytes)
            for outcome, count in sorted(tally.outcomes.copy().items()):
                over.add_metric([caller, outcome], count)
        return [running, over, seconds, received]
