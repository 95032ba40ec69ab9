"""Taking along what is kept of one's own account: all of it, page by page, and nothing of anybody else."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import TypeVar

import pytest

from synctv.application.accounts import own_export
from synctv.application.chat.conversation import NewMessage
from synctv.application.ports.letters import LetterKind
from synctv.domain.audit.entry import Action
from synctv.domain.errors import ReauthenticationRequired, TokenExpired
from synctv.domain.rooms.membership import MembershipState
from tests.application.accounts.people import changed, entries, last_letter, person
from tests.application.accounts.trials import granted
from tests.application.house import House
from tests.applications import CLIENT
from tests.builders import a_credential

_Value = TypeVar("_Value")


async def all_of(pages: AsyncIterator[Sequence[_Value]]) -> list[_Value]:
    """What the pages hold."""
    return [value async for page in pages for value in page]


async def test_an_export_is_noted_and_the_holder_is_told(house: House) -> None:
    anna = await person(house, email="anna@example.org")
    actor = await anna.session()
    credential, other = a_credential(anna.account), await person(house, "Bob")
    async with house.transactions.write() as tx:
        await tx.credentials.add(credential)
        await tx.credentials.add(a_credential(other.account))
    begun = await house.application.export.begin(actor, await granted(house, actor), CLIENT)
    assert begun.security.account == anna.account
    assert [session.id for session in begun.sessions] == [actor.session_id]
    assert list(begun.credentials) == [credential]
    assert [entry.actor.id for entry in entries(house, Action.ACCOUNT_EXPORTED)] == [anna.id]
    letter = last_letter(house)
    assert (letter.kind, letter.to) == (LetterKind.FACTOR_CHANGED, "anna@example.org")
    assert letter.facts["what"] == Action.ACCOUNT_EXPORTED


async def test_a_grant_is_for_one_export(house: House) -> None:
    actor = await house.account("anna")
    grant = await granted(house, actor)
    await house.application.export.begin(actor, grant, CLIENT)
    for used in (grant, "", "nonsense"):
        with pytest.raises(ReauthenticationRequired):
            await house.application.export.begin(actor, used, CLIENT)


async def test_long_lists_come_in_pages_and_whole(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_export, "PAGE", 3)
    anna, bob = await house.account("anna"), await house.account("bob")
    rooms = [await house.room(anna) for _ in range(4)]
    others = await house.room(bob, require_approval=True)
    await house.application.rooms.delete(anna, rooms.pop())
    await house.application.members.join(anna, others, None, "Please")
    items = [(await house.film(anna, rooms[0], str(number))).id for number in range(7)]
    texts = [f"Message {number}" for number in range(6)]
    for text in texts:
        await house.application.chat.send(anna, rooms[1], NewMessage(text, text))
    await house.application.members.join(bob, rooms[1], None, "")
    await house.application.chat.send(bob, rooms[1], NewMessage("other", "Not Anna's"))
    export = house.application.export
    assert [room.id for room in await all_of(export.rooms(anna))] == rooms[::-1]
    joined = await all_of(export.memberships(anna))
    assert {one.membership.room_id for one in joined} == {*rooms, others} | {
        room for room in house.state.rooms if room not in (*rooms, others)
    }
    (pending,) = [one for one in joined if one.membership.state is MembershipState.PENDING]
    assert (pending.membership.message, pending.room and pending.room.id) == ("Please", others)
    assert [item.id for item in await all_of(export.items(anna))] == items
    assert [message.text for message in await all_of(export.messages(anna))] == texts
    mine = [entry for entry in entries(house) if anna.id in (entry.actor.id, entry.target.id)]
    assert await all_of(export.activity(anna)) == mine[::-1]
    sizes = [len(page) async for page in export.items(anna)]
    assert sizes == [3, 3, 1]


async def test_an_export_is_broken_off_when_the_session_ends(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_export, "PAGE", 2)
    anna = await house.account("anna")
    room = await house.room(anna)
    for number in range(3):
        await house.film(anna, room, str(number))
    pages = house.application.export.items(anna)
    assert len(await anext(pages)) == 2
    await changed(house, anna.id, session_generation=anna.generation + 1)
    with pytest.raises(TokenExpired, match="begin again"):
        await anext(pages)
