"""`synctv credential` and `synctv egress`."""

from __future__ import annotations

import json

import pytest

from synctv.domain.library.credential import Credential
from synctv.entrypoints.cli.exits import Exit
from tests.application.library.nas import PASSWORD, SERVER
from tests.entrypoints.cli.conftest import Command, RunningServer


@pytest.fixture
def credential(running: RunningServer) -> Credential:
    return running.run(lambda server: server.add_credential("ada"))


def test_logins_are_listed_for_people_and_for_scripts(synctv: Command, credential: Credential) -> None:
    table = synctv("credential", "list")
    assert table.exit_code == Exit.DONE, table.stderr
    for shown in ("ada", "nas", SERVER, "ada at home", "good", credential.id, "1 shown."):
        assert shown in table.stdout
    (record,) = json.loads(synctv("credential", "list", "ada", "-o", "json").stdout)["items"]
    assert record == {
        "id": credential.id,
        "ownerId": credential.owner,
        "ownerName": "ada",
        "provider": "nas",
        "server": SERVER,
        "label": "ada at home",
        "state": "good",
        "createdAt": "2026-01-01T00:00:00Z",
        "checkedAt": "2026-01-01T00:00:00Z",
    }
    assert PASSWORD not in table.stdout


def test_a_login_is_checked_and_removed_by_who_is_sure(
    synctv: Command, running: RunningServer, credential: Credential
) -> None:
    running.server.nas.revoked.add("token-1")
    checked = synctv("credential", "check", credential.id)
    assert checked.exit_code == Exit.DONE, checked.stderr
    assert "refused" in checked.stdout
    assert synctv("credential", "remove", credential.id).exit_code == Exit.USAGE
    assert synctv("credential", "remove", credential.id, "--yes").exit_code == Exit.DONE
    assert synctv("credential", "remove", credential.id, "--yes").exit_code == Exit.NOT_FOUND
    assert "0 shown." in synctv("credential", "list").stdout


def test_private_servers_are_allowed_while_the_server_runs(synctv: Command, running: RunningServer) -> None:
    assert running.data_dir.exists()
    allowed = synctv("egress", "allow", "NAS.lan:8096", "--home")
    assert allowed.exit_code == Exit.DONE, allowed.stderr
    shown = json.loads(synctv("egress", "show", "-o", "json").stdout)["items"]
    assert {"destination": "nas.lan:8096", "by": "synctv egress"} in shown
    assert len(shown) == 5
    assert "192.168.0.0/16" not in synctv("egress", "forbid", "--home").stdout
    refused = synctv("egress", "forbid", "10.0.0.0/8")
    assert refused.exit_code == Exit.REFUSED
    assert "not allowed here" in refused.stderr
    assert synctv("egress", "allow").exit_code == Exit.REFUSED
