"""`synctv account`: the people who may sign in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from synctv.domain.accounts.account import GlobalRole
from synctv.entrypoints.cli import account_access, account_closing, account_reviews
from synctv.entrypoints.cli.account_records import COLUMNS, DETAILS, account_record, account_shown
from synctv.entrypoints.cli.asking import secret
from synctv.entrypoints.cli.client import ask, told
from synctv.entrypoints.cli.names import AccountName
from synctv.entrypoints.cli.output import Record, show_list, show_one
from synctv.entrypoints.cli.parameters import ConfigFile, DataDir, Limit, Output, OutputFormat

if TYPE_CHECKING:
    from synctv.entrypoints.wire.synctv.v1 import GetAccountResponse

app = typer.Typer(help="Accounts: the people who may sign in.", no_args_is_help=True)


@app.command("list")
def list_accounts(
    query: Annotated[str, typer.Option("--query", help="Part of the username or the address.", metavar="TEXT")] = "",
    pending: Annotated[bool, typer.Option("--pending", help="Only those that wait for review.")] = False,
    banned: Annotated[
        bool, typer.Option("--banned", help="Only those that have a ban, also one that is over.")
    ] = False,
    closed: Annotated[bool, typer.Option("--closed", help="Only those that are closed.")] = False,
    after: Annotated[str, typer.Option("--after", help="Begin after the account with this id.", metavar="ID")] = "",
    limit: Limit = 50,
    output: OutputFormat = Output.TABLE,
    data_dir: DataDir = None,
    config: ConfigFile = None,
) -> None:
    """List accounts in the order in which they were made."""
    from synctv.entrypoints.wire.synctv.v1 import ListAccountsRequest

    request = ListAccountsRequest(query=query, pending=pending, banned=banned, closed=closed, after=after, limit=limit)
    page = ask(data_dir, config, lambda management: management.list_accounts(request))
    records = [account_record(account) for account in page.accounts]
    show_list(records, COLUMNS, output, next_cursor=page.next_after, total=page.total, more="--after")


@app.command("show")
def show_account(
    name: AccountName, output: OutputFormat = Output.TABLE, data_dir: DataDir = None, config: ConfigFile = None
) -> None:
    """Show one account: how it stands, and what it can prove itself with."""
    from synctv.entrypoints.wire.synctv.v1 import GetAccountRequest

    request = GetAccountRequest(name=name)
    found = ask(data_dir, config, lambda management: management.get_account(request))
    show_one(_details(found), DETAILS, output)


@app.command("create")
def create_account(
    username: Annotated[str, typer.Argument(help="2 to 32 letters and digits, with _ - . inside.")],
    role: Annotated[GlobalRole, typer.Option("--role", help="What it may do on the whole server.")] = GlobalRole.USER,
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

    password = secret("password", password_file, "--password-file", twice=True)
    request = CreateAccountRequest(username=username, password=password, role=role)
    answer = ask(data_dir, config, lambda management: management.create_account(request))
    account_shown(told(answer.account), output)


@app.command("set-role")
def set_role(
    name: AccountName,
    role: Annotated[GlobalRole, typer.Argument(help="What it may do on the whole server.")],
    output: OutputFormat = Output.TABLE,
    data_dir: DataDir = None,
    config: ConfigFile = None,
) -> None:
    """Change what an account may do on the whole server. It holds at once."""
    from synctv.entrypoints.wire.synctv.v1 import SetAccountRoleRequest

    request = SetAccountRoleRequest(name=name, role=role)
    answer = ask(data_dir, config, lambda management: management.set_account_role(request))
    account_shown(told(answer.account), output)


app.command("approve")(account_reviews.approve)
app.command("reject")(account_reviews.reject)
app.command("close")(account_closing.close)
app.command("restore")(account_closing.restore)
app.command("ban")(account_access.ban)
app.command("unban")(account_access.unban)
app.command("require-reset")(account_access.require_reset)
app.command("reset-factors")(account_access.reset_factors)
app.command("remove-email")(account_access.remove_email)
app.command("unlink")(account_access.unlink)
app.command("sessions")(account_access.list_sessions)
app.command("end-sessions")(account_access.end_sessions)


def _details(found: GetAccountResponse) -> Record:
    return {
        **account_record(told(found.account)),
        "factors": found.factors,
        "linked": found.linked,
        "sessions": found.sessions,
    }
