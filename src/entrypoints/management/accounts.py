"""Accounts over management: finding, making, raising and judging them."""

from __future__ import annotations

from synctv.application.application import Application
from synctv.application.operation.operators import PAGE_SIZE
from synctv.application.ports.accounts import AccountFilter
from synctv.domain.accounts.account import Account, Ban, GlobalRole
from synctv.domain.accounts.factors import Factor
from synctv.domain.ids import AccountId
from synctv.entrypoints.management.decoding import choice
from synctv.entrypoints.wire.synctv import v1 as wire


async def list_accounts(application: Application, message: wire.ListAccountsRequest) -> wire.ListAccountsResponse:
    """One page of accounts."""
    wanted = AccountFilter(message.query.strip(), message.pending, message.banned, message.closed)
    after = AccountId(message.after) if message.after else None
    page = await application.accounts.list(wanted, after, message.limit or PAGE_SIZE)
    return wire.ListAccountsResponse(
        accounts=[account_view(application, account) for account in page.accounts],
        next_after=page.next_after or "",
        total=page.total,
    )


async def get_account(application: Application, message: wire.GetAccountRequest) -> wire.GetAccountResponse:
    """One account with its ways to sign in."""
    found = await application.accounts.get(message.name)
    return wire.GetAccountResponse(
        account=account_view(application, found.account),
        factors=[factor.value for factor in Factor if factor in found.have.local],
        linked=found.have.linked,
        sessions=found.sessions,
    )


async def create_account(application: Application, message: wire.CreateAccountRequest) -> wire.CreateAccountResponse:
    """A new account."""
    role = choice(GlobalRole, message.role or GlobalRole.USER, "role")
    account = await application.accounts.create(message.username, message.password, role)
    return wire.CreateAccountResponse(account=account_view(application, account))


async def set_role(application: Application, message: wire.SetAccountRoleRequest) -> wire.SetAccountRoleResponse:
    """Another role."""
    account = await application.accounts.set_role(message.name, choice(GlobalRole, message.role, "role"))
    return wire.SetAccountRoleResponse(account=account_view(application, account))


async def approve(application: Application, message: wire.ApproveSignUpRequest) -> wire.ApproveSignUpResponse:
    """Lets a sign-up in."""
    account = await application.accounts.approve(message.name)
    return wire.ApproveSignUpResponse(account=account_view(application, account))


async def reject(application: Application, message: wire.RejectSignUpRequest) -> wire.RejectSignUpResponse:
    """Turns a sign-up down."""
    await application.accounts.reject(message.name, message.reason)
    return wire.RejectSignUpResponse()


async def close(application: Application, message: wire.CloseAccountRequest) -> wire.CloseAccountResponse:
    """Closes an account."""
    account = await application.account_closing.close(message.name, message.reason)
    return wire.CloseAccountResponse(account=account_view(application, account))


async def restore(application: Application, message: wire.RestoreAccountRequest) -> wire.RestoreAccountResponse:
    """Opens a closed account again."""
    account = await application.account_closing.restore(message.name)
    return wire.RestoreAccountResponse(account=account_view(application, account))


def account_view(application: Application, account: Account) -> wire.OperatedAccount:
    """An account as it stands now."""
    return wire.OperatedAccount(
        id=account.id,
        username=account.username,
        role=account.role.value,
        status=account.status_at(application.clock.now()).value,
        created_at=account.created_at,
        email=account.email or "",
        language=account.language.value if account.language else "",
        two_factor=account.two_factor,
        must_reset=account.must_reset,
        ban=_ban(account.ban) if account.ban else None,
        closed_at=account.closed_at,
        restorable_until=application.account_closing.until(account),
    )


def _ban(ban: Ban) -> wire.AccountBan:
    return wire.AccountBan(reason=ban.reason, by=ban.by, at=ban.at, until=ban.until)
