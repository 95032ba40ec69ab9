"""The management service: the index of all calls, each of which becomes one use case of the operator."""

from __future__ import annotations

from collections.abc import Callable

from synctv.application.application import Application
from synctv.entrypoints.management import (
    account_access,
    account_rules,
    accounts,
    audit,
    cache,
    credentials,
    egress,
    identity_providers,
    mail,
    rooms,
)
from synctv.entrypoints.management.failures import told_as_status
from synctv.entrypoints.wire.synctv import v1 as wire


class ManagementService(wire.ManagementBase):
    """`stop` is told whether to stop at once; it returns immediately, and the answer is sent all the same."""

    def __init__(self, application: Application, stop: Callable[[bool], None]) -> None:
        self._application = application
        self._stop = stop

    async def list_accounts(self, message: wire.ListAccountsRequest) -> wire.ListAccountsResponse:
        """One page of accounts."""
        with told_as_status():
            return await accounts.list_accounts(self._application, message)

    async def get_account(self, message: wire.GetAccountRequest) -> wire.GetAccountResponse:
        """One account with its ways to sign in."""
        with told_as_status():
            return await accounts.get_account(self._application, message)

    async def create_account(self, message: wire.CreateAccountRequest) -> wire.CreateAccountResponse:
        """A new account."""
        with told_as_status():
            return await accounts.create_account(self._application, message)

    async def set_account_role(self, message: wire.SetAccountRoleRequest) -> wire.SetAccountRoleResponse:
        """Another role."""
        with told_as_status():
            return await accounts.set_role(self._application, message)

    async def approve_sign_up(self, message: wire.ApproveSignUpRequest) -> wire.ApproveSignUpResponse:
        """Lets a sign-up in."""
        with told_as_status():
            return await accounts.approve(self._application, message)

    async def reject_sign_up(self, message: wire.RejectSignUpRequest) -> wire.RejectSignUpResponse:
        """Turns a sign-up down."""
        with told_as_status():
            return await accounts.reject(self._application, message)

    async def close_account(self, message: wire.CloseAccountRequest) -> wire.CloseAccountResponse:
        """Hides an account with what is its own."""
        with told_as_status():
            return await accounts.close(self._application, message)

    async def restore_account(self, message: wire.RestoreAccountRequest) -> wire.RestoreAccountResponse:
        """Brings it back."""
        with told_as_status():
            return await accounts.restore(self._application, message)

    async def ban_account(self, message: wire.BanAccountRequest) -> wire.BanAccountResponse:
        """Shuts an account out."""
        with told_as_status():
            return await account_access.ban(self._application, message)

    async def unban_account(self, message: wire.UnbanAccountRequest) -> wire.UnbanAccountResponse:
        """Lifts a ban."""
        with told_as_status():
            return await account_access.unban(self._application, message)

    async def require_reset(self, message: wire.RequireResetRequest) -> wire.RequireResetResponse:
        """Demands a new password."""
        with told_as_status():
            return await account_access.require_reset(self._application, message)

    async def reset_factors(self, message: wire.ResetFactorsRequest) -> wire.ResetFactorsResponse:
        """Takes second steps away."""
        with told_as_status():
            return await account_access.reset_factors(self._application, message)

    async def remove_email(self, message: wire.RemoveEmailRequest) -> wire.RemoveEmailResponse:
        """Takes the address away."""
        with told_as_status():
            return await account_access.remove_email(self._application, message)

    async def unlink_identity(self, message: wire.UnlinkIdentityRequest) -> wire.UnlinkIdentityResponse:
        """Takes a provider's word away."""
        with told_as_status():
            return await account_access.unlink_identity(self._application, message)

    async def list_sessions(self, message: wire.ListSessionsRequest) -> wire.ListSessionsResponse:
        """The sessions of an account."""
        with told_as_status():
            return await account_access.list_sessions(self._application, message)

    async def end_sessions(self, message: wire.EndSessionsRequest) -> wire.EndSessionsResponse:
        """Signs everybody out of an account."""
        with told_as_status():
            return await account_access.end_sessions(self._application, message)

    async def list_audit(self, message: wire.ListAuditRequest) -> wire.ListAuditResponse:
        """One page of the audit log."""
        with told_as_status():
            return await audit.list_audit(self._application, message)

    async def get_account_policy(self, message: wire.GetAccountPolicyRequest) -> wire.GetAccountPolicyResponse:
        """The rules on accounts."""
        with told_as_status():
            return await account_rules.get_policy(self._application, message)

    async def set_account_policy(self, message: wire.SetAccountPolicyRequest) -> wire.SetAccountPolicyResponse:
        """Other rules."""
        with told_as_status():
            return await account_rules.set_policy(self._application, message)

    async def list_identity_providers(
        self, message: wire.ListIdentityProvidersRequest
    ) -> wire.ListIdentityProvidersResponse:
        """All of them."""
        with told_as_status():
            return await identity_providers.list_providers(self._application, message)

    async def get_identity_provider(self, message: wire.GetIdentityProviderRequest) -> wire.GetIdentityProviderResponse:
        """One of them."""
        with told_as_status():
            return await identity_providers.get_provider(self._application, message)

    async def add_identity_provider(self, message: wire.AddIdentityProviderRequest) -> wire.AddIdentityProviderResponse:
        """One more."""
        with told_as_status():
            return await identity_providers.add_provider(self._application, message)

    async def change_identity_provider(
        self, message: wire.ChangeIdentityProviderRequest
    ) -> wire.ChangeIdentityProviderResponse:
        """What the request names of one."""
        with told_as_status():
            return await identity_providers.change_provider(self._application, message)

    async def remove_identity_provider(
        self, message: wire.RemoveIdentityProviderRequest
    ) -> wire.RemoveIdentityProviderResponse:
        """One less."""
        with told_as_status():
            return await identity_providers.remove_provider(self._application, message)

    async def check_identity_provider(
        self, message: wire.CheckIdentityProviderRequest
    ) -> wire.CheckIdentityProviderResponse:
        """Whether people can be sent there."""
        with told_as_status():
            return await identity_providers.check_provider(self._application, message)

    async def list_credentials(self, message: wire.ListCredentialsRequest) -> wire.ListCredentialsResponse:
        """People's logins elsewhere."""
        with told_as_status():
            return await credentials.list_credentials(self._application, message)

    async def check_credential(self, message: wire.CheckCredentialRequest) -> wire.CheckCredentialResponse:
        """Whether one is good."""
        with told_as_status():
            return await credentials.check_credential(self._application, message)

    async def remove_credential(self, message: wire.RemoveCredentialRequest) -> wire.RemoveCredentialResponse:
        """One less."""
        with told_as_status():
            return await credentials.remove_credential(self._application, message)

    async def get_egress(self, message: wire.GetEgressRequest) -> wire.GetEgressResponse:
        """Which private servers may be called."""
        with told_as_status():
            return await egress.get_egress(self._application, message)

    async def allow_egress(self, message: wire.AllowEgressRequest) -> wire.AllowEgressResponse:
        """More of them."""
        with told_as_status():
            return await egress.allow_egress(self._application, message)

    async def forbid_egress(self, message: wire.ForbidEgressRequest) -> wire.ForbidEgressResponse:
        """Fewer of them."""
        with told_as_status():
            return await egress.forbid_egress(self._application, message)

    async def test_mail(self, message: wire.TestMailRequest) -> wire.TestMailResponse:
        """Sends a letter."""
        with told_as_status():
            return await mail.send_test(self._application, message)

    async def get_mail_status(self, message: wire.GetMailStatusRequest) -> wire.GetMailStatusResponse:
        """How mail stands."""
        with told_as_status():
            return await mail.get_status(self._application, message)

    async def get_cache_stats(self, message: wire.GetCacheStatsRequest) -> wire.GetCacheStatsResponse:
        """What is kept of media."""
        with told_as_status():
            return await cache.get_stats(self._application, message)

    async def evict_cache(self, message: wire.EvictCacheRequest) -> wire.EvictCacheResponse:
        """Makes room."""
        with told_as_status():
            return await cache.evict(self._application, message)

    async def purge_cache(self, message: wire.PurgeCacheRequest) -> wire.PurgeCacheResponse:
        """Forgets media."""
        with told_as_status():
            return await cache.purge(self._application, message)

    async def list_rooms(self, message: wire.ListRoomsRequest) -> wire.ListRoomsResponse:
        """One page of rooms."""
        with told_as_status():
            return await rooms.list_rooms(self._application, message)

    async def get_room(self, message: wire.GetRoomRequest) -> wire.GetRoomResponse:
        """One room."""
        with told_as_status():
            return await rooms.get_room(self._application, message)

    async def stats(self, message: wire.StatsRequest) -> wire.StatsResponse:
        """The server in figures."""
        with told_as_status():
            stats = await self._application.operators.stats()
            return wire.StatsResponse(
                accounts=stats.accounts,
                rooms=stats.rooms,
                connections=stats.connections,
                viewed_rooms=stats.viewed_rooms,
                uptime_seconds=stats.uptime_seconds,
                version=stats.version,
                storage=stats.storage,
                redis=stats.redis,
            )

    async def stop(self, message: wire.StopRequest) -> wire.StopResponse:
        """Begins to stop."""
        with told_as_status():
            self._stop(message.now)
            return wire.StopResponse()
