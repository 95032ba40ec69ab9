"""`synctv credential`: people's logins at the servers of providers, never their secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from synctv.entrypoints.cli import completion
from synctv.entrypoints.cli.asking import confirmed
from synctv.entrypoints.cli.client import ask, told
from synctv.entrypoints.cli.output import Column, Record, plain, rfc3339, show_list, show_one
from synctv.entrypoints.cli.parameters import ConfigFile, DataDir, Limit, Output, OutputFormat, Yes

if TYPE_CHECKING:
    from synctv.entrypoints.wire.synctv.v1 import OperatedCredential

CHECK_SECONDS = 60.0
"""The server of a login may take its time."""
COLUMNS = [
    Column("Account", "ownerName"),
    Column("Provider", "provider"),
    Column("Server", "server"),
    Column("Signed in as", "label"),
    Column("State", "state"),
    Column("Checked", "checkedAt"),
    Column("Id", "id"),
]
DETAILS = [*COLUMNS, Column("Account's id", "ownerId"), Column("Created", "createdAt")]

app = typer.Typer(help="Credentials: people's logins at the servers of providers.", no_args_is_help=True)

CredentialArgument = Annotated[str, typer.Argument(help="The id, as `synctv credential list` shows it.", metavar="ID")]


@app.command("list")
def list_credentials(
    name: Annotated[
        str,
        typer.Argument(
            help="Only those of this account: a username, an email address or an id.",
            metavar="[NAME]",
            autocompletion=completion.accounts,
        ),
    ] = "",
    after: Annotated[str, typer.Option("--after", help="Begin after the one with this id.", metavar="ID")] = "",
    limit: Limit = 50,
    output: OutputFormat = Output.TABLE,
    data_dir: DataDir = None,
    config: ConfigFile = None,
) -> None:
    """List them: whose they are, where, and whether they were good when they were used last."""
    from synctv.entrypoints.wire.synctv.v1 import ListCredentialsRequest

    request = ListCredentialsRequest(name=name, after=after, limit=limit)
    page = ask(data_dir, config, lambda management: management.list_credentials(request))
    records = [_record(credential) for credential in page.credentials]
    show_list(records, COLUMNS, output, next_cursor=page.next_after, total=None, more="--after")


@app.command("check")
def check(
    credential: CredentialArgument,
    output: OutputFormat = Output.TABLE,
    data_dir: DataDir = None,
    config: ConfigFile = None,
) -> None:
    """Ask the server of a login whether it is still good."""
    from synctv.entrypoints.wire.synctv.v1 import CheckCredentialRequest

    request = CheckCredentialRequest(id=credential)
    answer = ask(data_dir, config, lambda management: management.check_credential(request), CHECK_SECONDS)
    show_one(_record(told(answer.credential)), DETAILS, output)


@app.command("remove")
def remove(
    credential: CredentialArgument,
    yes: Yes = False,
    data_dir: DataDir = None,
    config: ConfigFile = None,
) -> None:
    """Forget a login. What its owner added with it plays no more."""
    from synctv.entrypoints.wire.synctv.v1 import RemoveCredentialRequest

    confirmed(f"Forget {plain(credential)}? Its owner has to sign in again to get it back.", yes=yes)
    request = RemoveCredentialRequest(id=credential)
    ask(data_dir, config, lambda management: management.remove_credential(request))
    typer.echo(f"{plain(credential)} is forgotten.")


def _record(credential: OperatedCredential) -> Record:
    return {
        "id": credential.id,
        "ownerId": credential.owner_id,
        "ownerName": credential.owner_name,
        "provider": credential.provider,
        "server": credential.server or None,
        "label": credential.label,
        "state": credential.state,
        "createdAt": rfc3339(credential.created_at),
        "checkedAt": rfc3339(credential.checked_at),
    }
