"""The server's keys: reading or making them, and noticing at the start that one was replaced.

The database remembers the fingerprints of all keys, and for keys that something is stored under a known text sealed
with them. A server whose keys don't fit what is recorded would sign what others refuse, or find out at somebody's next
sign-in that it can't read what it stored; so it doesn't start. See docs/decisions/0010-keys-are-compared.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import structlog

from synctv.adapters.crypto.key_files import load_keys
from synctv.adapters.crypto.keys import SEALING, KeyName, KeyRefused, KeyRing, Keys
from synctv.adapters.crypto.sealing import KeySealer, mark_of
from synctv.adapters.postgres.key_checks import KeyCheck, KeyChecks
from synctv.application.ports.sealed_rows import SealedRows
from synctv.application.ports.sealing import CannotOpen
from synctv.domain.ids import Micros
from synctv.entrypoints.bootstrap.settings import Settings

log = structlog.get_logger(__name__)

_CHECK_TEXT = b"synctv key check"
_CHECK_PLACE = "key-check"


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a key is for, and what becomes of whom when it is replaced by another one."""

    use: str
    loss: str


PURPOSES: Mapping[KeyName, Purpose] = {
    KeyName.TOKENS: Purpose(
        "signs access tokens", "browsers and apps have to renew their sign-ins, and guests have to come in again"
    ),
    KeyName.OPAQUE: Purpose(
        "checks passwords that never leave the browser",
        "passwords that were set in the browser stop working, and their owners have to reset them",
    ),
    KeyName.CREDENTIALS: Purpose(
        "seals what this server shows to others: secrets of identity providers, sign-ins at media servers",
        "those secrets can't be read: the operator has to enter them again, and people sign in to media servers again",
    ),
    KeyName.TOTP: Purpose(
        "seals the secrets of authenticator apps",
        "the codes of all authenticator apps are refused, and their owners have to set them up again",
    ),
    KeyName.MAIL: Purpose("seals letters that wait to be sent", "letters that wait to be sent are lost"),
    KeyName.PROXY: Purpose("signs addresses of media", "addresses of media that pages have already stop working"),
    KeyName.UPLOADS: Purpose("signs uploads", "uploads that are under way have to begin again"),
    KeyName.CLUSTER: Purpose(
        "proves servers of one product to each other", "servers that have the old one are not recognised"
    ),
}


def secrets_folder(settings: Settings) -> Path:
    """Where keys are kept that nobody gave."""
    return settings.data_dir / "secrets"


def given_keys(settings: Settings) -> Mapping[KeyName, Sequence[str]]:
    """The texts of those keys that the settings give."""
    keys = settings.keys
    opaque = () if keys.opaque is None else (keys.opaque,)
    rings = {name: opaque if name is KeyName.OPAQUE else getattr(keys, name.value) for name in KeyName}
    return {name: tuple(text.get_secret_value() for text in ring) for name, ring in rings.items() if ring}


def open_keys(settings: Settings) -> Keys:
    """The keys that the settings give, else those of the data folder, which are made on the first start.

    Raises `KeyRefused`.
    """
    folder = secrets_folder(settings)
    try:
        keys = load_keys(folder, given_keys(settings))
    except OSError as error:
        raise KeyRefused(str(folder), f"The keys can't be read or made there ({error.strerror}).") from error
    for path in keys.made:
        loss = PURPOSES[KeyName(path.stem)].loss
        log.info("key_made", file=str(path), advice=f"Keep it with your backups. Without it, {loss}.")
    return keys


def where_is(settings: Settings, name: KeyName) -> str:
    """The option or file that the key is in."""
    return f"keys.{name}" if given_keys(settings).get(name) else str(secrets_folder(settings) / f"{name}.key")


# ---------------------------------------------------------------- what the database remembers


class KeysDiffer(KeyRefused):
    """These are not the keys that the database was used with. Names each that differs, and what to do."""

    def __init__(self, differences: Mapping[KeyName, str], settings: Settings) -> None:
        self.differences = differences
        listed = "".join(f"\n  {name} ({where_is(settings, name)}): {reason}" for name, reason in differences.items())
        first = next(iter(differences))
        advice = (
            "Put the right ones there: every server of one database needs the same keys, from the settings or from one "
            f"folder `secrets` that you copy. Only when a key is really lost: `synctv keys accept {first}`."
        )
        super().__init__("keys", f"They are not those that this database was used with.{listed}\n{advice}")


async def tell_what_is_lost(keys: Keys, rows: Sequence[SealedRows]) -> None:
    """Warns of what is stored and sealed with a key that this server does not have (any more)."""
    for one in rows:
        ring = keys.of(KeyName(one.purpose))
        if ring and (count := await one.count_but([mark_of(key) for key in ring])):
            log.warning(
                "sealed_with_a_missing_key",
                key=one.purpose,
                what=one.what,
                count=count,
                advice="Put that key back behind the newest one, and run `synctv keys reseal` before you drop it.",
            )


async def must_be_the_recorded(keys: Keys, checks: KeyChecks, now: Micros, settings: Settings) -> None:
    """Compares the keys with those that are recorded, and records what is new.

    The first server to come records its keys. Later ones must have the same OPAQUE setup, and of every other key one of
    those that were recorded last; so a key is replaced in steps that overlap. Raises `KeysDiffer` and `Unavailable`.
    """
    present = {name: check_of(name, keys.of(name), now) for name in KeyName if keys.of(name)}
    recorded = await checks.first(tuple(present.values()))
    found = {name: difference(name, keys.of(name), recorded[name]) for name in present}
    if differences := {name: reason for name, reason in found.items() if reason}:
        raise KeysDiffer(differences, settings)
    for name, check in present.items():
        if check.fingerprints != recorded[name].fingerprints:
            await checks.record(check)
            log.info("key_replaced", key=name.value, fingerprints=check.fingerprints)


def check_of(name: KeyName, ring: KeyRing, now: Micros) -> KeyCheck:
    """What is to be remembered of a key."""
    sealed = KeySealer(ring, name.value).seal(_CHECK_TEXT, _CHECK_PLACE) if name in SEALING else None
    return KeyCheck(name.value, tuple(key.id for key in ring), sealed, now)


def difference(name: KeyName, ring: KeyRing, recorded: KeyCheck) -> str | None:
    """Why these keys don't fit what is recorded, as a sentence; None when they do."""
    shared = {key.id for key in ring} & set(recorded.fingerprints)
    if not shared:
        return f"It is another one than before; {PURPOSES[name].loss}."
    if recorded.check is not None and not _opens(name, ring, recorded.check):
        return (
            "Something is sealed with a newer key that is missing here. Give this server the same keys as the others, "
            "in the same order."
        )
    return None


def _opens(name: KeyName, ring: KeyRing, check: bytes) -> bool:
    try:
        return KeySealer(ring, name.value).open(check, _CHECK_PLACE) == _CHECK_TEXT
    except CannotOpen:
        return False
