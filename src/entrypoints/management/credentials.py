"""People's logins at the servers of providers, over management."""

from __future__ import annotations

from synctv.application.application import Application
from synctv.application.operation.credentials import OperatedCredential
from synctv.application.operation.operators import PAGE_SIZE
from synctv.domain.ids import CredentialId
from synctv.entrypoints.wire.synctv import v1 as wire


async def list_credentials(
    application: Application, message: wire.ListCredentialsRequest
) -> wire.ListCredentialsResponse:
    """One page of them."""
    after = CredentialId(message.after) if message.after else None
    page = await application.operated_credentials.list(message.name, after, message.limit or PAGE_SIZE)
    return wire.ListCredentialsResponse(
        credentials=[_view(one) for one in page.credentials], next_after=page.next_after or ""
    )


async def check_credential(
    application: Application, message: wire.CheckCredentialRequest
) -> wire.CheckCredentialResponse:
    """Whether one is good."""
    checked = await application.operated_credentials.check(CredentialId(message.id))
    return wire.CheckCredentialResponse(credential=_view(checked))


async def remove_credential(
    application: Application, message: wire.RemoveCredentialRequest
) -> wire.RemoveCredentialResponse:
    """One less."""
    await application.operated_credentials.remove(CredentialId(message.id))
    return wire.RemoveCredentialResponse()


def _view(operated: OperatedCredential) -> wire.OperatedCredential:
    credential = operated.credential
    return wire.OperatedCredential(
        id=credential.id,
        owner_id=credential.owner,
        owner_name=operated.owner,
        provider=credential.provider,
        server=credential.server,
        label=credential.label,
        state=credential.state,
        created_at=credential.created_at,
        checked_at=credential.checked_at,
    )
