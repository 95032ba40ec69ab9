"""Which private destinations the server may call on behalf of people, as the operator says while it runs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_network

from synctv.domain.errors import Invalid

HOME_NETWORKS = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
"""Where people have their media servers (RFC 1918, RFC 4193): neither this machine nor its neighbours on the link."""
MAX_DESTINATIONS = 500
_LONGEST = 260
_HOST = re.compile(r"(\*\.)?[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*")


@dataclass(frozen=True, slots=True)
class EgressRules:
    """What may be called besides public servers and what the start settings allow."""

    allowed: frozenset[str] = frozenset()

    def allowing(self, destinations: Iterable[str]) -> EgressRules:
        """With these as well. Raises `Invalid` for what is no destination, and for too many."""
        allowed = self.allowed | {valid_destination(one) for one in destinations}
        if len(allowed) > MAX_DESTINATIONS:
            text = f"There are at most {MAX_DESTINATIONS} destinations. Allow a network instead of its addresses."
            raise Invalid.field("destinations", text, "length")
        return EgressRules(allowed)

    def forbidding(self, destinations: Iterable[str]) -> EgressRules:
        """Without these. Raises `Invalid` for one that was not allowed in just these words."""
        dropped = {one.strip().lower() for one in destinations}
        if unknown := sorted(dropped - self.allowed):
            text = f"{', '.join(unknown)[:300]}: not allowed here. See what is with `synctv egress show`."
            raise Invalid.field("destinations", text, "unknown")
        return EgressRules(self.allowed - dropped)


def valid_destination(text: str, path: str = "destinations") -> str:
    """A network, an address, or a host name with an optional `*.` ahead and an optional port, in lower case; `Invalid`
    for anything else."""
    given = text.strip()
    host, separator, port = given.rpartition(":")
    with_port = separator and port.isascii() and port.isdecimal() and len(port) <= 5 and 0 < int(port) < 1 << 16
    named = _HOST.fullmatch(host if with_port and ":" not in host else given)
    if len(given) <= _LONGEST and (named or _is_network(given)):
        return given.lower()
    message = "A destination is a network (192.168.1.0/24), an address or a host (nas.lan, nas.lan:8096, *.lan)."
    raise Invalid.field(path, message, "destination")


def _is_network(text: str) -> bool:
    try:
        ip_network(text)
    except ValueError:
        return False
    return True
