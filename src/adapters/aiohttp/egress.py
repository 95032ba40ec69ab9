"""The egress policy: which servers may be called on behalf of people."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Protocol

from synctv.adapters.aiohttp.addresses import Address, Network, carried, is_metadata, is_public, literal
from synctv.application.ports.egress import EgressGate
from synctv.domain.errors import UpstreamRefused

SETTING = "security.egress.allow"
COMMAND = "synctv egress allow"

_NOT_CALLED = (
    "it is in a private network, where this server calls nobody by itself. Who added this is told how whoever runs "
    "this server can allow it."
)


class Egress(Protocol):
    """Whatever says which addresses may be connected to. `narrowed` counts how often something was taken back."""

    @property
    def narrowed(self) -> int: ...

    def must_allow(self, host: str, port: int, addresses: Iterable[Address]) -> list[Address]:
        """As `EgressPolicy.must_allow`."""


@dataclass(frozen=True, slots=True)
class EgressPolicy:
    """Public addresses may be called, and what an operator allows besides.

    `allow_hosts` are names or addresses as they stand in a URL, in lower case, with an optional `*.` ahead and an
    optional `:port` behind. An allowed host may be at any address; an allowed network may be reached under any name,
    except where clouds tell machines their secrets: such an address has to be allowed by itself.
    """

    allow_hosts: frozenset[str] = frozenset()
    allow_networks: tuple[Network, ...] = ()

    @classmethod
    def of(cls, entries: Iterable[str]) -> EgressPolicy:
        """The policy that the setting describes: networks (`192.168.1.0/24`), addresses, hosts (`nas.lan:8096`)."""
        hosts: set[str] = set()
        networks: list[Network] = []
        for entry in entries:
            try:
                networks.append(ip_network(entry, strict=False))
            except ValueError:
                hosts.add(entry.lower().rstrip("."))
        return cls(frozenset(hosts), tuple(networks))

    @property
    def narrowed(self) -> int:
        """Never: this one does not change."""
        return 0

    def may_call(self, host: str, port: int, address: Address) -> bool:
        """Whether this address may be connected to for a URL with this host and port."""
        return is_public(address) or self._allowed_network(address) or self._allowed_host(host, port)

    def must_allow(self, host: str, port: int, addresses: Iterable[Address]) -> list[Address]:
        """The addresses that may be connected to. Raises `UpstreamRefused` when there are none."""
        allowed = [address for address in addresses if self.may_call(host, port, address)]
        if not allowed:
            raise UpstreamRefused(
                host,
                "it is in a private network, where this server calls nobody by itself. Whoever runs this server can "
                f"allow it at once with `{COMMAND} {_normal(host)}`, or with the setting {SETTING}.",
            ).telling_others(_NOT_CALLED)
        return allowed

    def _allowed_network(self, address: Address) -> bool:
        return any(_holds(network, form) for form in (address, carried(address)) for network in self.allow_networks)

    def _allowed_host(self, host: str, port: int) -> bool:
        name = _normal(host)
        labels = name.split(".")
        patterns = [name, *("*." + ".".join(labels[index:]) for index in range(1, len(labels)))]
        return any(form in self.allow_hosts for pattern in patterns for form in (pattern, f"{pattern}:{port}"))


class AiohttpEgressGate(EgressGate):
    """The policy that holds now, for all calls of a process."""

    def __init__(self, configured: Iterable[str] = ()) -> None:
        self._configured = tuple(configured)
        self._allowed: frozenset[str] = frozenset()
        self._narrowed = 0
        self._policy = EgressPolicy.of(self._configured)

    @property
    def configured(self) -> tuple[str, ...]:
        """What the start settings allow."""
        return self._configured

    @property
    def narrowed(self) -> int:
        """How often something was taken back that was allowed."""
        return self._narrowed

    def allow(self, destinations: Collection[str]) -> None:
        """From now on lets calls to these through, too. Whoever follows the rules says so each second."""
        if self._allowed != (allowed := frozenset(destinations)):
            self._narrowed += not allowed >= self._allowed
            self._allowed = allowed
            self._policy = EgressPolicy.of((*self._configured, *allowed))

    def must_allow(self, host: str, port: int, addresses: Iterable[Address]) -> list[Address]:
        """The addresses that may be connected to now. Raises `UpstreamRefused` when there are none."""
        return self._policy.must_allow(host, port, addresses)


def _holds(network: Network, address: Address) -> bool:
    return address in network and (network.num_addresses == 1 or not is_metadata(address))


def _normal(host: str) -> str:
    address = literal(host)
    return host.lower().rstrip(".") if address is None else str(address)
