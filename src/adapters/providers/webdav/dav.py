"""The calls to WebDAV servers: PROPFIND and SEARCH, as an account, with the ways of products in mind."""

from __future__ import annotations

import asyncio
import secrets
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from yarl import URL

from synctv.adapters.providers.answers import host_of, must_be_good
from synctv.adapters.providers.webdav.account import Account, Scheme
from synctv.adapters.providers.webdav.challenges import challenges_of
from synctv.adapters.providers.webdav.digest import DigestChallenge, Proof, authorization, strongest
from synctv.adapters.providers.webdav.multistatus import MultistatusError, Resource, children_of, resources_of
from synctv.adapters.providers.webdav.products import PRODUCTS
from synctv.application.ports.clock import Clock
from synctv.application.ports.fetch import Fetch, FetchRequest, FetchResponse
from synctv.domain.delivery.offer import origin_of
from synctv.domain.errors import UpstreamCredential, UpstreamFailed, UpstreamFormat, UpstreamMissing

ANSWER_BYTES = 16 << 20
CALL_SECONDS = 20.0
MAX_NONCES = 1_000
_PARSED_AT_ONCE = 128 << 10

# Some servers take no body with a PROPFIND, and say so in one of these ways.
_NO_BODY = frozenset({400, 415, 501})

PROPFIND_BODY = (
    b'<?xml version="1.0" encoding="utf-8"?>\n'
    b'<d:propfind xmlns:d="DAV:"><d:prop>'
    b"<d:resourcetype/><d:getcontentlength/><d:getlastmodified/><d:getetag/>"
    b"</d:prop></d:propfind>"
)


class Nonces:
    """Counts the uses of nonces, for servers that give the same one for a while and take no use of it twice."""

    def __init__(self, cnonce: Callable[[], str]) -> None:
        self.cnonce = cnonce
        self._counts: OrderedDict[str, int] = OrderedDict()

    def use(self, nonce: str) -> int:
        """Which use of the nonce this is. What was used longest ago is forgotten."""
        self._counts[nonce] = count = self._counts.pop(nonce, 0) + 1
        if len(self._counts) > MAX_NONCES:
            self._counts.popitem(last=False)
        return count


@dataclass(slots=True)
class Prover:
    """Makes the header that proves who asks; a challenge of the server's serves for several requests."""

    account: Account
    nonces: Nonces
    challenge: DigestChallenge | None = field(default=None, repr=False)

    def headers(self, method: str, url: str) -> dict[str, str]:
        """The headers for one request. Without a challenge nothing is proved by Digest."""
        if self.account.scheme is Scheme.BASIC:
            return {"Authorization": self.account.basic}
        if self.account.scheme is Scheme.NONE or self.challenge is None:
            return {}
        count = self.nonces.use(self.challenge.nonce)
        # The address as it is sent, in its one form.
        uri = URL(url).raw_path_qs
        proof = Proof(self.account.username, self.account.password, method, uri, self.nonces.cnonce(), count)
        return {"Authorization": authorization(self.challenge, proof)}

    def takes(self, answer: FetchResponse) -> bool:
        """Whether the answer has a challenge that can be met, which is then met."""
        if self.account.scheme is not Scheme.DIGEST or answer.status != 401:
            return False
        self.challenge = strongest(challenges_of(answer.headers.get("www-authenticate", "")))
        return self.challenge is not None


@dataclass(frozen=True, slots=True)
class Found:
    """A folder and what is in it, or a file alone. `prover` can go on from here."""

    itself: Resource
    children: tuple[Resource, ...]
    prover: Prover


class Dav:
    """Speaks WebDAV."""

    def __init__(self, fetch: Fetch, clock: Clock, cnonce: Callable[[], str] = lambda: secrets.token_hex(16)) -> None:
        self._fetch = fetch
        self._clock = clock
        self._nonces = Nonces(cnonce)

    def prover(self, account: Account) -> Prover:
        """What proves the account to its server."""
        return Prover(account, self._nonces)

    async def look(self, account: Account, names: tuple[str, ...], depth: int = 1, *, folder: bool = False) -> Found:
        """What the names lead to. `folder` tells that it is known to be one, which spares a redirect."""
        prover = self.prover(account)
        url = account.url(names)
        if folder and not url.endswith("/"):
            url += "/"
        headers = {"Depth": str(depth)}
        answer = await self.ask(prover, "PROPFIND", url, headers, b"" if account.bare else PROPFIND_BODY)
        if answer.status in _NO_BODY and not account.bare:
            answer = await self.ask(prover, "PROPFIND", url, headers, b"")
        asked = tuple(name for name in URL(account.base).path.split("/") if name) + account.root + names
        itself, children = children_of(await self.resources(account, answer), asked)
        if itself is None:
            raise UpstreamMissing(host_of(account.server))
        return Found(itself, tuple(children), prover)

    async def ask(
        self, prover: Prover, method: str, url: str, headers: Mapping[str, str], body: bytes | None
    ) -> FetchResponse:
        """The answer of the account's server, whatever its status; a challenge is met at the address that it is for."""
        answer = await self._send(prover, method, url, headers, body)
        before = None
        while answer.url != before and prover.takes(answer):
            # A proof is good for one address: after a redirect to a folder's own one it has to be made again.
            before = answer.url
            answer = await self._send(prover, method, answer.url, headers, body)
        if origin_of(answer.url) != origin_of(prover.account.server):
            raise UpstreamFailed(
                host_of(prover.account.server),
                f"it sends callers on to {origin_of(answer.url)}. Sign in to that address instead.",
            )
        return answer

    async def resources(self, account: Account, answer: FetchResponse) -> list[Resource]:
        """What the answer lists. Raises what its status means, with the product in mind."""
        host = host_of(account.server)
        if answer.status in (401, 407):
            raise UpstreamCredential(host, PRODUCTS[account.product].advice)
        if answer.status in (405, 501):
            raise UpstreamFormat(host, "there is no WebDAV at this address. Check it: the path may be missing.")
        must_be_good(answer, self._clock.now())
        if answer.truncated:
            raise UpstreamFormat(host, "this folder is too big to be listed. Open a smaller one inside.")
        if answer.status != 207:
            raise UpstreamFormat(host, "it does not answer as a WebDAV server does. Check the address.")
        try:
            if len(answer.body) <= _PARSED_AT_ONCE:
                return resources_of(answer.body)
            return await asyncio.to_thread(resources_of, answer.body)
        except MultistatusError:
            raise UpstreamFormat(host) from None

    async def _send(
        self, prover: Prover, method: str, url: str, headers: Mapping[str, str], body: bytes | None
    ) -> FetchResponse:
        told = {**headers, **prover.headers(method, url)}
        if body:
            told["Content-Type"] = 'application/xml; charset="utf-8"'
        request = FetchRequest(url, method, told, body or None, max_bytes=ANSWER_BYTES, timeout=CALL_SECONDS)
        return await self._fetch.fetch(request)

    async def schemes(self, account: Account) -> tuple[FetchResponse, frozenset[str]]:
        """What the server answers to who proves nothing, and the ways to prove it that it names."""
        nobody = replace(account, scheme=Scheme.NONE)
        prover = self.prover(nobody)
        body = b"" if account.bare else PROPFIND_BODY
        answer = await self._send(prover, "PROPFIND", account.url(()), {"Depth": "0"}, body)
        challenges = challenges_of(answer.headers.get("www-authenticate", ""))
        named = {challenge.scheme for challenge in challenges}
        if strongest(challenges) is None:
            named.discard("digest")
        return answer, frozenset(named)
