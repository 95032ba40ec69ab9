"""`synctv account close` and `restore`: accounts that are hidden, and come back."""

from __future__ import annotations

from typing import Annotated

import typer

from synctv.entrypoints.cli.account_records import account_shown
from synctv.entrypoints.cli.client import ask, told
from synctv.entrypoints.cli.names import AccountName, ClosedName
from synctv.entrypoints.cli.parameters import ConfigFile, DataDir, Output, OutputFormat, Yes
from synctv.entrypoints.cli.whom import sure_about


def close(
    name: AccountName,
    reason: Annotated[str, typer.Option("--reason", help="Is kept in the audit log.", metavar="TEXT")] = "",
    yes: Yes = False,
    output: OutputFormat = Output.TABLE,
    data_dir: DataDir = None,
    config: ConfigFile = None,
) -> None:
    """Close an account: it is hidden with its rooms, and nobody signs in to it. It can be restored for a while."""
    from synctv.entrypoints.wire.synctv.v1 import CloseAccountRequest

    question = "Close {}? Its rooms are hidden, and its sign-ins at media servers are forgotten for good."
    request = CloseAccountRequest(name=sure_about(name, question, data_dir, config, yes=yes), reason=reason)
    answer = ask(data_dir, config, lambda management: management.close_account(request))
    account_shown(told(answer.account), output)


def restore(
    name: ClosedName, output: OutputFormat = Output.TABLE, data_dir: DataDir = None, config: ConfigFile = None
) -> None:
    """Open a closed account again, with the rooms and memberships that closing it has hidden."""
    from synctv.entrypoints.wire.synctv.v1 import RestoreAccountRequest

    request = RestoreAccountRequest(name=name)
    answer = ask(data_dir, config, lambda management: management.restore_account(request))
    account_shown(told(answer.account), output)
