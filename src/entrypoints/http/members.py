"""Who belongs to a room: joining, leaving, and what the people who run it do about members."""

from __future__ import annotations

from blacksheep import Response
from msgspec import Struct

from synctv.application.application import Application
from synctv.application.limits.limits import Category
from synctv.application.rooms.membership import AccessEdit, MemberPage
from synctv.domain.errors import Invalid
from synctv.domain.ids import AccountId, RoomId, is_typeid
from synctv.domain.rooms.membership import REQUEST_MESSAGE_LENGTH, Membership
from synctv.domain.rooms.permissions import Permission, RoomRole
from synctv.entrypoints.http.answers import json_response, no_content
from synctv.entrypoints.http.endpoint import API, Endpoint, Said
from synctv.entrypoints.http.exchange import Exchange
from synctv.entrypoints.http.ids import broken_cursor, cursor_of, position_of
from synctv.entrypoints.http.paging import ListQuery, checked_limit
from synctv.entrypoints.views import Instant, MemberView, PersonView, instant

_ROOM = f"{API}/rooms/{{roomId}}"


class JoinBody(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """The room's password, if it has one, and a word to those who approve."""

    password: str | None = None
    message: str = ""


class MembershipView(Struct, frozen=True, rename="camel"):
    """The caller's place in a room."""

    room_id: RoomId
    role: RoomRole
    joined_at: Instant
    version: int


class JoinedView(Struct, frozen=True, rename="camel"):
    """The caller is a member."""

    membership: MembershipView


class ReviewView(Struct, frozen=True, rename="camel"):
    """A request to join that waits for approval."""

    room_id: RoomId
    requested_at: Instant


class WaitingView(Struct, frozen=True, rename="camel"):
    """The caller waits for approval."""

    review: ReviewView


class AccessBody(Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """A member's new role and overrides; what is left out or null stays as it is."""

    role: RoomRole | None = None
    added_permissions: frozenset[Permission] | None = None
    removed_permissions: frozenset[Permission] | None = None
    expected_version: int | None = None


class DecisionBody(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Why. It is checked and not kept: so far nobody is told."""

    reason: str = ""


class MemberList(Struct, frozen=True, rename="camel"):
    """One page of members."""

    items: list[MemberView]
    next_cursor: str | None
    total: int


class JoinRequestView(Struct, frozen=True, rename="camel"):
    """Somebody who wants to join."""

    account: PersonView
    message: str
    requested_at: Instant

    @classmethod
    def of(cls, membership: Membership) -> JoinRequestView:
        """The view of a pending membership."""
        account = PersonView(membership.account_id, membership.username)
        return cls(account, membership.message, instant(membership.joined_at))


class JoinRequestList(Struct, frozen=True, rename="camel"):
    """One page of requests."""

    items: list[JoinRequestView]
    next_cursor: str | None
    total: int


class MemberRoutes:
    """The endpoints of membership."""

    def __init__(self, application: Application) -> None:
        self._application = application

    def endpoints(self) -> list[Endpoint]:
        """All of them."""
        return [*self._own(), *self._of_others(), *self._requests()]

    def _own(self) -> list[Endpoint]:
        return [
            Endpoint(
                method="POST",
                path=f"{_ROOM}/join",
                handler=self.join,
                summary="Join a room, or ask to",
                tag="Members",
                body=JoinBody,
                answers={200: Said("You are a member", JoinedView), 202: Said("You wait for approval", WaitingView)},
                codes=("permission_denied", "quota_exceeded"),
                example={"password": "sesame", "message": "It is me, Grace"},
            ),
            Endpoint(
                method="POST",
                path=f"{_ROOM}/leave",
                handler=self.leave,
                summary="Leave a room",
                tag="Members",
                answers={204: Said("You have left")},
                codes=("permission_denied", "conflict"),
            ),
        ]

    def _of_others(self) -> list[Endpoint]:
        member = f"{_ROOM}/members/{{accountId}}"
        return [
            Endpoint(
                method="GET",
                path=f"{_ROOM}/members",
                handler=self.list,
                summary="The members of a room",
                tag="Members",
                query=ListQuery,
                answers={200: Said("Members", MemberList)},
                category=Category.READ,
                codes=("permission_denied",),
            ),
            Endpoint(
                method="PATCH",
                path=member,
                handler=self.change_access,
                summary="Change a member's role and permissions",
                tag="Members",
                body=AccessBody,
                answers={200: Said("The member", MemberView)},
                versioned=True,
                codes=("permission_denied",),
                example={"role": "admin"},
            ),
            Endpoint(
                method="DELETE",
                path=member,
                handler=self.kick,
                summary="Remove a member, who can come back after a while",
                tag="Members",
                answers={204: Said("Removed")},
                codes=("permission_denied",),
            ),
        ]

    def _requests(self) -> list[Endpoint]:
        requests = f"{_ROOM}/join-requests"
        return [
            Endpoint(
                method="GET",
                path=requests,
                handler=self.requests,
                summary="Who waits to be let in",
                tag="Members",
                query=ListQuery,
                answers={200: Said("Requests", JoinRequestList)},
                category=Category.READ,
                codes=("permission_denied",),
            ),
            Endpoint(
                method="POST",
                path=f"{requests}/{{accountId}}/approve",
                handler=self.approve,
                summary="Let somebody in",
                tag="Members",
                body=DecisionBody,
                answers={204: Said("Approved")},
                codes=("permission_denied",),
            ),
            Endpoint(
                method="POST",
                path=f"{requests}/{{accountId}}/reject",
                handler=self.reject,
                summary="Turn somebody away",
                tag="Members",
                body=DecisionBody,
                answers={204: Said("Rejected")},
                codes=("permission_denied",),
            ),
        ]

    async def join(self, exchange: Exchange) -> Response:
        """Joins, or asks to."""
        body = await exchange.body(JoinBody, optional=True)
        message = _short(body.message, "message")
        joined = await self._application.members.join(exchange.actor, exchange.room_id, body.password, message)
        if not joined.active:
            return json_response(WaitingView(ReviewView(joined.room_id, instant(joined.joined_at))), 202)
        view = MembershipView(joined.room_id, joined.role, instant(joined.joined_at), joined.version)
        return json_response(JoinedView(view))

    async def leave(self, exchange: Exchange) -> Response:
        """Leaves."""
        await self._application.members.leave(exchange.actor, exchange.room_id)
        return no_content()

    async def list(self, exchange: Exchange) -> Response:
        """Lists members."""
        query = exchange.query(ListQuery)
        page = await self._application.members.list(
            exchange.actor, exchange.room_id, after=_account_after(query.cursor), limit=checked_limit(query.limit)
        )
        members = [MemberView.of(member) for member in page.members]
        return json_response(MemberList(members, _cursor(page), page.total))

    async def requests(self, exchange: Exchange) -> Response:
        """Lists requests."""
        query = exchange.query(ListQuery)
        page = await self._application.members.requests(
            exchange.actor, exchange.room_id, after=_account_after(query.cursor), limit=checked_limit(query.limit)
        )
        waiting = [JoinRequestView.of(member.membership) for member in page.members]
        return json_response(JoinRequestList(waiting, _cursor(page), page.total))

    async def change_access(self, exchange: Exchange) -> Response:
        """Changes what a member may do."""
        body = await exchange.body(AccessBody)
        edit = AccessEdit(body.role, body.added_permissions, body.removed_permissions)
        expected = exchange.expected_version(body.expected_version)
        changed = await self._application.members.change_access(
            exchange.actor, exchange.room_id, exchange.account_id, edit, expected
        )
        return json_response(MemberView.of(changed))

    async def kick(self, exchange: Exchange) -> Response:
        """Removes a member."""
        await self._application.members.kick(exchange.actor, exchange.room_id, exchange.account_id)
        return no_content()

    async def approve(self, exchange: Exchange) -> Response:
        """Lets somebody in."""
        return await self._decide(exchange, approve=True)

    async def reject(self, exchange: Exchange) -> Response:
        """Turns somebody away."""
        return await self._decide(exchange, approve=False)

    async def _decide(self, exchange: Exchange, *, approve: bool) -> Response:
        body = await exchange.body(DecisionBody, optional=True)
        _short(body.reason, "reason")
        await self._application.members.decide(exchange.actor, exchange.room_id, exchange.account_id, approve=approve)
        return no_content()


def _short(text: str, path: str) -> str:
    if len(text) > REQUEST_MESSAGE_LENGTH:
        raise Invalid.field(path, f"This has at most {REQUEST_MESSAGE_LENGTH} characters.", "length")
    return text


def _cursor(page: MemberPage) -> str | None:
    return cursor_of(page.next_cursor) if page.next_cursor else None


def _account_after(cursor: str | None) -> AccountId | None:
    if cursor is None:
        return None
    position = position_of(cursor)
    if not is_typeid(position, "usr"):
        raise broken_cursor()
    return AccountId(position)
