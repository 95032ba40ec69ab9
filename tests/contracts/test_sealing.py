"""What every kind of sealer promises."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from synctv.adapters.crypto.keys import signing_keys
from synctv.adapters.crypto.sealing import KeySealer
from synctv.application.ports.sealing import CannotOpen, Sealer

OLD = "Zq8vT2mN5xR9wB3kJ7hF4dL6pY1cG0sA"
NEW = "a4D9f2K7j1L6z8X3c5V0b-N_mQwErTyU"
PLACE = "totp:usr_1"
CONTENT = b"twenty secret bytes."

MakeSealer = Callable[..., Sealer]


def key_sealer(*texts: str, purpose: str = "totp") -> Sealer:
    return KeySealer(signing_keys(texts, "keys.totp"), purpose)


@pytest.fixture(params=[key_sealer])
def sealer_of(request: pytest.FixtureRequest) -> MakeSealer:
    make: MakeSealer = request.param
    return make


@pytest.mark.parametrize("content", [b"", b"\x00", CONTENT, bytes(range(256)) * 400], ids=len)
@pytest.mark.parametrize("place", [PLACE, "", "位置"])
def test_what_was_sealed_is_opened(sealer_of: MakeSealer, content: bytes, place: str) -> None:
    sealer = sealer_of(NEW)
    assert sealer.open(sealer.seal(content, place), place) == content


def test_sealed_bytes_do_not_show_their_content_and_are_never_the_same(sealer_of: MakeSealer) -> None:
    sealer = sealer_of(NEW)
    sealed = {sealer.seal(CONTENT, PLACE) for _ in range(100)}
    assert len(sealed) == 100
    assert not any(CONTENT in one for one in sealed)


@pytest.mark.parametrize("place", ["totp:usr_2", "", "totp:usr_1 ", "TOTP:usr_1"])
def test_what_was_moved_elsewhere_is_not_opened(sealer_of: MakeSealer, place: str) -> None:
    sealer = sealer_of(NEW)
    with pytest.raises(CannotOpen):
        sealer.open(sealer.seal(CONTENT, PLACE), place)


def test_a_flipped_bit_anywhere_is_noticed(sealer_of: MakeSealer) -> None:
    sealer = sealer_of(NEW)
    sealed = sealer.seal(CONTENT, PLACE)
    for bit in range(8 * len(sealed)):
        changed = bytearray(sealed)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(CannotOpen):
            sealer.open(bytes(changed), PLACE)


def test_so_is_what_was_cut_off_or_added(sealer_of: MakeSealer) -> None:
    sealer = sealer_of(NEW)
    sealed = sealer.seal(CONTENT, PLACE)
    for wrong in [sealed[:length] for length in range(len(sealed))] + [sealed + b"\x00", b"\x00" + sealed, sealed * 2]:
        with pytest.raises(CannotOpen):
            sealer.open(wrong, PLACE)


def test_bytes_that_were_never_sealed_are_not_opened(sealer_of: MakeSealer) -> None:
    for wrong in (b"", b"\x01", CONTENT, bytes(37), b"\x01" * 1_000):
        with pytest.raises(CannotOpen):
            sealer_of(NEW).open(wrong, PLACE)


def test_another_key_opens_nothing(sealer_of: MakeSealer) -> None:
    with pytest.raises(CannotOpen):
        sealer_of(NEW).open(sealer_of(OLD).seal(CONTENT, PLACE), PLACE)


def test_the_same_key_for_another_purpose_opens_nothing(sealer_of: MakeSealer) -> None:
    with pytest.raises(CannotOpen):
        sealer_of(NEW, purpose="mail").open(sealer_of(NEW).seal(CONTENT, PLACE), PLACE)


def test_a_key_is_replaced_without_losing_what_was_sealed_before(sealer_of: MakeSealer) -> None:
    before = sealer_of(OLD).seal(CONTENT, PLACE)
    both = sealer_of(NEW, OLD)
    assert both.open(before, PLACE) == CONTENT
    after = both.seal(CONTENT, PLACE)
    assert sealer_of(NEW).open(after, PLACE) == CONTENT
    with pytest.raises(CannotOpen):
        sealer_of(OLD).open(after, PLACE)
    with pytest.raises(CannotOpen):
        sealer_of(NEW).open(before, PLACE)
