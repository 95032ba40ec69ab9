"""The password policy."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synctv.domain.accounts.passwords import PasswordPolicy, normal_password, valid_credentials
from synctv.domain.errors import Invalid

STRICT = PasswordPolicy(min_length=10, min_classes=3, max_repeats=2)


@pytest.mark.parametrize("length", [8, 256])
def test_a_password_of_a_good_length_is_taken_unchanged(length: int) -> None:
    assert PasswordPolicy().check(" " * length) == " " * length


@pytest.mark.parametrize("length", [0, 7, 257])
def test_a_password_that_is_too_short_or_too_long_is_refused(length: int) -> None:
    with pytest.raises(Invalid, match="8 to 256") as refused:
        PasswordPolicy().check("x" * length)
    assert refused.value.errors[0].path == "password"


@pytest.mark.parametrize("password", ["Abcdefgh12", "密码Abc123密码", "A-bcdefghi"])
def test_a_password_that_keeps_every_rule_is_taken(password: str) -> None:
    assert STRICT.check(password) == password


@pytest.mark.parametrize(
    "password, codes",
    [
        ("Abcdefghij", ["classes"]),
        ("Abcdefg111", ["repeats"]),
        ("aaa", ["length", "classes", "repeats"]),
        ("abcdefgh-密", ["classes"]),
    ],
)
def test_every_rule_that_is_broken_is_named(password: str, codes: list[str]) -> None:
    with pytest.raises(Invalid) as refused:
        STRICT.check(password, "new")
    assert [(error.path, error.code) for error in refused.value.errors] == [("new", code) for code in codes]


def test_every_keyboard_types_the_same_password() -> None:
    assert PasswordPolicy().check("Zoe\u0308 und ich") == "Zoë und ich"


@pytest.mark.parametrize("typed", ["\u03b1\u0313\u0300\u0345" * 256, "\u1112\u1161\u11ab" * 256])
def test_the_longest_password_may_be_typed_in_as_many_strokes_as_its_characters_have(typed: str) -> None:
    assert len(PasswordPolicy().check(typed)) == 256


@given(st.integers(1_025, 60_000))
def test_what_is_far_too_long_is_refused_without_being_composed(length: int) -> None:
    accents = ("\u0301\u0327" * length)[:length]
    assert normal_password(accents) is accents
    with pytest.raises(Invalid, match="8 to 256"):
        PasswordPolicy().check(accents)


@given(st.text(max_size=40))
def test_the_normal_form_is_unicodes_composed_one_and_stays(text: str) -> None:
    normal = normal_password(text)
    assert unicodedata.is_normalized("NFC", normal)
    assert normal_password(normal) == normal


def test_whatever_is_wrong_of_a_name_and_a_password_is_named_at_once() -> None:
    with pytest.raises(Invalid) as refused:
        valid_credentials(PasswordPolicy(), "a", "short")
    assert [error.path for error in refused.value.errors] == ["username", "password"]
    assert valid_credentials(PasswordPolicy(), " Anna ", "long enough") == ("Anna", "long enough")
