"""Proving that one knows a password without sending it: HTTP Digest (RFC 7616), with MD5 or SHA-256. Pure.

Only `qop=auth` and the form without a `qop` of RFC 2069 are spoken, which is what network storages ask for.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from synctv.adapters.providers.webdav.challenges import Challenge

_STRONGEST_FIRST = ("SHA-256", "SHA-256-SESS", "MD5", "MD5-SESS")


@dataclass(frozen=True, slots=True)
class DigestChallenge:
    """What the server wants a proof for. `opaque` is sent back as it came, None where there is none."""

    realm: str
    nonce: str
    algorithm: str = "MD5"
    opaque: str | None = None
    qop: bool = True
    userhash: bool = False


@dataclass(frozen=True, slots=True)
class Proof:
    """Who proves it for which request. `cnonce` is the client's random text; `count` counts the uses of the nonce."""

    username: str
    password: str
    method: str
    uri: str
    cnonce: str
    count: int = 1


def strongest(challenges: Sequence[Challenge]) -> DigestChallenge | None:
    """The strongest of the challenges that can be met; None when there is none."""
    found = [digest for challenge in challenges if (digest := _read(challenge)) is not None]
    return min(found, key=lambda digest: _STRONGEST_FIRST.index(digest.algorithm.upper()), default=None)


def authorization(challenge: DigestChallenge, proof: Proof) -> str:
    """The value of `Authorization` for one request."""
    hashed = _hash(challenge.algorithm)
    secret = hashed(f"{proof.username}:{challenge.realm}:{proof.password}")
    if challenge.algorithm.upper().endswith("-SESS"):
        secret = hashed(f"{secret}:{challenge.nonce}:{proof.cnonce}")
    request = hashed(f"{proof.method}:{proof.uri}")
    count = f"{proof.count:08x}"
    middle = f"{challenge.nonce}:{count}:{proof.cnonce}:auth" if challenge.qop else challenge.nonce
    parts = [
        _username(challenge, proof.username, hashed),
        f'realm="{_escaped(challenge.realm)}"',
        f'uri="{_escaped(proof.uri)}"',
        f"algorithm={challenge.algorithm}",
        f'nonce="{_escaped(challenge.nonce)}"',
        f'response="{hashed(f"{secret}:{middle}:{request}")}"',
    ]
    if challenge.qop:
        parts += [f"nc={count}", f'cnonce="{proof.cnonce}"', "qop=auth"]
    if challenge.opaque is not None:
        parts.append(f'opaque="{_escaped(challenge.opaque)}"')
    if challenge.userhash:
        parts.append("userhash=true")
    return "Digest " + ", ".join(parts)


def _read(challenge: Challenge) -> DigestChallenge | None:
    given = challenge.parameters
    algorithm = given.get("algorithm", "MD5")
    qops = [qop.strip().lower() for qop in given.get("qop", "").split(",") if qop.strip()]
    if challenge.scheme != "digest" or "nonce" not in given or algorithm.upper() not in _STRONGEST_FIRST:
        return None
    if qops and "auth" not in qops:
        return None
    if any(not value.isprintable() for value in given.values()):
        return None
    return DigestChallenge(
        given.get("realm", ""),
        given["nonce"],
        algorithm,
        given.get("opaque"),
        bool(qops),
        given.get("userhash", "").lower() == "true",
    )


def _hash(algorithm: str) -> Callable[[str], str]:
    if algorithm.upper().startswith("SHA-256"):
        return lambda text: hashlib.sha256(text.encode()).hexdigest()
    # What the server asked for; it keeps the password from the wire, and nothing else rests on it.
    return lambda text: hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _username(challenge: DigestChallenge, username: str, hashed: Callable[[str], str]) -> str:
    if challenge.userhash:
        return f'username="{hashed(f"{username}:{challenge.realm}")}"'
    if not username.isascii():
        return f"username*=UTF-8''{quote(username, safe='')}"
    return f'username="{_escaped(username)}"'


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
