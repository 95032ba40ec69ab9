"""Where a remote provider is, and how it is called. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import urlsplit

DEFAULT_PORT = 7_070
NAME = re.compile(r"[a-z][a-z0-9_]{1,31}", re.ASCII)
"""What a provider may be called."""


@dataclass(frozen=True, slots=True)
class RemoteAddress:
    """One provider of another process.

    `name` is what it is called here, and items remember it by; `provider` what it is called there. `url` is
    `grpc://host:port`, or `grpcs://…` for TLS. `ca_file` has the certificates to trust instead of the machine's.
    """

    name: str
    url: str
    provider: str
    token: str = field(default="", repr=False)
    ca_file: str | None = None

    @property
    def host(self) -> str:
        """The host, without brackets."""
        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int:
        """The port."""
        return urlsplit(self.url).port or DEFAULT_PORT

    @property
    def tls(self) -> bool:
        """Whether the connection is encrypted."""
        return self.url.startswith("grpcs:")

    @property
    def shown(self) -> str:
        """It for a sentence."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.name} ({host}:{self.port})"


def problem_with(url: str) -> str | None:
    """What keeps a text from being the url of a remote provider, as a sentence.

    Logins go over it, so that without TLS it has to stay on this machine.
    """
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("grpc", "grpcs") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc:
        return "An address looks like grpcs://host:port."
    if parts.scheme == "grpc" and not is_loopback(parts.hostname or ""):
        return "Everybody on the way could read logins. Use grpcs:// for what is not on this machine."
    return None


def is_loopback(host: str) -> bool:
    """Whether what is sent to this host stays on this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
