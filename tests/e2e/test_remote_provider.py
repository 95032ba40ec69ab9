"""A server with a provider that runs in another process."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.adapters.providers.remote.server import certificates
from tests.e2e.conftest import Launch
from tests.servers.client import Person, people
from tests.servers.ports import quiet_port
from tests.servers.synctv import COMMAND, POLL_SECONDS, WAIT_SECONDS

pytestmark = pytest.mark.server

TOKEN = "a token that nobody guesses"


@asynccontextmanager
async def provider_process(folder: Path, port: int, *more: str) -> AsyncIterator[None]:
    """`synctv serve provider`, from when it is ready until the block is left."""
    command = [*COMMAND, "serve", "provider", "--providers", "direct", "--listen", f"127.0.0.1:{port}"]
    command += ["--data-dir", str(folder / "far"), "--log-format", "json", *more]
    environment = {"PATH": "/usr/bin:/bin", "SYNCTV_SECURITY__EGRESS__ALLOW": "127.0.0.1"}
    process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE, env=environment)
    try:
        async with asyncio.timeout(WAIT_SECONDS):
            assert process.stderr is not None
            line = await process.stderr.readline()
            assert b"ready" in line, line + await process.stderr.read()
        yield
    finally:
        process.terminate()
        assert await process.wait() == 0


async def title(person: Person) -> str:
    """What the provider is called, as the page sees it."""
    found = (await person.ask("GET", "/providers"))["items"]
    return str(next(one["title"] for one in found if one["name"] == "far"))


async def test_a_server_takes_up_a_provider_when_its_process_comes(launch: Launch, folder: Path, film: str) -> None:
    ca, certificate, key = certificates(folder)
    token = folder / "token"
    token.write_text(TOKEN)
    port = quiet_port()
    remote = {
        "name": "far",
        "url": f"grpcs://127.0.0.1:{port}",
        "provider": "direct",
        "token": TOKEN,
        "ca_file": str(ca),
    }
    server = await launch({"providers.remote": json.dumps([remote])})
    async with people(server) as nobody:
        root = await nobody.signed_in()
        room = await root.room()
        assert await title(root) == "far"
        refused = await root.request("POST", f"/rooms/{room}/items", {"provider": "far", "source": {"url": film}})
        assert refused.status == 502
        secured = ["--token-file", str(token), "--certificate", str(certificate), "--certificate-key", str(key)]
        async with provider_process(folder, port, *secured):
            async with asyncio.timeout(WAIT_SECONDS):
                while await title(root) == "far":
                    await asyncio.sleep(POLL_SECONDS)
            added = await root.request("POST", f"/rooms/{room}/items", {"provider": "far", "source": {"url": film}})
            assert added.status == 201
        again = await root.request("POST", f"/rooms/{room}/items", {"provider": "far", "source": {"url": film}})
        assert again.status == 502
        # Everything else goes on.
        await root.film(room, film)


@pytest.mark.parametrize(
    "arguments, said",
    [
        (["--providers", "nothing"], "there is no provider called nothing"),
        (["--listen", "0.0.0.0:0"], "can be called from other machines"),
        (["--listen", "somewhere:"], "host:port"),
        (["--token-file", "/nowhere"], "can't be read"),
        (["--certificate", "/nowhere"], "belong together"),
        (["--certificate", "/nowhere", "--certificate-key", "/nowhere"], "no certificate"),
    ],
)
async def test_what_could_not_be_safe_is_refused(folder: Path, arguments: list[str], said: str) -> None:
    command = [*COMMAND, "serve", "provider", "--data-dir", str(folder), *arguments]
    process = await asyncio.create_subprocess_exec(
        *command, stderr=asyncio.subprocess.PIPE, env={"PATH": "/usr/bin:/bin"}
    )
    _, written = await process.communicate()
    assert process.returncode == 1
    assert said in written.decode()
