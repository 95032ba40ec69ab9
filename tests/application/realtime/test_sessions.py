"""Connections end with their sign-in session: at once when it is told, and soon when nobody could tell."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from synctv.adapters.memory.revocations import MemoryRevocations
from synctv.adapters.memory.transport import MemoryTransport
from synctv.application.accounts.sessions import SignedIn
from synctv.application.chat.conversation import NewMessage
from synctv.application.ports.revocations import Revoked
from synctv.application.realtime.messages import ChatQuery, ChatSend, ChatView, Goodbye, GoodbyeCode, Request
from synctv.application.realtime.sessions import LOOK_SECONDS, LOOKED_UP_AT_ONCE
from synctv.domain.accounts.account import Account, Ban
from synctv.domain.accounts.session import SignInSession
from synctv.domain.errors import Unavailable
from synctv.domain.ids import RoomId
from synctv.domain.rooms.actor import AccountActor
from tests.application.realtime.nodes import Nodes, nodes
from tests.application.realtime.watching import Watcher, connect, settle
from tests.applications import CLIENT, PASSWORD, Memory

REASON = "This session was ended from another device."
ENDED = "This session has ended. Sign in again."


class LossyRevocations(MemoryRevocations):
    """Loses what is published while it is `away`, and says so when it `comes_back`."""

    def __init__(self) -> None:
        super().__init__()
        self.away = False
        self.refuses = False
        self._on_gap: list[Callable[[], None]] = []

    async def publish(self, revoked: Revoked) -> None:
        """Hands it over, or loses it."""
        if not self.away:
            await super().publish(revoked)

    @asynccontextmanager
    async def subscribe(self, on_revoked: Callable[[Revoked], None], on_gap: Callable[[], None]) -> AsyncIterator[None]:
        """Delivers until the block is left."""
        if self.refuses:
            raise Unavailable("revocations")
        self._on_gap.append(on_gap)
        async with super().subscribe(on_revoked, on_gap):
            yield

    def comes_back(self) -> None:
        """From now on everything arrives again."""
        self.away = False
        for on_gap in self._on_gap:
            on_gap()


async def another_device(product: Memory, actor: AccountActor) -> AccountActor:
    """The same person with a session of its own."""
    signed_in = await product.application.sign_in.with_password(actor.name, PASSWORD, CLIENT)
    assert isinstance(signed_in, SignedIn)
    other = await product.application.identity.of(signed_in.access_token)
    assert isinstance(other, AccountActor)
    return other


async def change_session(
    product: Memory, actor: AccountActor, change: Callable[[SignInSession], SignInSession]
) -> None:
    """Changes what storage has of the actor's session."""
    async with product.container.transactions().write() as tx:
        session = await tx.sessions.get(actor.session_id)
        assert session is not None
        await tx.sessions.update(change(session))


async def change_account(product: Memory, actor: AccountActor, change: Callable[[Account], Account]) -> None:
    """Changes what storage has of the actor's account."""
    async with product.container.transactions().write() as tx:
        account = await tx.accounts.get(actor.id)
        assert account is not None
        await tx.accounts.update(replace(change(account), version=account.version + 1), account.version)


async def end(product: Memory, actor: AccountActor) -> None:
    """Ends the actor's session in storage, without telling anybody."""
    await change_session(product, actor, lambda session: session.ended(product.clock.now()))


async def tell(product: Memory, revoked: Revoked) -> None:
    await product.container.revocations().publish(revoked)


def revoked(actor: AccountActor) -> Revoked:
    """The end of the actor's session."""
    return Revoked(actor.id, actor.session_id, actor.generation, REASON)


def let_go(watcher: Watcher) -> Goodbye | None:
    return watcher.transport.goodbye


async def watching(product: Memory) -> tuple[AccountActor, RoomId, Watcher]:
    """Somebody in a room of their own."""
    mia = await product.account("mia")
    room_id = await product.room(mia)
    return mia, room_id, await connect(product, mia, room_id)


# ---------------------------------------------------------------- told


async def test_a_session_that_ends_takes_its_connections_along_at_once() -> None:
    async with nodes() as here:
        mia, room_id, first = await watching(here.one)
        second = await connect(here.one, mia, room_id)
        await tell(here.one, revoked(mia))
        farewell = Goodbye(GoodbyeCode.ACCESS_REVOKED, REASON, reconnect_after=None)
        assert let_go(first) == let_go(second) == farewell


async def test_other_sessions_and_other_people_stay() -> None:
    async with nodes() as here:
        mia, room_id, watcher = await watching(here.one)
        elsewhere = await connect(here.one, await another_device(here.one, mia), room_id)
        tom = await connect(here.one, await here.one.member("tom", room_id), room_id)
        await tell(here.one, revoked(mia))
        assert let_go(watcher)
        assert not let_go(elsewhere)
        assert not let_go(tom)


async def test_a_closed_account_takes_its_connections_and_those_in_its_rooms_along() -> None:
    async with nodes() as here:
        _, room_id, watcher = await watching(here.one)
        tom = await connect(here.one, await here.one.member("tom", room_id), room_id)
        guest = await connect(here.one, await here.one.guest(room_id), room_id)
        await here.one.application.account_closing.close("mia", "")
        await settle()
        farewell = Goodbye(GoodbyeCode.ACCESS_REVOKED, "The operator closed this account.", reconnect_after=None)
        assert let_go(watcher) == farewell
        assert [one is not None and one.code for one in (let_go(tom), let_go(guest))] == [GoodbyeCode.ROOM_DELETED] * 2


async def test_another_process_lets_them_go_too() -> None:
    async with nodes(2) as both:
        here, there = both.all
        mia, _, watcher = await watching(here)
        await tell(there, revoked(mia))
        assert let_go(watcher)


async def test_ending_all_sessions_spares_newer_ones_and_the_one_that_is_kept() -> None:
    async with nodes() as here:
        mia, room_id, old = await watching(here.one)
        kept_actor = await another_device(here.one, mia)
        kept = await connect(here.one, kept_actor, room_id)
        await change_account(here.one, mia, lambda account: replace(account, session_generation=2))
        await change_session(here.one, kept_actor, lambda session: replace(session, generation=2))
        new = await connect(here.one, await another_device(here.one, mia), room_id)
        await tell(here.one, Revoked(mia.id, None, 2, REASON, kept=kept_actor.session_id))
        assert let_go(old)
        assert not let_go(kept)
        assert not let_go(new)
        await here.pass_time(LOOK_SECONDS + 1.0)
        assert not let_go(kept)
        assert not let_go(new)


async def test_a_ban_ends_every_connection_of_the_account() -> None:
    async with nodes() as here:
        mia, room_id, first = await watching(here.one)
        second = await connect(here.one, await another_device(here.one, mia), room_id)
        tom = await connect(here.one, await here.one.member("tom", room_id), room_id)
        await tell(here.one, Revoked(mia.id, None, mia.generation, "You are banned.", banned=True))
        for watcher in (first, second):
            farewell = let_go(watcher)
            assert farewell
            assert (farewell.code, farewell.message) == (GoodbyeCode.ACCESS_REVOKED, "You are banned.")
        assert not let_go(tom)


async def test_guests_have_no_session_that_could_end() -> None:
    async with nodes() as here:
        mia, room_id, _ = await watching(here.one)
        guest = await connect(here.one, await here.one.guest(room_id), room_id)
        await tell(here.one, revoked(mia))
        await here.pass_time(LOOK_SECONDS + 1.0)
        assert not let_go(guest)


async def test_nothing_is_sent_after_the_goodbye_and_nothing_done_that_was_asked_for_before() -> None:
    async with nodes() as here:
        mia, room_id, watcher = await watching(here.one)
        tom = await connect(here.one, await here.one.member("tom", room_id), room_id)
        await tom.observe(ChatQuery(10))
        await watcher.observe(ChatQuery(10))
        for seq, text in ((90, "one"), (91, "two")):
            request = Request(seq, ChatSend(text, text, None))
            here.one.application.hub.receive(watcher.connection, request, here.one.clock.now())
        await tell(here.one, revoked(mia))
        await settle()
        await here.one.application.chat.send(tom.connection.standing.actor, room_id, NewMessage("x", "three"))
        await settle()
        assert watcher.transport.sent[-1].message == let_go(watcher)
        said = [message.text for view in tom.values(ChatView) for message in view.messages]
        assert said == ["three"]


# ---------------------------------------------------------------- not told


async def _session_ended(product: Memory, mia: AccountActor) -> None:
    await end(product, mia)


async def _session_ran_out(product: Memory, mia: AccountActor) -> None:
    await change_session(product, mia, lambda session: replace(session, expires_at=product.clock.now()))


async def _generation_raised(product: Memory, mia: AccountActor) -> None:
    await change_account(product, mia, lambda account: replace(account, session_generation=2))


async def _banned(product: Memory, mia: AccountActor) -> None:
    ban = Ban("spam", "root", product.clock.now(), None)
    await change_account(product, mia, lambda account: replace(account, ban=ban))


async def _pending(product: Memory, mia: AccountActor) -> None:
    await change_account(product, mia, lambda account: replace(account, pending=True))


@pytest.mark.parametrize(
    "happens, sentence",
    [
        (_session_ended, ENDED),
        (_session_ran_out, ENDED),
        (_generation_raised, ENDED),
        (_banned, "The reason given: spam"),
        (_pending, "waits for the operator's approval"),
    ],
)
async def test_what_was_never_told_is_found_in_storage(
    happens: Callable[[Memory, AccountActor], Awaitable[None]], sentence: str
) -> None:
    async with nodes() as here:
        mia, room_id, watcher = await watching(here.one)
        tom = await connect(here.one, await here.one.member("tom", room_id), room_id)
        await happens(here.one, mia)
        assert not let_go(watcher)
        await here.pass_time(LOOK_SECONDS + 1.0)
        farewell = let_go(watcher)
        assert farewell
        assert (farewell.code, farewell.reconnect_after) == (GoodbyeCode.ACCESS_REVOKED, None)
        assert sentence in farewell.message
        assert not let_go(tom)


async def test_an_access_token_that_runs_out_ends_no_connection() -> None:
    async with nodes(realtime={"idle_seconds": 3_600}) as here:
        _, _, watcher = await watching(here.one)
        here.one.clock.advance(3_590.0)
        await watcher.observe(ChatQuery(10))
        here.one.clock.advance(20.0)
        await here.pass_time(2 * LOOK_SECONDS, step=1.0)
        assert not let_go(watcher)


async def test_after_a_gap_storage_is_looked_at_at_once() -> None:
    revocations = LossyRevocations()
    async with nodes(revocations=revocations) as here:
        mia, room_id, watcher = await watching(here.one)
        elsewhere = await connect(here.one, await another_device(here.one, mia), room_id)
        revocations.away = True
        await end(here.one, mia)
        await tell(here.one, revoked(mia))
        await settle()
        assert not let_go(watcher)
        revocations.comes_back()
        await settle()
        assert let_go(watcher)
        assert not let_go(elsewhere)


async def test_while_storage_is_away_connections_go_on_and_are_looked_at_as_soon_as_it_is_back() -> None:
    revocations = LossyRevocations()
    async with nodes(revocations=revocations) as here:
        mia, _, watcher = await watching(here.one)
        await end(here.one, mia)
        here.gate.away = True
        revocations.comes_back()
        await here.pass_time(5.0)
        assert not let_go(watcher)
        here.gate.away = False
        await here.pass_time(1.1)
        assert let_go(watcher)


async def test_sessions_are_looked_at_in_spite_of_revocations_that_can_not_be_heard() -> None:
    revocations = LossyRevocations()
    revocations.refuses = True
    async with nodes(revocations=revocations) as here:
        mia, _, watcher = await watching(here.one)
        await end(here.one, mia)
        await here.pass_time(2.0)
        assert not let_go(watcher)
        revocations.refuses = False
        await here.pass_time(1.1)
        assert let_go(watcher)


async def test_more_connections_than_are_looked_up_at_once_are_all_looked_up() -> None:
    async with nodes() as here:
        owner = await here.one.account("owner")
        room_id = await here.one.room(owner)
        stay: list[Watcher] = []
        go: list[Watcher] = []
        for number in range(LOOKED_UP_AT_ONCE // 20 + 2):
            actor = await here.one.member(f"viewer-{number}", room_id)
            crowd = go if number % 2 else stay
            crowd.extend([await connect(here.one, actor, room_id) for _ in range(20)])
            if number % 2:
                await end(here.one, actor)
        assert len(stay) + len(go) > LOOKED_UP_AT_ONCE
        await here.pass_time(LOOK_SECONDS + 1.0, step=0.5)
        assert all(map(let_go, go))
        assert not any(map(let_go, stay))


async def test_nothing_is_kept_of_a_connection_that_is_gone() -> None:
    async with nodes() as here:
        _, _, watcher = await watching(here.one)
        transport = weakref.ref(watcher.transport)
        here.one.application.hub.disconnect(watcher.connection)
        del watcher
        await here.pass_time(2.0)
        gc.collect()
        assert transport() is None


# ---------------------------------------------------------------- between the two


async def test_a_session_that_has_ended_does_not_get_in() -> None:
    async with nodes() as here:
        mia = await here.one.account("mia")
        room_id = await here.one.room(mia)
        await end(here.one, mia)
        transport = MemoryTransport()
        assert await here.one.application.hub.connect(mia, room_id, transport) is None
        assert transport.goodbye == Goodbye(GoodbyeCode.ACCESS_REVOKED, ENDED)


@asynccontextmanager
async def coming_in(here: Nodes, actor: AccountActor, room_id: RoomId) -> AsyncIterator[MemoryTransport]:
    """Until the block is left, somebody is about to connect: what storage says of them has been read already."""
    transport = MemoryTransport()
    async with asyncio.TaskGroup() as tasks:
        here.gate.shut()
        tasks.create_task(here.one.application.hub.connect(actor, room_id, transport))
        await settle()
        yield transport
        here.gate.open()


@pytest.mark.parametrize("told", [True, False], ids=["told", "gap"])
async def test_a_session_that_ends_while_its_connection_comes_in_does_not_slip_through(told: bool) -> None:
    revocations = LossyRevocations()
    async with nodes(revocations=revocations) as here:
        mia, room_id, _ = await watching(here.one)
        actor = await another_device(here.one, mia)
        async with coming_in(here, actor, room_id) as transport:
            await end(here.one, actor)
            if told:
                await tell(here.one, revoked(actor))
            else:
                revocations.comes_back()
        await settle()
        assert transport.goodbye == Goodbye(GoodbyeCode.ACCESS_REVOKED, ENDED)


async def test_who_comes_in_while_somebody_else_is_signed_out_stays() -> None:
    async with nodes() as here:
        mia, room_id, watcher = await watching(here.one)
        tom = await here.one.member("tom", room_id)
        async with coming_in(here, tom, room_id) as transport:
            await tell(here.one, revoked(mia))
        await settle()
        assert let_go(watcher)
        assert transport.goodbye is None
