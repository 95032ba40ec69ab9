"""`synctv mail`: whether letters get out."""

from __future__ import annotations

from typing import Annotated

import typer

from synctv.domain.accounts.account import Language
from synctv.entrypoints.cli.client import ask
from synctv.entrypoints.cli.output import Column, plain, show_one
from synctv.entrypoints.cli.parameters import ConfigFile, DataDir, Output, OutputFormat

TEST_SECONDS = 75.0
"""A mail server may take its time: longer than the server waits for it."""
STATUS = [Column("Mail server set up", "configured"), Column("Letters waiting", "waiting")]

app = typer.Typer(help="Mail: whether letters get out.", no_args_is_help=True)


@app.command("test")
def send_test(
    address: Annotated[str, typer.Argument(help="Where to send it.")],
    language: Annotated[Language, typer.Option("--language", help="In which language.")] = Language.ENGLISH,
    data_dir: DataDir = None,
    config: ConfigFile = None,
) -> None:
    """Send a letter, and wait until the mail server has taken it or has not."""
    from synctv.entrypoints.wire.synctv.v1 import TestMailRequest

    request = TestMailRequest(to=address, language=language)
    ask(data_dir, config, lambda management: management.test_mail(request), TEST_SECONDS)
    typer.echo(f"The mail server has taken a letter to {plain(address)}. Look whether it arrives.")


@app.command("status")
def status(output: OutputFormat = Output.TABLE, data_dir: DataDir = None, config: ConfigFile = None) -> None:
    """Show whether a mail server is set up, and how many letters wait for it."""
    from synctv.entrypoints.wire.synctv.v1 import GetMailStatusRequest

    found = ask(data_dir, config, lambda management: management.get_mail_status(GetMailStatusRequest()))
    show_one({"configured": found.configured, "waiting": found.waiting}, STATUS, output)
