"""`synctv identity-provider`: setting up servers that vouch for people."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from synctv.application.accounts.external import provider_place
from synctv.domain.accounts.identities import IdentityProvider, ProviderKind
from synctv.entrypoints.cli.exits import Exit
from synctv.entrypoints.cli.provider_presets import KNOWN, Preset
from tests.builders import an_identity
from tests.entrypoints.cli.conftest import Command, RunningServer

SECRET = "hunter2hunter2"
SELF_MADE = ("--endpoint=authorization=https://x.example/a", "--endpoint=token=https://x.example/t?a=b")


@pytest.fixture
def secret_file(data_dir: Path) -> str:
    file = data_dir / "secret"
    file.write_text(f"{SECRET}\n")
    return str(file)


@pytest.fixture
def google(synctv: Command, running: RunningServer, secret_file: str) -> IdentityProvider:
    """A provider that is set up and can be reached."""
    running.server.oauth.there = True
    result = add(synctv, "google", "--preset", "google", "--client-secret-file", secret_file)
    assert result.exit_code == Exit.DONE, result.stderr
    return stored(running, "google")


def add(synctv: Command, slug: str, *options: str, client_id: str = "synctv", typed: str | None = None) -> Any:
    return synctv("identity-provider", "add", slug, "--client-id", client_id, *options, input=typed)


def stored(running: RunningServer, slug: str) -> IdentityProvider:
    """The provider as it is stored."""
    return running.run(lambda server: server.application.identity_providers.get(slug)).provider


def secret_of(running: RunningServer, slug: str) -> str | None:
    """The client secret, opened."""
    sealed = stored(running, slug).sealed_secret
    sealer = running.server.product.container.credentials_sealer()
    return sealer.open(sealed, provider_place(slug)).decode() if sealed is not None else None


def test_a_known_provider_needs_only_what_it_gave_us(synctv: Command, running: RunningServer, secret_file: str) -> None:
    running.server.oauth.there = True
    result = add(synctv, "github", "--preset", "github", "--client-secret-file", secret_file, "--sign-up", "on")
    assert result.exit_code == Exit.DONE, result.stderr
    provider = stored(running, "github")
    assert (provider.name, provider.kind, provider.scopes) == ("GitHub", ProviderKind.OAUTH2, ("read:user",))
    assert provider.endpoints is not None
    assert (provider.endpoints.subject, provider.endpoints.username) == ("id", "login")
    assert (provider.sign_up, provider.review, provider.trusts_email, provider.enabled) == (True, True, False, True)
    assert secret_of(running, "github") == SECRET
    assert SECRET not in result.output
    callback = running.server.application.identity_providers.callback_url("github")
    assert f"Register this redirect address with the provider: {callback}" in result.stderr
    assert "nobody can be sent" not in result.stderr


@pytest.mark.parametrize("preset", list(Preset))
def test_every_preset_leads_to_a_provider(synctv: Command, running: RunningServer, preset: Preset) -> None:
    tenant = "https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0"
    options = () if KNOWN[preset].issuer or KNOWN[preset].endpoints else ("--issuer", tenant)
    result = add(synctv, preset, "--preset", preset, "--public", *options)
    assert result.exit_code == Exit.DONE, result.stderr
    provider = stored(running, preset)
    assert provider.name == KNOWN[preset].name
    assert provider.sealed_secret is None
    where = [provider.issuer] if provider.endpoints is None else [provider.endpoints.authorization]
    assert all(address and address.startswith("https://") for address in where)


def test_a_preset_says_what_only_the_operator_knows(synctv: Command, running: RunningServer) -> None:
    assert running.data_dir.exists()
    result = add(synctv, "microsoft", "--preset", "microsoft", "--public")
    assert result.exit_code == Exit.USAGE
    assert "--issuer https://login.microsoftonline.com/" in result.stderr


def test_a_provider_of_one_s_own_is_described(synctv: Command, running: RunningServer) -> None:
    userinfo = "--endpoint=userinfo=https://x.example/u"
    fields = ("--field", "subject=id", "--field", "email-verified=ok")
    result = add(synctv, "mine", *SELF_MADE, userinfo, *fields, "--scope", "a", "--scope", "b", "--public")
    assert result.exit_code == Exit.DONE, result.stderr
    provider = stored(running, "mine")
    assert provider.endpoints is not None
    assert (provider.name, provider.scopes) == ("mine", ("a", "b"))
    assert provider.endpoints.token == "https://x.example/t?a=b"
    assert (provider.endpoints.subject, provider.endpoints.email_verified) == ("id", "ok")
    assert (provider.endpoints.username, provider.endpoints.email) == ("preferred_username", "email")


def test_a_known_provider_may_stand_elsewhere(synctv: Command, running: RunningServer) -> None:
    assert add(synctv, "gitlab", "--preset", "gitlab", "--issuer", "https://git.example", "--public").exit_code == 0
    assert stored(running, "gitlab").issuer == "https://git.example"
    assert add(synctv, "code", "--preset", "github", *SELF_MADE, "--public").exit_code == 0
    endpoints = stored(running, "code").endpoints
    assert endpoints is not None
    assert (endpoints.authorization, endpoints.userinfo) == ("https://x.example/a", "https://api.github.com/user")


def test_a_provider_that_can_not_be_reached_is_stored_and_it_is_said(synctv: Command, running: RunningServer) -> None:
    result = add(synctv, "google", "--preset", "google", "--public", "-o", "json")
    assert result.exit_code == Exit.DONE
    assert json.loads(result.stdout)["slug"] == "google"
    assert "nobody can be sent there yet" in result.stderr
    assert "no such server" in result.stderr
    assert stored(running, "google").enabled
    checked = synctv("identity-provider", "check", "google")
    assert checked.exit_code == Exit.UNAVAILABLE
    running.server.oauth.there = True
    assert synctv("identity-provider", "check", "google").exit_code == Exit.DONE


def test_a_secret_comes_from_standard_input(synctv: Command, running: RunningServer) -> None:
    result = add(synctv, "google", "--preset", "google", "--client-secret-file", "-", typed=f"{SECRET}\n")
    assert result.exit_code == Exit.DONE, result.stderr
    assert secret_of(running, "google") == SECRET


@pytest.mark.parametrize(
    "options, code, said",
    [
        (("--preset", "google"), Exit.USAGE, "--client-secret-file"),
        (("--public",), Exit.USAGE, "--issuer"),
        (("--public", "--preset", "nobody"), Exit.USAGE, "github"),
        (("--public", *SELF_MADE), Exit.USAGE, "--endpoint userinfo=URL"),
        (("--public", "--issuer", "https://x.example", *SELF_MADE), Exit.USAGE, "leave --endpoint"),
        (("--public", "--endpoint", "jwks=https://x"), Exit.USAGE, "authorization, token, userinfo"),
        (("--public", "--preset", "github", "--field", "subject"), Exit.USAGE, "NAME=VALUE"),
        (("--public", "--issuer", "accounts.example"), Exit.REFUSED, "https://"),
        (("--public", "--preset", "google", "--name", "x" * 61), Exit.REFUSED, "1 to 60 characters"),
    ],
    ids=lambda value: " ".join(value)[:60] if isinstance(value, tuple) else None,
)
def test_what_can_not_work_is_refused(
    synctv: Command, running: RunningServer, options: tuple[str, ...], code: Exit, said: str
) -> None:
    result = add(synctv, "mine", *options)
    assert result.exit_code == code
    assert said in result.stderr
    assert "Traceback" not in result.stderr
    assert not running.run(lambda server: server.application.identity_providers.list())


def test_a_client_id_is_needed(synctv: Command, running: RunningServer) -> None:
    assert running.data_dir.exists()
    result = synctv("identity-provider", "add", "google", "--preset", "google", "--public")
    assert result.exit_code == Exit.USAGE
    assert "--client-id" in result.stderr


def test_providers_are_listed_and_shown_without_secrets(
    synctv: Command, running: RunningServer, google: IdentityProvider
) -> None:
    listed = json.loads(synctv("identity-provider", "list", "-o", "json").stdout)
    assert listed["total"] == 1
    shown = json.loads(synctv("identity-provider", "show", "google", "-o", "json").stdout)
    assert listed["items"] == [shown]
    assert shown["issuer"] == google.issuer
    assert (shown["hasSecret"], shown["linked"], shown["authorizationUrl"], shown["fields"]) == (True, 0, None, None)
    assert shown["callbackUrl"] == running.server.application.identity_providers.callback_url("google")
    table = synctv("identity-provider", "show", "google").stdout
    assert "openid, profile, email" in table
    assert "Userinfo" not in table
    assert SECRET not in table + json.dumps(listed)


def test_a_change_is_of_what_is_named(synctv: Command, running: RunningServer, google: IdentityProvider) -> None:
    result = synctv("identity-provider", "set", "google", "--name", "G", "--sign-up", "on", "--review", "off")
    assert result.exit_code == Exit.DONE, result.stderr
    changed = stored(running, "google")
    assert (changed.name, changed.sign_up, changed.review, changed.trusts_email) == ("G", True, False, False)
    assert (changed.issuer, changed.scopes, changed.client_id) == (google.issuer, google.scopes, google.client_id)
    assert secret_of(running, "google") == SECRET
    other = synctv("identity-provider", "set", "google", "--client-secret-file", "-", input="another secret\n")
    assert other.exit_code == Exit.DONE
    assert secret_of(running, "google") == "another secret"
    nothing = synctv("identity-provider", "set", "google")
    assert nothing.exit_code == Exit.USAGE
    assert "set --help" in nothing.stderr


def test_a_part_of_the_endpoints_changes(synctv: Command, running: RunningServer) -> None:
    assert add(synctv, "github", "--preset", "github", "--public").exit_code == Exit.DONE
    change = ("--endpoint", "userinfo=https://x.example/u", "--field", "email-verified=ok")
    assert synctv("identity-provider", "set", "github", *change).exit_code == Exit.DONE
    endpoints = stored(running, "github").endpoints
    assert endpoints is not None
    assert endpoints.userinfo == "https://x.example/u"
    assert (endpoints.subject, endpoints.username, endpoints.email_verified) == ("id", "login", "ok")
    assert endpoints.token == "https://github.com/login/oauth/access_token"


def test_a_provider_is_switched_off_and_on(synctv: Command, running: RunningServer, google: IdentityProvider) -> None:
    assert google.enabled
    assert synctv("identity-provider", "disable", "google").exit_code == Exit.DONE
    assert not stored(running, "google").enabled
    assert synctv("identity-provider", "enable", "google").exit_code == Exit.DONE
    assert stored(running, "google").enabled


def test_removing_says_how_many_links_go(synctv: Command, running: RunningServer, google: IdentityProvider) -> None:
    account = running.run(lambda server: server.add_account())

    async def link(server: Any) -> None:
        async with server.transactions.write() as tx:
            await tx.identities.add(an_identity(account, google))

    running.run(link)
    asked = synctv("identity-provider", "remove", "google")
    assert asked.exit_code == Exit.USAGE
    assert "1 link" in asked.stderr
    removed = synctv("identity-provider", "remove", "google", "--yes")
    assert removed.exit_code == Exit.DONE
    assert "1 link" in removed.stdout
    assert synctv("identity-provider", "remove", "google", "--yes").exit_code == Exit.NOT_FOUND


@pytest.mark.parametrize("command", ["show", "set", "enable", "disable", "check", "remove"])
def test_what_is_not_there_is_one_sentence(synctv: Command, running: RunningServer, command: str) -> None:
    assert running.data_dir.exists()
    more = {"set": ("--name", "x"), "remove": ("--yes",)}.get(command, ())
    result = synctv("identity-provider", command, "nobody", *more)
    assert result.exit_code == Exit.NOT_FOUND
    assert result.stderr.strip().count("\n") == 0
