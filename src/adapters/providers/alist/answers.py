"""What an Alist or OpenList server answers, as far as it is needed. Both send HTTP 200 and put a code inside.

Fields that one of the two lacks, or that differ in type between them, are left out.
"""

from __future__ import annotations

import msgspec

from synctv.adapters.providers.answers import host_of
from synctv.domain.errors import (
    UpstreamCredential,
    UpstreamFailed,
    UpstreamLimited,
    UpstreamMissing,
    UpstreamRefused,
    UpstreamUnavailable,
)

LOCKED_OUT_SECONDS = 300.0
"""How long a server takes no more sign-ins from one address after five wrong ones."""


class Envelope(msgspec.Struct):
    """What is around every answer. `code` is like a status of HTTP."""

    code: int
    message: str = ""
    data: msgspec.Raw = msgspec.Raw(b"null")


class Token(msgspec.Struct):
    """What signing in gives."""

    token: str


class Me(msgspec.Struct):
    """Who somebody is: `base_path` is what the account sees as `/`."""

    username: str = ""
    base_path: str = "/"


class Entry(msgspec.Struct):
    """A file or a folder in a listing."""

    name: str
    is_dir: bool = False
    size: int | None = None
    modified: str = ""
    sign: str = ""


class Listed(msgspec.Struct):
    """A page of a folder; an empty one has null for its content."""

    content: list[Entry] | None = None
    total: int = 0


class File(msgspec.Struct):
    """A file, with the address of its bytes and the files whose names begin like its own."""

    name: str
    is_dir: bool = False
    size: int | None = None
    modified: str = ""
    raw_url: str = ""
    provider: str = ""
    related: list[Entry] | None = None


class Hit(msgspec.Struct):
    """Something that was found. `parent` begins at the top of the server, not of the account."""

    name: str
    parent: str = "/"
    is_dir: bool = False
    size: int | None = None


class Hits(msgspec.Struct):
    """A page of what was found."""

    content: list[Hit] | None = None
    total: int = 0


class TranscodedTask(msgspec.Struct):
    """One quality that the cloud makes of a video."""

    template_id: str = ""
    template_width: int | None = None
    template_height: int | None = None
    status: str = ""
    url: str = ""


class PreviewInfo(msgspec.Struct):
    """All of them."""

    live_transcoding_task_list: list[TranscodedTask] | None = None


class Preview(msgspec.Struct):
    """What `video_preview` answers on Aliyun's drives."""

    video_preview_play_info: PreviewInfo = msgspec.field(default_factory=PreviewInfo)


class TokenRefused(Exception):
    """The server does not take the token (any more). Never leaves this provider."""


class FolderLocked(Exception):
    """The folder has a password of its own. Never leaves this provider."""


def problem(server: str, envelope: Envelope) -> Exception:
    """What a code other than 200 means. The message is the server's own, so it decides and is not shown."""
    host, message = host_of(server), envelope.message.lower()
    match envelope.code:
        case 401:
            return TokenRefused()
        case 403 if "password is incorrect" in message:
            return FolderLocked()
        case 403:
            return UpstreamRefused(host, "the account may not see this.")
        case 429:
            return UpstreamLimited(host, LOCKED_OUT_SECONDS)
        case 404:
            return UpstreamMissing(host)
        case 500 if "not found" in message:
            return UpstreamMissing(host)
        case code if code >= 500:
            return UpstreamUnavailable(host, "it reports a problem with the storage behind it. Try again later.")
        case code:
            return UpstreamFailed(host, f"it answered with code {code}.")


def sign_in_again(server: str) -> UpstreamCredential:
    """The sentence for a login that is over."""
    return UpstreamCredential(host_of(server), "this sign-in has run out there. Sign in to it again.")
