"""People's logins elsewhere, and which private servers may be called, over the management socket."""

from __future__ import annotations

import pytest
from grpclib import GRPCError, Status

from synctv.domain.audit.entry import OPERATOR, Action
from synctv.domain.errors import UpstreamUnavailable
from synctv.entrypoints.wire.synctv import v1 as wire
from synctv.entrypoints.wire.synctv.v1 import ManagementStub
from tests.application.library.nas import PASSWORD, SERVER
from tests.entrypoints.management.conftest import Server


async def listed(management: ManagementStub, **request: object) -> wire.ListCredentialsResponse:
    return await management.list_credentials(wire.ListCredentialsRequest(**request))  # type: ignore[arg-type]


async def test_logins_are_shown_with_whose_they_are_and_without_secrets(
    management: ManagementStub, server: Server
) -> None:
    credential = await server.add_credential("ada")
    (shown,) = (await listed(management)).credentials
    assert shown == wire.OperatedCredential(
        id=credential.id,
        owner_id=credential.owner,
        owner_name="ada",
        provider="nas",
        server=SERVER,
        label="ada at home",
        state="good",
        created_at=credential.created_at,
        checked_at=credential.checked_at,
    )
    assert not [secret for secret in (PASSWORD, "token-1", "sealed") if secret in repr(shown)]


async def test_logins_come_in_pages_or_of_one_account(management: ManagementStub, server: Server) -> None:
    ids = [(await server.add_credential(name)).id for name in ("ada", "bob", "eve")]
    first = await listed(management, limit=2)
    rest = await listed(management, limit=2, after=first.next_after)
    assert [one.id for one in (*first.credentials, *rest.credentials)] == sorted(ids)
    assert rest.next_after == ""
    assert [one.id for one in (await listed(management, name="bob")).credentials] == [ids[1]]
    for wrong, status in (({"name": "nobody"}, Status.NOT_FOUND), ({"limit": 201}, Status.INVALID_ARGUMENT)):
        with pytest.raises(GRPCError) as caught:
            await listed(management, **wrong)
        assert caught.value.status is status


async def test_a_login_is_checked(management: ManagementStub, server: Server) -> None:
    request = wire.CheckCredentialRequest(id=(await server.add_credential("ada")).id)
    server.nas.revoked.add("token-1")
    checked = (await management.check_credential(request)).credential
    assert checked is not None
    assert (checked.state, checked.owner_name) == ("refused", "ada")
    server.nas.failure = UpstreamUnavailable("nas.lan")
    with pytest.raises(GRPCError, match=r"nas\.lan") as caught:
        await management.check_credential(request)
    assert caught.value.status is Status.UNAVAILABLE


async def test_a_login_is_removed_and_it_is_written_down(management: ManagementStub, server: Server) -> None:
    credential = await server.add_credential("ada")
    await management.remove_credential(wire.RemoveCredentialRequest(id=credential.id))
    assert (await listed(management)).credentials == []
    entries = server.product.container.memory_store().state.audit.values()
    (entry,) = [one for one in entries if one.action is Action.CREDENTIAL_REMOVED]
    assert (entry.actor, entry.target.name, entry.detail["label"]) == (OPERATOR, "ada", "ada at home")


@pytest.mark.parametrize("id", ["", "nonsense", "cred_0000000000000000000000000a"])
async def test_a_login_that_is_not_there_is_said_to_be_missing(management: ManagementStub, id: str) -> None:
    for asked in (
        management.check_credential(wire.CheckCredentialRequest(id=id)),
        management.remove_credential(wire.RemoveCredentialRequest(id=id)),
    ):
        with pytest.raises(GRPCError) as caught:
            await asked
        assert caught.value.status is Status.NOT_FOUND


async def test_private_servers_are_allowed_and_forbidden(management: ManagementStub) -> None:
    assert (await management.get_egress(wire.GetEgressRequest())).destinations == wire.EgressDestinations()
    request = wire.AllowEgressRequest(destinations=["nas.lan"], home_networks=True)
    home = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"]
    allowed = wire.EgressDestinations(allowed=[*home, "nas.lan"])
    assert (await management.allow_egress(request)).destinations == allowed
    assert (await management.get_egress(wire.GetEgressRequest())).destinations == allowed
    left = await management.forbid_egress(wire.ForbidEgressRequest(home_networks=True))
    assert left.destinations == wire.EgressDestinations(allowed=["nas.lan"])


@pytest.mark.parametrize("destinations", [[], ["http://nas.lan"]])
async def test_nonsense_is_not_allowed(management: ManagementStub, destinations: list[str]) -> None:
    for asked in (
        management.allow_egress(wire.AllowEgressRequest(destinations=destinations)),
        management.forbid_egress(wire.ForbidEgressRequest(destinations=destinations)),
    ):
        with pytest.raises(GRPCError) as caught:
            await asked
        assert caught.value.status is Status.INVALID_ARGUMENT
