"""Where a request comes from, as far as it can be told apart from others."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

_SITE_BITS = 64
"""What one household or host is given of IPv6 (RFC 6177): it can use any address in there."""


def origin(address: str) -> str:
    """What is counted for a client's network address: IPv4 as it is, IPv6 as its /64. Other text stands for itself."""
    try:
        found = ip_address(address.strip())
    except ValueError:
        return address
    if isinstance(found, IPv4Address):
        return str(found)
    return str(found.ipv4_mapped) if found.ipv4_mapped else _site(found)


def _site(address: IPv6Address) -> str:
    return str(IPv6Network((int(address), _SITE_BITS), strict=False))
