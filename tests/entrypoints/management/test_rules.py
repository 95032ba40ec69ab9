"""The rules on accounts, identity providers and mail over the management socket."""

from __future__ import annotations

from typing import Any

import pytest
from grpclib import GRPCError, Status

from synctv.entrypoints.management.identity_providers import add_provider
from synctv.entrypoints.wire.synctv import v1 as wire
from synctv.entrypoints.wire.synctv.v1 import ManagementStub
from tests.builders import an_identity
from tests.entrypoints.management.conftest import Server

DEFAULTS = wire.AccountPolicy(
    sign_up_password=wire.SignUpSwitch(review=True),
    sign_up_email=wire.SignUpSwitch(review=True),
    sign_up_passkey=wire.SignUpSwitch(review=True),
    email_sign_in=True,
    password=wire.PasswordRules(min_length=8, min_classes=1),
    reserved_usernames=["admin", "administrator", "root", "support", "synctv", "system"],
)
ENDPOINTS = wire.OAuthEndpoints(
    authorization="https://code.example/authorize",
    token="https://code.example/token",
    userinfo="https://api.code.example/user",
    subject="id",
    username="login",
    email="mail",
    email_verified="verified",
)


def new_provider(**changes: Any) -> wire.AddIdentityProviderRequest:
    """A provider that can be added."""
    fields = {
        "slug": "google",
        "name": "Google",
        "client_id": "synctv",
        "client_secret": "hunter2",
        "scopes": ["openid", "email"],
        "issuer": "https://accounts.example",
        "review": True,
    }
    return wire.AddIdentityProviderRequest(**{**fields, **changes})


async def test_the_rules_are_those_of_the_product_until_somebody_changes_them(management: ManagementStub) -> None:
    told = await management.get_account_policy(wire.GetAccountPolicyRequest())
    assert (told.policy, told.version, told.mail) == (DEFAULTS, 0, True)


async def test_all_of_the_rules_are_replaced(management: ManagementStub) -> None:
    policy = wire.AccountPolicy(
        sign_up_password=wire.SignUpSwitch(enabled=True),
        sign_up_email=wire.SignUpSwitch(enabled=True, review=True),
        sign_up_passkey=wire.SignUpSwitch(),
        email_required=True,
        allowed_domains=["Example.org", "example.com"],
        blocked_domains=["spam.example"],
        password=wire.PasswordRules(min_length=12, min_classes=3, max_repeats=4),
        reserved_usernames=["Boss"],
    )
    told = await management.set_account_policy(wire.SetAccountPolicyRequest(policy=policy))
    policy.allowed_domains, policy.reserved_usernames = ["example.com", "example.org"], ["boss"]
    assert (told.policy, told.version) == (policy, 1)
    read = await management.get_account_policy(wire.GetAccountPolicyRequest())
    assert (read.policy, read.version) == (policy, 1)


async def test_rules_that_changed_meanwhile_are_not_overwritten(management: ManagementStub) -> None:
    request = wire.SetAccountPolicyRequest(policy=DEFAULTS, expected_version=0)
    await management.set_account_policy(request)
    with pytest.raises(GRPCError) as caught:
        await management.set_account_policy(request)
    assert caught.value.status is Status.ABORTED


@pytest.mark.parametrize("policy", [None, wire.AccountPolicy()], ids=["nothing", "no passwords"])
async def test_rules_that_are_left_out_are_not_taken_for_off(
    management: ManagementStub, policy: wire.AccountPolicy | None
) -> None:
    with pytest.raises(GRPCError) as caught:
        await management.set_account_policy(wire.SetAccountPolicyRequest(policy=policy))
    assert caught.value.status is Status.INVALID_ARGUMENT


async def test_an_openid_provider_is_added_and_shown_without_its_secret(management: ManagementStub) -> None:
    added = (await management.add_identity_provider(new_provider(sign_up=True, trusts_email=True))).provider
    assert added == wire.OperatedIdentityProvider(
        slug="google",
        name="Google",
        kind="oidc",
        client_id="synctv",
        has_secret=True,
        scopes=["openid", "email"],
        issuer="https://accounts.example",
        enabled=True,
        sign_up=True,
        review=True,
        trusts_email=True,
        callback_url="https://watch.example.org/api/v1/auth/oauth/callback/google",
    )
    assert "hunter2" not in repr(added)
    listed = await management.list_identity_providers(wire.ListIdentityProvidersRequest())
    assert listed.providers == [added]
    got = await management.get_identity_provider(wire.GetIdentityProviderRequest(slug="google"))
    assert got.provider == added


async def test_a_provider_without_discovery_has_endpoints(management: ManagementStub) -> None:
    request = new_provider(slug="code", issuer="", endpoints=ENDPOINTS, client_secret=None)
    added = (await management.add_identity_provider(request)).provider
    assert added is not None
    assert (added.kind, added.endpoints, added.has_secret) == ("oauth2", ENDPOINTS, False)
    plain = wire.OAuthEndpoints(authorization="https://x/a", token="https://x/t", userinfo="https://x/u")
    change = wire.ChangeIdentityProviderRequest(slug="code", endpoints=plain)
    changed = (await management.change_identity_provider(change)).provider
    assert changed is not None
    assert changed.endpoints is not None
    names = (changed.endpoints.subject, changed.endpoints.username, changed.endpoints.email)
    assert (*names, changed.endpoints.email_verified) == ("sub", "preferred_username", "email", "")


async def test_a_change_is_of_what_it_names(management: ManagementStub) -> None:
    before = (await management.add_identity_provider(new_provider())).provider
    assert before is not None
    nothing = await management.change_identity_provider(wire.ChangeIdentityProviderRequest(slug="google"))
    assert nothing.provider == before
    changed = await management.change_identity_provider(
        wire.ChangeIdentityProviderRequest(
            slug="google",
            name="G",
            client_id="other",
            scopes=wire.OAuthScopes(scopes=["openid"]),
            issuer="https://other.example",
            enabled=False,
            sign_up=True,
            review=False,
            trusts_email=True,
        )
    )
    assert changed.provider == wire.OperatedIdentityProvider(
        slug="google",
        name="G",
        kind="oidc",
        client_id="other",
        has_secret=True,
        scopes=["openid"],
        issuer="https://other.example",
        enabled=False,
        sign_up=True,
        review=False,
        trusts_email=True,
        callback_url=before.callback_url,
    )


async def test_a_removed_provider_says_how_many_links_went(management: ManagementStub, server: Server) -> None:
    await add_provider(server.application, new_provider())
    account = await server.add_account()
    provider = (await server.application.identity_providers.get("google")).provider
    async with server.transactions.write() as tx:
        await tx.identities.add(an_identity(account, provider))
    (listed,) = (await management.list_identity_providers(wire.ListIdentityProvidersRequest())).providers
    assert listed.linked == 1
    removed = await management.remove_identity_provider(wire.RemoveIdentityProviderRequest(slug="google"))
    assert removed.unlinked == 1


async def test_a_check_says_whether_a_provider_can_be_reached(management: ManagementStub, server: Server) -> None:
    check = wire.CheckIdentityProviderRequest(slug="google")
    await management.add_identity_provider(new_provider())
    with pytest.raises(GRPCError, match="no such server") as caught:
        await management.check_identity_provider(check)
    assert caught.value.status is Status.UNAVAILABLE
    server.oauth.there = True
    await management.check_identity_provider(check)


async def test_mail_is_tried_and_what_the_mail_server_says_is_told(management: ManagementStub, server: Server) -> None:
    await management.test_mail(wire.TestMailRequest(to="ada@example.org", language="zh"))
    server.mail.reason = "mail.example refused the letter: 550 No."
    with pytest.raises(GRPCError, match="550 No") as caught:
        await management.test_mail(wire.TestMailRequest(to="ada@example.org"))
    assert caught.value.status is Status.UNAVAILABLE


async def test_waiting_letters_are_counted(management: ManagementStub, server: Server) -> None:
    await server.add_account(username="ada", email="ada@example.org")
    await management.require_reset(wire.RequireResetRequest(name="ada"))
    status = await management.get_mail_status(wire.GetMailStatusRequest())
    assert (status.configured, status.waiting) == (True, 1)


FAILURES = [
    ("get_identity_provider", wire.GetIdentityProviderRequest(slug="no"), Status.NOT_FOUND),
    ("add_identity_provider", new_provider(), Status.ALREADY_EXISTS),
    ("add_identity_provider", new_provider(slug="A"), Status.INVALID_ARGUMENT),
    ("add_identity_provider", new_provider(slug="x", issuer=""), Status.INVALID_ARGUMENT),
    ("add_identity_provider", new_provider(slug="x", endpoints=ENDPOINTS), Status.INVALID_ARGUMENT),
    ("add_identity_provider", new_provider(slug="x", client_secret=""), Status.INVALID_ARGUMENT),
    ("change_identity_provider", wire.ChangeIdentityProviderRequest(slug="no", name="x"), Status.NOT_FOUND),
    ("change_identity_provider", wire.ChangeIdentityProviderRequest(slug="google", name=""), Status.INVALID_ARGUMENT),
    (
        "change_identity_provider",
        wire.ChangeIdentityProviderRequest(slug="google", endpoints=ENDPOINTS),
        Status.INVALID_ARGUMENT,
    ),
    ("remove_identity_provider", wire.RemoveIdentityProviderRequest(slug="no"), Status.NOT_FOUND),
    ("check_identity_provider", wire.CheckIdentityProviderRequest(slug="no"), Status.NOT_FOUND),
    ("test_mail", wire.TestMailRequest(to="nobody"), Status.INVALID_ARGUMENT),
    ("test_mail", wire.TestMailRequest(to="a@example.org", language="xx"), Status.INVALID_ARGUMENT),
]


@pytest.mark.parametrize("method, request_, status", FAILURES)
async def test_what_is_refused_is_a_status_and_a_sentence(
    management: ManagementStub, method: str, request_: object, status: Status
) -> None:
    await management.add_identity_provider(new_provider())
    with pytest.raises(GRPCError) as caught:
        await getattr(management, method)(request_)
    assert caught.value.status is status
    assert (caught.value.message or "").endswith(".")
