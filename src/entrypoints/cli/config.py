"""`synctv config`: the settings, before anything starts."""

from __future__ import annotations

import typer

from synctv.entrypoints.cli.output import Column, show_list
from synctv.entrypoints.cli.parameters import ConfigFile, DataDir, Output, OutputFormat, configuration

COLUMNS = [Column("Option", "option"), Column("Value", "value"), Column("From", "origin")]

app = typer.Typer(help="Settings: what is in force, whether it is right, and what there is.", no_args_is_help=True)


@app.command("show")
def show(output: OutputFormat = Output.TABLE, data_dir: DataDir = None, config: ConfigFile = None) -> None:
    """Show every option as it is in force, and where it was given. Secrets are not shown."""
    from synctv.entrypoints.bootstrap.reference import in_force

    shown = in_force(configuration(data_dir, config))
    records = [{"option": each.path, "value": each.value, "origin": each.origin or "default"} for each in shown]
    show_list(records, COLUMNS, output, next_cursor="", total=len(records), more="")


@app.command("check")
def check(data_dir: DataDir = None, config: ConfigFile = None) -> None:
    """Say everything that is wrong with the settings, without starting anything."""
    file = configuration(data_dir, config).file
    typer.echo(
        f"The settings are right. They come from {file} and the environment." if file else "The settings are right."
    )


@app.command("docs")
def docs() -> None:
    """Print the reference page of all options, in Markdown."""
    from synctv.entrypoints.bootstrap.reference import page

    typer.echo(page(), nl=False)
