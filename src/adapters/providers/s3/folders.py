"""Prefixes as folders: what is in one, and what is found below one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from synctv.adapters.providers.files import detail_of, shown, title_of, type_of
from synctv.adapters.providers.s3.bucket import MAX_KEYS, Bucket
from synctv.adapters.providers.s3.documents import Page, StoredObject
from synctv.application.ports.providers import Crumb, ListedFolder, Listing, ResolvedSource
from synctv.domain.errors import UpstreamMissing

MAX_KEY_BYTES = 1_024
MAX_CURSOR = 500
MAX_ENTRIES = 200
PAGES_AT_ONCE = 5
"""So many pages of a bucket are looked through for one page of ours; the cursor goes on behind them."""

_TOKEN, _AFTER = "t", "a"
_BEHIND_ALL = "\U0010ffff"


def is_key(key: str) -> bool:
    """Whether an object of this name can be called: not where a part of it would be taken for a way up."""
    try:
        fits = 0 < len(key.encode()) <= MAX_KEY_BYTES
    except UnicodeEncodeError:
        return False
    return fits and "\0" not in key and not {".", ".."} & set(key.split("/"))


def plays(key: str) -> bool:
    """Whether what is stored under this name can be played out of a bucket."""
    return type_of(key.rpartition("/")[2]) is not None and is_key(key)


def resolved(server: str, key: str, size: int | None) -> ResolvedSource:
    """The object as an entry. Its name has to be one that plays."""
    name = key.rpartition("/")[2]
    type_ = type_of(name)
    if type_ is None:
        raise ValueError("Ask first whether it plays.")
    return ResolvedSource(
        {"server": server, "path": key}, title_of(name), type_.kind, None, detail=detail_of(name, size)
    )


async def browse(bucket: Bucket, path: str, cursor: str | None, limit: int) -> Listing:
    """A page of the folder, which ends with a slash or is the top. Raises `UpstreamMissing` when there is none."""
    if path and not (path.endswith("/") and is_key(path.rstrip("/") or "/")):
        raise _nowhere(bucket)
    token, after = _position(bucket, path, cursor)
    for _ in range(PAGES_AT_ONCE):
        page = await bucket.page(path, delimiter="/", token=token, after=after, limit=limit)
        if path and cursor is None and not (token or after or page.prefixes or page.objects):
            raise _nowhere(bucket)
        entries = tuple(_entries(bucket.account.server, path, page))
        if entries or page.token is None:
            break
        token, after = page.token, ""
    return Listing(entries[:MAX_ENTRIES], _crumbs(bucket, path), _next(path, page))


async def search(bucket: Bucket, query: str, path: str, cursor: str | None, limit: int) -> Listing:
    """What has all words of the query in its name below the folder, in the order of names.

    S3 can't search: each call looks through at most 5,000 names. A page may be empty and still have a cursor behind it.
    """
    words = query.casefold().split()
    if path and not is_key(path.rstrip("/") or "/"):
        raise _nowhere(bucket)
    _, after = _position(bucket, path, cursor)
    found: list[StoredObject] = []
    for _ in range(PAGES_AT_ONCE):
        page = await bucket.page(path, after=after, limit=MAX_KEYS)
        fitting = [one for one in page.objects if plays(one.key) and _has(one.key[len(path) :], words)]
        room = min(limit, MAX_ENTRIES) - len(found)
        found += fitting[:room]
        more = page.token is not None or len(fitting) > room
        after = found[-1].key if len(fitting) > room else page.last
        if not more or len(fitting) >= room:
            break
    entries = tuple(resolved(bucket.account.server, one.key, one.size) for one in found)
    return Listing(entries, _crumbs(bucket, path), _behind(path, after) if more and after else None)


def _entries(server: str, path: str, page: Page) -> Iterator[ListedFolder | ResolvedSource]:
    for prefix in page.prefixes:
        # A name without a character is one all the same: `a//b` lies in the folder `a//`.
        if prefix.startswith(path) and is_key(prefix.rstrip("/") or "/"):
            yield ListedFolder(prefix, _folder_title(prefix[len(path) :]))
    for one in page.objects:
        if plays(one.key):
            yield resolved(server, one.key, one.size)


def _folder_title(name: str) -> str:
    return shown(name.removesuffix("/")) or "/"


def _crumbs(bucket: Bucket, path: str) -> tuple[Crumb, ...]:
    """The way from the top, which is the bucket."""
    crumbs, start = [Crumb("", bucket.account.bucket)], 0
    while (end := path.find("/", start)) >= 0:
        crumbs.append(Crumb(path[: end + 1], _folder_title(path[start : end + 1])))
        start = end + 1
    return tuple(crumbs)


def _next(path: str, page: Page) -> str | None:
    """The cursor behind a page: the server's token, or the last name where that is too long to be handed out."""
    if page.token is None:
        return None
    token = _TOKEN + page.token
    if len(token) <= MAX_CURSOR:
        return token
    return _behind(path, page.last + _BEHIND_ALL if page.last.endswith("/") else page.last)


def _behind(path: str, name: str) -> str:
    """The cursor behind a name. Of a name that is too long, all that begin like it are passed over."""
    rest = name[len(path) :]
    return _AFTER + (rest if len(rest) < MAX_CURSOR else rest[: MAX_CURSOR - 2] + _BEHIND_ALL)


def _position(bucket: Bucket, path: str, cursor: str | None) -> tuple[str, str]:
    """The token and the name that a cursor stands for. Raises `UpstreamMissing` for one that is none of ours."""
    if cursor is None:
        return "", ""
    kind, rest = cursor[:1], cursor[1:]
    if kind not in (_TOKEN, _AFTER) or not rest or len(cursor) > MAX_CURSOR:
        raise _nowhere(bucket)
    return (rest, "") if kind == _TOKEN else ("", path + rest)


def _has(name: str, words: Sequence[str]) -> bool:
    folded = name.casefold()
    return all(word in folded for word in words)


def _nowhere(bucket: Bucket) -> UpstreamMissing:
    return UpstreamMissing(bucket.host, "there is no such folder in this bucket. Go back to the top.")
