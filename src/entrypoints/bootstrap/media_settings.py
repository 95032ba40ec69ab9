"""The options for media: how they are fetched, kept and handed on."""

from __future__ import annotations

from synctv.entrypoints.bootstrap.options import Section, option


class MediaSettings(Section):
    """How media get to viewers."""

    proxy: bool = option(
        default=True,
        description="Whether the server hands on what browsers can't fetch by themselves. "
        "Without that, only public addresses play.",
    )
    viewer_mbit: float = option(
        0.0, "How much one viewer gets through the proxy; 0 for as much as there is.", unit="Mbit/s", ge=0, le=100_000
    )
    room_mbit: float = option(
        0.0, "How much a room's viewers get together; 0 for as much as there is.", unit="Mbit/s", ge=0, le=1_000_000
    )
    streams_per_viewer: int = option(
        16, "How many bodies the proxy sends to one viewer at the same time.", ge=1, le=1_000
    )
