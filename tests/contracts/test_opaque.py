"""What every kind of OPAQUE promises. The client's side is played by the library's own client."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from synctv.adapters.crypto.opaque import RustOpaque, library_is_there, new_setup
from synctv.application.ports.opaque import Opaque
from synctv.domain.errors import Invalid, Unavailable

if not library_is_there():
    pytest.skip("opaque-ke-py has no build for this system", allow_module_level=True)

import opaque_ke_py

SETUP = new_setup()
PASSWORD = "pässword of ada"
ADA = "usr_ada"


@dataclass(frozen=True, slots=True)
class Page:
    """A client that was given a password."""

    opaque: Opaque
    password: str = PASSWORD
    identifier: str = ADA

    def register(self) -> bytes:
        """A record on the server."""
        begun = opaque_ke_py.client_registration_start(self.password.encode())
        answer = self.opaque.answer_registration(begun.get_message(), self.identifier)
        finished = opaque_ke_py.client_registration_finish(self.password.encode(), begun.get_state(), answer)
        return self.opaque.record(finished.get_message())

    def sign_in(self, record: bytes | None) -> bool:
        """Whether the server believes it. A client that notices the failure itself sends nothing."""
        begun = opaque_ke_py.client_login_start(self.password.encode())
        login = self.opaque.answer_login(begun.get_message(), self.identifier, record)
        try:
            finished = opaque_ke_py.client_login_finish(self.password.encode(), begun.get_state(), login.response)
        except ValueError:
            return False
        return self.opaque.finish_login(login.state, finished.get_message())

    def finalization(self, record: bytes) -> tuple[bytes, bytes]:
        """The server's state and the client's last message of a sign-in that would succeed."""
        begun = opaque_ke_py.client_login_start(self.password.encode())
        login = self.opaque.answer_login(begun.get_message(), self.identifier, record)
        finished = opaque_ke_py.client_login_finish(self.password.encode(), begun.get_state(), login.response)
        return login.state, finished.get_message()


@pytest.fixture
def opaque() -> Iterator[Opaque]:
    made = RustOpaque(SETUP)
    yield made
    made.close()


@pytest.fixture
def record(opaque: Opaque) -> bytes:
    return Page(opaque).register()


# ---------------------------------------------------------------- the page's way


def test_who_registered_a_password_signs_in_with_it(opaque: Opaque, record: bytes) -> None:
    assert opaque.available
    assert len(record) == 192
    assert Page(opaque).sign_in(record)


def test_another_password_does_not_sign_in(opaque: Opaque, record: bytes) -> None:
    assert not Page(opaque, password="pässword of eve").sign_in(record)


def test_a_record_of_one_account_is_none_for_another(opaque: Opaque, record: bytes) -> None:
    assert not Page(opaque, identifier="usr_eve").sign_in(record)


def test_nobodys_password_signs_in_where_there_is_no_record(opaque: Opaque) -> None:
    for password in ("", PASSWORD):
        assert not Page(opaque, password=password).sign_in(None)


def test_the_answers_with_and_without_a_record_look_the_same(opaque: Opaque, record: bytes) -> None:
    request = opaque_ke_py.client_login_start(PASSWORD.encode()).get_message()
    answers = [opaque.answer_login(request, ADA, held) for held in (record, None)]
    assert {len(answer.response) for answer in answers} == {320}
    assert {len(answer.state) for answer in answers} == {len(answers[0].state)}


def test_asked_twice_both_evaluate_the_same_element_and_mask_anew(opaque: Opaque, record: bytes) -> None:
    """The first 32 bytes depend on the request and the identifier alone (RFC 9807, 6.3.2.2)."""
    request = opaque_ke_py.client_login_start(PASSWORD.encode()).get_message()
    for held in (record, None):
        first, second = (opaque.answer_login(request, ADA, held).response for _ in range(2))
        assert first[:32] == second[:32]
        assert first[32:] != second[32:]


def test_a_last_message_is_good_for_its_own_sign_in_alone(opaque: Opaque, record: bytes) -> None:
    state, finalization = Page(opaque).finalization(record)
    other_state, _ = Page(opaque).finalization(record)
    assert opaque.finish_login(state, finalization)
    assert not opaque.finish_login(other_state, finalization)


def test_a_flipped_bit_in_the_last_message_or_the_kept_state_is_noticed(opaque: Opaque, record: bytes) -> None:
    state, finalization = Page(opaque).finalization(record)
    for place in range(64):
        wrong = finalization[:place] + bytes([finalization[place] ^ 1]) + finalization[place + 1 :]
        assert not opaque.finish_login(state, wrong)
    for kept in (b"", b"x", state[:-1], bytes(len(state))):
        assert not opaque.finish_login(kept, finalization)


def test_another_servers_setup_makes_every_record_worthless(record: bytes) -> None:
    stranger = RustOpaque(new_setup())
    assert not Page(stranger).sign_in(record)
    stranger.close()


@pytest.mark.parametrize("size", [0, 1, 31, 32, 33, 63, 64, 65, 95, 96, 97, 191, 192, 193, 100_000])
@pytest.mark.parametrize("fill", [0x00, 0x01, 0xFF])
def test_what_is_no_message_is_refused_with_the_name_of_the_field(
    opaque: Opaque, record: bytes, size: int, fill: int
) -> None:
    message = bytes([fill]) * size
    state, _ = Page(opaque).finalization(record)
    steps: list[Callable[[], object]] = [
        lambda: opaque.answer_registration(message, ADA),
        lambda: opaque.record(message),
        lambda: opaque.answer_login(message, ADA, record),
        lambda: opaque.answer_login(message, ADA, None),
    ]
    for step in steps:
        with pytest.raises(Invalid) as caught:
            step()
        assert caught.value.errors[0].path == "message"
    if size == 64:
        assert not opaque.finish_login(state, message)
    else:
        with pytest.raises(Invalid):
            opaque.finish_login(state, message)


# ---------------------------------------------------------------- passwords in plain


async def test_a_password_in_plain_gets_a_record_that_the_page_signs_in_with(opaque: Opaque) -> None:
    assert Page(opaque).sign_in(await opaque.register(PASSWORD, ADA))


async def test_a_password_in_plain_is_checked_against_a_record_of_the_page(opaque: Opaque, record: bytes) -> None:
    assert await opaque.verify(PASSWORD, ADA, record)
    assert not await opaque.verify("pässword of eve", ADA, record)
    assert not await opaque.verify(PASSWORD, "usr_eve", record)
    assert not await opaque.verify(PASSWORD, ADA, None)


@pytest.mark.parametrize("password", ["", "\x00", "🔑" * 64, "x" * 1_024, "half \ud83d character"], ids=len)
async def test_any_text_is_a_password(opaque: Opaque, password: str) -> None:
    record = await opaque.register(password, ADA)
    assert await opaque.verify(password, ADA, record)
    assert not await opaque.verify(password + "x", ADA, record)


async def test_many_at_once_each_get_their_own_answer(opaque: Opaque, record: bytes) -> None:
    passwords = [PASSWORD if number % 3 == 0 else f"password {number}" for number in range(12)]
    answers = await asyncio.gather(*(opaque.verify(password, ADA, record) for password in passwords))
    assert answers == [password == PASSWORD for password in passwords]


# ---------------------------------------------------------------- where it can't be done


async def test_a_server_that_can_not_do_it_says_so() -> None:
    without = RustOpaque(None)
    assert not without.available
    for step in (
        lambda: without.answer_registration(bytes(32), ADA),
        lambda: without.record(bytes(192)),
        lambda: without.answer_login(bytes(96), ADA, None),
        lambda: without.finish_login(bytes(128), bytes(64)),
    ):
        with pytest.raises(Unavailable):
            step()
    with pytest.raises(Unavailable):
        await without.register(PASSWORD, ADA)
    with pytest.raises(Unavailable):
        await without.verify(PASSWORD, ADA, None)
    without.close()
