"""`synctv account`: the people who may sign in."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from synctv.entrypoints.cli.client import ask
from synctv.entrypoints.cli.exits import Exit, fail
from synctv.entrypoints.cli.output import Column, Record, rfc3339, show_list, show_one
from synctv.entrypoints.cli.parameters import ConfigFile, DataDir, Limit, Output, OutputFormat

if TYPE_CHECKING:
    from synctv.entrypoints.wire.synctv.v1 import OperatedAccount

MAX_PASSWORD_BYTES = 4_096
STANDARD_INPUT = Path("-")
COLUMNS = [
    Column("Username", "username"),
    Column("Role", "role"),
    Column("Status", "status"),
    Column("Created", "createdAt"),
    Column("Id", "id"),
]

app = typer.Typer(help="Accounts: the people who may sign in.", no_args_is_help=True)


class Role(StrEnum):
    """What an account may do on the whole server."""

    USER = "user"
    ADMIN = "admin"
    ROOT = "root"


@app.command("list")
def list_accounts(
    after: Annotated[str, typer.Option("--after", help="Begin after the account with this id.", metavar="ID")] = "",
    limit: Limit = 50,
    output: OutputFormat = Output.TABLE,
    data_dir: DataDir = None,
    config: ConfigFile = None,
) -> None:
    """List accounts in the order in which they were made."""
    from synctv.entrypoints.wire.synctv.v1 import ListAccountsRequest

    request = ListAccountsRequest(after=after, limit=limit)
    page = ask(data_dir, config, lambda management: management.list_accounts(request))
    records = [_record(account) for account in page.accounts]
    show_list(records, COLUMNS, output, next_cursor=page.next_after, total=page.total, more="--after")


@app.command("create")
def create_account(
    username: Annotated[str, typer.Argument(help="2 to 32 letters and digits, with _ - . inside.")],
    role: Annotated[Role, typer.Option("--role", help="What it may do on the whole server.")] = Role.USER,
    password_file: Annotated[
        Path | None,
        typer.Option("--password-file", help="A file with nothing but the password; - reads it from standard input."),
    ] = None,
    output: OutputFormat = Output.TABLE,
    data_dir: DataDir = None,
    config: ConfigFile = None,
) -> None:
    """Create an account that can sign in at once. Asks for its password, unless a file holds it."""
    from synctv.entrypoints.wire.synctv.v1 import CreateAccountRequest

    request = CreateAccountRequest(username=username, password=_password(password_file), role=role)
    answer = ask(data_dir, config, lambda management: management.create_account(request))
    if answer.account is not None:
        show_one(_record(answer.account), COLUMNS, output)


def _password(file: Path | None) -> str:
    """From the file, or from the person. Never from an argument, which other users of the machine could see."""
    if file is not None:
        return _password_in(file)
    if not sys.stdin.isatty():
        fail("There is nobody to ask for the password. Name a file that holds it with --password-file.", Exit.USAGE)
    asked: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    return asked


def _password_in(file: Path) -> str:
    try:
        if file == STANDARD_INPUT:
            raw = sys.stdin.buffer.read(MAX_PASSWORD_BYTES)
        else:
            with file.open("rb") as opened:
                raw = opened.read(MAX_PASSWORD_BYTES)
        return raw.decode().rstrip("\r\n")
    except OSError as error:
        fail(f"The file {file} can't be read: {error.strerror}.", Exit.USAGE)
    except UnicodeDecodeError:
        fail(f"The file {file} is no text.", Exit.USAGE)


def _record(account: OperatedAccount) -> Record:
    return {
        "id": account.id,
        "username": account.username,
        "role": account.role,
        "status": account.status,
        "createdAt": rfc3339(account.created_at),
    }
