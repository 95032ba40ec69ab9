"""Who may get into an account, over management: bans, sessions, and ways to sign in that were lost."""

from __future__ import annotations

from synctv.application.application import Application
from synctv.domain.accounts.factors import Factor
from synctv.domain.accounts.session import SignInSession
from synctv.domain.errors import Invalid
from synctv.domain.ids import Micros, seconds_after
from synctv.entrypoints.management.accounts import account_view
from synctv.entrypoints.wire.synctv import v1 as wire

_MOST_SECONDS = 1e12
"""Far beyond the longest ban, and an instant that can still be reckoned with."""


async def ban(application: Application, message: wire.BanAccountRequest) -> wire.BanAccountResponse:
    """Shuts an account out."""
    now = application.clock.now()
    account = await application.account_access.ban(message.name, message.reason, _end(message, now))
    return wire.BanAccountResponse(account=account_view(application, account))


async def unban(application: Application, message: wire.UnbanAccountRequest) -> wire.UnbanAccountResponse:
    """Lifts a ban."""
    account = await application.account_access.unban(message.name)
    return wire.UnbanAccountResponse(account=account_view(application, account))


async def require_reset(application: Application, message: wire.RequireResetRequest) -> wire.RequireResetResponse:
    """Demands a new password."""
    link = await application.account_access.require_reset(message.name, by_mail=not message.no_mail)
    return wire.RequireResetResponse(url=link.url, expires_in_seconds=link.expires_in, mailed=link.sent)


async def reset_factors(application: Application, message: wire.ResetFactorsRequest) -> wire.ResetFactorsResponse:
    """Takes second steps away."""
    reset = await application.account_access.reset_factors(message.name)
    return wire.ResetFactorsResponse(account=account_view(application, reset.account), ways_in=reset.ways_in)


async def remove_email(application: Application, message: wire.RemoveEmailRequest) -> wire.RemoveEmailResponse:
    """Takes the address away."""
    left = await application.account_access.remove_email(message.name)
    return wire.RemoveEmailResponse(account=account_view(application, left.account), ways_in=left.ways_in)


async def unlink_identity(application: Application, message: wire.UnlinkIdentityRequest) -> wire.UnlinkIdentityResponse:
    """Takes a provider's word away."""
    left = await application.account_access.unlink(message.name, message.provider)
    return wire.UnlinkIdentityResponse(account=account_view(application, left.account), ways_in=left.ways_in)


async def list_sessions(application: Application, message: wire.ListSessionsRequest) -> wire.ListSessionsResponse:
    """The sessions of an account."""
    sessions = await application.account_access.sessions(message.name)
    return wire.ListSessionsResponse(sessions=[_session(session) for session in sessions])


async def end_sessions(application: Application, message: wire.EndSessionsRequest) -> wire.EndSessionsResponse:
    """Signs everybody out of an account."""
    account = await application.account_access.end_sessions(message.name)
    return wire.EndSessionsResponse(account=account_view(application, account))


def _end(message: wire.BanAccountRequest, now: Micros) -> Micros | None:
    if message.seconds is None:
        return None if message.until is None else Micros(message.until)
    if not 0 < message.seconds < _MOST_SECONDS:
        raise Invalid.field("seconds", "A ban lasts longer than 0 seconds, and at most 100 years.", "range")
    return seconds_after(now, message.seconds)


def _session(session: SignInSession) -> wire.OperatedSession:
    return wire.OperatedSession(
        id=session.id,
        methods=[factor.value for factor in Factor if factor in session.methods],
        address=session.address,
        user_agent=session.user_agent,
        created_at=session.created_at,
        refreshed_at=session.refreshed_at,
        expires_at=session.expires_at,
    )
