"""Why a page could not be read, as the errors that people see."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from synctv.adapters.extractors.info import Failure
from synctv.adapters.extractors.pages import PATH
from synctv.domain.errors import (
    DomainError,
    Invalid,
    UpstreamCredential,
    UpstreamFailed,
    UpstreamFormat,
    UpstreamLimited,
    UpstreamMissing,
    UpstreamRefused,
    UpstreamUnavailable,
)

RETRY_AFTER = 60.0
UNSUPPORTED = (
    "No video or stream is known at this address of {site}. Give that of a page that shows one, or of the file itself."
)

_UNREADABLE = "its page can't be read. It may have changed, or this server needs an update."

_KINDS: Mapping[str, tuple[type[UpstreamFailed], str]] = {
    "login": (
        UpstreamCredential,
        "it shows this only to people who are signed in, or the sign-in has run out. Sign in with a fresh cookie.",
    ),
    "members": (
        UpstreamRefused,
        "only its paying members may see this. Sign in with the cookie of an account that may.",
    ),
    "geo": (UpstreamRefused, "it does not show this in the country that this server is in."),
    "risk": (
        UpstreamRefused,
        "it wants proof that a person is asking. Pass its check in a browser and sign in here with a fresh cookie.",
    ),
    "drm": (UpstreamRefused, "this is locked with DRM and plays on its own page only."),
    "refused": (UpstreamRefused, "it refuses this server. Sign in with a cookie, or try again later."),
    "missing": (UpstreamMissing, "this was removed or hidden, or was never there. Check the address."),
    "not_live": (UpstreamMissing, "this is not live now. Try again when it is."),
    "nothing": (UpstreamMissing, "there is no video on this page that could be played here."),
    "unavailable": (UpstreamUnavailable, "it has a problem of its own. Try again later."),
    "unreachable": (UpstreamUnavailable, "it can't be reached from this server. Try again later."),
    "memory": (UpstreamUnavailable, "reading its page needed too much memory, and was ended."),
}


def error_of(failure: Failure, site: str) -> DomainError:
    """The error that a failure is."""
    special: Mapping[str, Callable[[], DomainError]] = {
        "unsupported": lambda: Invalid.field(PATH, UNSUPPORTED.format(site=site), "format"),
        "limited": lambda: UpstreamLimited(site, RETRY_AFTER),
    }
    if failure.kind in special:
        return special[failure.kind]()
    if failure.kind in _KINDS:
        kind, reason = _KINDS[failure.kind]
        return kind(site, reason)
    said = f" It says: {failure.message}." if failure.message else ""
    return UpstreamFormat(site, f"{_UNREADABLE}{said}").telling_others(_UNREADABLE)
