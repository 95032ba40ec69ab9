"""Accounts, their access and the audit log over the management socket."""

from __future__ import annotations

import pytest
from grpclib import GRPCError, Status

from synctv.application.accounts.client import Client
from synctv.domain.accounts.account import GlobalRole, Language
from synctv.domain.ids import seconds_after
from synctv.entrypoints.management.service import ManagementService
from synctv.entrypoints.wire.synctv import v1 as wire
from synctv.entrypoints.wire.synctv.v1 import ManagementStub
from tests.applications import PASSWORD
from tests.builders import a_passkey, a_totp_secret, an_identity, an_identity_provider
from tests.entrypoints.management.conftest import Server

NOBODY = "usr_01h455vb4pex5vsknk084sn02q"


async def test_an_account_is_shown_as_it_stands(management: ManagementStub, server: Server) -> None:
    account = await server.add_account(
        username="ada", email="ada@example.org", language=Language.CHINESE, two_factor=True, must_reset=True
    )
    provider = an_identity_provider()
    async with server.transactions.write() as tx:
        await tx.passkeys.add(a_passkey(account))
        await tx.totp_secrets.save(a_totp_secret(account))
        await tx.identity_providers.save(provider)
        await tx.identities.add(an_identity(account, provider))
    shown = await management.get_account(wire.GetAccountRequest(name="ADA@example.org"))
    assert shown.account == wire.OperatedAccount(
        id=account.id,
        username="ada",
        role="user",
        status="active",
        created_at=account.created_at,
        email="ada@example.org",
        language="zh",
        two_factor=True,
        must_reset=True,
    )
    assert (shown.factors, shown.linked, shown.sessions) == (["passkey", "email", "totp"], 1, 0)


async def test_accounts_are_listed_as_they_are_filtered(management: ManagementStub, server: Server) -> None:
    await server.add_account(username="ada", pending=True)
    await server.add_account(username="bob", email="ada@example.org")
    await server.add_account(username="cleo")
    await management.ban_account(wire.BanAccountRequest(name="cleo"))

    async def listed(**filter: object) -> list[tuple[str, str]]:
        page = await management.list_accounts(wire.ListAccountsRequest(**filter))  # type: ignore[arg-type]
        assert page.total == len(page.accounts)
        return [(account.username, account.status) for account in page.accounts]

    assert await listed() == [("ada", "pending"), ("bob", "active"), ("cleo", "banned")]
    assert await listed(query=" ADA ") == [("ada", "pending"), ("bob", "active")]
    assert await listed(pending=True) == [("ada", "pending")]
    assert await listed(banned=True) == [("cleo", "banned")]


async def test_an_account_is_closed_and_restored(management: ManagementStub, server: Server) -> None:
    account = await server.add_account(username="ada")
    closed = (await management.close_account(wire.CloseAccountRequest(name="ada", reason="asked for it"))).account
    assert closed is not None
    assert (closed.id, closed.status) == (account.id, "closed")
    assert closed.closed_at == server.application.clock.now()
    assert closed.restorable_until == seconds_after(server.application.clock.now(), 30 * 86_400)
    page = await management.list_accounts(wire.ListAccountsRequest(closed=True))
    assert [one.id for one in page.accounts] == [account.id]
    with pytest.raises(GRPCError) as error:
        await management.set_account_role(wire.SetAccountRoleRequest(name="ada", role="admin"))
    assert error.value.status is Status.ABORTED
    restored = (await management.restore_account(wire.RestoreAccountRequest(name=account.id))).account
    assert restored is not None
    assert (restored.status, restored.closed_at, restored.restorable_until) == ("active", None, None)


async def test_the_last_root_is_not_closed(management: ManagementStub, server: Server) -> None:
    await server.add_account(username="root", role=GlobalRole.ROOT)
    with pytest.raises(GRPCError) as error:
        await management.close_account(wire.CloseAccountRequest(name="root"))
    assert error.value.status is Status.FAILED_PRECONDITION


async def test_a_role_is_changed(management: ManagementStub, server: Server) -> None:
    await server.add_account(username="ada")
    changed = await management.set_account_role(wire.SetAccountRoleRequest(name="ada", role="admin"))
    assert changed.account is not None
    assert (changed.account.username, changed.account.role) == ("ada", "admin")


async def test_a_ban_has_a_reason_and_an_end_or_none(management: ManagementStub, server: Server) -> None:
    account = await server.add_account(username="ada")
    now = server.clock.now()

    async def ban(**end: float) -> wire.AccountBan:
        request = wire.BanAccountRequest(name="ada", reason="loud", **end)  # type: ignore[arg-type]
        banned = (await management.ban_account(request)).account
        assert banned is not None
        assert banned.status == "banned"
        assert banned.ban is not None
        return banned.ban

    assert await ban() == wire.AccountBan(reason="loud", by="operator", at=now)
    assert (await ban(seconds=60.0)).until == seconds_after(now, 60)
    assert (await ban(until=now + 5)).until == now + 5
    server.clock.advance(1)
    over = (await management.get_account(wire.GetAccountRequest(name=account.id))).account
    assert over is not None
    assert over.status == "active"
    assert over.ban is not None
    lifted = (await management.unban_account(wire.UnbanAccountRequest(name="ada"))).account
    assert lifted is not None
    assert lifted.ban is None


@pytest.mark.parametrize("seconds", [0.0, -1.0, float("nan"), float("inf"), 1e300, 1e11])
async def test_a_ban_lasts_for_a_time_that_can_be_reckoned_with(
    management: ManagementStub, server: Server, seconds: float
) -> None:
    await server.add_account(username="ada")
    with pytest.raises(GRPCError) as caught:
        await management.ban_account(wire.BanAccountRequest(name="ada", seconds=seconds))
    assert caught.value.status is Status.INVALID_ARGUMENT


async def test_a_demanded_reset_gives_a_link(management: ManagementStub, server: Server) -> None:
    await server.add_account(username="ada", email="ada@example.org")
    link = await management.require_reset(wire.RequireResetRequest(name="ada"))
    assert link.url.startswith("https://watch.example.org/reset#token=")
    assert (link.expires_in_seconds, link.mailed) == (86_400, True)


async def test_second_steps_are_taken_away(management: ManagementStub, server: Server) -> None:
    account = await server.add_account(username="ada", two_factor=True, password=None)
    async with server.transactions.write() as tx:
        await tx.passkeys.add(a_passkey(account))
    reset = await management.reset_factors(wire.ResetFactorsRequest(name="ada"))
    assert reset.account is not None
    assert (reset.account.two_factor, reset.ways_in) == (False, 0)


async def test_sessions_are_listed_and_ended(management: ManagementStub, server: Server) -> None:
    await server.application.accounts.create("ada", PASSWORD)
    await server.product.sign_in("ada", Client("Phone", "192.0.2.1"))
    now = server.clock.now()
    (session,) = (await management.list_sessions(wire.ListSessionsRequest(name="ada"))).sessions
    assert (session.methods, session.address, session.user_agent) == (["password"], "192.0.2.1", "Phone")
    assert (session.created_at, session.refreshed_at) == (now, now)
    assert session.expires_at > now
    ended = await management.end_sessions(wire.EndSessionsRequest(name="ada"))
    assert ended.account is not None
    assert ended.account.username == "ada"
    assert not (await management.list_sessions(wire.ListSessionsRequest(name="ada"))).sessions


async def test_sign_ups_are_judged(management: ManagementStub, server: Server) -> None:
    for name in ("ada", "bob"):
        await server.add_account(username=name, pending=True)
    approved = (await management.approve_sign_up(wire.ApproveSignUpRequest(name="ada"))).account
    assert approved is not None
    assert approved.status == "active"
    await management.reject_sign_up(wire.RejectSignUpRequest(name="bob", reason="full"))
    assert (await management.list_accounts(wire.ListAccountsRequest())).total == 1


async def test_the_log_is_told_with_who_whom_why_and_from_where(management: ManagementStub, server: Server) -> None:
    account = await server.application.accounts.create("ada", PASSWORD)
    await server.product.sign_in("ada", Client("Phone", "192.0.2.1"))
    await management.ban_account(wire.BanAccountRequest(name="ada", reason="loud", until=server.clock.now() + 1))
    ban, sign_in, _ = (await management.list_audit(wire.ListAuditRequest())).entries
    ada = wire.AuditParty(kind="account", id=account.id, name="ada")
    assert (ban.action, ban.reason, ban.at) == ("banned", "loud", server.clock.now())
    assert (ban.actor, ban.target) == (wire.AuditParty(kind="operator", name="operator"), ada)
    assert ban.detail == {"until": str(server.clock.now() + 1)}
    assert (sign_in.action, sign_in.actor, sign_in.address, sign_in.user_agent) == (
        "signed_in",
        ada,
        "192.0.2.1",
        "Phone",
    )
    assert sign_in.session_id.startswith("ses_")


async def test_the_log_comes_in_pages_and_by_account_and_action(management: ManagementStub, server: Server) -> None:
    for name in ("ada", "bob"):
        await server.application.accounts.create(name, PASSWORD)
    await management.set_account_role(wire.SetAccountRoleRequest(name="bob", role="root"))
    first = await management.list_audit(wire.ListAuditRequest(limit=2))
    assert [entry.action for entry in first.entries] == ["role_changed", "account_created"]
    rest = await management.list_audit(wire.ListAuditRequest(limit=2, before=first.next_before))
    assert ([entry.target.name for entry in rest.entries if entry.target], rest.next_before) == (["ada"], "")
    found = await management.list_audit(wire.ListAuditRequest(name="bob", action="account_created"))
    assert [entry.target.name for entry in found.entries if entry.target] == ["bob"]


FAILURES = [
    ("get_account", wire.GetAccountRequest(name="nobody"), Status.NOT_FOUND),
    ("set_account_role", wire.SetAccountRoleRequest(name="ada", role=""), Status.INVALID_ARGUMENT),
    ("set_account_role", wire.SetAccountRoleRequest(name=NOBODY, role="user"), Status.NOT_FOUND),
    ("approve_sign_up", wire.ApproveSignUpRequest(name="ada"), Status.ABORTED),
    ("reject_sign_up", wire.RejectSignUpRequest(name="ada"), Status.ABORTED),
    ("ban_account", wire.BanAccountRequest(name=""), Status.NOT_FOUND),
    ("ban_account", wire.BanAccountRequest(name="ada", reason="x" * 501), Status.INVALID_ARGUMENT),
    ("ban_account", wire.BanAccountRequest(name="ada", until=1), Status.INVALID_ARGUMENT),
    ("unban_account", wire.UnbanAccountRequest(name="ada"), Status.ABORTED),
    ("require_reset", wire.RequireResetRequest(name="nobody"), Status.NOT_FOUND),
    ("reset_factors", wire.ResetFactorsRequest(name="nobody"), Status.NOT_FOUND),
    ("list_sessions", wire.ListSessionsRequest(name="nobody"), Status.NOT_FOUND),
    ("end_sessions", wire.EndSessionsRequest(name="nobody"), Status.NOT_FOUND),
    ("list_audit", wire.ListAuditRequest(name="nobody"), Status.NOT_FOUND),
    ("list_audit", wire.ListAuditRequest(action="sang"), Status.INVALID_ARGUMENT),
    ("list_audit", wire.ListAuditRequest(limit=201), Status.INVALID_ARGUMENT),
]


@pytest.mark.parametrize("method, request_, status", FAILURES)
async def test_what_is_refused_is_a_status_and_a_sentence(
    management: ManagementStub, server: Server, method: str, request_: object, status: Status
) -> None:
    await server.add_account(username="ada")
    with pytest.raises(GRPCError) as caught:
        await getattr(management, method)(request_)
    assert caught.value.status is status
    assert (caught.value.message or "").endswith(".")


def test_every_call_of_the_contract_is_answered() -> None:
    contract = {
        name for name, value in vars(wire.ManagementBase).items() if callable(value) and not name.startswith("_")
    }
    assert len(contract) > 20
    assert contract <= vars(ManagementService).keys()
