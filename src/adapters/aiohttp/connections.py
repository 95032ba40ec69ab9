"""Connections to other servers: only to addresses that the egress policy allows, kept open for the next call."""

from __future__ import annotations

import socket
from collections import deque
from dataclasses import dataclass
from ipaddress import ip_address

from aiohttp import ClientSession, ClientTimeout, DummyCookieJar, TCPConnector
from aiohttp.abc import AbstractResolver, ResolveResult

from synctv.adapters.aiohttp.egress import Egress

MAX_RETIRED = 4
USER_AGENT = "SyncTV"


@dataclass(frozen=True, slots=True)
class PoolSize:
    """How many connections there may be at a time, and how many of them to one host."""

    connections: int
    per_host: int


CALLS = PoolSize(connections=100, per_host=16)
"""For calls that are over soon."""

STREAMS = PoolSize(connections=1_000, per_host=250)
"""For bodies: a live stream holds its connection for as long as it is watched, and a slow viewer for as long as it
takes. Apart from the calls, so that nobody waits for those to end to learn what there is."""


class CheckedResolver(AbstractResolver):
    """Resolves names to those of their addresses that the policy allows; aiohttp connects to nothing else."""

    def __init__(self, policy: Egress, inner: AbstractResolver) -> None:
        self._policy = policy
        self._inner = inner

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """The allowed addresses. Raises `UpstreamRefused` when there are none."""
        found = await self._inner.resolve(host, port, family)
        addresses = {ip_address(entry["host"].partition("%")[0]) for entry in found}
        allowed = {str(address) for address in self._policy.must_allow(host, port, addresses)}
        return [entry for entry in found if str(ip_address(entry["host"].partition("%")[0])) in allowed]

    async def close(self) -> None:
        """Closes the resolver that does the work."""
        await self._inner.close()


class Connections:
    """The pool that calls take their connections from.

    Once the policy takes something back, calls begin in a new pool, so that none goes over a connection that was
    checked by the rules of before. What is being transferred goes on in the old one; the last `MAX_RETIRED` are kept.
    """

    def __init__(self, policy: Egress, resolver: AbstractResolver, size: PoolSize = CALLS) -> None:
        self._policy = policy
        self._size = size
        self._resolver = CheckedResolver(policy, resolver)
        self._retired: deque[ClientSession] = deque()
        self._narrowed = policy.narrowed
        self._session = self._opened()

    async def session(self) -> ClientSession:
        """The pool for a call that begins now."""
        if self._narrowed != self._policy.narrowed:
            self._narrowed = self._policy.narrowed
            self._retired.append(self._session)
            self._session = self._opened()
            while len(self._retired) > MAX_RETIRED:
                await self._retired.popleft().close()
        return self._session

    async def close(self) -> None:
        """Ends all connections."""
        for session in (*self._retired, self._session):
            await session.close()

    def _opened(self) -> ClientSession:
        connector = TCPConnector(
            resolver=self._resolver,
            use_dns_cache=False,
            limit=self._size.connections,
            limit_per_host=self._size.per_host,
        )
        return ClientSession(
            connector=connector,
            cookie_jar=DummyCookieJar(),
            headers={"User-Agent": USER_AGENT, "Accept": "*/*", "Accept-Encoding": "identity"},
            timeout=ClientTimeout(total=None, sock_connect=None, sock_read=None),
            trust_env=False,
        )
