"""Identity providers on this machine: a real one as a process of its own, and two that do as a test tells them.

Each asks in a form whom to let in: a field `sub`, one button that agrees and one (`action=deny`) that does not. So a
browser can sign in there, and `signed_in_at` can without one.
"""

from __future__ import annotations

import asyncio
import contextlib
import html
import json
import secrets
import sys
from base64 import b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256, sha512
from typing import Any, Final
from urllib.parse import unquote_plus, urlencode

import aiohttp
from aiohttp import web
from joserfc import jws
from joserfc.jwk import ECKey, KeySet, OctKey, OKPKey, RSAKey
from yarl import URL

from synctv.application.ports.clock import Clock
from synctv.domain.ids import MICROS
from tests.servers.ports import quiet_port
from tests.servers.scratch import scratch_folder

CLIENT_ID: Final = "synctv"
CLIENT_SECRET: Final = "a secret: of 100% odd / characters + more"
WAIT_SECONDS: Final = 60.0
"""How long a start may take before it counts as never coming. No measure of speed."""

POLL_SECONDS: Final = 0.02
FORM: Final = """<!doctype html><title>Identity provider</title>
<form method="post"><p>Sign in to {name}</p><input name="sub" autofocus><button type="submit">Authorize</button></form>
<form method="post"><button type="submit" name="action" value="deny">Deny</button></form>
"""

Fields = dict[str, Any]
SigningKey = RSAKey | ECKey | OKPKey | OctKey


# ---------------------------------------------------------------- keys and signatures


@cache
def rsa_key(name: str, bits: int = 2_048) -> RSAKey:
    """An RSA key with this id, the same one each time."""
    return RSAKey.generate_key(bits, {"kid": name, "use": "sig"})


@cache
def ec_key(name: str) -> ECKey:
    """A key on P-256 with this id, the same one each time."""
    return ECKey.generate_key("P-256", {"kid": name, "use": "sig"})


@cache
def ed_key(name: str) -> OKPKey:
    """An Ed25519 key with this id, the same one each time."""
    return OKPKey.generate_key("Ed25519", {"kid": name, "use": "sig"})


def signed(header: Fields, claims: Fields, key: SigningKey) -> str:
    """A JWT. joserfc calls EdDSA by the name of its curve and warns of the older one, which providers use."""
    if header["alg"] != "EdDSA":
        return jws.serialize_compact(header, json.dumps(claims), key, algorithms=[header["alg"]])
    segments = b".".join(segment(part) for part in (header, claims))
    assert isinstance(key, OKPKey)
    signature = key.private_key.sign(segments)  # type: ignore[union-attr]
    return (segments + b"." + urlsafe_b64encode(signature).rstrip(b"=")).decode()


def unsigned(header: Fields, claims: Fields) -> str:
    """A JWT that nobody signed."""
    return b".".join([segment({**header, "alg": "none"}), segment(claims), b""]).decode()


def segment(value: Fields | bytes) -> bytes:
    """One part of a JWT: a JSON object, or any bytes."""
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return urlsafe_b64encode(raw).rstrip(b"=")


def _laid_over(right: Fields, changes: Fields) -> Fields:
    return {name: value for name, value in {**right, **changes}.items() if value is not None}


# ---------------------------------------------------------------- the browser


@dataclass(frozen=True, slots=True)
class Return:
    """With what a provider sends the browser back. `code` is empty and `error` is not where somebody was not let in.

    `issuer` is what it calls itself, where it says so.
    """

    state: str
    code: str = ""
    error: str = ""
    issuer: str | None = None


async def signed_in_at(url: str, subject: str | None) -> Return:
    """Goes where the browser was sent and signs in there as this subject; as None, declines."""
    form = {"action": "deny"} if subject is None else {"sub": subject}
    async with aiohttp.ClientSession() as session:
        async with session.get(URL(url, encoded=True)) as page:
            assert page.status == 200, await page.text()
        async with session.post(URL(url, encoded=True), data=form, allow_redirects=False) as answer:
            assert answer.status == 302, await answer.text()
            back = URL(answer.headers["Location"]).query
    return Return(back.get("state", ""), back.get("code", ""), back.get("error", ""), back.get("iss"))


# ---------------------------------------------------------------- oidc-provider-mock


@dataclass(frozen=True, slots=True)
class MockProvider:
    """An oidc-provider-mock that runs. Anybody who types a subject is let in, with that as their email address."""

    issuer: str

    async def add_user(self, subject: str, **claims: object) -> None:
        """From now on it says this of the subject: `email`, `email_verified`, `preferred_username` …"""
        async with (
            aiohttp.ClientSession() as session,
            session.put(f"{self.issuer}/users/{subject}", json=claims) as answer,
        ):
            assert answer.status == 204, await answer.text()

    async def register(self, redirect_uri: str, auth: str = "client_secret_basic") -> tuple[str, str]:
        """The id and the secret of a new client. It must show that secret; clients that are not known may show any."""
        asked = {"redirect_uris": [redirect_uri], "token_endpoint_auth_method": auth}
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{self.issuer}/oauth2/clients", json=asked) as answer,
        ):
            said = await answer.json()
        return said["client_id"], said["client_secret"]


@asynccontextmanager
async def mock_provider(*, token_seconds: int = 3_600) -> AsyncIterator[MockProvider]:
    """oidc-provider-mock as a process of its own, whose tokens are good for so long, until the block is left."""
    provider = MockProvider(f"http://127.0.0.1:{(port := quiet_port())}")
    arguments = (
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--token-max-age",
        str(token_seconds),
        "--require-nonce=true",
    )
    with scratch_folder() as folder, (folder / "log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "oidc_provider_mock", *arguments, stdout=log, stderr=log
        )
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                await _until_it_answers(provider.issuer, process)
            yield provider
        except BaseException:
            sys.stderr.write((folder / "log").read_text())
            raise
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()


async def _until_it_answers(address: str, process: asyncio.subprocess.Process) -> None:
    async with aiohttp.ClientSession() as session:
        while True:
            assert process.returncode is None, "oidc-provider-mock ended at its start"
            with contextlib.suppress(aiohttp.ClientError):
                async with session.get(address):
                    return
            await asyncio.sleep(POLL_SECONDS)


# ---------------------------------------------------------------- providers that do as they are told


@dataclass(frozen=True, slots=True)
class Said:
    """An answer that a test puts in the place of the right one; None as its body never comes."""

    status: int = 200
    body: bytes | None = b""
    content_type: str = "application/json"
    location: str | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """A request that a provider got. Names of headers are lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    form: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Leave:
    """What somebody agreed to, and for which request."""

    subject: str
    asked: Mapping[str, str]


@dataclass
class ToldProvider:
    """What the two providers share: the form, codes that work once, PKCE, and the client's secret.

    `users` are who is known, by subject. `said` are answers by path, in the place of the right ones. `seen` are all
    requests, oldest first. A `secret` of None makes the client public. `answers_as` is the issuer that it says to be
    when it sends a browser back (RFC 9207), where it says so.
    """

    users: dict[str, Fields] = field(default_factory=dict)
    said: dict[str, Said] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)
    client_id: str = CLIENT_ID
    secret: str | None = CLIENT_SECRET
    answers_as: str | None = None
    port: int = 0
    leaves: dict[str, _Leave] = field(default_factory=dict)
    tokens: dict[str, _Leave] = field(default_factory=dict)
    closing: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def origin(self) -> str:
        """The beginning of its addresses."""
        return f"http://127.0.0.1:{self.port}"

    def count(self, path: str) -> int:
        """How often this path was asked for."""
        return sum(seen.path == path for seen in self.seen)

    def add_user(self, subject: str, **fields: object) -> None:
        """From now on it says this of the subject."""
        self.users[subject] = fields

    def routes(self) -> Mapping[str, Callable[[web.Request, Mapping[str, str]], web.Response]]:
        """What answers at which path."""
        raise NotImplementedError

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """The answer to any request."""
        form = {name: str(value) for name, value in (await request.post()).items()}
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.seen.append(Seen(request.method, request.path, headers, form))
        if request.path in self.said:
            return await self._told(self.said[request.path], request)
        route = self.routes().get(request.path)
        return route(request, form) if route else web.Response(status=404)

    async def _told(self, said: Said, request: web.Request) -> web.StreamResponse:
        if said.body is None:
            response = web.StreamResponse()
            await response.prepare(request)
            await self.closing.wait()
            return response
        headers = {"Location": said.location} if said.location else None
        return web.Response(status=said.status, body=said.body, content_type=said.content_type, headers=headers)

    def authorize(self, request: web.Request, form: Mapping[str, str]) -> web.Response:
        """The form, and where it leads."""
        asked = dict(request.query)
        if asked.get("client_id") != self.client_id or asked.get("response_type") != "code":
            return web.Response(status=400, text="This client is not known here.")
        if request.method == "GET":
            name = html.escape(asked["client_id"])
            return web.Response(text=FORM.format(name=name), content_type="text/html")
        back = {"state": asked["state"]} | ({} if self.answers_as is None else {"iss": self.answers_as})
        if form.get("action") == "deny":
            back["error"] = "access_denied"
        else:
            back["code"] = secrets.token_urlsafe(24)
            self.leaves[back["code"]] = _Leave(form["sub"], asked)
        raise web.HTTPFound(URL(asked["redirect_uri"]).update_query(back))

    def redeemed(self, form: Mapping[str, str]) -> _Leave | None:
        """What the code was given for; it works once, for the verifier and the address that it was asked with."""
        leave = self.leaves.pop(form.get("code", ""), None)
        if leave is None or form.get("redirect_uri") != leave.asked["redirect_uri"]:
            return None
        digest = sha256(form.get("code_verifier", "").encode()).digest()
        challenge = urlsafe_b64encode(digest).rstrip(b"=").decode()
        return leave if leave.asked.get("code_challenge") == challenge else None

    def is_client(self, request: web.Request, form: Mapping[str, str]) -> bool:
        """Whether whoever asks is the client, by header or by form."""
        basic = request.headers.get("Authorization", "")
        if basic.startswith("Basic "):
            name, _, secret = b64decode(basic.removeprefix("Basic ")).decode().partition(":")
            return (unquote_plus(name), unquote_plus(secret)) == (self.client_id, self.secret)
        return (form.get("client_id"), form.get("client_secret")) == (self.client_id, self.secret)

    def token_for(self, leave: _Leave) -> str:
        """A new access token."""
        token = secrets.token_urlsafe(24)
        self.tokens[token] = leave
        return token

    def bearer(self, request: web.Request) -> _Leave | None:
        """Who showed their access token."""
        return self.tokens.get(request.headers.get("Authorization", "").removeprefix("Bearer "))


@dataclass
class ToldOpenIdProvider(ToldProvider):
    """An OpenID provider. Its id tokens hold the clock's time, and the user's claims when `claims_in_token` says so.

    `document`, `claims` and `header` are laid over what it would publish and sign; None takes a field away. `keys` are
    published, `key` signs with `algorithm`. `forge` makes the id token itself, from its header and claims.
    """

    clock: Clock | None = None
    key: SigningKey = field(default_factory=lambda: rsa_key("first"))
    algorithm: str = "RS256"
    keys: list[SigningKey] | None = None
    document: Fields = field(default_factory=dict)
    claims: Fields = field(default_factory=dict)
    header: Fields = field(default_factory=dict)
    userinfo: Fields = field(default_factory=dict)
    forge: Callable[[Fields, Fields], str] | None = None
    claims_in_token: bool = True

    @property
    def issuer(self) -> str:
        """What it calls itself."""
        return self.origin

    def routes(self) -> Mapping[str, Callable[[web.Request, Mapping[str, str]], web.Response]]:
        """What answers at which path."""
        return {
            "/.well-known/openid-configuration": lambda *_: web.json_response(self._document()),
            "/keys": lambda *_: web.json_response(self._published()),
            "/authorize": self.authorize,
            "/token": self._token,
            "/userinfo": self._userinfo,
        }

    def _document(self) -> Fields:
        right = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.origin}/authorize?theme=dark",
            "token_endpoint": f"{self.origin}/token",
            "userinfo_endpoint": f"{self.origin}/userinfo",
            "jwks_uri": f"{self.origin}/keys",
            "id_token_signing_alg_values_supported": ["RS256", "PS256", "ES256", "EdDSA", "HS256", "none"],
            "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        }
        return _laid_over(right, self.document)

    def _published(self) -> Any:
        keys = [self.key] if self.keys is None else self.keys
        return KeySet(list(keys)).as_dict()

    def _token(self, request: web.Request, form: Mapping[str, str]) -> web.Response:
        if not self.is_client(request, form):
            return web.json_response({"error": "invalid_client"}, status=401)
        leave = self.redeemed(form)
        if leave is None:
            return web.json_response({"error": "invalid_grant", "error_description": f"Code {form}"}, status=400)
        access = self.token_for(leave)
        said = {"access_token": access, "token_type": "Bearer", "id_token": self._id_token(leave, access)}
        return web.json_response(said, headers={"Cache-Control": "no-store"})

    def _id_token(self, leave: _Leave, access: str) -> str:
        assert self.clock is not None
        now = self.clock.now() // MICROS
        digest = (sha512 if self.algorithm == "EdDSA" else sha256)(access.encode()).digest()
        right = {
            "iss": self.issuer,
            "aud": self.client_id,
            "sub": leave.subject,
            "iat": now,
            "exp": now + 300,
            "nonce": leave.asked["nonce"],
            "at_hash": urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode(),
            **(self.users.get(leave.subject, {}) if self.claims_in_token else {}),
        }
        claims = _laid_over(right, self.claims)
        header = _laid_over({"typ": "JWT", "alg": self.algorithm, "kid": self.key.kid}, self.header)
        return self.forge(header, claims) if self.forge else signed(header, claims, self.key)

    def _userinfo(self, request: web.Request, form: Mapping[str, str]) -> web.Response:
        leave = self.bearer(request)
        if leave is None:
            return web.json_response({"error": "invalid_token"}, status=401)
        return web.json_response(_laid_over({"sub": leave.subject, **self.users.get(leave.subject, {})}, self.userinfo))


@dataclass
class ToldGithub(ToldProvider):
    """A provider as GitHub is one: numbers for people, errors with status 200, JSON only for who asks for it.

    `as_form` never answers in JSON at the token endpoint.
    """

    as_form: bool = False

    def add_user(self, subject: str, **fields: object) -> None:
        """From now on somebody signs in there with this name."""
        number = len(self.users) + 583_231
        super().add_user(subject, **{"id": number, "login": subject, "email": None, **fields})

    def routes(self) -> Mapping[str, Callable[[web.Request, Mapping[str, str]], web.Response]]:
        """What answers at which path."""
        return {
            "/login/oauth/authorize": self.authorize,
            "/login/oauth/access_token": self._token,
            "/user": self._user,
        }

    def _token(self, request: web.Request, form: Mapping[str, str]) -> web.Response:
        if not self.is_client(request, form):
            return self._fields(request, {"error": "incorrect_client_credentials"})
        leave = self.redeemed(form)
        if leave is None:
            return self._fields(request, {"error": "bad_verification_code", "error_description": f"Code {form}"})
        access = self.token_for(leave)
        return self._fields(request, {"access_token": access, "scope": leave.asked["scope"], "token_type": "bearer"})

    def _fields(self, request: web.Request, fields: Fields) -> web.Response:
        if "application/json" in request.headers.get("Accept", "") and not self.as_form:
            return web.json_response(fields)
        return web.Response(text=urlencode(fields), content_type="application/x-www-form-urlencoded")

    def _user(self, request: web.Request, form: Mapping[str, str]) -> web.Response:
        leave = self.bearer(request)
        if leave is None or "User-Agent" not in request.headers:
            return web.json_response({"message": "Bad credentials"}, status=401)
        return web.json_response(self.users.get(leave.subject, {}))


@asynccontextmanager
async def open_id_provider(clock: Clock) -> AsyncIterator[ToldOpenIdProvider]:
    """An OpenID provider on a free port of 127.0.0.1 until the block is left."""
    provider = ToldOpenIdProvider(clock=clock)
    async with _served(provider):
        yield provider


@asynccontextmanager
async def github() -> AsyncIterator[ToldGithub]:
    """A provider without discovery on a free port of 127.0.0.1 until the block is left."""
    provider = ToldGithub()
    async with _served(provider):
        yield provider


@asynccontextmanager
async def _served(provider: ToldProvider) -> AsyncIterator[None]:
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", provider.answer)
    runner = web.AppRunner(application, shutdown_timeout=1.0)
    await runner.setup()
    listener = web.TCPSite(runner, "127.0.0.1", 0)
    await listener.start()
    provider.port = runner.addresses[0][1]
    try:
        yield
    finally:
        provider.closing.set()
        await runner.cleanup()
