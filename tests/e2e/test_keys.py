"""Servers whose keys are lost, replaced, or not the same as their neighbours'."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from synctv.adapters.crypto.keys import KeyName, new_key
from tests.e2e.conftest import Launch
from tests.e2e.replicas import shared
from tests.servers.client import people
from tests.servers.synctv import ServerEnded, Setting, SynctvServer

pytestmark = [pytest.mark.server, pytest.mark.postgres]


@pytest.fixture
def settings(postgres_url: str) -> Mapping[str, Setting]:
    """One server on a database, which makes its own keys."""
    return {"database.url": postgres_url, "storage.kind": "postgres"}


async def refusal(server: SynctvServer) -> str:
    """What a server says that does not start."""
    with pytest.raises(ServerEnded) as caught:
        await server.start()
    assert "SyncTV can't start" in str(caught.value)
    return str(caught.value)


async def test_a_server_that_lost_its_keys_refuses_until_they_are_back(
    launch: Launch, settings: Mapping[str, Setting], tmp_path: Path
) -> None:
    server = await launch(settings)
    async with people(server) as nobody:
        root = await nobody.signed_in()
        await server.stop()
        shutil.move(server.data_dir / "secrets", tmp_path / "backup")
        said = await refusal(server)
        for name in KeyName:
            assert f"{name} ({server.data_dir / 'secrets' / f'{name}.key'})" in said
        shutil.rmtree(server.data_dir / "secrets")
        shutil.move(tmp_path / "backup", server.data_dir / "secrets")
        await server.start()
        await root.ask("GET", "/rooms")  # with the token of before


async def test_a_lost_setup_is_accepted_and_passwords_in_plain_go_on(
    launch: Launch, settings: Mapping[str, Setting]
) -> None:
    server = await launch(settings)
    async with people(server) as nobody:
        await nobody.signed_in()
        await server.stop()
        (server.data_dir / "secrets" / "opaque.key").write_text(new_key(KeyName.OPAQUE))
        assert "synctv keys accept opaque" in await refusal(server)
        told = await server.operate("keys", "accept", "opaque", "--yes")
        assert "0 accounts have to reset" in told
        await server.start()
        await nobody.signed_in()


async def test_a_key_is_replaced_while_a_signed_in_person_goes_on(
    launch: Launch, settings: Mapping[str, Setting]
) -> None:
    server = await launch(settings)
    file = server.data_dir / "secrets" / "tokens.key"
    async with people(server) as nobody:
        root = await nobody.signed_in()
        old = file.read_text()
        for lines in ([old, new := new_key(KeyName.TOKENS)], [new, old]):
            await server.stop()
            file.write_text("\n".join(lines))
            await server.start()
            await root.ask("GET", "/rooms")
        await server.stop()
        file.write_text(new)
        await server.start()
        await nobody.signed_in()


@pytest.mark.redis
async def test_a_replica_with_other_keys_refuses_and_names_them(
    launch: Launch, postgres_url: str, redis_url: str
) -> None:
    settings = shared(postgres_url, redis_url)
    await launch(settings, name="one")
    with pytest.raises(ServerEnded, match=r"totp \(keys\.totp\)"):
        await launch({**settings, "keys.totp": new_key(KeyName.TOTP)}, name="other")
    await launch(settings, name="third")
