"""Where the server's keys come from when nobody gave any, and who may read them."""

from __future__ import annotations

import multiprocessing
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from synctv.adapters.crypto.key_files import file_of, found_keys, load_keys
from synctv.adapters.crypto.keys import KeyName, KeyRefused, makeable, new_key

GOOD = "Zq8vT2mN5xR9wB3kJ7hF4dL6pY1cG0sA"
OTHER = "a4D9f2K7j1L6z8X3c5V0b-N_mQwErTyU"
LISTS = [name for name in makeable() if name is not KeyName.OPAQUE]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def secrets_of(folder: Path) -> list[bytes]:
    keys = load_keys(folder)
    return [key.secret for name in makeable() for key in keys.of(name)]


def test_the_first_start_makes_every_key_and_says_where(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "secrets"
    first = load_keys(folder)
    assert first.made == tuple(folder / f"{name}.key" for name in makeable())
    assert [len(first.of(name)) for name in makeable()] == [1] * len(makeable())
    assert len(set(secrets_of(folder))) == len(makeable())


def test_only_the_owner_may_read_what_was_made(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    load_keys(folder)
    assert mode(folder) == 0o700
    assert {mode(path) for path in folder.iterdir()} == {0o600}


def test_the_second_start_finds_the_same_keys_and_makes_none(tmp_path: Path) -> None:
    first = load_keys(tmp_path)
    assert load_keys(tmp_path) == replace(first, made=())


def test_a_key_that_a_newer_release_adds_is_made_beside_the_old_ones(tmp_path: Path) -> None:
    file_of(tmp_path, KeyName.TOKENS).write_text(f"{GOOD}\n")
    keys = load_keys(tmp_path)
    assert [key.secret for key in keys.tokens] == [GOOD.encode()]
    assert {path.stem for path in keys.made} == set(makeable()) - {KeyName.TOKENS}


def test_two_servers_have_different_keys(tmp_path: Path) -> None:
    assert not set(secrets_of(tmp_path / "a")) & set(secrets_of(tmp_path / "b"))


def test_servers_that_start_at_once_agree(tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        found = pool.map(secrets_of, [tmp_path / "secrets"] * 8)
    assert len({tuple(secrets) for secrets in found}) == 1


@pytest.mark.parametrize("name", makeable())
def test_rights_that_others_were_given_are_taken_back(tmp_path: Path, name: KeyName) -> None:
    load_keys(tmp_path)
    path = file_of(tmp_path, name)
    path.chmod(0o644)
    tmp_path.chmod(0o755)
    load_keys(tmp_path)
    assert (mode(tmp_path), mode(path)) == (0o700, 0o600)


@pytest.mark.parametrize("name", LISTS)
def test_the_first_line_of_a_file_is_the_first_key(tmp_path: Path, name: KeyName) -> None:
    file_of(tmp_path, name).write_text(f"{GOOD}\n\n  {OTHER}  \n")
    assert [key.secret for key in load_keys(tmp_path).of(name)] == [GOOD.encode(), OTHER.encode()]


def test_given_keys_are_taken_and_nothing_is_written(tmp_path: Path) -> None:
    given = {name: [new_key(name)] for name in makeable()}
    keys = load_keys(tmp_path / "secrets", given)
    assert [key.secret for key in keys.tokens] == [given[KeyName.TOKENS][0].encode()]
    assert keys.made == ()
    assert not (tmp_path / "secrets").exists()


def test_only_those_are_made_that_were_not_given(tmp_path: Path) -> None:
    keys = load_keys(tmp_path, {KeyName.TOTP: [GOOD]})
    assert [key.secret for key in keys.totp] == [GOOD.encode()]
    assert not file_of(tmp_path, KeyName.TOTP).exists()
    assert file_of(tmp_path, KeyName.MAIL).exists()


def test_looking_makes_nothing(tmp_path: Path) -> None:
    found = found_keys(tmp_path / "secrets", {KeyName.TOTP: [GOOD]})
    assert {name: held.where for name, held in found.items()} == {KeyName.TOTP: "keys.totp"}
    assert not (tmp_path / "secrets").exists()


@pytest.mark.parametrize("name", makeable())
def test_an_empty_file_is_refused_rather_than_replaced(tmp_path: Path, name: KeyName) -> None:
    path = file_of(tmp_path, name)
    path.touch()
    with pytest.raises(KeyRefused) as caught:
        load_keys(tmp_path)
    assert caught.value.where == str(path)
    assert path.read_bytes() == b""


def test_a_key_in_two_files_is_refused(tmp_path: Path) -> None:
    load_keys(tmp_path)
    file_of(tmp_path, KeyName.MAIL).write_text(file_of(tmp_path, KeyName.TOTP).read_text())
    with pytest.raises(KeyRefused, match="The same key"):
        load_keys(tmp_path)


def test_a_file_that_is_no_text_is_refused_as_a_key(tmp_path: Path) -> None:
    file_of(tmp_path, KeyName.TOKENS).write_bytes(bytes(range(128, 160)))
    with pytest.raises(KeyRefused):
        load_keys(tmp_path)
