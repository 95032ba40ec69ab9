"""`synctv account approve` and `reject`: sign-ups that wait for review."""

from __future__ import annotations

from typing import Annotated

import typer

from synctv.entrypoints.cli.account_records import account_shown
from synctv.entrypoints.cli.client import ask, told
from synctv.entrypoints.cli.names import WaitingName
from synctv.entrypoints.cli.output import plain
from synctv.entrypoints.cli.parameters import ConfigFile, DataDir, Output, OutputFormat, Yes
from synctv.entrypoints.cli.whom import sure_about


def approve(
    name: WaitingName, output: OutputFormat = Output.TABLE, data_dir: DataDir = None, config: ConfigFile = None
) -> None:
    """Let somebody in who signed up and waits for review. They are told by mail, where they have an address."""
    from synctv.entrypoints.wire.synctv.v1 import ApproveSignUpRequest

    request = ApproveSignUpRequest(name=name)
    answer = ask(data_dir, config, lambda management: management.approve_sign_up(request))
    account_shown(told(answer.account), output)


def reject(
    name: WaitingName,
    reason: Annotated[str, typer.Option("--reason", help="Is told to the person by mail.", metavar="TEXT")] = "",
    yes: Yes = False,
    data_dir: DataDir = None,
    config: ConfigFile = None,
) -> None:
    """Turn somebody down who signed up and waits for review. The account is removed; the audit log remembers it."""
    from synctv.entrypoints.wire.synctv.v1 import RejectSignUpRequest

    who = sure_about(name, "Turn {} down? Nothing of the account is kept.", data_dir, config, yes=yes)
    request = RejectSignUpRequest(name=who, reason=reason)
    ask(data_dir, config, lambda management: management.reject_sign_up(request))
    typer.echo(f"The sign-up of {plain(name)} was turned down.")
