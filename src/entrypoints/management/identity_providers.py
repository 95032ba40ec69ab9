"""Identity providers over management."""

from __future__ import annotations

from synctv.application.application import Application
from synctv.application.operation.identity_providers import OperatedProvider, ProviderEdit
from synctv.domain.accounts.identities import Endpoints, IdentityProvider, ProviderKind
from synctv.domain.errors import Invalid
from synctv.entrypoints.wire.synctv import v1 as wire

_USUAL = Endpoints("", "", "")


async def list_providers(
    application: Application, message: wire.ListIdentityProvidersRequest
) -> wire.ListIdentityProvidersResponse:
    """All of them."""
    found = await application.identity_providers.list()
    return wire.ListIdentityProvidersResponse(providers=[_view(application, operated) for operated in found])


async def get_provider(
    application: Application, message: wire.GetIdentityProviderRequest
) -> wire.GetIdentityProviderResponse:
    """One of them."""
    operated = await application.identity_providers.get(message.slug)
    return wire.GetIdentityProviderResponse(provider=_view(application, operated))


async def add_provider(
    application: Application, message: wire.AddIdentityProviderRequest
) -> wire.AddIdentityProviderResponse:
    """One more."""
    if bool(message.issuer) is (message.endpoints is not None):
        text = "Give the issuer of an OpenID Connect provider, or the endpoints of one without discovery."
        raise Invalid.field("issuer", text, "choice")
    provider = IdentityProvider(
        slug=message.slug,
        name=message.name,
        kind=ProviderKind.OIDC if message.issuer else ProviderKind.OAUTH2,
        client_id=message.client_id,
        sealed_secret=None,
        scopes=tuple(message.scopes),
        issuer=message.issuer or None,
        endpoints=_endpoints(message.endpoints) if message.endpoints else None,
        sign_up=message.sign_up,
        review=message.review,
        trusts_email=message.trusts_email,
    )
    operated = await application.identity_providers.add(provider, message.client_secret)
    return wire.AddIdentityProviderResponse(provider=_view(application, operated))


async def change_provider(
    application: Application, message: wire.ChangeIdentityProviderRequest
) -> wire.ChangeIdentityProviderResponse:
    """What the request names of it."""
    edit = ProviderEdit(
        name=message.name,
        client_id=message.client_id,
        scopes=tuple(message.scopes.scopes) if message.scopes else None,
        issuer=message.issuer,
        endpoints=_endpoints(message.endpoints) if message.endpoints else None,
        enabled=message.enabled,
        sign_up=message.sign_up,
        review=message.review,
        trusts_email=message.trusts_email,
    )
    operated = await application.identity_providers.change(message.slug, edit, message.client_secret)
    return wire.ChangeIdentityProviderResponse(provider=_view(application, operated))


async def remove_provider(
    application: Application, message: wire.RemoveIdentityProviderRequest
) -> wire.RemoveIdentityProviderResponse:
    """One less."""
    return wire.RemoveIdentityProviderResponse(unlinked=await application.identity_providers.remove(message.slug))


async def check_provider(
    application: Application, message: wire.CheckIdentityProviderRequest
) -> wire.CheckIdentityProviderResponse:
    """Whether people can be sent there."""
    await application.identity_providers.check(message.slug)
    return wire.CheckIdentityProviderResponse()


def _endpoints(given: wire.OAuthEndpoints) -> Endpoints:
    return Endpoints(
        authorization=given.authorization,
        token=given.token,
        userinfo=given.userinfo,
        subject=given.subject or _USUAL.subject,
        username=given.username or _USUAL.username,
        email=given.email or _USUAL.email,
        email_verified=given.email_verified or None,
    )


def _view(application: Application, operated: OperatedProvider) -> wire.OperatedIdentityProvider:
    provider = operated.provider
    return wire.OperatedIdentityProvider(
        slug=provider.slug,
        name=provider.name,
        kind=provider.kind.value,
        client_id=provider.client_id,
        has_secret=provider.sealed_secret is not None,
        scopes=list(provider.scopes),
        issuer=provider.issuer or "",
        endpoints=_endpoints_view(provider.endpoints) if provider.endpoints else None,
        enabled=provider.enabled,
        sign_up=provider.sign_up,
        review=provider.review,
        trusts_email=provider.trusts_email,
        linked=operated.linked,
        callback_url=application.identity_providers.callback_url(provider.slug),
    )


def _endpoints_view(endpoints: Endpoints) -> wire.OAuthEndpoints:
    return wire.OAuthEndpoints(
        authorization=endpoints.authorization,
        token=endpoints.token,
        userinfo=endpoints.userinfo,
        subject=endpoints.subject,
        username=endpoints.username,
        email=endpoints.email,
        email_verified=endpoints.email_verified or "",
    )
