"""Whether an id token is good (OpenID Connect Core 1.0, 3.1.3.6 and 3.1.3.7), without I/O."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Collection
from dataclasses import dataclass, field
from hashlib import new as new_hash
from hmac import compare_digest

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwa import JWSAlgModel
from joserfc.util import urlsafe_b64decode

from synctv.adapters.oauth.algorithms import ALGORITHMS, Algorithm
from synctv.adapters.oauth.calls import Fields, json_object
from synctv.adapters.oauth.errors import NotBelieved
from synctv.adapters.oauth.keys import PublicKey
from synctv.domain.ids import MICROS, Micros

LEEWAY_SECONDS = 60
"""How far the clocks may be apart."""


@dataclass(frozen=True, slots=True)
class Header:
    """With what a token says that it is signed. Nothing of it is proven yet."""

    algorithm: Algorithm
    kid: str | None


@dataclass(frozen=True, slots=True)
class Expected:
    """What a token has to say to be the answer to one request."""

    issuer: str
    client_id: str
    nonce: str = field(repr=False)
    access_token: str = field(repr=False)
    now: Micros
    fresh_since: Micros | None = None


class _Signatures(jws.JWSRegistry):
    """joserfc's, with one algorithm and without a limit on what else a header says: nothing of that is looked at."""

    max_header_length = 4_096

    def __init__(self, algorithm: Algorithm) -> None:
        super().__init__(algorithms=[algorithm.name], strict_check_header=False)
        self._algorithm = algorithm

    def get_alg(self, name: str) -> JWSAlgModel:
        """The algorithm; `name` is the token's for it, which was looked at before."""
        return super().get_alg(self._algorithm.name)


def header_of(token: str, allowed: Collection[str]) -> Header:
    """The header of a signed token. Raises `NotBelieved` for an algorithm that is not `allowed`, and for no token."""
    parts = token.split(".")
    fields = _decoded(parts[0]) if len(parts) == 3 else None
    if fields is None:
        raise NotBelieved("an id token that is no signed JWT")
    name, kid = fields.get("alg"), fields.get("kid")
    if not isinstance(name, str) or name not in allowed or name not in ALGORITHMS:
        raise NotBelieved("an id token with an algorithm that the provider does not announce or that is not taken here")
    if kid is not None and not isinstance(kid, str):
        raise NotBelieved("an id token whose key id is no text")
    if "crit" in fields or "b64" in fields:
        raise NotBelieved("an id token with an extension that is not known here")
    return Header(ALGORITHMS[name], kid)


def signed_claims(token: str, header: Header, key: PublicKey) -> Fields:
    """What this key signed. Raises `NotBelieved` where it did not."""
    try:
        signed = jws.deserialize_compact(token, key, registry=_Signatures(header.algorithm))
    except (JoseError, ValueError) as error:
        raise NotBelieved("an id token with a wrong signature") from error
    claims = json_object(signed.payload or b"")
    if claims is None:
        raise NotBelieved("an id token without claims")
    return claims


def check_claims(claims: Fields, header: Header, expected: Expected) -> None:
    """Raises `NotBelieved` for a token of another issuer, for another client, another request or another time."""
    if claims.get("iss") != expected.issuer:
        raise NotBelieved("an id token of another issuer")
    _check_audience(claims, expected.client_id)
    _check_times(claims, expected.now / MICROS)
    _check_freshness(claims, expected.fresh_since)
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not _same(nonce, expected.nonce):
        raise NotBelieved("an id token for another sign-in (its nonce differs)")
    _check_hash(claims, header.algorithm, expected.access_token)


def _check_audience(claims: Fields, client_id: str) -> None:
    said = claims.get("aud")
    audience = said if isinstance(said, list) else [said]
    if client_id not in audience:
        raise NotBelieved("an id token for another client")
    party = claims.get("azp")
    if party != client_id and (party is not None or len(audience) > 1):
        raise NotBelieved("an id token that was handed to another client (its azp differs)")


def _check_times(claims: Fields, now: float) -> None:
    expires, issued, begins = (_instant(claims, name) for name in ("exp", "iat", "nbf"))
    if expires is None or issued is None:
        raise NotBelieved("an id token that does not say its time")
    if expires <= now - LEEWAY_SECONDS:
        raise NotBelieved("an id token that has run out")
    if max(issued, begins or 0) > now + LEEWAY_SECONDS:
        raise NotBelieved("an id token of the future. Check the clocks of both servers")


def _check_freshness(claims: Fields, since: Micros | None) -> None:
    """When they proved who they are (OpenID Connect Core 1.0, 2 and 3.1.2.1). Not every provider says it."""
    proven = _instant(claims, "auth_time")
    if since is not None and proven is not None and proven < since / MICROS - LEEWAY_SECONDS:
        raise NotBelieved("an id token of somebody who did not sign in there anew")


def _instant(claims: Fields, name: str) -> int | float | None:
    """Seconds since the epoch (RFC 7519, 2)."""
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise NotBelieved(f"an id token whose {name} is no time")
    return value


def _check_hash(claims: Fields, algorithm: Algorithm, access_token: str) -> None:
    """The left half of the access token's hash, where the token holds one."""
    said = claims.get("at_hash")
    if said is None:
        return
    digest = new_hash(algorithm.hash, access_token.encode()).digest()
    right = urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode()
    if not isinstance(said, str) or not _same(said, right):
        raise NotBelieved("an id token that belongs to another access token (its at_hash differs)")


def _decoded(segment: str) -> Fields | None:
    try:
        return json_object(urlsafe_b64decode(segment.encode("ascii")))
    except ValueError:
        return None


def _same(one: str, other: str) -> bool:
    return compare_digest(one.encode("utf-8", "surrogatepass"), other.encode("utf-8", "surrogatepass"))
