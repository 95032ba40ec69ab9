"""The `synctv` command. What a command needs is imported when it runs, so that help is there at once."""

from __future__ import annotations

import typer

from synctv.entrypoints.cli import (
    accounts,
    cache,
    config,
    credentials,
    database,
    egress,
    identity_providers,
    keys,
    mail,
    rooms,
    server,
    sign_up,
)
from synctv.entrypoints.cli.audit import audit
from synctv.entrypoints.cli.exits import MEANINGS

_CODES = "\n\n".join(f"{code.value}  {meaning}" for code, meaning in MEANINGS.items())

app = typer.Typer(
    name="synctv",
    help="Watch media together, in sync.",
    epilog=f"Exit codes:\n\n{_CODES}",
    no_args_is_help=True,
    # A trace for the developers, without the values of variables: some of them are secrets.
    pretty_exceptions_enable=False,
)
app.command()(server.serve)
app.command()(server.stats)
app.command()(server.stop)
app.command()(audit)
app.add_typer(accounts.app, name="account")
app.add_typer(sign_up.app, name="sign-up")
app.add_typer(identity_providers.app, name="identity-provider")
app.add_typer(credentials.app, name="credential")
app.add_typer(egress.app, name="egress")
app.add_typer(mail.app, name="mail")
app.add_typer(cache.app, name="cache")
app.add_typer(rooms.app, name="room")
app.add_typer(config.app, name="config")
app.add_typer(database.app, name="db")
app.add_typer(keys.app, name="keys")


@app.command()
def version() -> None:
    """Print the version of SyncTV."""
    from importlib.metadata import version as version_of

    typer.echo(version_of("synctv"))


def main() -> None:
    """Runs the command line and ends the process."""
    app()
