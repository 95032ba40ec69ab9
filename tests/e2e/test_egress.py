"""Private servers are called as soon as the operator says so, at every replica, and no longer."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path

import pytest

from tests.e2e.browsers import Person as Visitor
from tests.e2e.browsers import chromium, picture
from tests.e2e.conftest import Launch
from tests.e2e.replicas import shared
from tests.servers.client import Person, people
from tests.servers.synctv import ROOT_PASSWORD, WAIT_SECONDS, SynctvServer

pytestmark = pytest.mark.server


async def looks_at(person: Person, room: str, film: str) -> bool:
    """Whether the person's server looks at a film on this machine: it knows its length then."""
    body = {"provider": "direct", "source": {"url": film}}
    item = await person.ask("POST", f"/rooms/{room}/items", body)
    return item["duration"] is not None


async def until(person: Person, room: str, film: str, *, allowed: bool) -> None:
    async with asyncio.timeout(WAIT_SECONDS):
        while await looks_at(person, room, film) is not allowed:
            await asyncio.sleep(0.1)


@pytest.mark.postgres
@pytest.mark.redis
async def test_every_replica_follows_what_the_operator_allows(
    launch: Launch, postgres_url: str, redis_url: str, film: str
) -> None:
    settings = {**shared(postgres_url, redis_url), "security.egress.allow": ""}
    one, other = await launch(settings, name="one"), await launch(settings, name="other")
    async with people(one) as nobody:
        here = await nobody.signed_in()
        there, room = here.at(other), await here.room()
        assert not await looks_at(here, room, film)
        assert "127.0.0.1" in await one.operate("egress", "allow", "127.0.0.1")
        assert await looks_at(here, room, film), "In the process that was told, it holds at once."
        await until(there, room, film, allowed=True)
        await one.stop()
        await one.start()
        assert await looks_at(here, room, film), "It outlives the process."
        await other.operate("egress", "forbid", "127.0.0.1")
        assert not await looks_at(there, room, film)
        await until(here, room, film, allowed=False)


@pytest.mark.browser
@pytest.mark.parametrize("wanted", [True, False])
async def test_whoever_opens_the_setup_link_may_allow_the_home_network(folder: Path, wanted: bool) -> None:
    server = SynctvServer(folder / "data", {"security.egress.allow": ""})
    del server.settings["bootstrap.root_password"]
    try:
        await server.start()
        link = re.search(r"http://\S+/setup#token=\S+", server.output())
        assert link, server.output()
        async with chromium() as browser:
            visitor = await Visitor.enter(browser)
            await visitor.page.goto(link.group(0))
            if wanted:
                await visitor.at("setup-home-network").check()
            await picture(visitor, f"setup-{wanted}")
            await visitor.set_up(link.group(0), "mia", "correct horse battery")
        shown = json.loads(await server.operate("egress", "show", "--output", "json"))["items"]
        assert ("192.168.0.0/16" in {entry["destination"] for entry in shown}) is wanted
    finally:
        await server.discard()


@pytest.mark.browser
async def test_the_stage_says_how_a_private_server_is_allowed(launch: Launch) -> None:
    server = await launch({"security.egress.allow": ""})
    async with people(server) as nobody, chromium() as browser:
        root = await nobody.signed_in()
        room = await root.room()
        # No browser calls this port, so that the film has to come through the server.
        film = {"provider": "direct", "source": {"url": "http://127.0.0.1:9/film.mp4"}}
        item = await root.ask("POST", f"/rooms/{room}/items", film)
        await root.ask("POST", f"/rooms/{room}/playback", {"command": "select", "itemId": item["id"]})
        visitor = await Visitor.enter(browser)
        await visitor.page.goto(f"{server.http}/signin?next=/rooms/{room}")
        await visitor.sign_in("root", ROOT_PASSWORD)
        await visitor.at("player-trouble").get_by_text("synctv egress allow 127.0.0.1").wait_for()
        await picture(visitor, "private-server")
