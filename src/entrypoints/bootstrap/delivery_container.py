"""The wiring of what brings media to viewers: a part of the container that everything else is in."""

from __future__ import annotations

from typing import Any

from dependency_injector import containers, providers

from synctv.adapters.aiohttp.metered import MeteredFetch
from synctv.adapters.crypto.media_links import SignedMediaLinks
from synctv.adapters.danmaku.reader import TextDanmakuReader
from synctv.adapters.subtitles.converter import TextSubtitleConverter
from synctv.application.delivery.admission import Admission
from synctv.application.delivery.composing import Composer
from synctv.application.delivery.live import LiveMedia
from synctv.application.delivery.offers import Offers
from synctv.application.delivery.pace import Pacer
from synctv.application.delivery.playables import Playables
from synctv.application.delivery.playlists import Playlists
from synctv.application.delivery.progress import Progress
from synctv.application.delivery.proxy import MediaProxy
from synctv.application.delivery.slices import SlicedMedia
from synctv.application.delivery.texts import Texts
from synctv.application.operation.cache import OperatedCache
from synctv.entrypoints.bootstrap.resources import Resources
from synctv.entrypoints.bootstrap.translation import bandwidth, slice_limits


def _metered(resources: Any, part: str) -> Any:
    """The fetch of one part of the proxy, whose calls are counted."""
    return providers.Singleton(
        MeteredFetch,
        resources.provided.fetch,
        providers.Callable(lambda calls: calls.of(part), resources.provided.calls),
        resources.provided.clock,
    )


class DeliveryContainer(containers.DeclarativeContainer):
    """Playables, and the proxy with its cache. The dependencies come from the container around it."""

    resources = providers.Dependency(instance_of=Resources)
    media_providers: providers.Dependency[Any] = providers.Dependency()
    transactions: providers.Dependency[Any] = providers.Dependency()
    credentials: providers.Dependency[Any] = providers.Dependency()
    portions: providers.Dependency[Any] = providers.Dependency()
    identity: providers.Dependency[Any] = providers.Dependency()
    access: providers.Dependency[Any] = providers.Dependency()
    stage: providers.Dependency[Any] = providers.Dependency()

    settings = resources.provided.settings
    clock = resources.provided.clock

    links = providers.Singleton(SignedMediaLinks, resources.provided.keys.proxy)
    offers = providers.Singleton(Offers, media_providers, credentials, clock)
    sliced = providers.Singleton(
        SlicedMedia,
        _metered(resources, "media"),
        clock,
        resources.provided.slices,
        providers.Callable(slice_limits, settings),
    )
    pacer = providers.Singleton(
        Pacer, providers.Callable(bandwidth, settings), settings.media.streams_per_viewer, clock
    )
    texts = providers.Singleton(
        Texts,
        _metered(resources, "texts"),
        portions,
        providers.Singleton(TextSubtitleConverter),
        providers.Singleton(TextDanmakuReader),
        clock,
    )

    cache = providers.Singleton(OperatedCache, sliced)
    progress = providers.Singleton(Progress, media_providers, credentials)
    playables = providers.Singleton(Playables, transactions, access, stage, offers, links, clock, settings.media.proxy)
    media = providers.Singleton(
        MediaProxy,
        admission=providers.Singleton(Admission, transactions, access, identity, clock),
        offers=offers,
        links=links,
        media=sliced,
        live=providers.Singleton(LiveMedia, _metered(resources, "live"), clock),
        playlists=providers.Singleton(Playlists, _metered(resources, "playlists"), portions, links, clock),
        composer=providers.Singleton(Composer, sliced, links, clock),
        texts=texts,
        pacer=pacer,
        clock=clock,
    )
