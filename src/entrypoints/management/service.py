"""The management service: each call becomes one use case of the operator."""

from __future__ import annotations

from collections.abc import Callable

from synctv.application.operation.operators import PAGE_SIZE, OperatedRoom, Operators
from synctv.domain.accounts.account import Account, GlobalRole
from synctv.domain.errors import Invalid
from synctv.domain.ids import AccountId, RoomId
from synctv.entrypoints.management.failures import told_as_status
from synctv.entrypoints.wire.synctv import v1 as wire


class ManagementService(wire.ManagementBase):
    """`stop` is told whether to stop at once; it returns immediately, and the answer is sent all the same."""

    def __init__(self, operators: Operators, stop: Callable[[bool], None]) -> None:
        self._operators = operators
        self._stop = stop

    async def list_accounts(self, message: wire.ListAccountsRequest) -> wire.ListAccountsResponse:
        """One page of accounts."""
        with told_as_status():
            after = AccountId(message.after) if message.after else None
            page = await self._operators.list_accounts(after, message.limit or PAGE_SIZE)
            return wire.ListAccountsResponse(
                accounts=[_account(account) for account in page.accounts],
                next_after=page.next_after or "",
                total=page.total,
            )

    async def create_account(self, message: wire.CreateAccountRequest) -> wire.CreateAccountResponse:
        """A new account."""
        with told_as_status():
            role = _role(message.role or GlobalRole.USER)
            account = await self._accounts.create(message.username, message.password, role)
            return wire.CreateAccountResponse(account=_account(account))

    async def list_rooms(self, message: wire.ListRoomsRequest) -> wire.ListRoomsResponse:
        """One page of rooms."""
        with told_as_status():
            before = RoomId(message.before) if message.before else None
            page = await self._operators.list_rooms(message.query, before, message.limit or PAGE_SIZE)
            return wire.ListRoomsResponse(
                rooms=[_room(room) for room in page.rooms], next_before=page.next_before or "", total=page.total
            )

    async def get_room(self, message: wire.GetRoomRequest) -> wire.GetRoomResponse:
        """One room."""
        with told_as_status():
            return wire.GetRoomResponse(room=_room(await self._operators.get_room(message.id_or_code)))

    async def stats(self, message: wire.StatsRequest) -> wire.StatsResponse:
        """The server in figures."""
        with told_as_status():
            stats = await self._operators.stats()
            return wire.StatsResponse(
                accounts=stats.accounts,
                rooms=stats.rooms,
                connections=stats.connections,
                viewed_rooms=stats.viewed_rooms,
                uptime_seconds=stats.uptime_seconds,
                version=stats.version,
                storage=stats.storage,
                redis=stats.redis,
            )

    async def stop(self, message: wire.StopRequest) -> wire.StopResponse:
        """Begins to stop."""
        with told_as_status():
            self._stop(message.now)
            return wire.StopResponse()


def _role(text: str) -> GlobalRole:
    try:
        return GlobalRole(text)
    except ValueError:
        raise Invalid.field("role", f"A role is one of {', '.join(GlobalRole)}.", "choice") from None


def _account(account: Account) -> wire.OperatedAccount:
    return wire.OperatedAccount(
        id=account.id,
        username=account.username,
        role=account.role,
        status=account.status,
        created_at=account.created_at,
    )


def _room(operated: OperatedRoom) -> wire.OperatedRoom:
    room = operated.room
    return wire.OperatedRoom(
        id=room.id,
        code=room.code,
        name=room.name,
        description=room.description,
        visibility=room.visibility,
        status=room.status,
        owner_id=room.owner.id,
        owner_name=room.owner.name,
        has_password=room.password_hash is not None,
        allows_guests=room.admits_guests,
        members=operated.members,
        max_members=room.settings.max_members,
        online=operated.online,
        now_playing=operated.now_playing or "",
        created_at=room.created_at,
    )
