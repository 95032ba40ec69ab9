"""What sealed bytes are made of."""

from __future__ import annotations

import pytest

from synctv.adapters.crypto.keys import signing_keys
from synctv.adapters.crypto.sealing import OVERHEAD_BYTES, KeySealer
from synctv.application.ports.sealing import CannotOpen

TEXT = "Zq8vT2mN5xR9wB3kJ7hF4dL6pY1cG0sA"
KEY = signing_keys([TEXT], "here")[0]


def test_they_begin_with_the_version_and_the_name_of_the_key() -> None:
    sealed = KeySealer([KEY], "totp").seal(b"content", "place")
    assert sealed[0] == 1
    assert sealed[1:9].hex() == KEY.id
    assert len(sealed) == len(b"content") + OVERHEAD_BYTES


def test_purpose_and_place_can_not_be_shifted_into_each_other() -> None:
    sealed = KeySealer([KEY], "a").seal(b"content", "b\0c")
    with pytest.raises(ValueError, match="purpose"):
        KeySealer([KEY], "a\0b")
    with pytest.raises(CannotOpen):
        KeySealer([KEY], "a").open(sealed, "c")


def test_what_an_earlier_release_sealed_is_opened() -> None:
    """The form on disk. When this fails, stored secrets of every server become unreadable."""
    sealed = (
        "01d5e787afa6f22a3e47be4d7e9cb9eae57058e0ba67ab87ca993dabef707085"
        "6e048ea4047bf3756f1950b02ec3281d3489c684884d185b13"
    )
    assert KeySealer([KEY], "totp").open(bytes.fromhex(sealed), "totp:usr_1") == b"twenty secret bytes."


def test_a_sealer_without_a_key_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="key"):
        KeySealer([], "totp")
