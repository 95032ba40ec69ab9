"""Passwords in plain, and the records that they are checked against."""

from __future__ import annotations

import pytest

from synctv.adapters.crypto.opaque import RustOpaque
from synctv.adapters.crypto.passwords import Argon2Cost, Argon2PasswordHasher
from synctv.application.accounts.finding import Somebody
from synctv.application.accounts.passwords import Passwords, same_password
from synctv.application.ports.opaque import Opaque
from synctv.application.ports.passwords import PasswordHasher
from synctv.application.ports.strength import PasswordStrength
from synctv.domain.accounts.account import PasswordRecords
from synctv.domain.accounts.passwords import MAX_LENGTH, PasswordPolicy
from synctv.domain.errors import Invalid, Unavailable
from synctv.domain.ids import AccountId
from tests.application.accounts.people import Recorded, RecordedHasher, RecordedOpaque
from tests.applications import PASSWORD
from tests.builders import an_account

ADA = AccountId("usr_ada")
NOBODY = Somebody("name_x", "name_x", None)


class Fixed(PasswordStrength):
    """Finds every password as hard to guess, and remembers what it was asked."""

    def __init__(self, score: int) -> None:
        self._score = score
        self.asked: list[tuple[str, list[str]]] = []

    @property
    def available(self) -> bool:
        return True

    def score(self, password: str, words: object) -> int:
        assert isinstance(words, list)
        self.asked.append((password, words))
        return self._score


class Busy(PasswordHasher):
    """A hasher whose queue is full."""

    async def hash(self, password: str) -> str:
        raise Unavailable("check of passwords")

    async def verify(self, password: str, stored: str | None) -> bool:
        raise Unavailable("check of passwords")

    def outdated(self, stored: str) -> bool:
        return True


@pytest.fixture
def known(passwords: PasswordHasher, opaque: Opaque, recorded: Recorded) -> Passwords:
    return Passwords(RecordedHasher(passwords, recorded), RecordedOpaque(opaque, recorded), Fixed(2))


def ada(records: PasswordRecords | None) -> Somebody:
    return Somebody.known(ADA, an_account(password=records))


@pytest.fixture
async def both(known: Passwords, recorded: Recorded) -> PasswordRecords:
    records = await known.records(ADA, PASSWORD)
    recorded.taken()
    return records


async def test_a_password_that_was_sent_gets_both_records(both: PasswordRecords) -> None:
    assert both.argon2 is not None
    assert both.opaque is not None
    assert PASSWORD not in both.argon2
    assert PASSWORD.encode() not in both.opaque


async def test_either_record_is_enough(known: Passwords, both: PasswordRecords) -> None:
    for left in (both, PasswordRecords(both.argon2, None), PasswordRecords(None, both.opaque)):
        assert await known.verify(ada(left), PASSWORD)
        assert not await known.verify(ada(left), PASSWORD + "!")


async def test_a_wrong_password_costs_the_same_whatever_there_is_to_compare_it_with(
    known: Passwords, both: PasswordRecords, recorded: Recorded
) -> None:
    paths = []
    argon2, opaque = PasswordRecords(both.argon2, None), PasswordRecords(None, both.opaque)
    for somebody in (ada(both), ada(argon2), ada(opaque), ada(None), NOBODY):
        for wrong in ("wrong password", "", "x" * 257, "x" * 60_000):
            assert not await known.verify(somebody, wrong)
            paths.append(recorded.taken())
    assert paths == [["verify", "opaque verify"]] * 20


async def test_a_record_holds_for_no_other_account(known: Passwords, both: PasswordRecords) -> None:
    """An OPAQUE record that is moved to another account is of no use there."""
    moved = Somebody.known(AccountId("usr_eve"), an_account(password=PasswordRecords(None, both.opaque)))
    assert not await known.verify(moved, PASSWORD)


async def test_no_password_is_right_by_its_beginning(known: Passwords) -> None:
    longest = "x" * MAX_LENGTH
    records = PasswordRecords(await known.hasher.hash(longest), None)
    assert await known.verify(ada(records), longest)
    assert not await known.verify(ada(records), longest + "x")


async def test_every_keyboard_types_the_same_password(known: Passwords) -> None:
    records = PasswordRecords(await known.hasher.hash("Zo\u00eb und ich"), None)
    assert await known.verify(ada(records), "Zoe\u0308 und ich")


async def test_half_a_character_is_a_wrong_password_like_any_other(known: Passwords, both: PasswordRecords) -> None:
    assert not await known.verify(ada(both), "\ud800")


async def test_what_lacks_is_made_at_the_next_sign_in(known: Passwords, both: PasswordRecords) -> None:
    argon2 = PasswordRecords(both.argon2, None)
    better = await known.brought_up_to_date(ADA, argon2, PASSWORD)
    assert better is not None
    assert better.argon2 == both.argon2
    assert await known.verify(ada(PasswordRecords(None, better.opaque)), PASSWORD)
    assert await known.brought_up_to_date(ADA, better, PASSWORD) is None


async def test_a_password_that_was_never_sent_gets_no_hash_when_it_is(known: Passwords, both: PasswordRecords) -> None:
    assert await known.brought_up_to_date(ADA, PasswordRecords(None, both.opaque), PASSWORD) is None


async def test_a_hash_of_another_cost_is_renewed_and_the_rest_stays(known: Passwords, both: PasswordRecords) -> None:
    old_hasher = Argon2PasswordHasher(Argon2Cost(memory_kib=16, passes=1))
    old = await old_hasher.hash(PASSWORD)
    old_hasher.close()
    better = await known.brought_up_to_date(ADA, PasswordRecords(old, both.opaque), PASSWORD)
    assert better is not None
    assert better.argon2 is not None
    assert better.opaque == both.opaque
    assert not known.hasher.outdated(better.argon2)


async def test_one_record_at_a_time_is_made_so_that_one_stays(known: Passwords, both: PasswordRecords) -> None:
    old_hasher = Argon2PasswordHasher(Argon2Cost(memory_kib=16, passes=1))
    records: PasswordRecords | None = PasswordRecords(await old_hasher.hash(PASSWORD), None)
    old_hasher.close()
    steps = 0
    while records is not None and (better := await known.brought_up_to_date(ADA, records, PASSWORD)):
        assert same_password(records, better)
        records, steps = better, steps + 1
    assert steps == 2


async def test_a_busy_server_leaves_the_records_as_they_are(known: Passwords, both: PasswordRecords) -> None:
    busy = Passwords(Busy(), known.opaque, known.strength)
    assert await busy.brought_up_to_date(ADA, both, PASSWORD) is None
    with pytest.raises(Unavailable):
        await busy.verify(ada(both), PASSWORD)
    with pytest.raises(Unavailable):
        await busy.verify(NOBODY, PASSWORD)


def test_records_of_one_password_share_one_and_those_of_another_share_none() -> None:
    both = PasswordRecords("hash", b"record")
    for same in (both, PasswordRecords("hash", None), PasswordRecords("new hash", b"record")):
        assert same_password(both, same)
        assert same_password(same, both)
    for other in (
        None,
        PasswordRecords("other", b"other"),
        PasswordRecords(None, b"other"),
        PasswordRecords("o", None),
    ):
        assert not same_password(both, other)
        assert not same_password(other, both)
    assert not same_password(None, None)
    assert not same_password(PasswordRecords("hash", None), PasswordRecords(None, b"record"))
    assert not same_password(PasswordRecords("hash", None), PasswordRecords("other", None))
    assert not same_password(PasswordRecords(None, b"record"), PasswordRecords(None, b"other"))


def test_a_password_is_measured_against_its_holders_name(known: Passwords) -> None:
    assert isinstance(known.strength, Fixed)
    policy = PasswordPolicy(min_score=2)
    assert known.must_suit(policy, "Zoe\u0308 und ich", "ada") == "Zo\u00eb und ich"
    assert known.strength.asked == [("Zo\u00eb und ich", ["ada"])]
    with pytest.raises(Invalid, match="too easy to guess") as refused:
        known.must_suit(PasswordPolicy(min_score=3), PASSWORD, "ada", "new")
    assert [(error.path, error.code) for error in refused.value.errors] == [("new", "strength")]
    with pytest.raises(Invalid, match="8 to 256"):
        known.must_suit(policy, "short", "ada")


async def test_without_opaque_a_password_has_its_hash_alone(passwords: PasswordHasher) -> None:
    plain = Passwords(passwords, RustOpaque(None), Fixed(4))
    records = await plain.records(ADA, PASSWORD)
    assert records.opaque is None
    assert await plain.verify(ada(records), PASSWORD)
    assert not await plain.verify(ada(PasswordRecords(None, b"x" * 192)), PASSWORD)
    assert await plain.brought_up_to_date(ADA, records, PASSWORD) is None
