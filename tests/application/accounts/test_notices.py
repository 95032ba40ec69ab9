"""Letters that tell the holder of an account what was done to it."""

from __future__ import annotations

from typing import Any

import pytest

from synctv.adapters.mail.writer import JinjaLetterWriter
from synctv.application.accounts.client import Client
from synctv.application.accounts.notices import KEEP_TRYING_SECONDS
from synctv.application.ports.letters import LetterKind
from synctv.application.ports.passwords import PasswordHasher
from synctv.domain.accounts.account import Language
from synctv.domain.audit.entry import Action
from synctv.domain.errors import AlreadyExists
from synctv.domain.ids import seconds_after
from tests.application.accounts.people import last_letter, person
from tests.application.house import House, furnished
from tests.applications import CLIENT, SilentMail

ADDRESS = "anna@example.org"


async def tell(house: House, client: Client = CLIENT, **changes: Any) -> None:
    """Tells Anna of a change."""
    anna = await person(house, **changes)
    notices = house.container.notices()
    async with house.transactions.write() as tx:
        await notices.factor_changed(tx, anna.account, client, Action.PASSKEY_ADDED)


async def test_a_notice_says_what_was_done_when_and_from_where(house: House) -> None:
    house.clock.advance(60)
    await tell(house, email=ADDRESS)
    letter = last_letter(house)
    assert (letter.kind, letter.to, letter.language) == (LetterKind.FACTOR_CHANGED, ADDRESS, Language.ENGLISH)
    assert letter.facts == {
        "username": "Anna",
        "at": str(house.clock.now()),
        "address": CLIENT.address,
        "what": "passkey_added",
    }
    message = JinjaLetterWriter("SyncTV").write(letter)
    assert "passkey was added" in message.text


async def test_a_notice_from_nowhere_says_so(house: House) -> None:
    await tell(house, Client("", ""), email=ADDRESS)
    assert last_letter(house).facts["address"] == "?"


@pytest.mark.parametrize(
    "chosen, asked, language",
    [
        (Language.CHINESE, Language.ENGLISH, Language.CHINESE),
        (None, Language.CHINESE, Language.CHINESE),
        (None, None, Language.ENGLISH),
    ],
)
async def test_a_notice_is_in_the_accounts_language_or_else_the_clients(
    house: House, chosen: Language | None, asked: Language | None, language: Language
) -> None:
    await tell(house, Client("tests", "", asked), email=ADDRESS, language=chosen)
    assert last_letter(house).language is language


async def test_whoever_has_no_address_is_not_told(house: House) -> None:
    await tell(house)
    assert not house.state.outbox


async def test_a_server_without_mail_tells_nobody(passwords: PasswordHasher) -> None:
    house = furnished(passwords, mail=SilentMail(configured=False))
    await tell(house, email=ADDRESS)
    assert not house.state.outbox


async def test_a_notice_is_worth_sending_for_three_days(house: House) -> None:
    await tell(house, email=ADDRESS)
    (queued,) = house.state.outbox.values()
    assert queued.mail.expires_at == seconds_after(house.clock.now(), KEEP_TRYING_SECONDS)


async def test_what_was_not_done_is_told_to_nobody(house: House) -> None:
    anna = await person(house, email=ADDRESS)

    async def undone() -> None:
        async with house.transactions.write() as tx:
            await house.container.notices().password_changed(tx, anna.account, CLIENT)
            raise AlreadyExists("passkey")

    with pytest.raises(AlreadyExists):
        await undone()
    assert not house.state.outbox


async def test_nothing_of_a_letter_can_be_read_in_the_outbox(house: House) -> None:
    await tell(house, email=ADDRESS)
    (queued,) = house.state.outbox.values()
    assert b"anna" not in queued.mail.sealed.lower()
