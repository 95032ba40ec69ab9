"""Where the server's keys come from, who may read them, and which are refused."""

from __future__ import annotations

import multiprocessing
import stat
from pathlib import Path

import pytest

from synctv.adapters.crypto.keys import KeyRefused, Keys, load_keys, signing_keys, weakness

GOOD = "Zq8vT2mN5xR9wB3kJ7hF4dL6pY1cG0sA"
OTHER = "a4D9f2K7j1L6z8X3c5V0b-N_mQwErTyU"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def secrets_of(folder: Path) -> list[bytes]:
    return [key.secret for key in load_keys(folder).tokens]


def test_the_first_start_makes_a_key_and_says_where(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "secrets"
    first = load_keys(folder)
    assert first.made == (folder / "tokens.key",)
    assert len(first.tokens) == 1
    assert len(first.tokens[0].secret) >= 32


def test_only_the_owner_may_read_what_was_made(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    load_keys(folder)
    assert mode(folder) == 0o700
    assert {mode(path) for path in folder.iterdir()} == {0o600}


def test_the_second_start_finds_the_same_key_and_makes_none(tmp_path: Path) -> None:
    first = load_keys(tmp_path)
    assert load_keys(tmp_path) == Keys(first.tokens)


def test_two_servers_have_different_keys(tmp_path: Path) -> None:
    assert secrets_of(tmp_path / "a") != secrets_of(tmp_path / "b")


def test_servers_that_start_at_once_agree(tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        found = pool.map(secrets_of, [tmp_path / "secrets"] * 8)
    assert len({tuple(secrets) for secrets in found}) == 1


def test_rights_that_others_were_given_are_taken_back(tmp_path: Path) -> None:
    load_keys(tmp_path)
    (tmp_path / "tokens.key").chmod(0o644)
    tmp_path.chmod(0o755)
    load_keys(tmp_path)
    assert (mode(tmp_path), mode(tmp_path / "tokens.key")) == (0o700, 0o600)


def test_the_first_line_of_a_file_signs_and_the_others_verify(tmp_path: Path) -> None:
    (tmp_path / "tokens.key").write_text(f"{GOOD}\n\n  {OTHER}  \n")
    assert secrets_of(tmp_path) == [GOOD.encode(), OTHER.encode()]


def test_given_keys_are_taken_and_nothing_is_written(tmp_path: Path) -> None:
    keys = load_keys(tmp_path / "secrets", tokens=[GOOD, OTHER])
    assert [key.secret for key in keys.tokens] == [GOOD.encode(), OTHER.encode()]
    assert keys.made == ()
    assert not (tmp_path / "secrets").exists()


def test_the_name_of_a_key_depends_on_the_key_alone() -> None:
    (first,) = signing_keys([GOOD], "here")
    again, other = signing_keys([GOOD, OTHER], "there")
    assert first.id == again.id != other.id


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
def test_a_weak_key_is_refused_without_being_quoted(tmp_path: Path, text: str) -> None:
    (tmp_path / "tokens.key").write_text(f"{text}\n")
    with pytest.raises(KeyRefused) as caught:
        load_keys(tmp_path)
    assert str(tmp_path / "tokens.key") in str(caught.value)
    assert "openssl rand" in str(caught.value)
    assert not text or text not in str(caught.value)


def test_the_same_key_twice_is_refused() -> None:
    with pytest.raises(KeyRefused, match="twice"):
        signing_keys([GOOD, GOOD], "keys.tokens")


def test_an_empty_file_is_refused_rather_than_replaced(tmp_path: Path) -> None:
    (tmp_path / "tokens.key").touch()
    with pytest.raises(KeyRefused, match="no key"):
        load_keys(tmp_path)


def test_a_good_key_has_no_weakness() -> None:
    assert weakness(GOOD) is None


def test_a_key_does_not_show_itself() -> None:
    assert GOOD not in repr(signing_keys([GOOD], "here"))
