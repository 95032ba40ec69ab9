"""Files of the built page: finding them, without ever leaving their folder, and knowing when a browser has them."""

from __future__ import annotations

from dataclasses import dataclass
from mimetypes import MimeTypes
from pathlib import Path

_ENCODINGS = (("br", ".br"), ("gzip", ".gz"))
"""Which compressed neighbours of a file are looked for, best first."""

_TYPES = MimeTypes()
for _suffix, _type in {
    ".css": "text/css",
    ".html": "text/html",
    ".ico": "image/x-icon",
    ".js": "text/javascript",
    ".json": "application/json",
    ".mjs": "text/javascript",
    ".svg": "image/svg+xml",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}.items():
    # The machine's own tables differ; browsers run no module of another type.
    _TYPES.add_type(_type, _suffix)


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file to send: which one, how it is encoded (None: as it is), and a tag that changes when it does."""

    path: Path
    media_type: str
    encoding: str | None
    etag: str


def find_file(folder: Path, relative: str, accepted: str) -> StaticFile | None:
    """The file at this path below the folder, in the best encoding that `Accept-Encoding` allows; None without one.

    Blocks on the file system.
    """
    root = folder.resolve()
    parts = relative.split("/")
    if "\0" in relative or "\\" in relative or any(part in ("", ".", "..") or part.startswith(".") for part in parts):
        return None
    # Where the file system has links, they may not lead out either.
    path = root.joinpath(*parts).resolve()
    if not path.is_relative_to(root) or not path.is_file():
        return None
    media_type = _media_type(path)
    for encoding, suffix in _ENCODINGS:
        packed = path.with_name(path.name + suffix)
        if _accepts(accepted, encoding) and packed.is_file():
            return StaticFile(packed, media_type, encoding, _etag(packed, encoding))
    return StaticFile(path, media_type, None, _etag(path, ""))


def _media_type(path: Path) -> str:
    guessed, _ = _TYPES.guess_type(path.name, strict=False)
    media_type = guessed or "application/octet-stream"
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type


def _accepts(accepted: str, encoding: str) -> bool:
    for offer in accepted.lower().split(","):
        name, _, quality = offer.strip().partition(";")
        if name.strip() == encoding:
            return quality.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


def _etag(path: Path, encoding: str) -> str:
    status = path.stat()
    return f'"{status.st_mtime_ns:x}-{status.st_size:x}{encoding}"'
