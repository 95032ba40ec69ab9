"""The wiring of a room's library and what it plays: a part of the container that everything else is in."""

from __future__ import annotations

from typing import Any

from dependency_injector import containers, providers

from synctv.application.library.adding import Adding
from synctv.application.library.findings import Findings
from synctv.application.library.folders import LibraryFolders
from synctv.application.library.items import Items
from synctv.application.library.live_folders import LiveFolders
from synctv.application.library.looking import Looking
from synctv.application.playback.beyond import Beyond
from synctv.application.playback.control import PlaybackControl
from synctv.application.playback.course import PlaybackCourse


class LibraryContainer(containers.DeclarativeContainer):
    """Items, folders, looking for more, and the shared playback. The dependencies come from the container around it."""

    transactions: providers.Dependency[Any] = providers.Dependency()
    short_lived: providers.Dependency[Any] = providers.Dependency()
    media_providers: providers.Dependency[Any] = providers.Dependency()
    credentials: providers.Dependency[Any] = providers.Dependency()
    access: providers.Dependency[Any] = providers.Dependency()
    stage: providers.Dependency[Any] = providers.Dependency()
    clock: providers.Dependency[Any] = providers.Dependency()
    ids: providers.Dependency[Any] = providers.Dependency()

    live_folders = providers.Singleton(LiveFolders, transactions, media_providers, credentials)
    beyond = providers.Singleton(Beyond, stage, live_folders)
    playback = providers.Singleton(PlaybackControl, transactions, access, stage, beyond)
    course = providers.Singleton(PlaybackCourse, transactions, stage, beyond)
    folders = providers.Singleton(LibraryFolders, transactions, access, media_providers, playback, clock, ids)
    items = providers.Singleton(Items, transactions, access, media_providers, playback, clock, ids, credentials)
    findings = providers.Singleton(Findings, short_lived, ids)
    looking = providers.Singleton(Looking, transactions, access, media_providers, credentials, findings, live_folders)
    adding = providers.Singleton(Adding, findings, items, folders)
