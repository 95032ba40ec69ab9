"""Which addresses of a provider may be used."""

from __future__ import annotations

from yarl import URL

from synctv.adapters.aiohttp.addresses import is_public, literal
from synctv.domain.errors import UpstreamFailed

MAX_LENGTH = 2_048
_DISCOVERY = "/.well-known/openid-configuration"


def usable(text: object, what: str, *, of: str, plain: bool = True) -> URL:
    """The address, when it is https, or http to this machine or to a private address that stands there in digits.

    Over http, whoever is on the way can put in keys of their own and sign in as anybody. A private address in digits
    can't lead out of the operator's network; a name can, whatever it leads to today. Whether a private address may be
    called at all is the egress policy's to say. `plain=False` takes https alone.

    Raises `UpstreamFailed` that names the server `of` and `what` of its addresses is wrong.
    """
    url = _parsed(text)
    if url is None:
        raise UpstreamFailed(of, f"its {what} is no web address.")
    if url.scheme != "https" and not (plain and is_near(host_of(url))):
        raise UpstreamFailed(of, f"its {what} has to begin with https://.")
    return url


def _parsed(text: object) -> URL | None:
    if not isinstance(text, str) or len(text) > MAX_LENGTH:
        return None
    try:
        url = URL(text)
        whole = url.scheme in ("https", "http") and url.host and url.port
    except ValueError:
        return None
    return url if whole and url.user is None and url.password is None and not url.fragment else None


def is_near(host: str) -> bool:
    """Whether the host is this machine (RFC 6761, 6.3) or, in digits, an address that is not on the internet."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    address = literal(host)
    return address is not None and not is_public(address)


def issuer_url(issuer: str) -> URL:
    """The address of an issuer, which has no query (OpenID Connect Discovery 1.0, 3). Raises `UpstreamFailed`."""
    url = usable(issuer, "issuer", of="The identity provider")
    if url.query_string or "?" in issuer or "#" in issuer:
        raise UpstreamFailed(host_of(url), "its issuer is an address without ? and #.")
    return url


def discovery_url(issuer: str) -> str:
    """Where an issuer describes itself (OpenID Connect Discovery 1.0, 4): below it, less a slash at its end."""
    return issuer.removesuffix("/") + _DISCOVERY


def host_of(url: URL) -> str:
    """The server of a usable address, as errors name it."""
    return url.host or ""
