"""What an OpenID provider says of itself (OpenID Connect Discovery 1.0, 3 and 4.3), without I/O."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from yarl import URL

from synctv.adapters.oauth.addresses import host_of, issuer_url, usable
from synctv.adapters.oauth.algorithms import ALGORITHMS
from synctv.adapters.oauth.calls import Fields
from synctv.domain.errors import UpstreamFailed


class ClientAuth(Enum):
    """How a client with a secret shows it (RFC 6749, 2.3.1): in a header, or in the form."""

    BASIC = "client_secret_basic"
    POST = "client_secret_post"


@dataclass(frozen=True, slots=True)
class Metadata:
    """Where an OpenID provider is asked what.

    `algorithms` are those that it signs with and that are taken here. `names_itself` says that it puts its name on what
    it sends browsers back with (RFC 9207, 3).
    """

    issuer: str
    authorization: URL
    token: URL
    keys: URL
    userinfo: URL | None
    algorithms: frozenset[str]
    client_auth: ClientAuth
    names_itself: bool


def metadata(document: Fields, issuer: str) -> Metadata:
    """The description that this issuer published.

    Raises `UpstreamFailed` where it is another issuer's, where something needed is missing, and where it sends
    somebody to http although it is reached over https itself.
    """
    url = issuer_url(issuer)
    host, plain = host_of(url), url.scheme == "http"
    if document.get("issuer") != issuer:
        raise UpstreamFailed(
            host,
            "it describes itself as another issuer than the one that is set here. "
            "Copy the issuer exactly as it stands in its openid-configuration.",
        )
    userinfo = document.get("userinfo_endpoint")
    return Metadata(
        issuer=issuer,
        authorization=usable(document.get("authorization_endpoint"), "authorization endpoint", of=host, plain=plain),
        token=usable(document.get("token_endpoint"), "token endpoint", of=host, plain=plain),
        keys=usable(document.get("jwks_uri"), "address of keys", of=host, plain=plain),
        userinfo=usable(userinfo, "userinfo endpoint", of=host, plain=plain) if userinfo is not None else None,
        algorithms=_algorithms(document, host),
        client_auth=_client_auth(document, host),
        names_itself=document.get("authorization_response_iss_parameter_supported") is True,
    )


def _algorithms(document: Fields, host: str) -> frozenset[str]:
    offered = _names(document, "id_token_signing_alg_values_supported", default="RS256")
    taken = offered & ALGORITHMS.keys()
    if not taken:
        raise UpstreamFailed(
            host,
            "it signs with no algorithm that is taken here. Give the client there a signing key: RSA, EC or Ed25519.",
        )
    return frozenset(taken)


def _client_auth(document: Fields, host: str) -> ClientAuth:
    offered = _names(document, "token_endpoint_auth_methods_supported", default=ClientAuth.BASIC.value)
    for way in ClientAuth:
        if way.value in offered:
            return way
    if "none" in offered:
        return ClientAuth.POST  # for public clients, who have nothing to show
    raise UpstreamFailed(host, "it takes client secrets neither in a header nor in a form.")


def _names(document: Fields, name: str, *, default: str) -> frozenset[str]:
    value = document.get(name, [default])
    return frozenset(entry for entry in value if isinstance(entry, str)) if isinstance(value, list) else frozenset()
