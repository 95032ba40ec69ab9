"""`synctv identity-provider`: the servers that vouch for people here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from synctv.entrypoints.cli import provider_options as options
from synctv.entrypoints.cli.asking import confirmed, secret
from synctv.entrypoints.cli.client import NoAnswer, answer, ask, told
from synctv.entrypoints.cli.exits import Exit, fail
from synctv.entrypoints.cli.names import ProviderSlug
from synctv.entrypoints.cli.output import plain, show_list
from synctv.entrypoints.cli.parameters import ConfigFile, DataDir, Output, OutputFormat, Switch, Yes, held
from synctv.entrypoints.cli.provider_presets import KNOWN, NOTHING_KNOWN
from synctv.entrypoints.cli.provider_records import COLUMNS, provider_record, provider_shown

if TYPE_CHECKING:
    from synctv.entrypoints.wire.synctv.v1 import ChangeIdentityProviderRequest, OperatedIdentityProvider

app = typer.Typer(
    help="Identity providers: servers that vouch for people here (OpenID Connect, OAuth 2.0).", no_args_is_help=True
)


@app.command("list")
def list_providers(output: OutputFormat = Output.TABLE, data_dir: DataDir = None, config: ConfigFile = None) -> None:
    """List all providers."""
    from synctv.entrypoints.wire.synctv.v1 import ListIdentityProvidersRequest

    request = ListIdentityProvidersRequest()
    found = ask(data_dir, config, lambda management: management.list_identity_providers(request))
    records = [provider_record(provider) for provider in found.providers]
    show_list(records, COLUMNS, output, next_cursor="", total=len(records), more="")


@app.command("show")
def show_provider(
    slug: ProviderSlug, output: OutputFormat = Output.TABLE, data_dir: DataDir = None, config: ConfigFile = None
) -> None:
    """Show one provider, and the redirect address to register with it. The client secret is not shown."""
    provider_shown(_provider(slug, data_dir, config), output)


@app.command("add")
def add(
    slug: options.NewSlug,
    client_id: options.ClientId = None,
    preset: options.PresetName = None,
    name: options.Name = None,
    issuer: options.Issuer = None,
    endpoint: options.Endpoint = None,
    field: options.Field = None,
    client_secret_file: options.ClientSecretFile = None,
    public: options.Public = False,
    scope: options.Scope = None,
    sign_up: options.SignUp = Switch.OFF,
    review: options.Review = Switch.ON,
    trust_email: options.TrustEmail = Switch.OFF,
    output: OutputFormat = Output.TABLE,
    data_dir: DataDir = None,
    config: ConfigFile = None,
) -> None:
    """Set a provider up. Asks for the client secret, unless a file holds it or the client is public."""
    from synctv.entrypoints.wire.synctv.v1 import AddIdentityProviderRequest

    if client_id is None:
        fail("Give the --client-id that the provider knows this server by.", Exit.USAGE)
    known = KNOWN[preset] if preset else NOTHING_KNOWN
    where, endpoints = options.place(known, issuer, endpoint, field)
    request = AddIdentityProviderRequest(
        slug=slug,
        name=name or known.name or slug,
        client_id=client_id,
        client_secret=None if public else secret("client secret", client_secret_file, "--client-secret-file"),
        scopes=scope or list(known.scopes),
        issuer=where,
        endpoints=endpoints,
        sign_up=sign_up is Switch.ON,
        review=review is Switch.ON,
        trusts_email=trust_email is Switch.ON,
    )
    added = told(ask(data_dir, config, lambda management: management.add_identity_provider(request)).provider)
    provider_shown(added, output)
    typer.echo(f"Register this redirect address with the provider: {added.callback_url}", err=True)
    _try(slug, data_dir, config)


@app.command("set")
def change(
    slug: ProviderSlug,
    client_id: options.ClientId = None,
    name: options.Name = None,
    issuer: options.Issuer = None,
    endpoint: options.Endpoint = None,
    field: options.Field = None,
    client_secret_file: options.ClientSecretFile = None,
    scope: options.Scope = None,
    sign_up: options.ChangedSignUp = None,
    review: options.ChangedReview = None,
    trust_email: options.ChangedTrust = None,
    output: OutputFormat = Output.TABLE,
    data_dir: DataDir = None,
    config: ConfigFile = None,
) -> None:
    """Change a provider: what is named, and nothing else. `--client-secret-file -` asks for another secret."""
    from synctv.entrypoints.wire.synctv.v1 import ChangeIdentityProviderRequest, OAuthScopes

    request = ChangeIdentityProviderRequest(
        slug=slug,
        name=name,
        client_id=client_id,
        scopes=OAuthScopes(scopes=scope) if scope else None,
        issuer=issuer,
        sign_up=held(sign_up),
        review=held(review),
        trusts_email=held(trust_email),
    )
    if endpoint or field:
        current = _provider(slug, data_dir, config).endpoints
        request.endpoints = options.edited(current, endpoint, field)
    if client_secret_file is not None:
        request.client_secret = secret("client secret", client_secret_file, "--client-secret-file")
    if request == ChangeIdentityProviderRequest(slug=slug):
        fail("Say what to change; `synctv identity-provider set --help` names it all.", Exit.USAGE)
    provider_shown(_changed(request, data_dir, config), output)
    _try(slug, data_dir, config)


@app.command("enable")
def enable(
    slug: ProviderSlug, output: OutputFormat = Output.TABLE, data_dir: DataDir = None, config: ConfigFile = None
) -> None:
    """Let people sign in through a provider."""
    from synctv.entrypoints.wire.synctv.v1 import ChangeIdentityProviderRequest

    provider_shown(_changed(ChangeIdentityProviderRequest(slug=slug, enabled=True), data_dir, config), output)


@app.command("disable")
def disable(
    slug: ProviderSlug, output: OutputFormat = Output.TABLE, data_dir: DataDir = None, config: ConfigFile = None
) -> None:
    """Let nobody sign in through a provider for now. Its links stay."""
    from synctv.entrypoints.wire.synctv.v1 import ChangeIdentityProviderRequest

    provider_shown(_changed(ChangeIdentityProviderRequest(slug=slug, enabled=False), data_dir, config), output)


@app.command("check")
def check(slug: ProviderSlug, data_dir: DataDir = None, config: ConfigFile = None) -> None:
    """Ask a provider for its description, as the next sign-in will."""
    from synctv.entrypoints.wire.synctv.v1 import CheckIdentityProviderRequest

    request = CheckIdentityProviderRequest(slug=slug)
    ask(data_dir, config, lambda management: management.check_identity_provider(request))
    typer.echo(f"{plain(slug)} answers as it should.")


@app.command("remove")
def remove(slug: ProviderSlug, yes: Yes = False, data_dir: DataDir = None, config: ConfigFile = None) -> None:
    """Remove a provider, and the links of everybody who signed in through it."""
    from synctv.entrypoints.wire.synctv.v1 import RemoveIdentityProviderRequest

    linked = _provider(slug, data_dir, config).linked
    confirmed(f"Remove {plain(slug)}? With it, {_links(linked)} to accounts go.", yes=yes)
    request = RemoveIdentityProviderRequest(slug=slug)
    removed = ask(data_dir, config, lambda management: management.remove_identity_provider(request))
    typer.echo(f"{plain(slug)} is removed, and {_links(removed.unlinked)} with it.")


def _provider(slug: str, data_dir: Path | None, config: Path | None) -> OperatedIdentityProvider:
    from synctv.entrypoints.wire.synctv.v1 import GetIdentityProviderRequest

    request = GetIdentityProviderRequest(slug=slug)
    return told(ask(data_dir, config, lambda management: management.get_identity_provider(request)).provider)


def _changed(
    request: ChangeIdentityProviderRequest, data_dir: Path | None, config: Path | None
) -> OperatedIdentityProvider:
    return told(ask(data_dir, config, lambda management: management.change_identity_provider(request)).provider)


def _try(slug: str, data_dir: Path | None, config: Path | None) -> None:
    """Says whether people can be sent to a provider that was just stored; it is stored all the same."""
    from synctv.entrypoints.wire.synctv.v1 import CheckIdentityProviderRequest

    request = CheckIdentityProviderRequest(slug=slug)
    try:
        answer(data_dir, config, lambda management: management.check_identity_provider(request))
    except NoAnswer as error:
        typer.echo(f"It is stored, but nobody can be sent there yet. {error}", err=True)


def _links(count: int) -> str:
    return "1 link" if count == 1 else f"{count} links"
