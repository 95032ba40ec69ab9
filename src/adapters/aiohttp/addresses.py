"""Which addresses are public, however they are written. Pure: nothing here resolves a name.

Ranges after the IANA special-purpose address registries (RFC 6890 and its successors).
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_NOT_PUBLIC_V4 = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT; cloud metadata, too
        "127.0.0.0/8",
        "168.63.129.16/32",  # a cloud's metadata, though in a public range
        "169.254.0.0/16",  # link-local; most clouds' metadata
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",  # multicast, reserved, broadcast
    )
)
_GLOBAL_V6 = IPv6Network("2000::/3")
_NOT_PUBLIC_V6 = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments, with Teredo
        "2001:db8::/32",
        "3fff::/20",
    )
)
_METADATA = frozenset[Address](
    (
        IPv4Address("100.100.100.200"),
        IPv4Address("168.63.129.16"),
        IPv4Address("169.254.169.254"),
        IPv4Address("169.254.170.2"),
        IPv6Address("fd00:ec2::254"),
        IPv6Address("fd20:ce::254"),
    )
)
_IPV4_MAPPED = IPv6Network("::ffff:0:0/96")
_IPV4_COMPATIBLE = IPv6Network("::/96")
_NAT64 = IPv6Network("64:ff9b::/96")
_6TO4 = IPv6Network("2002::/16")


def is_public(address: Address) -> bool:
    """Whether the address belongs to the internet at large, and so does the IPv4 address that it may carry."""
    inner = carried(address)
    if isinstance(inner, IPv4Address):
        return not any(inner in network for network in _NOT_PUBLIC_V4)
    return inner in _GLOBAL_V6 and not any(inner in network for network in _NOT_PUBLIC_V6)


def is_metadata(address: Address) -> bool:
    """Whether clouds tell the machines in them at this address who they are, with keys for it."""
    return carried(address) in _METADATA


def carried(address: Address) -> Address:
    """The IPv4 address that packets to an IPv6 address end up at (mapped, compatible, NAT64, 6to4), or the address."""
    if isinstance(address, IPv4Address):
        return address
    number = int(address)
    if address in _6TO4:
        return IPv4Address(number >> 80 & 0xFFFF_FFFF)
    if any(address in network for network in (_IPV4_MAPPED, _IPV4_COMPATIBLE, _NAT64)):
        return IPv4Address(number & 0xFFFF_FFFF)
    return address


def literal(host: str) -> Address | None:
    """The address that a URL's host stands for when it is no name; None for a name.

    IPv4 in every spelling that operating systems and browsers take: `127.1`, `2130706433`, `0x7f.0.0.1`, `0177.0.0.1`.
    """
    if ":" in host:
        try:
            return IPv6Address(host.strip("[]").partition("%")[0])
        except ValueError:
            return None
    return _numeric_ipv4(host.rstrip("."))


def _numeric_ipv4(host: str) -> IPv4Address | None:
    """The IPv4 parser of the URL standard (whatwg.org): the last of 1 to 4 numbers fills what is left."""
    numbers = [_number(part) for part in host.split(".")]
    known = [number for number in numbers if number is not None]
    if len(known) != len(numbers) or len(known) > 4:
        return None
    *first, last = known
    if any(number > 255 for number in first) or last >= 256 ** (4 - len(first)):
        return None
    return IPv4Address(last + sum(number << 8 * (3 - index) for index, number in enumerate(first)))


def _number(part: str) -> int | None:
    base, digits = 10, part
    if part[:2].lower() == "0x":
        base, digits = 16, part[2:] or "0"
    elif part.startswith("0") and part != "0":
        base, digits = 8, part[1:]
    # `int` alone would take signs, underscores, spaces and other scripts' digits.
    if not (digits.isascii() and digits.isalnum() and len(digits) <= 16):
        return None
    try:
        return int(digits, base)
    except ValueError:
        return None
