"""One's own sessions, and what was done to one's account."""

from __future__ import annotations

from collections.abc import Mapping

from blacksheep import Response
from msgspec import Struct

from synctv.application.application import Application
from synctv.application.limits.limits import Category
from synctv.domain.accounts.factors import Factor
from synctv.domain.accounts.session import SignInSession
from synctv.domain.audit.entry import Action, AuditEntry
from synctv.domain.errors import NotFound
from synctv.domain.ids import AuditId, SessionId
from synctv.domain.rooms.actor import AccountActor
from synctv.entrypoints.http import ids
from synctv.entrypoints.http.answers import json_response, no_content
from synctv.entrypoints.http.endpoint import API, Endpoint, Said
from synctv.entrypoints.http.exchange import Exchange
from synctv.entrypoints.http.paging import ListQuery, checked_limit
from synctv.entrypoints.http.security_views import OWN
from synctv.entrypoints.http.signed_in import ACCOUNT_BODY_BYTES
from synctv.entrypoints.views import Instant, instant


class DeviceSessionView(Struct, frozen=True, rename="camel", kw_only=True):
    """A device that is signed in, by these proofs. `current` is the one that asks."""

    id: SessionId
    current: bool
    user_agent: str
    address: str
    methods: list[Factor]
    created_at: Instant
    refreshed_at: Instant
    expires_at: Instant

    @classmethod
    def of(cls, session: SignInSession, asker: AccountActor) -> DeviceSessionView:
        """The view of a session."""
        return cls(
            id=session.id,
            current=session.id == asker.session_id,
            user_agent=session.user_agent,
            address=session.address,
            methods=[factor for factor in Factor if factor in session.methods],
            created_at=instant(session.created_at),
            refreshed_at=instant(session.refreshed_at),
            expires_at=instant(session.expires_at),
        )


class DeviceSessionList(Struct, frozen=True, rename="camel"):
    """All of them, the one that was used last first."""

    items: list[DeviceSessionView]
    next_cursor: None = None


class EndSessionsBody(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Whether the session that asks goes on."""

    keep_this: bool


class DoerView(Struct, frozen=True, rename="camel"):
    """Who did something, under the name of that time."""

    kind: str
    name: str


class ActivityView(Struct, frozen=True, rename="camel", kw_only=True):
    """Something that was done. Where from is told of what was done in the name of the account itself."""

    id: AuditId
    at: Instant
    action: Action
    actor: DoerView
    address: str
    user_agent: str
    detail: Mapping[str, str]

    @classmethod
    def of(cls, entry: AuditEntry, asker: AccountActor) -> ActivityView:
        """The view of an entry of the audit log."""
        own = entry.actor.id == asker.id
        return cls(
            id=entry.id,
            at=instant(entry.at),
            action=entry.action,
            actor=DoerView(entry.actor.kind, entry.actor.name),
            address=entry.address if own else "",
            user_agent=entry.user_agent if own else "",
            detail=entry.detail,
        )


class ActivityList(Struct, frozen=True, rename="camel"):
    """One page of what was done, newest first."""

    items: list[ActivityView]
    next_cursor: str | None


class OwnSessionRoutes:
    """The endpoints of one's own sessions."""

    def __init__(self, application: Application) -> None:
        self._application = application

    def endpoints(self) -> list[Endpoint]:
        """All of them."""
        return [*self._of_looking(), *self._of_ending()]

    def _of_looking(self) -> list[Endpoint]:
        return [
            Endpoint(
                method="GET",
                path=f"{API}/me/sessions",
                handler=self.list,
                summary="Where you are signed in",
                tag=OWN,
                answers={200: Said("The sessions", DeviceSessionList)},
                category=Category.READ,
                codes=("permission_denied",),
            ),
            Endpoint(
                method="GET",
                path=f"{API}/me/activity",
                handler=self.activity,
                summary="What was done to your account, and by you",
                tag=OWN,
                query=ListQuery,
                answers={200: Said("One page of it", ActivityList)},
                category=Category.READ,
                codes=("permission_denied",),
            ),
        ]

    def _of_ending(self) -> list[Endpoint]:
        return [
            Endpoint(
                method="DELETE",
                path=f"{API}/me/sessions/{{sessionId}}",
                handler=self.end,
                summary="End a session; its connections end, too",
                tag=OWN,
                answers={204: Said("Ended")},
                codes=("permission_denied",),
            ),
            Endpoint(
                method="POST",
                path=f"{API}/me/sessions/end",
                handler=self.end_all,
                summary="End all sessions, or all but this one",
                tag=OWN,
                body=EndSessionsBody,
                answers={204: Said("Ended")},
                max_body_bytes=ACCOUNT_BODY_BYTES,
                codes=("permission_denied",),
                example={"keepThis": True},
            ),
        ]

    async def list(self, exchange: Exchange) -> Response:
        """Lists the sessions."""
        actor = exchange.account
        sessions = await self._application.sessions.list(actor)
        return json_response(DeviceSessionList([DeviceSessionView.of(session, actor) for session in sessions]))

    async def activity(self, exchange: Exchange) -> Response:
        """Lists what was done."""
        actor, query = exchange.account, exchange.query(ListQuery)
        limit = checked_limit(query.limit)
        entries = await self._application.security.activity(actor, _position(query.cursor), limit)
        next_cursor = ids.cursor_of(entries[-1].id) if len(entries) == limit else None
        return json_response(ActivityList([ActivityView.of(entry, actor) for entry in entries], next_cursor))

    async def end(self, exchange: Exchange) -> Response:
        """Ends one session."""
        await self._application.sessions.end(exchange.account, exchange.session_id, exchange.client)
        return no_content()

    async def end_all(self, exchange: Exchange) -> Response:
        """Ends all sessions, or all others."""
        actor, body = exchange.account, await exchange.body(EndSessionsBody)
        await self._application.sessions.end_all(actor, exchange.client, keep_this=body.keep_this)
        return no_content()


def _position(cursor: str | None) -> AuditId | None:
    if cursor is None:
        return None
    try:
        return ids.audit_id(ids.position_of(cursor))
    except NotFound as error:
        raise ids.broken_cursor() from error
