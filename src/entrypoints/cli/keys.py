"""`synctv keys`: the server's own keys, as they are here and as the database remembers them."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from synctv.entrypoints.cli.exits import Exit, fail
from synctv.entrypoints.cli.output import Column, Record, rfc3339, show_list
from synctv.entrypoints.cli.parameters import ConfigFile, DataDir, Output, OutputFormat, configuration

if TYPE_CHECKING:
    from synctv.entrypoints.bootstrap.key_states import Acceptance, KeyState

COLUMNS = [
    Column("Key", "name"),
    Column("What it does", "use"),
    Column("From", "from"),
    Column("Fingerprints", "fingerprints"),
    Column("Recorded", "recorded"),
    Column("Since", "recordedAt"),
    Column("Stands", "state"),
]

app = typer.Typer(help="The server's own keys: which there are, and what to do when one is lost.", no_args_is_help=True)


class Key(StrEnum):
    """The keys."""

    TOKENS = "tokens"
    OPAQUE = "opaque"
    CREDENTIALS = "credentials"
    TOTP = "totp"
    MAIL = "mail"
    PROXY = "proxy"
    UPLOADS = "uploads"
    CLUSTER = "cluster"


KeyArgument = Annotated[Key, typer.Argument(help="Which key.", show_default=False)]
KeysArgument = Annotated[list[Key] | None, typer.Argument(help="Which keys; without any, all.", show_default=False)]
Yes = Annotated[bool, typer.Option("--yes", help="Don't ask.")]


@app.command("show")
def show(output: OutputFormat = Output.TABLE, data_dir: DataDir = None, config: ConfigFile = None) -> None:
    """Show where each key is, and whether the database was used with it. The keys themselves are never shown."""
    from synctv.entrypoints.bootstrap.key_states import KeysRefused, key_states

    try:
        states = key_states(configuration(data_dir, config).settings)
    except KeysRefused as error:
        fail(str(error), Exit.FAILED)
    show_list([_record(state) for state in states], COLUMNS, output, next_cursor="", total=len(states), more="")
    if wrong := [state.name for state in states if state.standing.stops_the_server]:
        fail(
            f"The server won't start: put the right key back ({', '.join(wrong)}). Only if it is really lost: "
            f"`synctv keys accept {wrong[0]}`.",
            Exit.REFUSED,
        )


@app.command("accept")
def accept(key: KeyArgument, yes: Yes = False, data_dir: DataDir = None, config: ConfigFile = None) -> None:
    """Go on with the present key though the database was used with another one, which is lost. Stop all servers first.

    What only the old key could read or check is lost with it.
    """
    from synctv.entrypoints.bootstrap.key_states import KeysRefused, accept_key, key_names

    settings = configuration(data_dir, config).settings
    if not yes:
        typer.echo(f"If the key {key} is another one than before, {key_names()[key]}.")
        typer.echo("This can't be taken back. With the old key nothing would be lost.")
        if not typer.confirm("Go on with the present key?"):
            fail("Nothing was changed.", Exit.FAILED)
    try:
        acceptance = accept_key(settings, key)
    except KeysRefused as error:
        fail(str(error), Exit.FAILED)
    _tell(key, acceptance)


@app.command("reseal")
def reseal(data_dir: DataDir = None, config: ConfigFile = None) -> None:
    """Seal everything that is stored with the newest keys, so that older ones can be dropped. Servers may go on."""
    from synctv.entrypoints.bootstrap.key_states import KeysRefused, reseal_all

    try:
        done = reseal_all(configuration(data_dir, config).settings)
    except KeysRefused as error:
        fail(str(error), Exit.FAILED)
    for kind in done:
        typer.echo(f"{kind.purpose}: {kind.resealed} {kind.what} were sealed anew.")
    if lost := [kind for kind in done if kind.unreadable]:
        listed = ", ".join(f"{kind.unreadable} {kind.what}" for kind in lost)
        fail(f"No key here opens {listed}. Put the key that sealed them back behind the newest one.", Exit.REFUSED)


@app.command("new")
def new(keys: KeysArgument = None) -> None:
    """Print new keys as variables for the environment of servers that share a database. Nothing is changed."""
    from synctv.entrypoints.bootstrap.key_states import KeysRefused, fresh_keys

    try:
        fresh = fresh_keys(keys or [])
    except KeysRefused as error:
        fail(str(error), Exit.FAILED)
    for variable, text in fresh.items():
        typer.echo(f"{variable}={text}")


def _tell(key: Key, acceptance: Acceptance) -> None:
    for path in acceptance.made:
        typer.echo(f"Made {path}. Keep it with your backups.")
    if not acceptance.changed:
        typer.echo(f"The key {key} is the one that the database was used with. Nothing was changed.")
        return
    typer.echo(f"The present key {key} is accepted. Start the servers again.")
    if dead := acceptance.dead:
        typer.echo(
            f"{dead.replaceable} accounts keep another record of their passwords, which holds where a password is sent "
            "to the server, and get a new one when they sign in so."
        )
        typer.echo(f"{dead.lost} accounts have to reset their passwords before they can sign in with them.")


def _record(state: KeyState) -> Record:
    return {
        "name": state.name,
        "use": state.use,
        "from": state.where,
        "fingerprints": ", ".join(state.fingerprints),
        "recorded": ", ".join(state.recorded),
        "recordedAt": None if state.recorded_at is None else rfc3339(state.recorded_at),
        "state": state.standing.value,
    }
