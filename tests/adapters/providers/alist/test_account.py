"""Accounts as logins hold them."""

from __future__ import annotations

from uuid import UUID

import pytest

from synctv.adapters.providers.alist.account import Account, account_of, client_id, folder_passwords, hash_of
from synctv.application.ports.providers import Login
from synctv.domain.errors import Invalid, UpstreamCredential

SERVER = "https://alist.test"


def test_a_password_is_hashed_as_the_servers_do() -> None:
    assert hash_of("secret") == "8a119a191d7f34278647d21217ff550a9f6748d48a6952379405487747a840c3"


def test_a_device_is_the_same_for_the_same_account() -> None:
    assert client_id(SERVER, "alice") == client_id(SERVER, "alice") != client_id(SERVER, "bob")
    assert UUID(client_id(SERVER, "alice")).version == 4


def test_the_nearest_folder_gives_the_password() -> None:
    account = Account(SERVER, folders={"/a": "1", "/a/b": "2"})
    paths = {"/a": "1", "/a/x.mp4": "1", "/a/b/x.mp4": "2", "/ab": "", "/": ""}
    assert {path: account.password_for(path) for path in paths} == paths


def test_folders_are_written_one_a_line() -> None:
    assert folder_passwords(" /a = x=y \n\n/b/c/=z\r\n") == {"/a": "x=y", "/b/c": "z"}


@pytest.mark.parametrize(
    "text", ["a = x", "/a", "/a =", "/ = x", "/../a = x", "\n".join(f"/{n} = x" for n in range(51))]
)
def test_other_lines_are_refused(text: str) -> None:
    with pytest.raises(Invalid):
        folder_passwords(text)


def test_nothing_of_an_account_is_printed() -> None:
    account = account_of(SERVER, Login(SERVER, {"hash": "h4sh", "token": "t0ken", "folders": '{"/a": "p4ss"}'}))
    assert not any(secret in repr(account) for secret in ("h4sh", "t0ken", "p4ss"))


def test_another_server_s_login_is_not_used() -> None:
    with pytest.raises(UpstreamCredential):
        account_of(SERVER, Login("https://other.test", {"hash": "x"}))
