"""The keys as the operator's commands see them: what is here, what the database remembers, and going on without one."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from synctv.adapters.crypto.key_files import found_keys, load_keys
from synctv.adapters.crypto.keys import KeyName, KeyRefused, KeyRing, makeable, new_key, rings_of
from synctv.adapters.crypto.sealing import KeySealer, mark_of
from synctv.adapters.postgres.database import Database
from synctv.adapters.postgres.errors import CannotUseDatabase
from synctv.adapters.postgres.key_checks import DeadRecords, KeyCheck, KeyChecks
from synctv.adapters.postgres.sealed_rows import sealed_rows
from synctv.adapters.system.clock import SystemClock
from synctv.application.operation.resealing import Resealed, reseal
from synctv.domain.errors import Unavailable
from synctv.domain.ids import Micros
from synctv.entrypoints.bootstrap.database import DatabaseRefused, opened
from synctv.entrypoints.bootstrap.keys import (
    PURPOSES,
    check_of,
    difference,
    given_keys,
    secrets_folder,
    where_is,
)
from synctv.entrypoints.bootstrap.settings import Settings, StorageKind


class KeysRefused(Exception):
    """The keys can't be shown or accepted. The sentence says why, and what to do."""


class Standing(StrEnum):
    """How a key stands to what the database remembers."""

    RIGHT = "right"
    DIFFERS = "differs"
    MISSING = "missing"
    NEW = "not recorded"
    ABSENT = "made at the next start"

    @property
    def stops_the_server(self) -> bool:
        """Whether a server with this key refuses to start."""
        return self in (Standing.DIFFERS, Standing.MISSING)


@dataclass(frozen=True, slots=True)
class KeyState:
    """One key. Fingerprints are public names, of which none leads to the key."""

    name: str
    use: str
    where: str
    fingerprints: tuple[str, ...]
    recorded: tuple[str, ...]
    recorded_at: Micros | None
    standing: Standing


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What came of accepting a key: whether it was another one, its file if it was made now, and lost records."""

    changed: bool
    made: tuple[Path, ...]
    dead: DeadRecords | None


def key_names() -> Mapping[str, str]:
    """Every key's name, and what it means to lose it."""
    return {name.value: purpose.loss for name, purpose in PURPOSES.items()}


def fresh_keys(names: Sequence[str]) -> Mapping[str, str]:
    """New keys, by the variables that give them to a server. Raises `KeysRefused` for one that can't be made here."""
    wanted = [KeyName(name) for name in names] or makeable()
    if KeyName.OPAQUE in wanted and KeyName.OPAQUE not in makeable():
        raise KeysRefused("The library for OPAQUE is not there on this system. Make the key on another one.")
    return {f"SYNCTV_KEYS__{name.upper()}": new_key(name) for name in wanted}


def key_states(settings: Settings) -> list[KeyState]:
    """All keys; makes none. Raises `KeysRefused`."""
    try:
        rings = rings_of(found_keys(secrets_folder(settings), given_keys(settings)))
    except (KeyRefused, OSError) as error:
        raise KeysRefused(str(error)) from error
    recorded = {} if settings.storage.kind is StorageKind.MEMORY else asyncio.run(_recorded(settings))
    return [_state(settings, name, rings.get(name, ()), recorded.get(name.value)) for name in KeyName]


def accept_key(settings: Settings, name: str) -> Acceptance:
    """Records the present key, or one that is made now, in place of the one that was lost. Raises `KeysRefused`."""
    if settings.storage.kind is StorageKind.MEMORY:
        raise KeysRefused("Storage in memory remembers no keys, so there is nothing to accept.")
    return asyncio.run(_accept(settings, KeyName(name)))


def reseal_all(settings: Settings) -> Sequence[Resealed]:
    """Seals all that is stored with the newest keys. Raises `KeysRefused`."""
    if settings.storage.kind is StorageKind.MEMORY:
        raise KeysRefused("Storage in memory outlives no key, so there is nothing to seal anew.")
    return asyncio.run(_reseal_all(settings))


async def _reseal_all(settings: Settings) -> Sequence[Resealed]:
    try:
        rings = rings_of(found_keys(secrets_folder(settings), given_keys(settings)))
        async with opened(settings) as database:
            await _must_be_up_to_date(database)
            checks = await KeyChecks(database).all()
            done = []
            for rows in sealed_rows(database):
                name = KeyName(rows.purpose)
                ring, recorded = rings.get(name, ()), checks.get(name.value)
                if not ring or recorded is None or difference(name, ring, recorded) is not None:
                    raise KeysRefused(f"The key {name} is not the one that the database was used with.")
                done.append(await reseal(rows, KeySealer(ring, name.value), mark_of(ring[0])))
            return done
    except (KeyRefused, OSError, DatabaseRefused, CannotUseDatabase, Unavailable) as error:
        raise KeysRefused(str(error)) from error


async def _recorded(settings: Settings) -> Mapping[str, KeyCheck]:
    try:
        async with opened(settings) as database:
            await _must_be_up_to_date(database)
            return await KeyChecks(database).all()
    except (DatabaseRefused, CannotUseDatabase, Unavailable) as error:
        raise KeysRefused(str(error)) from error


async def _accept(settings: Settings, name: KeyName) -> Acceptance:
    try:
        async with opened(settings) as database:
            await _must_be_up_to_date(database)
            keys = load_keys(secrets_folder(settings), given_keys(settings))
            ring = keys.of(name)
            if not ring:
                raise KeysRefused(f"There is no key {name} on this system.")
            checks = KeyChecks(database)
            recorded = (await checks.all()).get(name.value)
            if recorded is not None and difference(name, ring, recorded) is None:
                return Acceptance(changed=False, made=keys.made, dead=None)
            check = check_of(name, ring, SystemClock().now())
            if name is KeyName.OPAQUE:
                return Acceptance(changed=True, made=keys.made, dead=await checks.record_opaque(check))
            await checks.record(check)
            return Acceptance(changed=True, made=keys.made, dead=None)
    except (KeyRefused, OSError, DatabaseRefused, CannotUseDatabase, Unavailable) as error:
        raise KeysRefused(str(error)) from error


async def _must_be_up_to_date(database: Database) -> None:
    if (await database.status()).pending:
        raise KeysRefused("The database is older than this version. Run `synctv db migrate` first.")


def _state(settings: Settings, name: KeyName, ring: KeyRing, recorded: KeyCheck | None) -> KeyState:
    return KeyState(
        name=name.value,
        use=PURPOSES[name].use,
        where=where_is(settings, name),
        fingerprints=tuple(key.id for key in ring),
        recorded=recorded.fingerprints if recorded else (),
        recorded_at=recorded.recorded_at if recorded else None,
        standing=_standing(name, ring, recorded),
    )


def _standing(name: KeyName, ring: KeyRing, recorded: KeyCheck | None) -> Standing:
    if recorded is None:
        return Standing.NEW if ring else Standing.ABSENT
    if not ring:
        return Standing.MISSING
    return Standing.DIFFERS if difference(name, ring, recorded) else Standing.RIGHT
