"""Accounts: names, passwords, roles and bans."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synctv.domain.accounts.account import (
    AccountStatus,
    GlobalRole,
    username_key,
    valid_password,
    valid_username,
)
from synctv.domain.errors import Banned, Invalid
from tests.builders import an_account


@pytest.mark.parametrize(
    "text, name",
    [
        ("anna", "anna"),
        (" Anna ", "Anna"),
        ("李明", "李明"),
        ("\uff41\uff4e\uff4e\uff41", "anna"),
        ("a.b-c_d", "a.b-c_d"),
        ("x" * 32, "x" * 32),
        ("42", "42"),
        ("Zoe\u0308", "Zoë"),
        ("สมชาย", "สมชาย"),
    ],
)
def test_a_name_of_any_script_is_taken_in_its_normal_form(text: str, name: str) -> None:
    assert valid_username(text) == name


@pytest.mark.parametrize(
    "wrong, code",
    [
        ("", "length"),
        ("a", "length"),
        ("x" * 33, "length"),
        ("a b", "pattern"),
        ("a@b", "pattern"),
        ("_anna", "pattern"),
        ("anna.", "pattern"),
        ("an\u200dna", "pattern"),
        ("an\x00na", "pattern"),
        ("👍👍", "pattern"),
        ("\u0301anna", "pattern"),
    ],
)
def test_any_other_name_is_refused_and_named(wrong: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        valid_username(wrong, "account.username")
    assert [(error.path, error.code) for error in refused.value.errors] == [("account.username", code)]


@given(st.text(max_size=40))
def test_a_name_in_its_normal_form_stays_as_it_is(text: str) -> None:
    try:
        name = valid_username(text)
    except Invalid:
        return
    assert valid_username(name) == name
    assert username_key(name) == username_key(text)


@pytest.mark.parametrize("one, other", [("Anna", "aNNA"), ("STRASSE", "straße"), (" anna", "anna"), ("\uff411", "A1")])
def test_names_that_differ_only_in_case_are_the_same_name(one: str, other: str) -> None:
    assert username_key(one) == username_key(other)


@pytest.mark.parametrize("length", [8, 256])
def test_a_password_of_a_good_length_is_taken_unchanged(length: int) -> None:
    assert valid_password(" " * length) == " " * length


@pytest.mark.parametrize("length", [0, 7, 257])
def test_a_password_that_is_too_short_or_too_long_is_refused(length: int) -> None:
    with pytest.raises(Invalid, match="8 to 256") as refused:
        valid_password("x" * length)
    assert refused.value.errors[0].path == "password"


def test_a_banned_account_may_not_act() -> None:
    an_account().must_be_active()
    with pytest.raises(Banned, match="account is banned"):
        an_account(status=AccountStatus.BANNED).must_be_active()


def test_global_roles_are_ordered() -> None:
    assert GlobalRole.USER.rank < GlobalRole.ADMIN.rank < GlobalRole.ROOT.rank
