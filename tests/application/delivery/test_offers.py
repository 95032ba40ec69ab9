"""Asking providers once for what many want."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

from synctv.adapters.memory.clock import MemoryClock
from synctv.application.delivery import offers as kept
from synctv.application.delivery.offers import FAILED_SECONDS, KEPT_SECONDS, MARGIN_SECONDS, RENEWED_SECONDS, Offers
from synctv.application.ports.passwords import PasswordHasher
from synctv.application.ports.providers import Login, Manifest, PlayRequest, Provider, ResolvedSource, Source
from synctv.domain.delivery.offer import Offer, OfferedVariant, Upstream
from synctv.domain.delivery.playable import Container
from synctv.domain.delivery.profile import ANY, profile_of
from synctv.domain.errors import UpstreamCredential, UpstreamFailed, UpstreamUnavailable
from synctv.domain.ids import ItemId, RoomId, seconds_after
from synctv.domain.library.credential import CredentialState
from synctv.domain.library.item import MediaItem
from synctv.domain.rooms.actor import AccountActor
from tests.application.house import House, furnished
from tests.application.library.nas import PASSWORD, SERVER, Nas
from tests.applications import CLIENT
from tests.builders import an_item


class Counting(Provider):
    """Makes a new offer each time it is asked, once it may answer; lasts so long, or is down."""

    manifest = Manifest("counting", "Counting", 50)

    def __init__(self, clock: MemoryClock) -> None:
        self.clock = clock
        self.asked = 0
        self.lasts: float | None = None
        self.down = False
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def resolve(self, source: Source, login: Login | None = None) -> Sequence[ResolvedSource]:
        raise NotImplementedError

    async def play(self, request: PlayRequest) -> Offer:
        self.asked += 1
        await self.may_answer.wait()
        if self.down:
            raise UpstreamUnavailable("counting.test")
        variant = OfferedVariant("a", "A", Container.MP4, Upstream(f"https://media.test/{self.asked}"))
        expires = None if self.lasts is None else seconds_after(self.clock.now(), self.lasts)
        return Offer((variant,), expires_at=expires)


@pytest.fixture
def clock() -> MemoryClock:
    return MemoryClock()


@pytest.fixture
def provider(clock: MemoryClock) -> Counting:
    return Counting(clock)


@pytest.fixture
def offers(provider: Counting, clock: MemoryClock, house: House) -> Offers:
    return Offers({"counting": provider}, house.application.credentials, clock)


ITEM = an_item(RoomId("room_1"), provider="counting")


async def test_many_at_once_ask_once(offers: Offers, provider: Counting) -> None:
    provider.may_answer.clear()
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(offers.of(ITEM, ANY)) for _ in range(50)]
        await asyncio.sleep(0)
        provider.may_answer.set()
    assert provider.asked == 1
    assert len({id(task.result()) for task in tasks}) == 1


async def test_who_asks_first_and_leaves_is_replaced_by_the_next(offers: Offers, provider: Counting) -> None:
    provider.may_answer.clear()
    first = asyncio.ensure_future(offers.of(ITEM, ANY))  # noqa: TID251 - cancelled below
    await asyncio.sleep(0)
    async with asyncio.TaskGroup() as group:
        second = group.create_task(offers.of(ITEM, ANY))
        await asyncio.sleep(0)
        first.cancel()
        provider.may_answer.set()
    assert second.result().variants
    assert provider.asked == 2


async def test_an_offer_is_kept_for_a_while(offers: Offers, provider: Counting, clock: MemoryClock) -> None:
    first = await offers.of(ITEM, ANY)
    clock.advance(KEPT_SECONDS - 1)
    assert await offers.of(ITEM, ANY) is first
    clock.advance(1)
    assert await offers.of(ITEM, ANY) is not first


@pytest.mark.parametrize("lasts, kept_for", [(400.0, 300.0), (KEPT_SECONDS, KEPT_SECONDS * 0.75), (40.0, 30.0)])
async def test_an_offer_is_asked_for_anew_before_it_runs_out(
    offers: Offers, provider: Counting, clock: MemoryClock, lasts: float, kept_for: float
) -> None:
    assert kept_for <= max(lasts - MARGIN_SECONDS, lasts * 0.75)
    provider.lasts = lasts
    first = await offers.of(ITEM, ANY)
    clock.advance(kept_for - 1)
    assert await offers.of(ITEM, ANY) is first
    clock.advance(1)
    assert await offers.of(ITEM, ANY) is not first


async def test_one_that_has_proven_wrong_is_replaced_once_for_all(offers: Offers, provider: Counting) -> None:
    wrong = await offers.of(ITEM, ANY)
    again = [await offers.of(ITEM, ANY, unlike=wrong) for _ in range(3)]
    assert provider.asked == 2
    assert all(offer is again[0] for offer in again)


async def test_another_version_of_an_item_or_another_profile_is_asked_for(offers: Offers, provider: Counting) -> None:
    await offers.of(ITEM, ANY)
    await offers.of(replace(ITEM, version=2), ANY)
    await offers.of(ITEM, profile_of("mp4"))
    await offers.of(ITEM, ANY)
    assert provider.asked == 3


async def test_a_failure_is_the_answer_for_a_moment(offers: Offers, provider: Counting, clock: MemoryClock) -> None:
    provider.down = True
    for _ in range(3):
        with pytest.raises(UpstreamUnavailable):
            await offers.of(ITEM, ANY)
    assert provider.asked == 1
    provider.down = False
    clock.advance(FAILED_SECONDS)
    assert (await offers.of(ITEM, ANY)).variants


async def test_not_more_than_so_many_are_kept(
    offers: Offers, provider: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "KEPT", 3)
    for number in range(5):
        await offers.of(replace(ITEM, id=ItemId(f"item_{number}")), ANY)
    assert len(offers._kept) == 3
    await offers.of(replace(ITEM, id=ItemId("item_4")), ANY)
    assert provider.asked == 5


async def test_a_provider_that_is_gone_is_named(offers: Offers) -> None:
    with pytest.raises(UpstreamFailed, match="no longer has the provider"):
        await offers.of(replace(ITEM, provider="gone"), ANY)


async def test_a_later_one_that_has_proven_wrong_too_is_not_asked_for_again_at_once(
    offers: Offers, provider: Counting, clock: MemoryClock
) -> None:
    first = await offers.of(ITEM, ANY)
    second = await offers.of(ITEM, ANY, unlike=first)
    assert await offers.of(ITEM, ANY, unlike=second) is second
    assert provider.asked == 2
    clock.advance(RENEWED_SECONDS)
    assert await offers.of(ITEM, ANY, unlike=second) is not second


# ---------------------------------------------------------------- with a login


class Locked(Nas):
    """Plays for who has a token that is still good."""

    async def play(self, request: PlayRequest) -> Offer:
        self.logins.append(request.login)
        assert request.login is not None
        self._must_be_good(request.login)
        return await super().play(request)


@pytest.fixture
def nas() -> Locked:
    return Locked()


@pytest.fixture
def locked(passwords: PasswordHasher, nas: Locked) -> House:
    return furnished(passwords, providers={"nas": nas})


async def an_item_with_a_login(house: House) -> MediaItem:
    """Added by somebody who is signed in to the provider."""
    anna = await house.account("Anna")
    fields = {"server": SERVER, "username": "anna", "password": PASSWORD}
    credential = await house.application.credentials.sign_in(anna, "nas", "password", fields, CLIENT)
    room = await house.room(anna)
    return an_item(room, provider="nas", credential_id=credential.id, added_by=anna.ref)


def offers_of(house: House, nas: Nas) -> Offers:
    return Offers({"nas": nas}, house.application.credentials, house.clock)


async def test_an_item_is_played_with_the_login_that_it_was_added_with(locked: House, nas: Locked) -> None:
    item = await an_item_with_a_login(locked)
    assert (await offers_of(locked, nas).of(item, ANY)).variants
    assert [login.secret for login in nas.logins if login is not None] == [{"token": "token-1"}]


async def test_a_login_that_was_removed_says_who_has_to_sign_in_again(locked: House, nas: Locked) -> None:
    item = await an_item_with_a_login(locked)
    anna = await locked.sign_in("Anna")
    actor = await locked.application.identity.of(anna.access_token)
    assert isinstance(actor, AccountActor)
    assert item.credential_id is not None
    await locked.application.credentials.remove(actor, item.credential_id, CLIENT)
    with pytest.raises(UpstreamCredential, match=r"Who added it has to sign in there again") as caught:
        await offers_of(locked, nas).of(item, ANY)
    assert (caught.value.host, caught.value.provider) == ("NAS", "nas")
    assert nas.logins == []


async def test_a_login_acts_for_a_room_as_long_as_its_owner_is_in_it(locked: House, nas: Locked) -> None:
    anna = await locked.account("Anna")
    fields = {"server": SERVER, "username": "bert", "password": PASSWORD}
    room = await locked.room(anna)
    bert = await locked.member("Bert", room)
    credential = await locked.application.credentials.sign_in(bert, "nas", "password", fields, CLIENT)
    item = an_item(room, provider="nas", credential_id=credential.id, added_by=bert.ref)
    assert (await offers_of(locked, nas).of(item, ANY)).variants
    await locked.application.members.leave(bert, room)
    with pytest.raises(UpstreamCredential, match="no longer in the room"):
        await offers_of(locked, nas).of(item, ANY)
    assert [one.state for one in locked.state.credentials.values()] == [CredentialState.GOOD]
    await locked.application.members.join(bert, room, None, "")
    assert (await offers_of(locked, nas).of(item, ANY)).variants


async def test_who_is_banned_lends_nobody_a_login(locked: House, nas: Locked) -> None:
    item = await an_item_with_a_login(locked)
    await locked.application.account_access.ban("Anna", "spam")
    with pytest.raises(UpstreamCredential, match="no longer in the room"):
        await offers_of(locked, nas).of(item, ANY)
    assert nas.logins == []


async def test_a_login_that_is_refused_is_noted_and_everybody_told_whose_it_is(locked: House, nas: Locked) -> None:
    item = await an_item_with_a_login(locked)
    nas.revoked.add("token-1")
    offers = offers_of(locked, nas)
    for _ in range(3):
        with pytest.raises(UpstreamCredential, match="Who added it has to sign in there again"):
            await offers.of(item, ANY)
    assert len(nas.logins) == 1
    (credential,) = locked.state.credentials.values()
    assert credential.state is CredentialState.REFUSED


async def test_nobody_elses_login_is_used(locked: House, nas: Locked) -> None:
    item = await an_item_with_a_login(locked)
    bert = await locked.member("Bert", item.room_id)
    with pytest.raises(UpstreamCredential, match="has to sign in"):
        await offers_of(locked, nas).of(replace(item, added_by=bert.ref), ANY)
    assert nas.logins == []
