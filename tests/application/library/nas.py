"""A provider with servers that one signs in to, as tests of logins need one."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from synctv.application.ports.providers import (
    FieldKind,
    FormField,
    Login,
    LoginForm,
    Manifest,
    NewLogin,
    PlayRequest,
    Provider,
    ResolvedSource,
    SignsIn,
    Source,
)
from synctv.domain.delivery.offer import Offer, OfferedVariant, Upstream
from synctv.domain.delivery.playable import Container
from synctv.domain.errors import Invalid, UpstreamCredential, UpstreamFailed
from synctv.domain.library.item import MediaKind

SERVER = "http://nas.lan:8096/media"
PASSWORD = "open sesame"
MANIFEST = Manifest(
    "nas",
    "NAS",
    20,
    logins=(
        LoginForm(
            "password",
            "Password",
            (
                FormField("server", "Address", FieldKind.URL),
                FormField("username", "Name"),
                FormField("password", "Password", FieldKind.HIDDEN),
                FormField("code", "Code", required=False),
            ),
        ),
        LoginForm("cookie", "Cookie", (FormField("cookie", "Cookie", FieldKind.LONG_HIDDEN),)),
    ),
)


@dataclass
class Nas(Provider, SignsIn):
    """Whoever knows the password gets a token, until it is revoked. `failure` is what happens instead of an answer."""

    manifest = MANIFEST
    issued: int = 0
    revoked: set[str] = field(default_factory=set)
    failure: UpstreamFailed | None = None
    stuck: bool = False
    asked: list[Mapping[str, str]] = field(default_factory=list)
    logins: list[Login | None] = field(default_factory=list)

    async def sign_in(self, form: str, fields: Mapping[str, str]) -> NewLogin:
        """A token for the password, and the cookie for itself."""
        self.asked.append(fields)
        await self._answer()
        if form == "cookie":
            return NewLogin(Login("", {"cookie": fields["cookie"]}), "")
        if fields["username"] == "nobody":
            raise Invalid.field("fields.username", "There is nobody of this name.", "unknown")
        if fields["password"] != PASSWORD:
            raise UpstreamCredential("nas.lan:8096")
        self.issued += 1
        return NewLogin(Login(fields["server"], {"token": f"token-{self.issued}"}), fields["username"])

    async def check(self, login: Login) -> str:
        """Whether the token is good."""
        await self._answer()
        self._must_be_good(login)
        return "anna"

    async def resolve(self, source: Source, login: Login | None = None) -> Sequence[ResolvedSource]:
        """Whatever it is, for who has a good token."""
        self.logins.append(login)
        if login is None:
            raise UpstreamCredential("nas.lan:8096")
        self._must_be_good(login)
        cover = source.get("cover")
        title = str(source.get("title", "Film"))
        return [ResolvedSource(source, title, MediaKind.VIDEO, 60.0, cover if isinstance(cover, str) else None)]

    async def play(self, request: PlayRequest) -> Offer:
        """One variant."""
        return Offer((OfferedVariant("source", "Original", Container.MP4, Upstream(f"{SERVER}/film.mp4")),))

    async def _answer(self) -> None:
        if self.stuck:
            await asyncio.Event().wait()
        if self.failure is not None:
            raise self.failure

    def _must_be_good(self, login: Login) -> None:
        if login.secret.get("token") in self.revoked:
            raise UpstreamCredential("nas.lan:8096")
