"""The providers of this server: what they can do, and what they ask for."""

from __future__ import annotations

from collections.abc import Iterable

from blacksheep import Response
from msgspec import Struct

from synctv.application.application import Application
from synctv.application.limits.limits import Category
from synctv.application.ports.providers import (
    Capability,
    FieldKind,
    FormField,
    LoginForm,
    Provider,
    capabilities,
)
from synctv.entrypoints.http.answers import json_response
from synctv.entrypoints.http.endpoint import API, Endpoint, Said
from synctv.entrypoints.http.exchange import Exchange


class FormFieldView(Struct, frozen=True, rename="camel"):
    """A field to fill in. What is typed into a hidden one is not shown; a long one has several lines."""

    name: str
    label: str
    kind: FieldKind
    required: bool
    placeholder: str
    help: str

    @classmethod
    def all_of(cls, fields: Iterable[FormField]) -> list[FormFieldView]:
        """The views of the fields of a form."""
        return [cls(one.name, one.label, one.kind, one.required, one.placeholder, one.help) for one in fields]


class LoginFormView(Struct, frozen=True, rename="camel"):
    """A way to sign in. `id` is the `form` of a new sign-in."""

    id: str
    label: str
    help: str
    fields: list[FormFieldView]

    @classmethod
    def of(cls, form: LoginForm) -> LoginFormView:
        """The view of a form."""
        return cls(form.id, form.label, form.help, FormFieldView.all_of(form.fields))


class ProviderView(Struct, frozen=True, rename="camel"):
    """A provider. With `needsLogin`, nothing can be done there without a sign-in. `source` can be filled in by hand.

    `codes` are the forms that lead to a code to confirm elsewhere (`/me/credentials/codes`).
    """

    name: str
    title: str
    capabilities: list[Capability]
    needs_login: bool
    logins: list[LoginFormView]
    codes: list[LoginFormView]
    source: list[FormFieldView]

    @classmethod
    def of(cls, provider: Provider) -> ProviderView:
        """The view of a provider."""
        manifest, able = provider.manifest, capabilities(provider)
        return cls(
            name=manifest.name,
            title=manifest.title,
            capabilities=[one for one in Capability if one in able],
            needs_login=manifest.needs_login,
            logins=[LoginFormView.of(form) for form in manifest.logins],
            codes=[LoginFormView.of(form) for form in manifest.codes],
            source=FormFieldView.all_of(manifest.source),
        )


class ProviderList(Struct, frozen=True, rename="camel"):
    """All of them, in the order in which a pasted text is shown to them."""

    items: list[ProviderView]


class ProviderRoutes:
    """The endpoint of the providers."""

    def __init__(self, application: Application) -> None:
        self._application = application

    def endpoints(self) -> list[Endpoint]:
        """The only one."""
        return [
            Endpoint(
                method="GET",
                path=f"{API}/providers",
                handler=self.list,
                summary="What can be added from where, and how to sign in there",
                tag="Providers",
                answers={200: Said("The providers", ProviderList)},
                category=Category.READ,
                codes=("permission_denied",),
            )
        ]

    async def list(self, exchange: Exchange) -> Response:
        """Lists them."""
        _ = exchange.account
        found = sorted(self._application.providers.values(), key=lambda one: (one.manifest.priority, one.name))
        return json_response(ProviderList([ProviderView.of(provider) for provider in found]))
