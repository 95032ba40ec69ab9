"""From the outbox to a real mail server and through everything that may happen there, on each storage."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from synctv.adapters.mail.sender import SmtpMailSender
from synctv.adapters.mail.server import MailServer, Security
from synctv.adapters.mail.writer import JinjaLetterWriter
from synctv.adapters.memory.clock import MemoryClock
from synctv.adapters.memory.ids import MemoryIds
from synctv.application.mail.post import Post
from synctv.application.mail.postman import LEASE_SECONDS, LOOK_SECONDS, Postman
from synctv.application.ports.letters import Letter
from synctv.application.ports.mail_sender import CannotDeliver
from synctv.domain.accounts.account import Language
from tests.application.mail.office import CODE, MINUTE, TEN_MINUTES, a_code, sealer
from tests.contracts.storage import OpenedStorage, Storage, memory_storage, postgres_storage
from tests.servers.mail import HOST, MailServerUnderTest, authority, mail_server
from tests.servers.ports import quiet_port

PASSWORD = "hunter2-hunter2"


class Correspondence:
    """Letters, postmen and the mail server that they go to."""

    def __init__(self, storage: Storage, server: MailServerUnderTest) -> None:
        self.storage, self.server = storage, server
        self.clock, self.ids = MemoryClock(), MemoryIds()

    def sender(self, **changes: Any) -> SmtpMailSender:
        described: dict[str, Any] = {
            "host": HOST,
            "port": self.server.port,
            "security": Security.NONE,
            "from_address": "tv@example.org",
            "from_name": "SyncTV",
            "timeout": 20.0,
            **changes,
        }
        return SmtpMailSender(MailServer(**described))

    def postman(self, sender: SmtpMailSender | None = None) -> Postman:
        writer, way = JinjaLetterWriter("SyncTV"), sender or self.sender()
        return Postman(self.storage.mail_queue, sealer(), writer, way, self.clock, self.ids)

    async def put(self, *letters: Letter) -> None:
        post = Post(sealer(), self.sender(), self.clock, self.ids)
        async with self.storage.transactions.write() as tx:
            for letter in letters:
                await post.put(tx, letter, TEN_MINUTES)

    @asynccontextmanager
    async def working(self, *postmen: Postman) -> AsyncIterator[None]:
        async with asyncio.TaskGroup() as group:
            running = [group.create_task(postman.run()) for postman in postmen]
            yield
            for task in running:
                task.cancel()

    def later(self, seconds: float, postman: Postman) -> None:
        """Moves the clock on. The nudge is for a postman who is just looking, with the time before."""
        self.clock.advance(seconds)
        postman.nudge()

    async def until_empty(self) -> None:
        while await self.storage.mail_queue.waiting():
            await asyncio.sleep(0.01)

    async def until_postponed(self, postman: Postman, times: int) -> None:
        while postman.tally.postponed < times:
            await asyncio.sleep(0.01)


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.postgres)])
def opened_storage(request: pytest.FixtureRequest) -> OpenedStorage:
    """Asks for the server outside of any event loop, as pytest demands."""
    if request.param == "memory":
        return memory_storage()
    return postgres_storage(request.getfixturevalue("postgres_server"))


@pytest.fixture
async def letters(opened_storage: OpenedStorage) -> AsyncIterator[Correspondence]:
    async with opened_storage as storage, mail_server() as server:
        yield Correspondence(storage, server)


async def test_two_postmen_send_each_letter_once(letters: Correspondence) -> None:
    wanted = sorted(f"person{number}@example.org" for number in range(30))
    await letters.put(*(a_code(to=address) for address in wanted))
    async with letters.working(letters.postman(), letters.postman()):
        await letters.until_empty()
    assert sorted(letter.recipient for letter in letters.server.letters) == wanted


async def test_a_server_that_wants_to_be_asked_again_gets_the_letter_later(letters: Correspondence) -> None:
    letters.server.recipient_answers.extend(["450 4.7.1 Greylisted", "451 Still"])
    await letters.put(a_code())
    postman = letters.postman()
    async with letters.working(postman):
        await letters.until_postponed(postman, 1)
        assert not letters.server.letters
        letters.later(1.5 * MINUTE, postman)
        await letters.until_postponed(postman, 2)
        letters.later(3 * MINUTE, postman)
        await letters.until_empty()
    (letter,) = letters.server.letters
    assert CODE in letter.body("plain")


async def test_a_server_that_comes_back_gets_what_waited(letters: Correspondence) -> None:
    await letters.put(a_code())
    away = letters.postman(letters.sender(port=quiet_port()))
    async with letters.working(away):
        await letters.until_postponed(away, 1)
    letters.clock.advance(1.5 * MINUTE)
    async with letters.working(letters.postman()):
        await letters.until_empty()
    assert len(letters.server.letters) == 1


async def test_a_refusal_for_good_leaves_the_others_alone(letters: Correspondence) -> None:
    letters.server.recipient_answers.append("550 5.1.1 Nobody of that name")
    await letters.put(*(a_code(to=f"person{number}@example.org") for number in range(5)))
    postman = letters.postman()
    async with letters.working(postman):
        await letters.until_empty()
    assert len(letters.server.letters) == 4
    assert (postman.tally.sent, postman.tally.given_up) == (4, 1)


async def test_a_postman_killed_in_the_middle_is_followed_by_another(letters: Correspondence) -> None:
    letters.server.slow.clear()
    await letters.put(a_code())
    async with letters.working(letters.postman()):
        while not letters.server.begun:
            await asyncio.sleep(0.01)
    letters.server.slow.set()
    assert not letters.server.letters
    successor = letters.postman()
    async with letters.working(successor):
        letters.later(LEASE_SECONDS - LOOK_SECONDS, successor)
        await asyncio.sleep(0.05)
        assert not letters.server.letters
        letters.later(LOOK_SECONDS, successor)
        await letters.until_empty()
    assert len(letters.server.letters) == 1


async def test_neither_log_nor_storage_hold_a_secret(
    letters: Correspondence, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.CRITICAL, "mail.log")  # the server's own
    known = authority(tmp_path)
    async with mail_server(starttls=known.context, login=("tv", PASSWORD)) as server:
        secured = {"port": server.port, "security": Security.STARTTLS, "ca_file": known.ca_file}
        await letters.put(a_code())
        wrong = letters.postman(letters.sender(**secured, login=("tv", PASSWORD.upper())))
        async with letters.working(wrong):
            await letters.until_postponed(wrong, 1)
        letters.clock.advance(1.5 * MINUTE)
        (lease,) = await letters.storage.mail_queue.lease(letters.clock.now(), letters.clock.now(), 10)
        assert lease.mail.attempts == 1
        for secret in (CODE, "ada", "username"):
            assert secret.encode() not in lease.mail.sealed
        async with letters.working(letters.postman(letters.sender(**secured, login=("tv", PASSWORD)))):
            await letters.until_empty()
        assert [letter.over_tls for letter in server.letters] == [True]
    ours = "\n".join(record.getMessage() for record in caplog.records if not record.name.startswith("piccolo"))
    for secret in (CODE, "ada@example.org", PASSWORD, PASSWORD.upper()):
        assert secret not in ours


async def test_a_test_letter_passes_by_the_outbox_and_says_what_is_wrong(letters: Correspondence) -> None:
    await letters.postman().send_test("ada@example.org", Language.ENGLISH)
    assert len(letters.server.letters) == 1
    assert await letters.storage.mail_queue.waiting() == 0
    nobody = letters.sender(port=quiet_port())
    with pytest.raises(CannotDeliver, match="nobody listens there"):
        await letters.postman(nobody).send_test("ada@example.org", Language.ENGLISH)
