"""Calls to one bucket: addresses are signed here, and called through the fetch port."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from importlib import import_module
from types import ModuleType

from synctv.adapters.providers.answers import host_of
from synctv.adapters.providers.s3.account import Account
from synctv.adapters.providers.s3.documents import NoDocument, Page, page_of
from synctv.adapters.providers.s3.failures import meaning_of, must_be_good
from synctv.application.ports.clock import Clock
from synctv.application.ports.fetch import Fetch, FetchRequest, FetchResponse
from synctv.domain.errors import UpstreamFormat

CALL_SECONDS = 60
"""How long an address for a call of our own is good."""
PLAY_SECONDS = 6 * 3_600
MAX_DOCUMENT_BYTES = 4 << 20
MAX_KEYS = 1_000


class Bucket:
    """One bucket. Made by `opened`."""

    def __init__(self, fetch: Fetch, clock: Clock, account: Account, signing: ModuleType) -> None:
        self._fetch = fetch
        self._clock = clock
        self._signing = signing
        self.account = account

    @property
    def host(self) -> str:
        """The server's name for a sentence."""
        return host_of(self.account.endpoint)

    def address(self, key: str) -> str:
        """An address of the object that is good for six hours."""
        return self._signed("GET", key, {}, PLAY_SECONDS)

    async def head(self, key: str) -> FetchResponse:
        """The headers of an object. Raises what S3's errors mean."""
        answer = await self._call("HEAD", key)
        if 200 <= answer.status < 300:
            return answer
        # No answer to a HEAD has a body, which alone tells why: one byte is asked for to get it.
        told = await self._call("GET", key, headers={"range": "bytes=0-0"})
        raise meaning_of(answer if told.status in (200, 206) else told, self.account, self._clock.now())

    async def page(
        self, prefix: str, *, delimiter: str = "", token: str = "", after: str = "", limit: int = MAX_KEYS
    ) -> Page:
        """One page of what begins with the prefix, behind a token or a name. Raises what S3's errors mean."""
        query = {"list-type": "2", "encoding-type": "url", "max-keys": str(limit), "prefix": prefix}
        optional = {"delimiter": delimiter, "continuation-token": token, "start-after": after}
        query |= {name: value for name, value in optional.items() if value}
        answer = must_be_good(await self._call("GET", query=query), self.account, self._clock.now())
        try:
            if not answer.truncated:
                return page_of(answer.body)
        except NoDocument:
            pass
        raise UpstreamFormat(self.host, "it does not answer as S3 does. Check the address of the server.")

    async def _call(
        self,
        method: str,
        key: str = "",
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> FetchResponse:
        url = self._signed(method, key, query or {}, CALL_SECONDS)
        # An address that is signed for one host is good at no other, so that following a redirect is of no use.
        return await self._fetch.fetch(
            FetchRequest(url, method, headers or {}, max_bytes=MAX_DOCUMENT_BYTES, max_redirects=0)
        )

    def _signed(self, method: str, key: str, query: Mapping[str, str], seconds: int) -> str:
        url: str = self._signing.presigned(self.account, method, key, query, at=self._clock.now(), seconds=seconds)
        return url


async def opened(fetch: Fetch, clock: Clock, account: Account) -> Bucket:
    """The bucket of this account. Nobody is called for it."""
    signing = await asyncio.to_thread(import_module, "synctv.adapters.providers.s3.signing")
    return Bucket(fetch, clock, account, signing)
