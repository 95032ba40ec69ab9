"""How identity providers are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from synctv.entrypoints.cli.output import Column, Record, show_one
from synctv.entrypoints.cli.parameters import Output
from synctv.entrypoints.cli.provider_options import FIELDS, parts_of

if TYPE_CHECKING:
    from synctv.entrypoints.wire.synctv.v1 import OperatedIdentityProvider

COLUMNS = [
    Column("Slug", "slug"),
    Column("Name", "name"),
    Column("Kind", "kind"),
    Column("Enabled", "enabled"),
    Column("Sign-up", "signUp"),
    Column("Review", "review"),
    Column("Linked", "linked", right=True),
]
_DETAILS = [
    Column("Slug", "slug"),
    Column("Name", "name"),
    Column("Kind", "kind"),
    Column("Enabled", "enabled"),
    Column("Issuer", "issuer"),
    Column("Authorization", "authorizationUrl"),
    Column("Token", "tokenUrl"),
    Column("Userinfo", "userinfoUrl"),
    Column("Fields", "fields"),
    Column("Client id", "clientId"),
    Column("Client secret", "hasSecret"),
    Column("Scopes", "scopes"),
    Column("Sign-up", "signUp"),
    Column("Review", "review"),
    Column("Trusts email", "trustsEmail"),
    Column("Linked", "linked"),
    Column("Redirect address", "callbackUrl"),
]


def provider_record(provider: OperatedIdentityProvider) -> Record:
    """A provider for scripts, without its secret."""
    parts = parts_of(provider.endpoints) if provider.endpoints else {}
    return {
        "slug": provider.slug,
        "name": provider.name,
        "kind": provider.kind,
        "enabled": provider.enabled,
        "issuer": provider.issuer or None,
        "authorizationUrl": parts.get("authorization"),
        "tokenUrl": parts.get("token"),
        "userinfoUrl": parts.get("userinfo"),
        "fields": {name: parts[name] for name in FIELDS if parts.get(name)} or None,
        "clientId": provider.client_id,
        "hasSecret": provider.has_secret,
        "scopes": provider.scopes,
        "signUp": provider.sign_up,
        "review": provider.review,
        "trustsEmail": provider.trusts_email,
        "linked": provider.linked,
        "callbackUrl": provider.callback_url,
    }


def provider_shown(provider: OperatedIdentityProvider, output: Output) -> None:
    """Prints a provider."""
    show_one(provider_record(provider), _DETAILS, output)
