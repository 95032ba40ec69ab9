"""From what a provider says of somebody to an identity, without I/O."""

from __future__ import annotations

from synctv.adapters.oauth.calls import Fields
from synctv.adapters.text import storable
from synctv.domain.accounts.identities import Endpoints, ExternalIdentity
from synctv.domain.errors import UpstreamFailed

MAX_SUBJECT = 255
"""OpenID Connect Core 1.0, 2."""
_MAX_USERNAME = 255
_MAX_EMAIL = 254


def by_claims(provider: str, host: str, claims: Fields, email: Fields) -> ExternalIdentity:
    """Somebody by the standard claims (OpenID Connect Core 1.0, 5.1); `email` are the claims that hold the address.

    Raises `UpstreamFailed` when they lack a usable subject.
    """
    subject = claims.get("sub")
    if not isinstance(subject, str):
        raise _no_subject(host, "sub")
    username = claims.get("preferred_username") or email.get("preferred_username") or claims.get("nickname")
    address = _email(email.get("email"))
    verified = address is not None and email.get("email_verified") is True
    return ExternalIdentity(provider, _subject(host, "sub", subject), _text(username, _MAX_USERNAME), address, verified)


def by_names(provider: str, host: str, said: Fields, names: Endpoints) -> ExternalIdentity:
    """Somebody by the names that the operator gave for the provider's own fields. Numbers as subjects become text.

    Raises `UpstreamFailed` when they lack a usable subject.
    """
    subject = said.get(names.subject)
    if isinstance(subject, int) and not isinstance(subject, bool):
        subject = str(subject)
    if not isinstance(subject, str):
        raise _no_subject(host, names.subject)
    address = _email(said.get(names.email))
    says = said.get(names.email_verified) if names.email_verified is not None else None
    verified = address is not None and says is True
    return ExternalIdentity(
        provider,
        _subject(host, names.subject, subject),
        _text(said.get(names.username), _MAX_USERNAME),
        address,
        verified,
    )


def _subject(host: str, name: str, subject: str) -> str:
    if not subject.strip() or len(subject) > MAX_SUBJECT or not storable(subject):
        raise _no_subject(host, name)
    return subject


def _no_subject(host: str, name: str) -> UpstreamFailed:
    return UpstreamFailed(host, f"its answer has nothing in the field “{name}” by which somebody can be known again.")


def _email(value: object) -> str | None:
    """An address that may be one; those who use it check its form."""
    text = _text(value, _MAX_EMAIL)
    return text if text is not None and "@" in text else None


def _text(value: object, longest: int) -> str | None:
    """What somebody can be shown, or None: it is not worth failing a sign-in for."""
    if not isinstance(value, str) or len(value) > longest or not storable(value):
        return None
    return value.strip() or None
