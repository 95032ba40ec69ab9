"""Providers: what turns sources into something to play.

A provider declares what it can do by what it subclasses: `Provider` alone resolves and plays, the others are its
capabilities. The application asks for capabilities and never for names.
"""

from __future__ import annotations

from abc import ABC, ABCMeta, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from synctv.domain.delivery.offer import Offer
from synctv.domain.delivery.profile import ANY, Profile
from synctv.domain.library.item import MediaKind

Source = Mapping[str, object]
"""A provider's own description of something to play, fit for JSON, without the secrets of a sign-in."""


class Capability(StrEnum):
    """What a provider can do beyond playing what it is given."""

    RECOGNISE = "recognise"
    BROWSE = "browse"
    SEARCH = "search"
    LOGIN = "login"
    CODE = "code"
    REPORT = "report"


class FieldKind(StrEnum):
    """What a field of a form holds; a hidden one is never shown again."""

    TEXT = "text"
    URL = "url"
    HIDDEN = "hidden"
    LONG_HIDDEN = "long_hidden"


@dataclass(frozen=True, slots=True)
class FormField:
    """A field that a person fills in. `label` and `help` are English; a page may know better words for `name`."""

    name: str
    label: str
    kind: FieldKind = FieldKind.TEXT
    required: bool = True
    placeholder: str = ""
    help: str = ""


@dataclass(frozen=True, slots=True)
class LoginForm:
    """One way to sign in. A field called `server` is the address of the server, where there are many.

    `id` is stable (`password`, `api_key`, `cookie`); the same way for a product by name is a form of its own.
    """

    id: str
    label: str
    fields: tuple[FormField, ...]
    help: str = ""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a provider is. `name` is stored with each item, so it never changes.

    `priority` decides who is asked first what a pasted text is: lower ones first; those that know few addresses for
    certain are below 50, those that try anything above. `source` are the fields of a source that a person could fill in
    by hand. `codes` are the ways to sign in with a code that is confirmed elsewhere, and what they ask for first.
    """

    name: str
    title: str
    priority: int
    logins: tuple[LoginForm, ...] = ()
    codes: tuple[LoginForm, ...] = ()
    source: tuple[FormField, ...] = ()
    needs_login: bool = False


@dataclass(frozen=True, slots=True)
class Login:
    """A credential, opened: what a provider needs to act for its owner.

    `server` is the address of the server without a slash at its end, empty where the provider has only one.
    """

    server: str
    secret: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class NewLogin:
    """What signing in led to: the login, and as whom (`label`) to show it."""

    login: Login
    label: str


@dataclass(frozen=True, slots=True)
class PendingLogin:
    """A sign-in that waits until a person has confirmed the `code` where they are signed in already.

    `state` is what goes on with it, and as secret as a login. `seconds` says how long the code is good, `every` how
    often one may ask whether it is confirmed.
    """

    code: str
    state: Mapping[str, str] = field(repr=False)
    seconds: float
    every: float


@dataclass(frozen=True, slots=True)
class ResolvedSource:
    """One thing to play: its source in the normal form, and what is known of it. `duration` is in seconds.

    `cover` is a public http(s) address or None. `detail` is one short line that tells it from its neighbours (`1080p`,
    `2.1 GB`).
    """

    source: Source
    title: str
    kind: MediaKind
    duration: float | None
    cover: str | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class ListedFolder:
    """A folder at a provider: `path` opens it, and is opaque to everybody else (at most 2,000 characters)."""

    path: str
    title: str
    cover: str | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Crumb:
    """One step of the way to where one is; the path of the top is empty."""

    path: str
    title: str


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a folder or of what a search found: at most 200 entries.

    `next_cursor` continues it (opaque, at most 500 characters), None at the end. `total` where it is known.
    """

    entries: tuple[ListedFolder | ResolvedSource, ...]
    crumbs: tuple[Crumb, ...] = ()
    next_cursor: str | None = None
    total: int | None = None


@dataclass(frozen=True, slots=True)
class PlayRequest:
    """What is to be played, on whose behalf, and for what kind of player.

    `screening` tells those who watch together from all others: what a server does for some of them it does for all of
    them, and what it ends for them it ends for nobody else. It is opaque, and empty where nobody watches yet.
    """

    source: Source
    kind: MediaKind
    login: Login | None = None
    profile: Profile = ANY
    screening: str = ""


class Provider(ABC):
    """One way to turn sources into playables.

    All methods raise what the fetch port raises, and `UpstreamCredential` where a login is missing or no longer good.
    """

    manifest: Manifest

    @property
    def name(self) -> str:
        """What items remember it by."""
        return self.manifest.name

    @abstractmethod
    async def resolve(self, source: Source, login: Login | None = None) -> Sequence[ResolvedSource]:
        """What the source is: one thing, or several in their order (parts, episodes, a list), at most 500.

        The source of each one resolves to that one alone. Raises `Invalid` with paths below `source` for one that can't
        be played.
        """

    @abstractmethod
    async def play(self, request: PlayRequest) -> Offer:
        """What there is of it now, best first. At least one variant."""


class Recognises(metaclass=ABCMeta):
    """Knows its own from a text that somebody pasted."""

    @abstractmethod
    def recognise(self, text: str) -> Source | None:
        """The source that the text is, when it looks like one of this provider's. Asks nobody and never raises.

        A `server` in it says which of a person's logins fits.
        """


class Browses(metaclass=ABCMeta):
    """Shows the folders of a server."""

    @abstractmethod
    async def browse(self, login: Login | None, path: str, cursor: str | None, limit: int) -> Listing:
        """A page of a folder; the empty path is the top. `limit`, 1 to 200, is a wish.

        Raises `UpstreamMissing` for a path or cursor that leads nowhere.
        """


class Searches(metaclass=ABCMeta):
    """Finds things by words."""

    @abstractmethod
    async def search(self, login: Login | None, query: str, path: str, cursor: str | None, limit: int) -> Listing:
        """A page of what was found below a folder; the empty path is everywhere."""


class SignsIn(metaclass=ABCMeta):
    """Has sign-ins of its own. Which ways there are stands in the manifest."""

    @abstractmethod
    async def sign_in(self, form: str, fields: Mapping[str, str]) -> NewLogin:
        """Signs in with what a person filled in. Raises `Invalid` with paths below `fields`, and `UpstreamCredential`.

        What is kept is the least that works: a token rather than the password where the server gives one that lasts.
        """

    @abstractmethod
    async def check(self, login: Login) -> str:
        """As whom the login is known now. Raises `UpstreamCredential` when it is no longer good."""


class SignsInByCode(metaclass=ABCMeta):
    """Shows a code, and lets in who confirms it elsewhere: no password comes here. The ways stand in the manifest."""

    @abstractmethod
    async def begin(self, form: str, fields: Mapping[str, str]) -> PendingLogin:
        """Asks the server for a code. Raises `Invalid` with paths below `fields`."""

    @abstractmethod
    async def confirmed(self, state: Mapping[str, str]) -> NewLogin | None:
        """The login, once the code is confirmed, and None until then. Raises `FlowOver` when the code has run out."""


class Reports(metaclass=ABCMeta):
    """Tells its server what is watched, so that it can be continued there."""

    @abstractmethod
    async def report(self, request: PlayRequest, position: float, *, playing: bool, ended: bool) -> None:
        """Notes the position, in seconds. Best-effort: it may raise, and nobody waits for it."""


def capabilities(provider: Provider) -> frozenset[Capability]:
    """What the provider can do."""
    known: tuple[tuple[type, Capability], ...] = (
        (Recognises, Capability.RECOGNISE),
        (Browses, Capability.BROWSE),
        (Searches, Capability.SEARCH),
        (SignsIn, Capability.LOGIN),
        (SignsInByCode, Capability.CODE),
        (Reports, Capability.REPORT),
    )
    return frozenset(capability for kind, capability in known if isinstance(provider, kind))
