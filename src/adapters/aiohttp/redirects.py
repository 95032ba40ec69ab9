"""What a redirect makes of a request (RFC 9110, 15.4), without I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from yarl import URL

from synctv.domain.delivery.offer import TOLD_TO_ANYBODY
from synctv.domain.errors import Invalid, UpstreamFailed

REDIRECTS = frozenset({301, 302, 303, 307, 308})
MAX_URL_LENGTH = 8_192

_ABOUT_THE_BODY = frozenset({"content-type", "content-length", "content-encoding", "transfer-encoding"})


@dataclass(frozen=True, slots=True)
class Hop:
    """One request on the way to the answer. Names of headers are lower case."""

    url: URL
    method: str
    headers: Mapping[str, str]
    body: bytes | None

    @property
    def host(self) -> str:
        """The host of the URL, without brackets."""
        return self.url.host or ""

    @property
    def port(self) -> int:
        """The port of the URL or of its scheme."""
        return self.url.port or 0


def parsed(text: str) -> URL:
    """The URL, without its fragment. Raises `Invalid` for anything but http(s), and for a name or password inside."""
    try:
        url = URL(text).with_fragment(None)
        usable = url.scheme in ("http", "https") and bool(url.host) and url.port != 0
    except ValueError:
        usable = False
    if not usable or len(text) > MAX_URL_LENGTH:
        raise Invalid.field("url", "An address begins with http:// or https:// and names a server.", "url")
    if url.user is not None or url.password is not None:
        raise Invalid.field("url", "An address must not hold a user name or a password.", "credentials")
    return url


def next_hop(hop: Hop, status: int, location: str) -> Hop:
    """The request that follows. Raises `UpstreamFailed` where the redirect leads nowhere."""
    try:
        url = parsed(str(hop.url.join(URL(location))))
    except (Invalid, ValueError):
        raise UpstreamFailed(hop.host, "it redirects to an address that can't be called.") from None
    following = replace(hop, url=url)
    if (status == 303 and hop.method != "HEAD") or (status in (301, 302) and hop.method == "POST"):
        headers = {name: value for name, value in hop.headers.items() if name not in _ABOUT_THE_BODY}
        following = replace(following, method="GET", headers=headers, body=None)
    if url.origin() == hop.url.origin():
        return following
    headers = {name: value for name, value in following.headers.items() if _may_go_elsewhere(name, following)}
    return replace(following, headers=headers)


def _may_go_elsewhere(name: str, hop: Hop) -> bool:
    return name in TOLD_TO_ANYBODY or (hop.body is not None and name in _ABOUT_THE_BODY)
