"""The calls to Alist and OpenList servers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import msgspec

from synctv.adapters.providers.alist.account import Account
from synctv.adapters.providers.alist.answers import (
    Envelope,
    File,
    FolderLocked,
    Hits,
    Listed,
    Me,
    Preview,
    Token,
    TokenRefused,
    problem,
    sign_in_again,
)
from synctv.adapters.providers.alist.tokens import Tokens
from synctv.adapters.providers.answers import decoded, host_of, must_be_good
from synctv.adapters.providers.servers import must_stay
from synctv.application.ports.clock import Clock
from synctv.application.ports.fetch import Fetch, FetchRequest
from synctv.domain.errors import Invalid, UpstreamCredential, UpstreamFormat, UpstreamLimited

T = TypeVar("T")

LIST_BYTES = 8 << 20
CALL_SECONDS = 20.0
"""Listing may make the server ask a cloud first, which takes longer than a server of one's own."""

USER_AGENT = "SyncTV"
"""Some clouds give an address to one `User-Agent` alone: who asks for it and who fetches the bytes say the same."""


class AlistApi:
    """Speaks as an account, and signs in for it where it has to."""

    def __init__(self, fetch: Fetch, clock: Clock) -> None:
        self._fetch = fetch
        self._clock = clock
        self._tokens = Tokens(clock)

    async def listed(self, account: Account, path: str, page: int, per_page: int) -> Listed:
        """A page of a folder; pages count from 1."""
        body = {"path": path, "page": page, "per_page": per_page, "refresh": False}
        return await self._asked(account, "/api/fs/list", path, body, Listed)

    async def file(self, account: Account, path: str, agent: str = USER_AGENT) -> File:
        """A file or a folder, for who will call with this `User-Agent`."""
        return await self._asked(account, "/api/fs/get", path, {"path": path}, File, agent)

    async def preview(self, account: Account, path: str) -> Preview:
        """The qualities that the cloud behind has of a video."""
        body = {"path": path, "method": "video_preview"}
        return await self._asked(account, "/api/fs/other", path, body, Preview)

    async def found(self, account: Account, words: str, parent: str, page: int, per_page: int) -> Hits:
        """A page of what has these words in its name. Raises `UpstreamMissing` where the server has no index."""
        body = {"parent": parent, "keywords": words, "scope": 0, "page": page, "per_page": per_page}
        return await self._asked(account, "/api/fs/search", parent, body, Hits)

    async def me(self, account: Account) -> Me:
        """Who the account is to the server."""
        return await self._asked(account, "/api/me", "", None, Me)

    async def must_be_alist(self, server: str) -> None:
        """Raises what keeps the server from being one, before any secret is sent to it."""
        url = f"{server}/api/public/settings"
        answer = must_stay(server, await self._fetch.fetch(FetchRequest(url, max_bytes=LIST_BYTES)))
        envelope = decoded(must_be_good(answer, self._clock.now()), Envelope)
        settings = _converted(server, envelope.data, dict[str, object]) if envelope.code == 200 else {}
        if "version" not in settings:
            raise UpstreamFormat(host_of(server), "this is no Alist or OpenList server. Check the address.")

    async def token(self, account: Account, fields: Mapping[str, str], path: str = "/api/auth/login/hash") -> str:
        """A token for these fields of a sign-in. Raises `Invalid` for a wrong or missing code of a second factor."""
        self._tokens.must_be_allowed(account.server)
        envelope = await self._sent(account, path, dict(fields), "", USER_AGENT)
        if envelope.code == 200:
            return _converted(account.server, envelope.data, Token).token
        if envelope.code in (400, 401, 402, 403, 429):
            self._tokens.was_refused(account.server)
        raise _refusal(account.server, envelope, code_given=bool(fields.get("otp_code")))

    async def _asked(
        self,
        account: Account,
        call: str,
        path: str,
        body: Mapping[str, object] | None,
        kind: type[T],
        agent: str = USER_AGENT,
    ) -> T:
        if body is not None:
            body = {**body, "password": account.password_for(path)}
        try:
            return await self._with_token(account, call, body, kind, agent)
        except FolderLocked:
            raise UpstreamCredential(
                host_of(account.server),
                "this folder has a password of its own. Sign in again, and give it with the folders' passwords.",
            ) from None
        except TokenRefused:
            raise sign_in_again(account.server) from None

    async def _with_token(
        self, account: Account, call: str, body: Mapping[str, object] | None, kind: type[T], agent: str
    ) -> T:
        """The answer. An account that can sign in does so once more when its token is no longer taken."""
        token = await self._token_of(account, None)
        try:
            return self._data(account, await self._sent(account, call, body, token, agent), kind)
        except TokenRefused:
            if not account.hash:
                raise
        token = await self._token_of(account, token)
        return self._data(account, await self._sent(account, call, body, token, agent), kind)

    async def _token_of(self, account: Account, refused: str | None) -> str:
        if not account.hash:
            return account.token

        async def sign_in() -> str:
            return await self.token(account, {"username": account.username, "password": account.hash, "otp_code": ""})

        try:
            return await self._tokens.of(account, refused, sign_in)
        except Invalid:  # the account has got a second factor since
            raise sign_in_again(account.server) from None

    async def _sent(
        self, account: Account, call: str, body: Mapping[str, object] | None, token: str, agent: str
    ) -> Envelope:
        headers = {"User-Agent": agent, "Client-Id": account.client, "Accept": "application/json"}
        if token:
            headers["Authorization"] = token
        if body is not None:
            headers["Content-Type"] = "application/json"
        request = FetchRequest(
            account.server + call,
            "GET" if body is None else "POST",
            headers,
            None if body is None else msgspec.json.encode(body),
            max_bytes=LIST_BYTES,
            timeout=CALL_SECONDS,
            max_redirects=0,  # a POST that is redirected becomes a GET, and a token belongs to one server
        )
        return decoded(must_be_good(await self._fetch.fetch(request), self._clock.now()), Envelope)

    def _data(self, account: Account, envelope: Envelope, kind: type[T]) -> T:
        if envelope.code != 200:
            raise problem(account.server, envelope)
        return _converted(account.server, envelope.data, kind)


def _converted(server: str, data: msgspec.Raw, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(data, type=kind, strict=False)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise UpstreamFormat(host_of(server)) from None


def _refusal(server: str, envelope: Envelope, *, code_given: bool) -> Exception:
    """Why a sign-in did not work. Alist and OpenList use different codes for a wrong password."""
    host = host_of(server)
    match envelope.code:
        case 400 | 401:
            return UpstreamCredential(host, "it does not know this name with this password. Check both.")
        case 402 if code_given:
            return Invalid.field(
                "fields.otp", "This code is wrong or has run out. Enter the one that is shown now.", "code"
            )
        case 402:
            return Invalid.field(
                "fields.otp", "This account has a second factor. Enter the code that is shown now.", "required"
            )
        case 403:
            return UpstreamCredential(host, "it lets this account in on no more devices. Remove one there first.")
        case 429:
            return UpstreamLimited(host, 300.0)
        case _:
            return problem(server, envelope)
