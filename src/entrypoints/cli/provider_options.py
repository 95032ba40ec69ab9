"""What can be said of an identity provider on the command line, and what it leads to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from synctv.entrypoints.cli.exits import Exit, fail
from synctv.entrypoints.cli.parameters import Switch
from synctv.entrypoints.cli.provider_presets import Known, Preset

if TYPE_CHECKING:
    from synctv.entrypoints.wire.synctv.v1 import OAuthEndpoints

ENDPOINTS = ("authorization", "token", "userinfo")
FIELDS = ("subject", "username", "email", "email-verified")


def _option(name: str, what: str, metavar: str) -> object:
    return typer.Option(name, help=what, metavar=metavar, show_default=False)


Texts = list[str] | None
NewSlug = Annotated[
    str, typer.Argument(help="A short name: lower case letters and digits, with - inside.", metavar="SLUG")
]
PresetName = Annotated[
    Preset | None, typer.Option("--preset", help="A provider whose addresses are known.", show_default=False)
]
Name = Annotated[str | None, _option("--name", "What its button is called.", "TEXT")]
ClientId = Annotated[str | None, _option("--client-id", "What the provider calls this server.", "TEXT")]
Issuer = Annotated[str | None, _option("--issuer", "OpenID Connect: where everything else is discovered.", "URL")]
Endpoint = Annotated[
    Texts, _option("--endpoint", f"Without discovery: one of {', '.join(ENDPOINTS)}. Repeat it.", "NAME=URL")
]
Field = Annotated[
    Texts, _option("--field", f"Where its answer says what: {', '.join(FIELDS)}. Repeat it.", "NAME=FIELD")
]
ClientSecretFile = Annotated[
    Path | None,
    _option("--client-secret-file", "A file with nothing but the client secret; - is standard input.", "FILE"),
]
Public = Annotated[bool, typer.Option("--public", help="The client has no secret.")]
Scope = Annotated[Texts, _option("--scope", "What is asked for. Repeat it for more.", "SCOPE")]
SignUp = Annotated[Switch, typer.Option(help="Whether newcomers may sign up through it.")]
Review = Annotated[Switch, typer.Option(help="Whether these wait for approval.")]
TrustEmail = Annotated[Switch, typer.Option(help="Whether its word that an address is verified is taken.")]
ChangedSignUp = Annotated[Switch | None, typer.Option("--sign-up", help="As for `add`.", show_default=False)]
ChangedReview = Annotated[Switch | None, typer.Option("--review", help="As for `add`.", show_default=False)]
ChangedTrust = Annotated[Switch | None, typer.Option("--trust-email", help="As for `add`.", show_default=False)]


def place(known: Known, issuer: str | None, endpoint: Texts, field: Texts) -> tuple[str, OAuthEndpoints | None]:
    """The issuer, or the endpoints: as given, else as known. Ends the command for neither or both."""
    if issuer:
        if endpoint or field:
            fail("A provider with --issuer is discovered: leave --endpoint and --field out.", Exit.USAGE)
        return issuer, None
    endpoints = {**known.endpoints, **pairs("--endpoint", endpoint, ENDPOINTS)}
    if not endpoints:
        if not known.issuer:
            fail(known.hint, Exit.USAGE)
        return known.issuer, None
    missing = [name for name in ENDPOINTS if name not in endpoints]
    if missing:
        fail(f"Give --endpoint {missing[0]}=URL, too.", Exit.USAGE)
    return "", endpoints_of({**endpoints, **known.fields, **pairs("--field", field, FIELDS)})


def edited(current: OAuthEndpoints | None, endpoint: Texts, field: Texts) -> OAuthEndpoints:
    """The endpoints with what is given in place of what was there."""
    before = parts_of(current) if current else {}
    return endpoints_of({**before, **pairs("--endpoint", endpoint, ENDPOINTS), **pairs("--field", field, FIELDS)})


def endpoints_of(parts: Mapping[str, str]) -> OAuthEndpoints:
    """The message for these endpoints and fields."""
    from synctv.entrypoints.wire.synctv.v1 import OAuthEndpoints

    return OAuthEndpoints(**{name.replace("-", "_"): part for name, part in parts.items()})


def parts_of(endpoints: OAuthEndpoints) -> dict[str, str]:
    """The endpoints and fields of a message."""
    return {name: getattr(endpoints, name.replace("-", "_")) for name in (*ENDPOINTS, *FIELDS)}


def pairs(option: str, given: Texts, names: Sequence[str]) -> dict[str, str]:
    """`NAME=VALUE` as a mapping. Ends the command for what is none, and for names that there are not."""
    found = {}
    for text in given or ():
        name, separator, value = text.partition("=")
        if name not in names or not separator or not value:
            fail(f"{option} is NAME=VALUE, where the name is one of: {', '.join(names)}.", Exit.USAGE)
        found[name] = value
    return found
