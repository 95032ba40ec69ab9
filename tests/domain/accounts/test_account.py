"""Accounts: names, passwords, roles and bans."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synctv.domain.accounts.account import (
    AccountStatus,
    Ban,
    GlobalRole,
    PasswordRecords,
    username_key,
    valid_username,
)
from synctv.domain.errors import Banned, Denied, Invalid
from tests.builders import NOW, an_account, at


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
        ("\u03b1\u0313\u0300\u0345" * 32, "\u1f82" * 32),
        (" " * 1_000 + "anna" + " " * 1_000, "anna"),
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
        ("anna" + " " * 129 + "x", "length"),
        ("e" + "\u0301\u0327" * 30_000, "length"),
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


def test_a_banned_account_may_not_act_until_the_ban_is_over() -> None:
    banned = an_account(ban=Ban("spam", "operator", NOW, at(60)))
    with pytest.raises(Banned, match="spam"):
        banned.must_be_active(at(59.999))
    banned.must_be_active(at(60))
    assert (banned.status_at(at(59)), banned.status_at(at(60))) == (AccountStatus.BANNED, AccountStatus.ACTIVE)
    assert an_account(ban=Ban("", "operator", NOW, None)).status_at(at(1e9)) is AccountStatus.BANNED


def test_a_sign_up_that_waits_for_approval_may_not_act() -> None:
    pending = an_account(pending=True)
    with pytest.raises(Denied, match="approval"):
        pending.must_be_active(NOW)
    assert pending.status_at(NOW) is AccountStatus.PENDING


def test_a_password_without_a_record_can_not_be_written_down() -> None:
    with pytest.raises(ValueError, match="record"):
        PasswordRecords(None, None)


def test_global_roles_are_ordered() -> None:
    assert GlobalRole.USER.rank < GlobalRole.ADMIN.rank < GlobalRole.ROOT.rank
