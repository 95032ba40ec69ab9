"""Several server processes that are one product: one PostgreSQL, one Redis, the same secrets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from synctv.adapters.crypto.keys import makeable, new_key
from tests.servers.client import Person, RoomSocket
from tests.servers.synctv import Setting


def shared(postgres_url: str, redis_url: str) -> Mapping[str, Setting]:
    """The settings of every replica. Each call makes keys of its own."""
    keys: dict[str, Setting] = {f"keys.{name}": new_key(name) for name in makeable()}
    return {"database.url": postgres_url, "storage.kind": "postgres", "redis.url": redis_url, **keys}


async def member(root: Person, username: str) -> Person:
    """Somebody new with an account, at the server of `root`."""
    password = "battery staple"
    await root.server.operate("account", "create", username, "--password-file", "-", given=password)
    return await Person(root.server, root.session).signed_in(username, password)


def versions(socket: RoomSocket) -> list[int]:
    """The versions of the playback that were pushed, in the order in which they came."""
    return [int(change["playback"]["version"]) for change in socket.changes("playback")]


def numbers(socket: RoomSocket, name: str) -> list[int]:
    """The room's event numbers of what was pushed, in the order in which they came."""
    return [int(change["roomSeq"]) for change in socket.changes(name)]


async def observing(sockets: Sequence[RoomSocket], *resources: str) -> None:
    """Lets all of them observe these."""
    for socket in sockets:
        for resource in resources:
            await socket.observe(resource)
