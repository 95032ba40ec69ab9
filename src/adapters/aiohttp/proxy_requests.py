"""What a client asks of an HTTP proxy (RFC 9110, 9.3.6; RFC 9112, 3.2.2), without I/O."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from urllib.parse import urlsplit

MAX_HEADERS = 100

# What concerns the connection to the proxy alone, and is never passed on.
_OURS = frozenset({"connection", "keep-alive", "proxy-authorization", "proxy-connection", "te", "upgrade"})


class NotAProxyRequest(Exception):
    """The head can't be understood."""


@dataclass(frozen=True, slots=True)
class ProxyRequest:
    """Where to connect to, as whom, and what to send there first: nothing for a tunnel, the request for a plain one."""

    host: str
    port: int
    tunnel: bool
    credentials: tuple[str, str] | None
    head: bytes


def parsed_request(head: bytes) -> ProxyRequest:
    """The request whose head this is, with the empty line at its end. Raises `NotAProxyRequest`."""
    try:
        first, *lines = head.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
        method, target, version = first.split(" ")
        headers = [_header(line) for line in lines]
        if not version.startswith("HTTP/1.") or len(headers) > MAX_HEADERS:
            raise NotAProxyRequest
        credentials = _credentials(headers)
        if method == "CONNECT":
            host, port = _host_and_port(f"//{target}", None)
            return ProxyRequest(host, port, tunnel=True, credentials=credentials, head=b"")
        return _plain(method, target, headers, credentials)
    except (ValueError, UnicodeError) as error:
        raise NotAProxyRequest from error


def _plain(
    method: str, target: str, headers: list[tuple[str, str]], credentials: tuple[str, str] | None
) -> ProxyRequest:
    parts = urlsplit(target)
    if parts.scheme != "http" or "@" in parts.netloc:
        raise NotAProxyRequest
    host, port = _host_and_port(target, 80)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    # The name that was checked is the one that is asked for, whatever `Host` says.
    kept = [(name, value) for name, value in headers if name.lower() not in _OURS | {"host"}]
    sent = [("Host", parts.netloc), *kept, ("Connection", "close")]
    text = f"{method} {path} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in sent) + "\r\n"
    return ProxyRequest(host, port, tunnel=False, credentials=credentials, head=text.encode("latin-1"))


def _header(line: str) -> tuple[str, str]:
    name, colon, value = line.partition(":")
    if not colon or not name or name != name.strip():
        raise NotAProxyRequest
    return name, value.strip()


def _host_and_port(url: str, usual: int | None) -> tuple[str, int]:
    parts = urlsplit(url)
    port = parts.port or usual
    if not parts.hostname or not port or "@" in parts.netloc:
        raise NotAProxyRequest
    return parts.hostname, port


def _credentials(headers: list[tuple[str, str]]) -> tuple[str, str] | None:
    for name, value in headers:
        scheme, _, encoded = value.partition(" ")
        if name.lower() == "proxy-authorization" and scheme.lower() == "basic":
            try:
                user, _, password = base64.b64decode(encoded.strip(), validate=True).decode("latin-1").partition(":")
            except binascii.Error:
                return None
            return user, password
    return None
