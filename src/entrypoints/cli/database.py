"""`synctv db`: the database and its migrations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from synctv.entrypoints.cli.exits import Exit, fail
from synctv.entrypoints.cli.output import Column, Record, show_list
from synctv.entrypoints.cli.parameters import ConfigFile, DataDir, Output, OutputFormat, configuration

if TYPE_CHECKING:
    from synctv.entrypoints.bootstrap.settings import Settings

COLUMNS = [Column("Migration", "id"), Column("State", "state")]

app = typer.Typer(help="The database: how it stands, and bringing it up to date.", no_args_is_help=True)


@app.command("status")
def status(output: OutputFormat = Output.TABLE, data_dir: DataDir = None, config: ConfigFile = None) -> None:
    """List the migrations, and which of them the database has."""
    records = _states(configuration(data_dir, config).settings)
    show_list(records, COLUMNS, output, next_cursor="", total=len(records), more="")
    if any(record["state"] == "unknown" for record in records):
        fail("A newer SyncTV wrote this database. Install that version again, or a later one.", Exit.REFUSED)


@app.command("migrate")
def migrate(data_dir: DataDir = None, config: ConfigFile = None) -> None:
    """Bring the database up to date. `synctv serve` does so by itself."""
    from synctv.entrypoints.bootstrap.database import DatabaseRefused, bring_up_to_date

    try:
        applied = bring_up_to_date(configuration(data_dir, config).settings)
    except DatabaseRefused as error:
        fail(str(error), Exit.FAILED)
    for id in applied:
        typer.echo(f"Applied {id}.")
    typer.echo("The database is up to date.")


def _states(settings: Settings) -> list[Record]:
    from synctv.entrypoints.bootstrap.database import DatabaseRefused, migration_states

    try:
        states = migration_states(settings)
    except DatabaseRefused as error:
        fail(str(error), Exit.FAILED)
    return [{"id": id, "state": state} for id, state in states]
