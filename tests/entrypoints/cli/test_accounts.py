"""`synctv account`: what the commands do and show."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from synctv.application.accounts.client import Client
from synctv.domain.accounts.account import Account
from synctv.entrypoints.cli.exits import Exit
from tests.applications import PASSWORD
from tests.builders import a_passkey, an_identity, an_identity_provider
from tests.entrypoints.cli.conftest import Command, RunningServer


def add(running: RunningServer, **changes: Any) -> Account:
    return running.run(lambda server: server.add_account(**changes))


def now(running: RunningServer, name: str = "ada") -> Account:
    """The account as it is stored now."""
    return running.run(lambda server: server.application.accounts.get(name)).account


def shown(synctv: Command, *arguments: str) -> Any:
    """What a script reads. The command has to succeed."""
    result = synctv(*arguments, "--output", "json")
    assert result.exit_code == Exit.DONE, result.output
    return json.loads(result.stdout)


def test_accounts_are_searched_and_filtered(synctv: Command, running: RunningServer) -> None:
    add(running, username="ada", pending=True)
    add(running, username="bob", email="ada@example.org")
    add(running, username="cleo")
    assert synctv("account", "ban", "cleo", "--yes").exit_code == Exit.DONE

    def listed(*arguments: str) -> list[str]:
        page = shown(synctv, "account", "list", *arguments)
        assert page["total"] == len(page["items"])
        return [account["username"] for account in page["items"]]

    assert listed("--query", "ada") == ["ada", "bob"]
    assert listed("--pending") == ["ada"]
    assert listed("--banned") == ["cleo"]
    assert listed() == ["ada", "bob", "cleo"]


def test_an_account_is_shown_with_its_ways_to_sign_in(synctv: Command, running: RunningServer) -> None:
    account = add(running, username="ada", email="ada@example.org", two_factor=True)
    assert shown(synctv, "account", "show", "ADA@example.org") == {
        "id": account.id,
        "username": "ada",
        "role": "user",
        "status": "active",
        "email": "ada@example.org",
        "language": None,
        "twoFactor": True,
        "mustReset": False,
        "bannedAt": None,
        "bannedBy": None,
        "banReason": None,
        "bannedUntil": None,
        "closedAt": None,
        "restorableUntil": None,
        "createdAt": "2026-01-01T00:00:00Z",
        "factors": ["password", "email"],
        "linked": 0,
        "sessions": 0,
    }
    assert "password, email" in synctv("account", "show", account.id).stdout


def test_an_account_is_closed_and_restored(synctv: Command, running: RunningServer) -> None:
    account = add(running, username="ada")
    add(running, username="bob")
    closed = shown(synctv, "account", "close", "ada", "--reason", "asked for it", "--yes")
    assert (closed["status"], closed["closedAt"]) == ("closed", "2026-01-01T00:00:00Z")
    assert closed["restorableUntil"] == "2026-01-31T00:00:00Z"
    assert [one["id"] for one in shown(synctv, "account", "list", "--closed")["items"]] == [account.id]
    assert len(shown(synctv, "account", "list")["items"]) == 2
    assert "2026-01-31" in synctv("account", "show", "ada").stdout
    (entry,) = shown(synctv, "audit", "--account", "ada", "--action", "account_closed")["items"]
    assert entry["reason"] == "asked for it"
    refused = synctv("account", "ban", "ada", "--yes")
    assert refused.exit_code == Exit.REFUSED
    assert "synctv account restore" in refused.stderr
    restored = shown(synctv, "account", "restore", "ada")
    assert (restored["status"], restored["closedAt"], restored["restorableUntil"]) == ("active", None, None)


def test_closing_asks_first(synctv: Command, running: RunningServer) -> None:
    add(running, username="ada")
    assert synctv("account", "close", "ada", input="n\n").exit_code != Exit.DONE
    assert now(running).closed_at is None


def test_a_role_is_set(synctv: Command, running: RunningServer) -> None:
    add(running, username="ada")
    assert shown(synctv, "account", "set-role", "ada", "admin")["role"] == "admin"
    refused = synctv("account", "set-role", "ada", "king")
    assert refused.exit_code == Exit.USAGE
    assert now(running).role == "admin"


@pytest.mark.parametrize(
    "end, until",
    [
        ((), None),
        (("--for", "7d"), "2026-01-08T00:00:00Z"),
        (("--for", "90m"), "2026-01-01T01:30:00Z"),
        (("--for", "4w"), "2026-01-29T00:00:00Z"),
        (("--until", "2026-12-31"), "2026-12-31T00:00:00Z"),
        (("--until", "2026-12-31T18:00:00+01:00"), "2026-12-31T17:00:00Z"),
        (("--until", "2026-12-31T18:00:00Z"), "2026-12-31T18:00:00Z"),
    ],
    ids=str,
)
def test_a_ban_has_an_end_or_none(
    synctv: Command, running: RunningServer, end: tuple[str, ...], until: str | None
) -> None:
    add(running, username="ada")
    banned = shown(synctv, "account", "ban", "ada", "--reason", "too loud", "--yes", *end)
    assert (banned["status"], banned["banReason"], banned["bannedUntil"]) == ("banned", "too loud", until)
    assert (banned["bannedBy"], banned["bannedAt"]) == ("operator", "2026-01-01T00:00:00Z")
    assert shown(synctv, "account", "unban", "ada")["status"] == "active"
    again = synctv("account", "unban", "ada")
    assert again.exit_code == Exit.REFUSED
    assert "not banned" in again.stderr


@pytest.mark.parametrize(
    "end, code",
    [
        (("--for", "7"), Exit.USAGE),
        (("--for", "0d"), Exit.USAGE),
        (("--for", "-1d"), Exit.USAGE),
        (("--for", "for ever"), Exit.USAGE),
        (("--for", "999999w"), Exit.REFUSED),
        (("--until", "tomorrow"), Exit.USAGE),
        (("--until", "2026-12-31T18:00:00"), Exit.USAGE),
        (("--until", "2025-12-31"), Exit.REFUSED),
        (("--until", "9999-12-31"), Exit.REFUSED),
        (("--until", "2026-12-31", "--for", "7d"), Exit.USAGE),
    ],
    ids=str,
)
def test_an_end_that_makes_no_sense_bans_nobody(
    synctv: Command, running: RunningServer, end: tuple[str, ...], code: Exit
) -> None:
    add(running, username="ada")
    result = synctv("account", "ban", "ada", "--yes", *end)
    assert result.exit_code == code
    assert result.stderr
    assert "Traceback" not in result.stderr
    assert now(running).ban is None


def test_a_reset_prints_a_link_that_is_not_broken_over_lines(synctv: Command, running: RunningServer) -> None:
    add(running, username="ada")
    result = synctv("account", "require-reset", "ada", "--yes")
    assert result.exit_code == Exit.DONE
    link, *rest = result.stdout.splitlines()
    assert link.startswith("https://watch.example.org/reset#token=")
    assert "24 hours" in " ".join(rest)
    assert "not mailed" in " ".join(rest)
    assert now(running).must_reset
    add(running, username="bob", email="bob@example.org")
    told = shown(synctv, "account", "require-reset", "bob", "--yes")
    assert (told["expiresIn"], told["mailed"]) == (86_400, True)
    assert "mailed to the holder" in synctv("account", "require-reset", "bob", "--yes").stdout


def test_a_hijacked_account_loses_what_the_thief_set(synctv: Command, running: RunningServer) -> None:
    account = add(running, username="ada", email="thief@example.org", password=None)

    async def linked(server: Any) -> None:
        provider = an_identity_provider(slug="theirs")
        async with server.transactions.write() as tx:
            await tx.identity_providers.save(provider)
            await tx.identities.add(an_identity(account, provider))

    running.run(linked)
    unlinked = synctv("account", "unlink", "ada", "theirs", "--yes")
    assert (unlinked.exit_code, unlinked.stderr) == (Exit.DONE, "")
    assert synctv("account", "unlink", "ada", "theirs", "--yes").exit_code == Exit.NOT_FOUND
    removed = synctv("account", "remove-email", "ada", "--yes", "-o", "json")
    assert json.loads(removed.stdout)["email"] is None
    assert "synctv account require-reset ada" in removed.stderr


def test_a_reset_link_need_not_be_mailed(synctv: Command, running: RunningServer) -> None:
    add(running, username="ada", email="thief@example.org")
    assert shown(synctv, "account", "require-reset", "ada", "--no-mail", "--yes")["mailed"] is False
    said = synctv("account", "require-reset", "ada", "--no-mail", "--yes").stdout
    assert "It was not mailed. Hand it over in private." in said


def test_second_steps_are_taken_away_and_it_is_said_when_no_way_in_is_left(
    synctv: Command, running: RunningServer
) -> None:
    account = add(running, username="ada", password=None, two_factor=True)

    async def with_passkey(server: Any) -> None:
        async with server.transactions.write() as tx:
            await tx.passkeys.add(a_passkey(account))

    running.run(with_passkey)
    result = synctv("account", "reset-factors", "ada", "--yes", "-o", "json")
    assert json.loads(result.stdout)["twoFactor"] is False
    assert "synctv account require-reset ada" in result.stderr
    add(running, username="bob")
    assert synctv("account", "reset-factors", "bob", "--yes").stderr == ""


def test_sessions_are_listed_and_ended(synctv: Command, running: RunningServer) -> None:
    running.run(lambda server: server.application.accounts.create("ada", PASSWORD))
    running.run(lambda server: server.product.sign_in("ada", Client("Phone\x1b[2J", "192.0.2.1")))
    listed = yaml.safe_load(synctv("account", "sessions", "ada", "-o", "yaml").stdout)
    (session,) = listed["items"]
    assert (session["methods"], session["address"], listed["total"]) == (["password"], "192.0.2.1", 1)
    table = synctv("account", "sessions", "ada").stdout
    assert "192.0.2.1" in table
    assert "\x1b" not in table
    assert shown(synctv, "account", "end-sessions", "ada", "--yes")["username"] == "ada"
    assert shown(synctv, "account", "sessions", "ada")["items"] == []


def test_sign_ups_are_judged(synctv: Command, running: RunningServer) -> None:
    add(running, username="ada", pending=True)
    add(running, username="bob", pending=True, email="bob@example.org")
    assert shown(synctv, "account", "approve", "ada")["status"] == "active"
    rejected = synctv("account", "reject", "bob", "--reason", "full", "--yes")
    assert rejected.exit_code == Exit.DONE
    assert "bob was turned down" in rejected.stdout
    assert [one["username"] for one in shown(synctv, "account", "list")["items"]] == ["ada"]
    again = synctv("account", "approve", "ada")
    assert again.exit_code == Exit.REFUSED
    assert "does not wait" in again.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("show", "nobody"),
        ("set-role", "nobody", "user"),
        ("ban", "nobody", "--yes"),
        ("ban", "nobody"),
        ("unban", "nobody"),
        ("require-reset", "nobody", "--yes"),
        ("remove-email", "nobody", "--yes"),
        ("unlink", "nobody", "google", "--yes"),
        ("reset-factors", "nobody", "--yes"),
        ("sessions", "nobody"),
        ("end-sessions", "nobody", "--yes"),
        ("approve", "nobody"),
        ("reject", "nobody", "--yes"),
    ],
    ids=" ".join,
)
def test_who_is_not_there_is_one_sentence(synctv: Command, running: RunningServer, arguments: tuple[str, ...]) -> None:
    assert running.data_dir.exists()
    result = synctv("account", *arguments)
    assert result.exit_code == Exit.NOT_FOUND
    assert result.stderr.strip().count("\n") == 0
    assert result.stdout == ""


def test_the_log_is_read_in_pages_by_account_and_by_action(synctv: Command, running: RunningServer) -> None:
    running.run(lambda server: server.application.accounts.create("ada", PASSWORD))
    running.run(lambda server: server.application.accounts.create("bob", PASSWORD))
    synctv("account", "set-role", "bob", "root")
    page = shown(synctv, "audit", "--limit", "2")
    assert [entry["action"] for entry in page["items"]] == ["role_changed", "account_created"]
    assert page["total"] is None
    entry = page["items"][0]
    assert (entry["actorKind"], entry["actorName"], entry["targetName"]) == ("operator", "operator", "bob")
    assert (entry["detail"], entry["address"]) == ({"before": "user", "role": "root"}, None)
    rest = shown(synctv, "audit", "--before", page["nextCursor"])
    assert [entry["targetName"] for entry in rest["items"]] == ["ada"]
    (found,) = shown(synctv, "audit", "--account", "bob", "--action", "account_created")["items"]
    assert found["targetName"] == "bob"
    table = synctv("audit", "--limit", "1").stdout
    assert "before user, role root" in table
    assert "1 shown. Go on with --before aud_" in table


def test_an_action_that_there_is_not_is_refused_with_those_that_there_are(synctv: Command) -> None:
    result = synctv("audit", "--action", "sang")
    assert result.exit_code == Exit.USAGE
    assert "signed_in" in result.stderr


def test_mail_is_tried_and_its_state_is_shown(synctv: Command, running: RunningServer) -> None:
    assert shown(synctv, "mail", "status") == {"configured": True, "waiting": 0}
    sent = synctv("mail", "test", "ada@example.org", "--language", "zh")
    assert sent.exit_code == Exit.DONE
    assert "ada@example.org" in sent.stdout
    running.server.mail.reason = "mail.example:25 takes nothing."
    refused = synctv("mail", "test", "ada@example.org")
    assert refused.exit_code == Exit.UNAVAILABLE
    assert "mail.example:25 takes nothing." in refused.stderr
    running.server.mail.there = False
    off = synctv("mail", "test", "ada@example.org")
    assert off.exit_code == Exit.REFUSED
    assert "mail.host" in off.stderr
    assert synctv("mail", "test", "nobody").exit_code == Exit.REFUSED
    assert synctv("mail", "test", "ada@example.org", "--language", "xx").exit_code == Exit.USAGE
