"""Where a request comes from, as far as it can be told apart from others."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

_SITE_BITS = 64
"""What one household or host is given of IPv6 (RFC 6177): it can use any address in there."""
_CUSTOMER_BITS = 48
"""The most that one customer is usually given of IPv6 (RFC 6177): 65,536 times as many."""
_CUSTOMER_BITS_V4 = 24
"""What is rented and routed together of IPv4."""


def origin(address: str) -> str:
    """What is counted for a client's network address: IPv4 as it is, IPv6 as its /64. Other text stands for itself."""
    found = _parsed(address)
    if found is None:
        return address
    return str(found) if isinstance(found, IPv4Address) else _within(found, _SITE_BITS)


def network(address: str) -> str:
    """The network that one customer may have all of: of IPv4 the /24, of IPv6 the /48. Other text stands for itself."""
    found = _parsed(address)
    if found is None:
        return address
    return _within(found, _CUSTOMER_BITS_V4 if isinstance(found, IPv4Address) else _CUSTOMER_BITS)


def _parsed(address: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(address.strip())
    except ValueError:
        return None
    return found.ipv4_mapped or found if isinstance(found, IPv6Address) else found


def _within(address: IPv4Address | IPv6Address, bits: int) -> str:
    kind = IPv4Network if isinstance(address, IPv4Address) else IPv6Network
    return str(kind((int(address), bits), strict=False))
