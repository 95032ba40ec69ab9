"""Reverse proxies, and whom they say that they speak for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

_WITH_PORT = re.compile(r"(?:\[(?P<six>[^\]]+)\]|(?P<four>[^:\[\]]+)(?=:))(?::\d{1,5})?")
_Address = IPv4Address | IPv6Address


@dataclass(frozen=True, slots=True)
class TrustedProxies:
    """The networks of proxies whose `X-Forwarded-For` is believed; nobody else's is."""

    networks: tuple[IPv4Network | IPv6Network, ...]

    @classmethod
    def of(cls, networks: Iterable[str]) -> TrustedProxies:
        """The proxies with these addresses and in these networks. Raises `ValueError` for a text that is neither."""
        return cls(tuple(map(ip_network, networks)))

    def client(self, peer: str, forwarded: Sequence[str]) -> str:
        """The client's address, where `peer` is connected to us and sent these `X-Forwarded-For` headers.

        Each proxy adds at the end whom it was called by. So the client is the last one whom no trusted proxy has the
        address of; all before is hearsay. Of a proxy that names no address, its own is taken.
        """
        address = _address(peer)
        if address is None:
            return peer
        for entry in reversed(",".join(forwarded).split(",")):
            before = _address(entry.strip())
            if before is None or not self._trusts(address):
                break
            address = before
        return str(address)

    def _trusts(self, address: _Address) -> bool:
        return any(address in network for network in self.networks)


def _address(text: str) -> _Address | None:
    """An address as proxies write it, with or without port; IPv4 inside of IPv6 is IPv4."""
    written = _WITH_PORT.fullmatch(text)
    try:
        address = ip_address(written["six"] or written["four"] if written else text)
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address
