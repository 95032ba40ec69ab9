"""What rewriting HLS playlists and DASH manifests shares: roles, bounds, errors, and which addresses are let through.

Rewriting puts an address of ours in the place of every address that a player would call. What decides on the new one
is a function of the caller, the `Replace`; it is asked with an absolute http(s) address and what that is for.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from urllib.parse import urldefrag, urljoin, urlsplit

MAX_TEXT_BYTES = 4 << 20
"""The longest playlist or manifest that is read."""
MAX_ADDRESSES = 50_000
"""How many addresses one of them may name."""
MAX_ADDRESS_LENGTH = 8_192


class Role(StrEnum):
    """What an address is for, as far as who fetches it has to know."""

    PLAYLIST = "playlist"
    """Another playlist or manifest of the same format: it has to be rewritten itself, the rest is passed on."""
    SEGMENT = "segment"
    """Media: a segment, a part of one, or a whole file of which ranges are asked."""
    MAP = "map"
    """What a decoder needs before the first segment."""
    KEY = "key"
    """The 16 bytes of an AES-128 key."""
    PREFIX = "prefix"
    """A folder, whose address ends with a slash: what is asked below it is known to the player alone.

    The address in its place ends with a slash too. What comes behind that is joined by `prefixes.below`, and by nothing
    else.
    """
    OTHER = "other"
    """Data that a player may read beside the media."""


Replace = Callable[[str, Role], str]


class ManifestError(ValueError):
    """This is no playlist or manifest that can be played through us. The message is a sentence for the person."""


class DrmProtected(ManifestError):
    """Only a licensed player decrypts this."""

    def __init__(self) -> None:
        super().__init__("This stream is protected (DRM). It plays only at its own site.")


def absolute(base_url: str, reference: str) -> str:
    """The http(s) address that a reference means in a document at `base_url`, without its fragment.

    Raises `ManifestError` for any other address.
    """
    reference = reference.strip()
    if len(reference) > MAX_ADDRESS_LENGTH:
        raise ManifestError("This stream names an address that is too long.")
    try:
        url = urldefrag(urljoin(base_url, reference)).url
        parts = urlsplit(url)
        named = bool(parts.hostname) and not reference.endswith("://")  # which joining takes for nothing at all
        callable_ = parts.scheme in ("http", "https") and named and parts.port != 0
    except ValueError:
        callable_ = False
    if not callable_ or not url.isprintable() or len(url) > 2 * MAX_ADDRESS_LENGTH:
        raise ManifestError("This stream names an address that can't be called: only http and https can.")
    return url.replace("\\", "%5C").replace(" ", "%20")
