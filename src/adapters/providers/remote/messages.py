"""What providers take and give, as messages and back. What comes from another process is checked like any upstream."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from synctv.adapters.providers.remote.wire.synctv import v1 as wire
from synctv.application.ports.providers import (
    Crumb,
    FieldKind,
    FormField,
    ListedFolder,
    Listing,
    Login,
    LoginForm,
    Manifest,
    ResolvedSource,
    Source,
)
from synctv.domain.library.item import MAX_DURATION_SECONDS, TITLE_LENGTH, MediaKind, valid_cover
from synctv.domain.text import has_visible, one_line

MAX_ENTRIES = 500
MAX_SOURCE = 16_384
MAX_FORMS = 20
MAX_WORDS = 500
MAX_PATH = 2_000
MAX_CURSOR = 500

_FORM = re.compile(r"[a-z][a-z0-9_]{0,31}", re.ASCII)

T = TypeVar("T")
Raw = TypeVar("Raw")


class Nonsense(Exception):
    """A message holds what it can't."""


# ------------------------------------------------------------ sources and logins


def source_text(source: Source) -> str:
    """A source as it travels."""
    return json.dumps(source, ensure_ascii=False, separators=(",", ":"))


def source_of(text: str) -> Source:
    """The source that travelled. Raises `Nonsense`."""
    try:
        source = json.loads(text) if len(text) <= MAX_SOURCE else None
    except (ValueError, RecursionError):
        source = None
    if not isinstance(source, dict):
        raise Nonsense("A source is a JSON object.")
    return source


def to_login(login: Login | None) -> wire.ProviderLogin | None:
    """A login as it travels."""
    return None if login is None else wire.ProviderLogin(login.server, dict(login.secret))


def login_of(message: wire.ProviderLogin | None) -> Login | None:
    """The login that travelled."""
    return None if message is None else Login(message.server, dict(message.secret))


# ------------------------------------------------------------ manifests


def to_manifest(manifest: Manifest, capabilities: Iterable[str]) -> wire.ProviderManifest:
    """A manifest as it travels."""
    return wire.ProviderManifest(
        name=manifest.name,
        title=manifest.title,
        priority=manifest.priority,
        logins=[
            wire.ProviderLoginForm(form.id, form.label, [_to_field(one) for one in form.fields], form.help)
            for form in manifest.logins
        ],
        source=[_to_field(one) for one in manifest.source],
        needs_login=manifest.needs_login,
        capabilities=sorted(capabilities),
    )


def manifest_of(message: wire.ProviderManifest, name: str) -> Manifest:
    """The manifest of a provider that is called `name` here. Raises `Nonsense`."""
    title = _words(message.title, 80) or name
    forms = tuple(_form(one) for one in message.logins[:MAX_FORMS])
    if len({form.id for form in forms}) != len(forms):
        raise Nonsense("Two ways to sign in have the same name.")
    return Manifest(
        name=name,
        title=title if name == message.name else f"{title} ({name})",
        priority=min(max(message.priority, 1), 999),
        logins=forms,
        source=tuple(_field(one) for one in message.source[:MAX_FORMS]),
        needs_login=message.needs_login and bool(forms),
    )


def _to_field(field: FormField) -> wire.ProviderFormField:
    return wire.ProviderFormField(
        field.name, field.label, field.kind.value, field.required, field.placeholder, field.help
    )


def _form(message: wire.ProviderLoginForm) -> LoginForm:
    if not _FORM.fullmatch(message.id):
        raise Nonsense("A way to sign in has no name.")
    fields = tuple(_field(one) for one in message.fields[:MAX_FORMS])
    return LoginForm(message.id, _words(message.label) or message.id, fields, _words(message.help))


def _field(message: wire.ProviderFormField) -> FormField:
    if not _FORM.fullmatch(message.name):
        raise Nonsense("A field has no name.")
    # A kind that is not known here may hide something.
    kind = FieldKind(message.kind) if message.kind in list(FieldKind) else FieldKind.HIDDEN
    return FormField(
        message.name,
        _words(message.label) or message.name,
        kind,
        message.required,
        _words(message.placeholder),
        _words(message.help),
    )


# ------------------------------------------------------------ entries and listings


def to_resolved(found: ResolvedSource) -> wire.ProviderResolved:
    """One thing to play as it travels."""
    return wire.ProviderResolved(
        source_text(found.source), found.title, found.kind.value, found.duration, found.cover, found.detail
    )


def resolved_of(message: wire.ProviderResolved) -> ResolvedSource:
    """The thing that travelled. Raises `Nonsense`."""
    if message.kind not in list(MediaKind):
        raise Nonsense("A kind of media is not known.")
    duration = message.duration
    return ResolvedSource(
        source=source_of(message.source),
        title=_title(message.title) or "Untitled",
        kind=MediaKind(message.kind),
        duration=duration if duration is not None and 0 < duration <= MAX_DURATION_SECONDS else None,
        cover=valid_cover(message.cover),
        detail=_words(message.detail, 100),
    )


def all_resolved(messages: Sequence[wire.ProviderResolved]) -> Sequence[ResolvedSource]:
    """All things of an answer, at most 500. Raises `Nonsense`."""
    return [resolved_of(one) for one in messages[:MAX_ENTRIES]]


def to_listing(listing: Listing) -> wire.ProviderListing:
    """A listing as it travels."""
    return wire.ProviderListing(
        entries=[_to_entry(one) for one in listing.entries],
        crumbs=[wire.ProviderCrumb(one.path, one.title) for one in listing.crumbs],
        next_cursor=listing.next_cursor,
        total=listing.total,
    )


def listing_of(message: wire.ProviderListing | None) -> Listing:
    """The listing that travelled. What is of no known type in it is left out. Raises `Nonsense`."""
    if message is None:
        raise Nonsense("There is no listing in the answer.")
    if len(message.next_cursor or "") > MAX_CURSOR:
        raise Nonsense("A cursor is too long.")
    entries = [_entry(one) for one in message.entries[:MAX_ENTRIES]]
    return Listing(
        tuple(one for one in entries if one is not None),
        tuple(Crumb(one.path, _title(one.title) or "/") for one in message.crumbs[:100] if len(one.path) <= MAX_PATH),
        message.next_cursor,
        message.total if message.total is not None and message.total >= 0 else None,
    )


def _to_entry(entry: ListedFolder | ResolvedSource) -> wire.ProviderEntry:
    if isinstance(entry, ListedFolder):
        return wire.ProviderEntry(folder=wire.ProviderFolder(entry.path, entry.title, entry.cover, entry.detail))
    return wire.ProviderEntry(item=to_resolved(entry))


def _entry(message: wire.ProviderEntry) -> ListedFolder | ResolvedSource | None:
    if message.item is not None:
        return resolved_of(message.item)
    folder = message.folder
    if folder is None:
        return None
    if not 0 < len(folder.path) <= MAX_PATH:
        raise Nonsense("A folder has no path that could be called.")
    title = _title(folder.title) or "/"
    return ListedFolder(folder.path, title, valid_cover(folder.cover), _words(folder.detail, 100))


# ------------------------------------------------------------ texts


def _title(text: str) -> str:
    return _words(text, TITLE_LENGTH[1])


def _words(text: str, longest: int = MAX_WORDS) -> str:
    line = one_line(text[: 4 * longest])[:longest].rstrip()
    return line if has_visible(line) else ""


def each(read: Callable[[Raw], T], messages: Iterable[Raw], most: int) -> tuple[T, ...]:
    """What is read of the first messages."""
    return tuple(read(message) for _, message in zip(range(most), messages, strict=False))
