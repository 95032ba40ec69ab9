"""Addresses as people type them: without the scheme, which browsers put in front by themselves."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address

HOME_ENDINGS = frozenset({"localhost", "local", "lan", "internal", "arpa"})
"""The last part of names at home (RFC 6761, 6762, 8375), where hardly anybody has a certificate."""

TLS_PORTS = frozenset({"443", "8443"})
MAX_NAME = 253
MAX_LABEL = 63


def completed(text: str) -> str | None:
    """The http(s) address that a text without a scheme plainly means: a host, perhaps a port, and a path.

    It is https, but for literal addresses, names at home and ports that are not those of TLS. None for everything else:
    without a path `film.mp4` would be a host, and with a user in it an address is for nobody to guess.
    """
    authority, slash, path = text.partition("/")
    if not slash or not text.isprintable() or " " in text or "@" in authority:
        return None
    host, port = _split(authority)
    if port is not None and not (port.isascii() and port.isdigit() and 0 < int(port[:6]) < 65_536):
        return None
    local = _at_home(host, port)
    if local is None:
        return None
    plain = port not in TLS_PORTS and (local or port is not None)
    return f"{'http' if plain else 'https'}://{authority}/{path}"


def completed_server(text: str) -> str | None:
    """The same of a text that is known to mean a server, so that it needs no path."""
    if "/" in text:
        return completed(text)
    address = completed(f"{text}/")
    return None if address is None else address.removesuffix("/")


def _split(authority: str) -> tuple[str, str | None]:
    """The host, and the port where one is told. Only IPv6 addresses, in brackets, have further colons."""
    if authority.endswith("]"):
        return authority, None
    host, colon, port = authority.rpartition(":")
    return (host, port) if colon else (authority, None)


def _at_home(host: str, port: str | None) -> bool | None:
    """Whether it is a literal address or a name at home; None where it is no host."""
    if _is_literal(host):
        return True
    labels = host.removesuffix(".").split(".")
    if len(host) > MAX_NAME or not all(map(_is_label, labels)) or labels[-1].isdigit():
        return None
    ending = labels[-1].lower()
    if ending in HOME_ENDINGS:
        return True
    if len(labels) == 1:
        # One word is a host only where a port says so: `films/old` is none.
        return True if port is not None else None
    return None if len(ending) == 1 else False


def _is_literal(host: str) -> bool:
    try:
        if host.startswith("[") and host.endswith("]"):
            IPv6Address(host[1:-1])
        else:
            IPv4Address(host)
    except ValueError:
        return False
    return True


def _is_label(label: str) -> bool:
    return len(label) <= MAX_LABEL and label.strip("-") == label and label.replace("-", "").isalnum()
