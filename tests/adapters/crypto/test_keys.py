"""What makes a good key, how keys are told apart, and which are refused."""

from __future__ import annotations

import re
from base64 import urlsafe_b64encode

import pytest

from synctv.adapters.crypto.keys import (
    KeyName,
    KeyRefused,
    KeyTexts,
    keys_of,
    makeable,
    new_key,
    new_keys,
    opaque_setup,
    reused,
    signing_keys,
    weakness,
)
from synctv.adapters.crypto.opaque import library_is_there

GOOD = "Zq8vT2mN5xR9wB3kJ7hF4dL6pY1cG0sA"
OTHER = "a4D9f2K7j1L6z8X3c5V0b-N_mQwErTyU"
OPAQUE = pytest.mark.skipif(not library_is_there(), reason="opaque-ke-py has no build for this system")


def texts() -> dict[KeyName, KeyTexts]:
    """One good key for each purpose."""
    return {name: KeyTexts(f"keys.{name}", (new_key(name),)) for name in makeable()}


def test_each_purpose_gets_its_keys() -> None:
    given = texts()
    keys = keys_of(given)
    for name in makeable():
        (key,) = keys.of(name)
        assert name is KeyName.OPAQUE or key.secret == given[name].texts[0].encode()
    assert len({keys.of(name)[0].id for name in makeable()}) == len(makeable())


def test_new_keys_differ_from_each_other_and_from_any_before() -> None:
    made = [key.secret for keys in (new_keys(), new_keys()) for name in makeable() for key in keys.of(name)]
    assert len(set(made)) == 2 * len(makeable())


def test_the_name_of_a_key_depends_on_the_key_alone() -> None:
    (first,) = signing_keys([GOOD], "here")
    again, other = signing_keys([GOOD, OTHER], "there")
    assert first.id == again.id != other.id
    assert re.fullmatch("[0-9a-f]{16}", first.id)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Kurz!",
        GOOD[:31],
        "x" * 64,
        "0123456789" * 2,
        "change-me-change-me-change-me-0987",
        "my-Example-key-0123456789-abcdefgh",
    ],
)
@pytest.mark.parametrize("name", [name for name in KeyName if name is not KeyName.OPAQUE])
def test_a_weak_key_is_refused_with_its_place_and_without_being_quoted(name: KeyName, text: str) -> None:
    with pytest.raises(KeyRefused) as caught:
        keys_of(texts() | {name: KeyTexts(f"keys.{name}", (GOOD, text))})
    assert caught.value.where == f"keys.{name}"
    assert "openssl rand" in str(caught.value)
    assert not text or text not in str(caught.value)


@pytest.mark.parametrize("first, second", [("tokens", "totp"), ("credentials", "cluster"), ("mail", "uploads")])
def test_one_key_for_two_purposes_is_refused_without_being_quoted(first: str, second: str) -> None:
    both = {KeyName(name): KeyTexts(f"keys.{name}", (new_key(KeyName.MAIL), GOOD)) for name in (first, second)}
    with pytest.raises(KeyRefused) as caught:
        keys_of(texts() | both)
    assert f"keys.{first}" in str(caught.value)
    assert f"keys.{second}" in str(caught.value)
    assert GOOD not in str(caught.value)


def test_reuse_is_between_places_and_not_within_one() -> None:
    assert reused({"a": [GOOD, GOOD], "b": [OTHER]}) is None
    assert reused({"a": [GOOD], "b": [OTHER], "c": [OTHER]}) == ("b", "c")


def test_the_same_key_twice_is_refused() -> None:
    with pytest.raises(KeyRefused, match="twice"):
        signing_keys([GOOD, GOOD], "keys.tokens")


def test_no_key_is_refused() -> None:
    with pytest.raises(KeyRefused, match="no key"):
        signing_keys([], "keys.tokens")


def test_a_good_key_has_no_weakness() -> None:
    assert weakness(GOOD) is None


def test_keys_do_not_show_themselves() -> None:
    given = texts()
    shown = f"{keys_of(given)!r} {given!r} {signing_keys([GOOD], 'here')!r}"
    assert GOOD not in shown
    for held in given.values():
        assert held.texts[0] not in shown
    assert repr(keys_of(given).opaque) not in shown


# ---------------------------------------------------------------- the OPAQUE setup


@OPAQUE
def test_a_setup_is_taken_with_and_without_padding() -> None:
    text = new_key(KeyName.OPAQUE)
    assert len(text) == 171
    assert opaque_setup([text], "here") == opaque_setup([text + "="], "here")


@OPAQUE
@pytest.mark.parametrize(
    "lines",
    [
        (),
        ("",),
        (GOOD,),
        ("é" * 171,),
        (urlsafe_b64encode(bytes(128)).decode(),),
        (urlsafe_b64encode(b"\xff" * 128).decode(),),
        (new_key(KeyName.OPAQUE)[:-2],),
        (new_key(KeyName.OPAQUE) + "AAAA",),
        (new_key(KeyName.OPAQUE), new_key(KeyName.OPAQUE)),
    ],
    ids=lambda lines: f"{len(lines)} of {len(''.join(lines))}",
)
def test_what_is_no_setup_is_refused_with_what_to_do_and_without_being_quoted(lines: tuple[str, ...]) -> None:
    with pytest.raises(KeyRefused, match="Put back") as caught:
        opaque_setup(lines, "keys.opaque")
    assert caught.value.where == "keys.opaque"
    assert not any(line and line in str(caught.value) for line in lines)
