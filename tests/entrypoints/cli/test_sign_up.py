"""`synctv sign-up`: the rules on accounts, shown, changed, and as a document."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from synctv.application.operation.account_rules import AccountRules
from synctv.application.ports.policies import StoredPolicy
from synctv.domain.accounts.email import EmailRules
from synctv.domain.accounts.passwords import PasswordPolicy
from synctv.domain.accounts.policy import AccountPolicy, SignUpWay, WaySwitch
from synctv.entrypoints.cli.exits import Exit
from tests.entrypoints.cli.conftest import Command, RunningServer
from tests.entrypoints.cli.terminal import typed
from tests.entrypoints.management.conftest import Server

DOCUMENT = {
    "signUp": {
        "password": {"enabled": False, "review": True},
        "email": {"enabled": False, "review": True},
        "passkey": {"enabled": False, "review": True},
    },
    "emailRequired": False,
    "emailSignIn": True,
    "emailRules": {"allowed": [], "blocked": []},
    "password": {"minLength": 8, "minClasses": 1, "maxRepeats": 0, "minScore": 0},
    "reservedUsernames": ["admin", "administrator", "root", "support", "synctv", "system"],
}


def policy(running: RunningServer) -> AccountPolicy:
    """The rules as they are stored."""
    return running.run(lambda server: server.application.account_rules.policy()).policy


def store(running: RunningServer, changed: AccountPolicy) -> None:
    async def work(server: Server) -> None:
        stored = await server.application.account_rules.policy()
        await server.application.account_rules.set_policy(changed, stored.version)

    running.run(work)


def test_the_rules_are_shown_in_words_and_as_a_document(synctv: Command, running: RunningServer) -> None:
    assert running.data_dir.exists()
    table = synctv("sign-up", "show").stdout
    for words in ("closed", "at least 8 characters", "all", "none", "administrator"):
        assert words in table
    assert json.loads(synctv("sign-up", "show", "-o", "json").stdout) == {**DOCUMENT, "version": 0}


def test_all_that_is_named_changes(synctv: Command, running: RunningServer) -> None:
    options = (
        "--password on --password-review off --email on --email-review on --passkey on --passkey-review off "
        "--email-required on --allow-domain Example.org --allow-domain example.com --block-domain spam.example "
        "--email-sign-in off --min-length 12 --min-classes 3 --max-repeats 4"
    )
    result = synctv("sign-up", "set", *options.split())
    assert result.exit_code == Exit.DONE, result.stderr
    assert policy(running) == replace(
        AccountPolicy(),
        sign_up={
            SignUpWay.PASSWORD: WaySwitch(enabled=True, review=False),
            SignUpWay.EMAIL: WaySwitch(enabled=True, review=True),
            SignUpWay.PASSKEY: WaySwitch(enabled=True, review=False),
        },
        email_required=True,
        email_rules=EmailRules(frozenset({"example.org", "example.com"}), frozenset({"spam.example"})),
        email_sign_in=False,
        password=PasswordPolicy(12, 3, 4),
    )
    for words in ("open, newcomers wait for approval", "3 kinds", "4 times", "example.com, example.org"):
        assert words in result.stdout


def test_what_is_not_named_stays(synctv: Command, running: RunningServer) -> None:
    before = AccountPolicy(
        sign_up={way: WaySwitch(enabled=True, review=False) for way in SignUpWay},
        email_required=True,
        email_rules=EmailRules(frozenset({"example.org"}), frozenset({"spam.example"})),
        email_sign_in=False,
        password=PasswordPolicy(12, 3, 4),
        reserved_usernames=frozenset({"boss"}),
    )
    store(running, before)
    assert synctv("sign-up", "set", "--email-sign-in", "on").exit_code == Exit.DONE
    assert policy(running) == replace(before, email_sign_in=True)
    assert synctv("sign-up", "set", "--allow-any-domain", "--block-no-domain").exit_code == Exit.DONE
    assert policy(running) == replace(before, email_sign_in=True, email_rules=EmailRules())


def test_without_mail_it_is_said_that_addresses_can_not_be_proven(synctv: Command, running: RunningServer) -> None:
    running.server.mail.there = False
    assert "synctv mail status" in synctv("sign-up", "set", "--email", "on").stderr
    assert synctv("sign-up", "set", "--email", "off").stderr == ""


@pytest.mark.parametrize(
    "options, code, said",
    [
        ((), Exit.USAGE, "sign-up set --help"),
        (("--password", "perhaps"), Exit.USAGE, "perhaps"),
        (("--min-length", "7"), Exit.USAGE, "--min-length"),
        (("--allow-domain", "example.org", "--allow-any-domain"), Exit.USAGE, "--allow-any-domain"),
        (("--block-domain", "example.org", "--block-no-domain"), Exit.USAGE, "--block-no-domain"),
        (("--allow-domain", "no domain"), Exit.REFUSED, "example.org"),
    ],
    ids=str,
)
def test_a_change_that_makes_no_sense_changes_nothing(
    synctv: Command, running: RunningServer, options: tuple[str, ...], code: Exit, said: str
) -> None:
    result = synctv("sign-up", "set", *options)
    assert result.exit_code == code
    assert said in result.stderr
    assert policy(running) == AccountPolicy()


def overtaken(times: int, **changes: bool) -> Callable[[AccountRules], Awaitable[StoredPolicy]]:
    """Reading the rules, after which somebody else changes them at once, so many times."""
    real, left = AccountRules.policy, [None] * times

    async def read(rules: AccountRules) -> StoredPolicy:
        stored = await real(rules)
        if left:
            left.pop()
            await rules.set_policy(replace(stored.policy, **changes), stored.version)  # type: ignore[arg-type]
        return stored

    return read


def test_who_changes_the_rules_at_the_same_time_is_not_undone(
    synctv: Command, running: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(AccountRules, "policy", overtaken(1, email_required=True))
    result = synctv("sign-up", "set", "--password", "on")
    assert result.exit_code == Exit.DONE, result.stderr
    assert policy(running).email_required
    assert policy(running).way(SignUpWay.PASSWORD).enabled


def test_who_is_overtaken_again_and_again_is_told_so(
    synctv: Command, running: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(AccountRules, "policy", overtaken(2, email_required=True))
    result = synctv("sign-up", "set", "--password", "on")
    assert result.exit_code == Exit.REFUSED
    assert "changed in the meantime" in result.stderr
    assert not policy(running).way(SignUpWay.PASSWORD).enabled


@pytest.mark.parametrize("form", ["yaml", "json"])
def test_what_is_exported_can_be_imported_elsewhere(synctv: Command, running: RunningServer, form: str) -> None:
    changed = AccountPolicy(
        sign_up={way: WaySwitch(enabled=True, review=False) for way in SignUpWay},
        email_required=True,
        email_rules=EmailRules(frozenset({"example.org"}), frozenset({"spam.example"})),
        password=PasswordPolicy(10, 2, 3),
        reserved_usernames=frozenset({"boss", "yes"}),
    )
    store(running, changed)
    exported = synctv("sign-up", "export", "--output", form)
    assert exported.exit_code == Exit.DONE
    store(running, AccountPolicy())
    file = running.data_dir / "rules"
    file.write_text(exported.stdout)
    result = synctv("sign-up", "import", str(file), "--yes")
    assert result.exit_code == Exit.DONE, result.stderr
    assert "emailRequired: false → true" in result.stderr
    assert policy(running) == changed
    again = synctv("sign-up", "import", "-", "--yes", input=exported.stdout)
    assert again.exit_code == Exit.DONE
    assert "Nothing was changed" in again.stderr


def test_an_import_shows_what_changes_and_asks(synctv: Command, running: RunningServer) -> None:
    file = running.data_dir / "rules.yaml"
    file.write_text(yaml.safe_dump({**DOCUMENT, "emailRequired": True, "reservedUsernames": []}))
    refused = synctv("sign-up", "import", str(file))
    assert refused.exit_code == Exit.USAGE
    assert "reservedUsernames: admin" in refused.stderr
    assert policy(running) == AccountPolicy()
    code, seen = typed(["sign-up", "import", str(file)], [("Replace the rules?", "y")])
    assert code == Exit.DONE, seen
    assert policy(running).reserved_usernames == frozenset()


def test_an_import_undoes_nothing_unseen(
    synctv: Command, running: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = running.data_dir / "rules.yaml"
    file.write_text(yaml.safe_dump({**DOCUMENT, "emailRequired": True}))
    monkeypatch.setattr(AccountRules, "policy", overtaken(1, email_sign_in=False))
    result = synctv("sign-up", "import", str(file), "--yes")
    assert result.exit_code == Exit.REFUSED
    assert "changed in the meantime" in result.stderr
    assert policy(running) == AccountPolicy(email_sign_in=False)


def without(path: str) -> dict[str, Any]:
    """The document less one value."""
    copy: dict[str, Any] = json.loads(json.dumps(DOCUMENT))
    *folders, name = path.split(".")
    place = copy
    for folder in folders:
        place = place[folder]
    del place[name]
    return copy


@pytest.mark.parametrize(
    "content, said",
    [
        ("", ["signUp.password.enabled is missing", "reservedUsernames is missing"]),
        ("[1, 2]", ["emailRequired is missing"]),
        (yaml.safe_dump(without("signUp.email.review")), ["signUp.email.review is missing"]),
        (json.dumps({**DOCUMENT, "emailRequired": "yes", "nonsense": 1}), ["emailRequired is true", "nonsense is not"]),
        (json.dumps({**DOCUMENT, "password": {"minLength": True}}), ["password.minLength is a whole", "minScore is"]),
        (json.dumps({**DOCUMENT, "password": 8}), ["password is not known", "password.minLength is missing"]),
        (json.dumps({**DOCUMENT, "reservedUsernames": [1]}), ["reservedUsernames is a list"]),
        (json.dumps({**DOCUMENT, "reservedUsernames": "admin"}), ["reservedUsernames is a list"]),
        ("a: [b\n", ["neither YAML nor JSON", "line"]),
        ("!!python/object/apply:os.system ['true']", ["neither YAML nor JSON"]),
        ("[" * 100_000, ["neither YAML nor JSON"]),
        ("x" * (1 << 20) + "x", ["longer than"]),
    ],
    ids=[
        "empty",
        "list",
        "missing",
        "wrong",
        "numbers",
        "flat",
        "list of numbers",
        "text",
        "broken",
        "tag",
        "deep",
        "long",
    ],
)
def test_everything_wrong_in_a_document_is_named(
    synctv: Command, running: RunningServer, content: str, said: list[str]
) -> None:
    file = running.data_dir / "rules"
    file.write_text(content)
    result = synctv("sign-up", "import", str(file), "--yes")
    assert result.exit_code == Exit.USAGE
    for words in said:
        assert words in result.stderr
    assert "Traceback" not in result.stderr
    assert policy(running) == AccountPolicy()


def test_a_document_that_is_not_there_is_named(synctv: Command, data_dir: Path) -> None:
    result = synctv("sign-up", "import", str(data_dir / "nothing"))
    assert result.exit_code == Exit.USAGE
    assert "nothing" in result.stderr
