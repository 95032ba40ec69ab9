"""Providers for tests of looking and adding: a server of films with folders, and one that takes anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from synctv.application.ports.providers import (
    Browses,
    Crumb,
    FormField,
    ListedFolder,
    Listing,
    Login,
    LoginForm,
    Manifest,
    NewLogin,
    PlayRequest,
    Provider,
    Recognises,
    ResolvedSource,
    Searches,
    SignsIn,
    Source,
)
from synctv.domain.delivery.offer import Offer, OfferedVariant, Upstream
from synctv.domain.delivery.playable import Container
from synctv.domain.errors import DomainError, Invalid, UpstreamCredential, UpstreamMissing
from synctv.domain.library.item import MediaKind

SERVER = "https://nas.test"


class FilmServer(Provider, Recognises, Browses, Searches, SignsIn):
    """A server with one folder of two films, for who knows the password. Its texts begin with `nas:`."""

    manifest = Manifest(
        "nas", "NAS", 10, logins=(LoginForm("password", "Password", (FormField("password", "Password"),)),)
    )

    def __init__(self) -> None:
        self.revoked = False
        self.fails: DomainError | None = None
        self.resolved_with: list[Login | None] = []
        self.server = SERVER
        self.played_with: list[Login | None] = []

    def recognise(self, text: str) -> Source | None:
        if text.startswith("https://") and ".test/" in text:
            return {"url": text, "server": text.partition(".test/")[0] + ".test"}
        return {"name": text[4:], "server": SERVER} if text.startswith("nas:") else None

    async def resolve(self, source: Source, login: Login | None = None) -> Sequence[ResolvedSource]:
        self._admit(login)
        self.resolved_with.append(login)
        name = str(source.get("name"))
        if name == "page":
            raise Invalid.field("source.name", "This is a page.", "page")
        if name == "nothing":
            raise Invalid.field("source.name", "There is nothing of this name.", "missing")
        count = 3 if name == "series" else 1
        return [film(f"{name} {number}" if count > 1 else name) for number in range(1, count + 1)]

    async def play(self, request: PlayRequest) -> Offer:
        self.played_with.append(request.login)
        self._admit(request.login)
        return Offer((OfferedVariant("a", "A", Container.MP4, Upstream(f"{SERVER}/a.mp4")),))

    async def browse(self, login: Login | None, path: str, cursor: str | None, limit: int) -> Listing:
        self._admit(login)
        if self.fails is not None:
            raise self.fails
        if path == "films/old":
            return Listing((film("three"),), crumbs=(Crumb("", "NAS"), Crumb("films", "Films"), Crumb(path, "Old")))
        if path not in ("", "films"):
            raise UpstreamMissing("nas.test")
        if not path:
            return Listing((ListedFolder("films", "Films"),), crumbs=(Crumb("", "NAS"),), next_cursor="2", total=9)
        return Listing(
            (film("one"), film("two"), ListedFolder("films/old", "Old")),
            crumbs=(Crumb("", "NAS"), Crumb("films", "Films")),
        )

    async def search(self, login: Login | None, query: str, path: str, cursor: str | None, limit: int) -> Listing:
        return Listing((film(query),))

    async def sign_in(self, form: str, fields: Mapping[str, str]) -> NewLogin:
        return NewLogin(Login(self.server, {"password": fields["password"]}), "ada")

    async def check(self, login: Login) -> str:
        return "ada"

    def _admit(self, login: Login | None) -> None:
        if login is None or self.revoked:
            raise UpstreamCredential("nas.test")


class Anything(Provider, Recognises):
    """Takes what begins with `nas:` or `any:`, and addresses, after the others; says what it was told to say."""

    manifest = Manifest("anything", "Anything", 90)

    def __init__(self) -> None:
        self.fails: DomainError | None = None

    def recognise(self, text: str) -> Source | None:
        return {"text": text} if text.startswith(("nas:", "any:", "https://", "http://")) else None

    async def resolve(self, source: Source, login: Login | None = None) -> Sequence[ResolvedSource]:
        if self.fails is not None:
            raise self.fails
        return [film("anything")]

    async def play(self, request: PlayRequest) -> Offer:
        raise NotImplementedError


def film(name: str) -> ResolvedSource:
    return ResolvedSource({"name": name}, name, MediaKind.VIDEO, 60.0, "https://img.test/a.jpg", "1.2 GB")
