"""`synctv sign-up`: who may make an account and how, and what a password must be like."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from synctv.entrypoints.cli.asking import confirmed
from synctv.entrypoints.cli.client import ask, told
from synctv.entrypoints.cli.exits import Exit, fail
from synctv.entrypoints.cli.output import Column, Record, plain, show_document, show_one
from synctv.entrypoints.cli.parameters import ConfigFile, DataDir, Output, OutputFormat, Switch, Yes, held
from synctv.entrypoints.cli.policy_document import Values, document_of, policy_of, values_of
from synctv.entrypoints.cli.policy_file import FileFormat, read_values

if TYPE_CHECKING:
    from synctv.entrypoints.wire.synctv.v1 import (
        GetAccountPolicyResponse,
        ManagementStub,
        SetAccountPolicyResponse,
    )

    Answer = GetAccountPolicyResponse | SetAccountPolicyResponse

COLUMNS = [
    Column("Sign-up with a password", "password"),
    Column("Sign-up with an address", "email"),
    Column("Sign-up with a passkey", "passkey"),
    Column("Address needed", "emailRequired"),
    Column("Domains taken", "allowed"),
    Column("Domains not taken", "blocked"),
    Column("Sign-in by code", "emailSignIn"),
    Column("Passwords", "passwords"),
    Column("Reserved usernames", "reserved"),
]

app = typer.Typer(help="Signing up: who may make an account and how, and passwords.", no_args_is_help=True)


def _way(name: str, what: str) -> object:
    return typer.Option(name, help=f"Whether newcomers may sign up with {what}.", show_default=False)


def _review(name: str, what: str) -> object:
    return typer.Option(name, help=f"Whether newcomers with {what} wait for approval.", show_default=False)


def _number(name: str, low: int, high: int, what: str) -> object:
    return typer.Option(name, help=what, min=low, max=high, show_default=False)


Domains = list[str] | None
AllowDomain = Annotated[
    Domains, typer.Option(help="Take addresses of this domain alone. Repeat it for more.", metavar="DOMAIN")
]
BlockDomain = Annotated[
    Domains, typer.Option(help="Don't take addresses of this domain. Repeat it for more.", metavar="DOMAIN")
]
AnyDomain = Annotated[bool, typer.Option("--allow-any-domain", help="Take addresses of every domain.")]
NoBlocked = Annotated[bool, typer.Option("--block-no-domain", help="Block no domain any more.")]
Required = Annotated[Switch | None, typer.Option(help="Whether every newcomer needs an address.", show_default=False)]
ByCode = Annotated[Switch | None, typer.Option(help="Whether a code by mail signs in.", show_default=False)]


@app.command("show")
def show(output: OutputFormat = Output.TABLE, data_dir: DataDir = None, config: ConfigFile = None) -> None:
    """Show the rules in force."""
    _shown(_read(data_dir, config), output)


@app.command("set")
def change(
    password: Annotated[Switch | None, _way("--password", "a password")] = None,
    password_review: Annotated[Switch | None, _review("--password-review", "a password")] = None,
    email: Annotated[Switch | None, _way("--email", "an email address")] = None,
    email_review: Annotated[Switch | None, _review("--email-review", "an email address")] = None,
    passkey: Annotated[Switch | None, _way("--passkey", "a passkey")] = None,
    passkey_review: Annotated[Switch | None, _review("--passkey-review", "a passkey")] = None,
    email_required: Required = None,
    allow_domain: AllowDomain = None,
    allow_any_domain: AnyDomain = False,
    block_domain: BlockDomain = None,
    block_no_domain: NoBlocked = False,
    email_sign_in: ByCode = None,
    min_length: Annotated[int | None, _number("--min-length", 8, 64, "Characters of a password.")] = None,
    min_classes: Annotated[int | None, _number("--min-classes", 1, 4, "Of lower, upper case, digits, others.")] = None,
    max_repeats: Annotated[int | None, _number("--max-repeats", 0, 64, "Of one character in a row; 0: any.")] = None,
    min_score: Annotated[int | None, _number("--min-score", 0, 4, "Estimated strength; 0: any.")] = None,
    output: OutputFormat = Output.TABLE,
    data_dir: DataDir = None,
    config: ConfigFile = None,
) -> None:
    """Change the rules: what is named, and nothing else. It holds at once."""
    named = {
        "signUp.password.enabled": held(password),
        "signUp.password.review": held(password_review),
        "signUp.email.enabled": held(email),
        "signUp.email.review": held(email_review),
        "signUp.passkey.enabled": held(passkey),
        "signUp.passkey.review": held(passkey_review),
        "emailRequired": held(email_required),
        "emailRules.allowed": _list("--allow-domain", allow_domain, "--allow-any-domain", none=allow_any_domain),
        "emailRules.blocked": _list("--block-domain", block_domain, "--block-no-domain", none=block_no_domain),
        "emailSignIn": held(email_sign_in),
        "password.minLength": min_length,
        "password.minClasses": min_classes,
        "password.maxRepeats": max_repeats,
        "password.minScore": min_score,
    }
    changes = {path: value for path, value in named.items() if value is not None}
    if not changes:
        fail("Say what to change; `synctv sign-up set --help` names it all.", Exit.USAGE)
    answer = ask(data_dir, config, lambda management: _changed(management, changes))
    _shown(answer, output)
    _warn(answer)


@app.command("export")
def export(
    form: Annotated[FileFormat, typer.Option("--output", "-o", help="The form of the document.")] = FileFormat.YAML,
    data_dir: DataDir = None,
    config: ConfigFile = None,
) -> None:
    """Print all of the rules as a document that `import` takes."""
    show_document(document_of(_values(_read(data_dir, config))), Output(form))


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="The document, YAML or JSON; - reads it from standard input.")],
    yes: Yes = False,
    output: OutputFormat = Output.TABLE,
    data_dir: DataDir = None,
    config: ConfigFile = None,
) -> None:
    """Replace all of the rules by those of a document, after showing what changes."""
    from synctv.entrypoints.wire.synctv.v1 import SetAccountPolicyRequest

    values = read_values(file)
    current = _read(data_dir, config)
    different = _differences(_values(current), values)
    if not different:
        typer.echo("The rules are like this already. Nothing was changed.", err=True)
        return
    for line in different:
        typer.echo(line, err=True)
    confirmed("Replace the rules?", yes=yes)
    # Of the version whose differences were shown: what somebody else changed meanwhile is not undone unseen.
    request = SetAccountPolicyRequest(policy=policy_of(values), expected_version=current.version)
    answer = ask(data_dir, config, lambda management: management.set_account_policy(request))
    _shown(answer, output)
    _warn(answer)


async def _changed(management: ManagementStub, changes: Values) -> SetAccountPolicyResponse:
    """Changes the rules as they are now, and tries once more when somebody else was faster."""
    from grpclib import GRPCError, Status

    try:
        return await _change_once(management, changes)
    except GRPCError as error:
        if error.status is not Status.ABORTED:
            raise
    return await _change_once(management, changes)


async def _change_once(management: ManagementStub, changes: Values) -> SetAccountPolicyResponse:
    from synctv.entrypoints.wire.synctv.v1 import GetAccountPolicyRequest, SetAccountPolicyRequest

    current = await management.get_account_policy(GetAccountPolicyRequest())
    policy = policy_of({**_values(current), **changes})
    return await management.set_account_policy(SetAccountPolicyRequest(policy=policy, expected_version=current.version))


def _read(data_dir: Path | None, config: Path | None) -> GetAccountPolicyResponse:
    from synctv.entrypoints.wire.synctv.v1 import GetAccountPolicyRequest

    return ask(data_dir, config, lambda management: management.get_account_policy(GetAccountPolicyRequest()))


def _values(answer: Answer) -> Values:
    return values_of(told(answer.policy))


def _list(option: str, given: Domains, empty_option: str, *, none: bool) -> list[str] | None:
    if given and none:
        fail(f"{option} and {empty_option} contradict each other: name one of them.", Exit.USAGE)
    return [] if none else given or None


def _differences(before: Values, after: Values) -> list[str]:
    def said(value: object) -> str:
        return plain(", ".join(value) or "none") if isinstance(value, list) else str(value).lower()

    return [
        f"{path}: {said(value)} → {said(after[path])}"
        for path, value in before.items()
        if (sorted(value) != sorted(after[path]) if isinstance(value, list) else value != after[path])
    ]


def _shown(answer: Answer, output: Output) -> None:
    values = _values(answer)
    if output is Output.TABLE:
        show_one(_in_words(values), COLUMNS, output)
    else:
        show_document({**document_of(values), "version": answer.version}, output)


def _warn(answer: Answer) -> None:
    values = _values(answer)
    if not answer.mail and (values["signUp.email.enabled"] or values["emailRequired"]):
        typer.echo("Addresses need mail, and this server has none: see `synctv mail status`.", err=True)


def _in_words(values: Values) -> Record:
    length, classes = values["password.minLength"], values["password.minClasses"]
    repeats, score = values["password.maxRepeats"], values["password.minScore"]
    demands: Mapping[str, bool] = {
        f"at least {length} characters": True,
        f"{classes} kinds of them": classes > 1,
        f"{repeats} times the same in a row at most": repeats > 0,
        f"an estimated strength of {score} at least": score > 0,
    }
    return {
        **{way: _door(values, way) for way in ("password", "email", "passkey")},
        "emailRequired": values["emailRequired"],
        "allowed": values["emailRules.allowed"] or "all",
        "blocked": values["emailRules.blocked"] or "none",
        "emailSignIn": values["emailSignIn"],
        "passwords": [demand for demand, made in demands.items() if made],
        "reserved": values["reservedUsernames"] or "none",
    }


def _door(values: Values, way: str) -> str:
    if not values[f"signUp.{way}.enabled"]:
        return "closed"
    return "open, newcomers wait for approval" if values[f"signUp.{way}.review"] else "open"
