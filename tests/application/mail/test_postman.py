"""The postman, on a clock that is moved by hand."""

from __future__ import annotations

import asyncio
import logging

import pytest

from synctv.adapters.crypto.keys import SigningKey
from synctv.application.mail.patience import MAX_ATTEMPTS
from synctv.application.mail.postman import AT_ONCE, LEASE_SECONDS, LOOK_SECONDS
from synctv.application.ports.letters import Letter, LetterKind
from synctv.domain.accounts.account import Language
from synctv.domain.errors import Invalid, PreconditionFailed
from tests.application.mail.office import (
    CODE,
    MINUTE,
    FakeServer,
    Office,
    a_code,
    refusal,
    sealer,
    until,
)

DAY = 86_400.0
OTHER_KEY = SigningKey("11" * 8, b"another key than the letters' own")


@pytest.fixture
def office() -> Office:
    return Office()


async def look_again(office: Office, seconds: float = LOOK_SECONDS) -> None:
    """Moves the clock on, and lets the postmen take their turn."""
    before = office.queue.asked
    office.clock.advance(seconds)
    await until(lambda: office.queue.asked > before)


async def tried(office: Office, attempts: int) -> None:
    """Waits until the only letter has failed so many times."""
    await until(lambda: office.attempts() == [attempts])


async def test_a_letter_goes_from_the_outbox_to_the_server(office: Office) -> None:
    await office.put(a_code())
    postman = office.postman()
    async with office.working(postman):
        await until(office.empty)
    ((_, written_at, message),) = office.server.taken
    assert message.to == "ada@example.org"
    assert CODE in message.text
    assert CODE in message.html
    assert written_at == office.clock.now()
    assert (postman.tally.sent, postman.tally.postponed, postman.tally.given_up) == (1, 0, 0)


async def test_it_looks_by_itself_after_a_while(office: Office) -> None:
    async with office.working(office.postman()):
        await until(lambda: office.queue.asked)
        await office.put(a_code())
        await look_again(office)
        await until(office.empty)


async def test_it_looks_at_once_when_told(office: Office) -> None:
    postman = office.postman()
    async with office.working(postman):
        await until(lambda: office.queue.asked)
        await office.put(a_code())
        postman.nudge()
        await until(office.empty)
    assert office.server.taken


async def test_many_letters_leave_a_few_at_once(office: Office) -> None:
    gates = [asyncio.Event() for _ in range(AT_ONCE)]
    office.server.answers.extend(gates)
    await office.put(*(a_code() for _ in range(3 * AT_ONCE)))
    async with office.working(office.postman()):
        await until(lambda: len(office.server.begun) == AT_ONCE)
        office.clock.advance(LOOK_SECONDS)
        for _ in range(100):
            await asyncio.sleep(0)
        assert len(office.server.begun) == AT_ONCE
        gates[0].set()
        await until(lambda: office.waiting() == AT_ONCE - 1)
        for gate in gates:
            gate.set()
        await until(office.empty)
    assert len({mail_id for mail_id, _, _ in office.server.taken}) == 3 * AT_ONCE


async def test_what_fails_is_tried_again_later_and_then_sent(office: Office) -> None:
    office.server.answers.extend([refusal(), refusal()])
    await office.put(a_code())
    postman = office.postman()
    async with office.working(postman):
        await tried(office, 1)
        await look_again(office, MINUTE - LOOK_SECONDS)
        assert len(office.server.begun) == 1
        office.clock.advance(MINUTE)
        await tried(office, 2)
        office.clock.advance(3 * MINUTE)
        await until(office.empty)
    assert len(set(office.server.begun)) == 1
    assert (postman.tally.sent, postman.tally.postponed) == (1, 2)


async def test_after_the_last_attempt_it_is_given_up(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    office.server.answers.extend([refusal()] * MAX_ATTEMPTS)
    await office.put(a_code(), seconds=30 * DAY)
    postman = office.postman()
    async with office.working(postman):
        for attempt in range(1, MAX_ATTEMPTS):
            await tried(office, attempt)
            office.clock.advance(DAY)
        await until(office.empty)
    assert len(office.server.begun) == MAX_ATTEMPTS
    assert postman.tally.given_up == 1
    assert "is given up" in caplog.text


async def test_what_would_be_too_late_is_given_up_at_once(office: Office) -> None:
    office.server.answers.append(refusal())
    await office.put(a_code(), seconds=30)
    async with office.working(office.postman()):
        await until(office.empty)
    assert not office.server.taken


async def test_a_refusal_for_good_is_the_end(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    office.server.answers.append(refusal("mail.example.org:587 refused the letter: 550.", for_good=True))
    await office.put(a_code())
    async with office.working(office.postman()):
        await until(office.empty)
    assert "refused the letter: 550." in caplog.text


async def test_an_expired_letter_is_not_sent(office: Office) -> None:
    await office.put(a_code(), seconds=MINUTE)
    office.clock.advance(MINUTE)
    postman = office.postman()
    async with office.working(postman):
        await until(office.empty)
    assert not office.server.begun
    assert postman.tally.given_up == 1


async def test_a_letter_for_nobody_is_dropped_without_a_word(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    await office.put_for_nobody()
    postman = office.postman()
    async with office.working(postman):
        await until(office.empty)
    assert not office.server.begun
    assert (postman.tally.sent, postman.tally.given_up) == (0, 0)
    assert not [record for record in caplog.records if record.name.startswith("synctv")]


async def test_a_letter_whose_key_is_gone_is_given_up(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    await office.put(a_code())
    async with office.working(office.postman(sealer=sealer(OTHER_KEY))):
        await until(office.empty)
    assert not office.server.begun
    assert "the key that it was sealed with is gone" in caplog.text


async def test_a_letter_of_a_newer_server_is_left_to_it(office: Office) -> None:
    await office.put(Letter(LetterKind.RESET_LINK, "ada@example.org", Language.ENGLISH, {"username": "ada"}))
    async with office.working(office.postman()):
        await tried(office, 1)
    assert not office.server.begun


async def test_something_unforeseen_is_tried_again_and_says_nothing_of_the_letter(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    office.server.answers.append(ValueError(f"bad letter {CODE}"))
    await office.put(a_code())
    async with office.working(office.postman()):
        await tried(office, 1)
        office.clock.advance(2 * MINUTE)
        await until(office.empty)
    assert "ValueError" in caplog.text
    assert "test_postman" in caplog.text or "office.py" in caplog.text
    assert CODE not in caplog.text


async def test_two_postmen_send_each_letter_once(office: Office) -> None:
    other = FakeServer()
    letters = [a_code(to=f"person{number}@example.org") for number in range(40)]
    await office.put(*letters)
    async with office.working(office.postman(), office.postman(other)):
        await until(office.empty)
    taken = office.server.taken + other.taken
    assert sorted(message.to for _, _, message in taken) == sorted(letter.to for letter in letters)
    assert office.server.taken
    assert other.taken


async def test_a_postman_who_dies_on_the_way_is_followed_by_another(office: Office) -> None:
    office.server.answers.append(asyncio.Event())
    await office.put(a_code())
    async with office.working(office.postman()):
        await until(lambda: office.server.begun)
    assert not office.server.taken
    successor = FakeServer()
    async with office.working(office.postman(successor)):
        await look_again(office, LEASE_SECONDS - LOOK_SECONDS)
        assert not successor.begun
        office.clock.advance(LOOK_SECONDS)
        await until(office.empty)
    assert [mail_id for mail_id, _, _ in successor.taken] == office.server.begun


async def test_a_letter_that_went_out_twice_was_the_same_both_times(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    gate = asyncio.Event()
    office.server.answers.append(gate)
    await office.put(a_code())
    other = FakeServer()
    async with office.working(office.postman()):
        await until(lambda: office.server.begun)
        # A machine that slept, say: its lease is over, and it goes on all the same.
        office.clock.advance(LEASE_SECONDS)
        async with office.working(office.postman(other)):
            await until(office.empty)
        gate.set()
        await until(lambda: office.server.taken and "may be sent twice" in caplog.text)
    assert office.server.taken == other.taken


async def test_while_the_storage_is_away_it_waits(office: Office) -> None:
    office.queue.down = True
    await office.put(a_code())
    async with office.working(office.postman()):
        for _ in range(3):
            await look_again(office)
        assert not office.server.begun
        office.queue.down = False
        office.clock.advance(LOOK_SECONDS)
        await until(office.empty)


async def test_a_letter_that_was_sent_while_the_storage_was_away_is_not_sent_again(office: Office) -> None:
    gate = asyncio.Event()
    office.server.answers.append(gate)
    await office.put(a_code())
    async with office.working(office.postman()):
        await until(lambda: office.server.begun)
        office.queue.down = True
        gate.set()
        for _ in range(5):
            await look_again(office)
        office.queue.down = False
        office.clock.advance(LOOK_SECONDS)
        await until(office.empty)
    assert len(office.server.taken) == 1


async def test_the_outbox_and_the_log_hold_neither_code_nor_address(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    office.server.answers.extend([refusal(), ValueError(f"{CODE} for ada@example.org")])
    await office.put(a_code())
    assert CODE.encode() not in office.stored()
    assert b"ada" not in office.stored()
    async with office.working(office.postman()):
        for attempt in (1, 2):
            await tried(office, attempt)
            office.clock.advance(5 * MINUTE)
        await until(office.empty)
    said = [record.getMessage() for record in caplog.records]
    assert not [line for line in said if CODE in line or "example.org>" in line or "ada@" in line]


async def test_a_test_letter_is_sent_at_once_and_past_the_outbox(office: Office) -> None:
    await office.postman().send_test(" ada@Example.org ", Language.CHINESE)
    ((_, _, message),) = office.server.taken
    assert message.to == "ada@example.org"
    assert "测试" in message.text
    assert office.empty()


async def test_a_test_letter_tells_what_went_wrong(office: Office) -> None:
    office.server.answers.append(refusal())
    with pytest.raises(type(refusal()), match="450 later"):
        await office.postman().send_test("ada@example.org", Language.ENGLISH)
    office.server.is_configured = False
    with pytest.raises(PreconditionFailed, match=r"No mail server is set up\. Set `mail\.host`"):
        await office.postman().send_test("ada@example.org", Language.ENGLISH)
    with pytest.raises(Invalid):
        await office.postman().send_test("ada", Language.ENGLISH)
