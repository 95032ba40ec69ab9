"""Finding whom somebody means."""

from __future__ import annotations

import pytest

from synctv.application.accounts.finding import MAX_NAME_LENGTH, Somebody, find, find_username
from tests.application.accounts.people import Person, person
from tests.application.house import House


@pytest.fixture
async def anna(house: House) -> Person:
    return await person(house, email="anna@example.org")


async def found(house: House, name: str) -> Somebody:
    async with house.transactions.read() as tx:
        return await find(tx, name)


async def found_username(house: House, name: str) -> Somebody:
    async with house.transactions.read() as tx:
        return await find_username(tx, name)


@pytest.mark.parametrize("spelt", [["Anna", " aNNa ", "\uff21nna"], ["anna@example.org", " ANNA@Example.ORG "]])
async def test_however_a_name_is_spelt_it_is_one(house: House, anna: Person, spelt: list[str]) -> None:
    assert len({(await found(house, name)).key for name in spelt}) == 1
    for name in spelt:
        somebody = await found(house, name)
        assert somebody.account == anna.account
        assert somebody.identifier == anna.id


async def test_a_name_is_counted_under_itself_whether_somebody_has_it_or_not(house: House) -> None:
    names = ("Anna", "anna@example.org")
    before = [(await found(house, name)).key for name in names]
    anna = await person(house, email="anna@example.org")
    after = [(await found(house, name)).key for name in names]
    assert before == after
    assert len(set(after)) == 2
    assert anna.id not in after


async def test_nobody_has_an_identifier_of_their_own(house: House, anna: Person) -> None:
    nobody, other = await found(house, "nobody"), await found(house, "another")
    assert nobody.account is None
    assert len({nobody.identifier, other.identifier, anna.id}) == 3
    assert (await found(house, "NOBODY")).identifier == nobody.identifier


async def test_where_a_username_is_asked_for_an_address_is_nobodys(house: House, anna: Person) -> None:
    assert (await found_username(house, "anna")).account == anna.account
    assert (await found_username(house, "anna@example.org")).account is None


async def test_no_more_of_a_name_is_looked_at_than_a_name_can_have(house: House) -> None:
    """Composing takes time that grows with the square of how many accents stand in a row."""
    longest = "e" + "\u0301\u0327" * MAX_NAME_LENGTH
    for find_it in (found, found_username):
        assert (await find_it(house, longest)).key == (await find_it(house, longest * 90)).key
    assert (await found(house, longest + "@")).key == (await found(house, longest * 90 + "@")).key


@pytest.mark.parametrize("name", ["", "@", "\x00", "\ud800", "\ud800@", " "])
async def test_what_is_no_name_is_nobodys(house: House, anna: Person, name: str) -> None:
    somebody = await found(house, name)
    assert somebody.account is None
    assert len(somebody.key) == len("name_") + 26
