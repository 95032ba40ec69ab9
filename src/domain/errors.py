"""Every way in which a request can fail, as values that know no transport.

An error carries fields and a stable `code`; its sentence is derived from them, written for the person who reads it.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import ClassVar, Self


@dataclass(frozen=True, slots=True)
class FieldError:
    """One wrong field: where it is (`settings.autoPlay.mode`), the rule that it breaks, and what is allowed instead."""

    path: str
    code: str
    message: str


class DomainError(Exception):
    """The root of all errors below. Subclasses set `code`; `str(error)` is the sentence for the person."""

    code: ClassVar[str]


class Invalid(DomainError):
    """The request is malformed or out of range; every wrong field is named."""

    code = "invalid_argument"

    def __init__(self, *errors: FieldError) -> None:
        self.errors = errors
        super().__init__(" ".join(error.message for error in errors))

    @classmethod
    def field(cls, path: str, message: str, code: str = "invalid") -> Invalid:
        """The common case of one wrong field."""
        return cls(FieldError(path, code, message))


class Unauthenticated(DomainError):
    """Nobody is signed in, or the token is not one of ours."""

    code = "unauthenticated"

    def __init__(self, detail: str = "Sign in first.") -> None:
        super().__init__(detail)


class TokenExpired(Unauthenticated):
    """The token was good once; refreshing it or signing in again helps."""

    code = "token_expired"

    def __init__(self, detail: str = "This sign-in has run out. Refresh it or sign in again.") -> None:
        super().__init__(detail)


class InvalidCredentials(Unauthenticated):
    """The name or the proof is wrong; which of them is never said."""

    code = "invalid_credentials"

    def __init__(self, detail: str = "The username or the password is wrong.") -> None:
        super().__init__(detail)


class Denied(DomainError):
    """The actor is known and may not do this."""

    code = "permission_denied"

    def __init__(self, detail: str, permission: str | None = None) -> None:
        self.permission = permission
        super().__init__(detail)


class Banned(Denied):
    """The account or room was banned by an operator."""

    code = "banned"

    def __init__(self, what: str, reason: str = "") -> None:
        self.what = what
        self.reason = reason
        said = f" The reason given: {reason}" if reason else ""
        super().__init__(f"This {what} is banned. Ask the operator of this server about it.{said}")


class MfaRequired(Denied):
    """The account asks for two factors, and this session was begun with one."""

    code = "mfa_required"

    def __init__(self) -> None:
        super().__init__("This account asks for a second step. Sign in again.")


class ReauthenticationRequired(Denied):
    """A sensitive operation without a fresh proof of who is asking."""

    code = "reauthentication_required"

    def __init__(self) -> None:
        super().__init__("Confirm first that it is you: this needs a fresh proof of one of your ways to sign in.")


class NotFound(DomainError):
    """The thing does not exist, or the actor may not know that it does."""

    code = "not_found"

    def __init__(self, what: str) -> None:
        self.what = what
        super().__init__(f"This {what} is unavailable: it does not exist, or you may not see it.")


class Conflict(DomainError):
    """The state does not allow it now."""

    code = "conflict"

    def __init__(self, detail: str) -> None:
        super().__init__(detail)


class AlreadyExists(Conflict):
    """Something with this name or id is there already."""

    code = "already_exists"

    def __init__(self, what: str) -> None:
        self.what = what
        super().__init__(f"This {what} is taken already. Choose another.")


class VersionConflict(Conflict):
    """The thing changed since it was read. `current` is the domain value as it is now, when the caller may see it."""

    code = "version_conflict"

    def __init__(self, what: str, current: object | None = None) -> None:
        self.what = what
        self.current = current
        super().__init__(f"The {what} changed in the meantime. Look at it as it is now and try again.")


class PreconditionFailed(DomainError):
    """A condition that the caller named, or that the product demands first, does not hold."""

    code = "precondition_failed"

    def __init__(self, detail: str) -> None:
        super().__init__(detail)


class FlowOver(PreconditionFailed):
    """A step of something that was begun earlier, and is over: used, run out, or lost with the server that kept it."""

    code = "flow_over"

    def __init__(self, detail: str = "This took too long, or was used already. Start again.") -> None:
        super().__init__(detail)


class TooLarge(DomainError):
    """More bytes than this place takes."""

    code = "too_large"

    def __init__(self, what: str, limit: int) -> None:
        self.what = what
        self.limit = limit
        super().__init__(f"The {what} is too large: at most {limit:,} bytes are taken.")


class RateLimited(DomainError):
    """Too many requests; `retry_after` is in seconds."""

    code = "rate_limited"

    def __init__(self, retry_after: float) -> None:
        self.retry_after = retry_after
        super().__init__(f"Too many requests. Try again in {max(1, ceil(retry_after))} s.")


class TooManyCalls(RateLimited):
    """One person's share of the calls to other servers is taken, by servers that are slow to answer."""

    code = "too_many_calls"

    def __init__(self, retry_after: float) -> None:
        self.retry_after = retry_after
        DomainError.__init__(
            self,
            "So many servers are being asked for one person already that no more are, until some have answered. Wait "
            f"for {max(1, ceil(retry_after))} s and try again. If one never answers, remove what is played from it.",
        )


class QuotaExceeded(DomainError):
    """A bound on how many there may be is reached."""

    code = "quota_exceeded"

    def __init__(self, what: str, limit: int) -> None:
        self.what = what
        self.limit = limit
        super().__init__(f"There are as many {what} as are allowed ({limit:,}). Remove some first.")


NOT_TOLD = "why is told to who added this."
"""The reason where the real one would tell the place."""


def _name_of(host: str) -> str:
    """A host without its port, as one looks for it in a text."""
    name = host.lower()
    if name.startswith("["):
        return name[1:].partition("]")[0]
    return name.partition(":")[0] if name.count(":") == 1 else name


class UpstreamFailed(DomainError):
    """A provider or media server did not answer as it should.

    Its sentence names the server, which is told to who owns the source and to nobody else.
    """

    code = "upstream_failed"

    def __init__(self, host: str, reason: str) -> None:
        self.host = host
        self.reason = reason
        self._to_others = reason
        super().__init__(f"{host} failed: {reason}")

    def telling_others(self, reason: str) -> Self:
        """The same error; this is the reason for those who are not to learn where it was, where the own one tells."""
        self._to_others = reason
        return self

    def without_place(self, called: str) -> Self:
        """The same, of which the server is only `called` something: for who is not to learn where it is."""
        reason = self._to_others
        if (name := _name_of(self.host)) and name in reason.lower():
            reason = NOT_TOLD  # the server's own words, it may be
        # Each kind has arguments of its own, and all of them stay as they are.
        told = type(self).__new__(type(self), f"{called} failed: {reason}")
        told.__dict__.update(self.__dict__, host=called, reason=reason, _to_others=reason)
        return told


class UpstreamRefused(UpstreamFailed):
    """The egress policy or the upstream refused the request."""

    code = "upstream_refused"


class UpstreamMissing(UpstreamFailed):
    """There is nothing at the upstream any more: removed, renamed, or never there."""

    code = "upstream_not_found"

    def __init__(self, host: str, reason: str = "there is nothing at this address (any more). Check it.") -> None:
        super().__init__(host, reason)


class UpstreamCredential(UpstreamFailed):
    """The upstream wants somebody signed in, or no longer knows who is.

    `provider` and `server` say where to sign in, as far as that is known.
    """

    code = "upstream_credential"

    def __init__(
        self,
        host: str,
        reason: str = "it wants somebody signed in. Sign in to it and try again.",
        *,
        provider: str | None = None,
        server: str | None = None,
    ) -> None:
        self.provider = provider
        self.server = server
        super().__init__(host, reason)

    def at(self, provider: str, server: str | None) -> UpstreamCredential:
        """The same, told by who knows where to sign in."""
        known = UpstreamCredential(self.host, self.reason, provider=provider, server=server)
        return known.telling_others(self._to_others)

    def without_place(self, called: str) -> Self:
        """The same, which tells no server either."""
        told = super().without_place(called)
        told.server = None
        return told


class UpstreamLimited(UpstreamFailed):
    """The upstream was asked too often; `retry_after` is in seconds."""

    code = "upstream_rate_limited"

    def __init__(self, host: str, retry_after: float = 30.0) -> None:
        self.retry_after = retry_after
        super().__init__(host, f"it was asked too often. Try again in {max(1, ceil(retry_after))} s.")


class UpstreamUnavailable(UpstreamFailed):
    """The upstream has a fault or is being worked on; trying again later helps."""

    code = "upstream_unavailable"

    def __init__(self, host: str, reason: str = "it has a problem of its own. Try again later.") -> None:
        super().__init__(host, reason)


class UpstreamFormat(UpstreamFailed):
    """The upstream answered something else than what it is known for."""

    code = "upstream_format"

    def __init__(
        self, host: str, reason: str = "its answer can't be understood. It may be another kind of server, or changed."
    ) -> None:
        super().__init__(host, reason)


class UpstreamChanged(UpstreamFailed):
    """What is at the upstream was replaced while it was being sent on."""

    code = "upstream_changed"

    def __init__(self, host: str) -> None:
        super().__init__(host, "what is there was replaced by something else in the meantime. Load it again.")


class UpstreamTimeout(UpstreamFailed):
    """The upstream took longer than it may."""

    code = "upstream_timeout"

    def __init__(self, host: str, seconds: float, reason: str = "") -> None:
        self.seconds = seconds
        super().__init__(host, reason or f"no answer within {seconds:g} s.")


class Unavailable(DomainError):
    """Something that this server depends on is down, or the server is draining. Trying again later helps."""

    code = "unavailable"

    def __init__(self, what: str, retry_after: float = 2.0) -> None:
        self.what = what
        self.retry_after = retry_after
        super().__init__(f"The {what} is not available right now. Try again in a moment.")
