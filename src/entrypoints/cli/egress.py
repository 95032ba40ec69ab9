"""`synctv egress`: which private servers may be called on behalf of people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from synctv.entrypoints.cli.client import ask, told
from synctv.entrypoints.cli.output import Column, Record, show_list
from synctv.entrypoints.cli.parameters import ConfigFile, DataDir, Output, OutputFormat

if TYPE_CHECKING:
    from synctv.entrypoints.wire.synctv.v1 import EgressDestinations

COLUMNS = [Column("Destination", "destination"), Column("Allowed by", "by")]

app = typer.Typer(help="Egress: which private servers may be called on behalf of people.", no_args_is_help=True)

DestinationArguments = Annotated[
    list[str] | None,
    typer.Argument(
        help="Networks (192.168.1.0/24), addresses and hosts (nas.lan, nas.lan:8096, *.lan).",
        metavar="[DESTINATION]...",
        show_default=False,
    ),
]
Home = Annotated[bool, typer.Option("--home", help="The private networks that homes have.")]


@app.command("show")
def show(output: OutputFormat = Output.TABLE, data_dir: DataDir = None, config: ConfigFile = None) -> None:
    """Show what may be called besides public servers, and what allows it."""
    from synctv.entrypoints.wire.synctv.v1 import GetEgressRequest

    answer = ask(data_dir, config, lambda management: management.get_egress(GetEgressRequest()))
    _shown(told(answer.destinations), output)


@app.command("allow")
def allow(
    destinations: DestinationArguments = None,
    home: Home = False,
    output: OutputFormat = Output.TABLE,
    data_dir: DataDir = None,
    config: ConfigFile = None,
) -> None:
    """Let the server call more. It holds at once, and stays when the server is started again."""
    from synctv.entrypoints.wire.synctv.v1 import AllowEgressRequest

    request = AllowEgressRequest(destinations=destinations or [], home_networks=home)
    answer = ask(data_dir, config, lambda management: management.allow_egress(request))
    _shown(told(answer.destinations), output)


@app.command("forbid")
def forbid(
    destinations: DestinationArguments = None,
    home: Home = False,
    output: OutputFormat = Output.TABLE,
    data_dir: DataDir = None,
    config: ConfigFile = None,
) -> None:
    """Take back what `allow` or the setup page allowed. What the setting allows is changed there."""
    from synctv.entrypoints.wire.synctv.v1 import ForbidEgressRequest

    request = ForbidEgressRequest(destinations=destinations or [], home_networks=home)
    answer = ask(data_dir, config, lambda management: management.forbid_egress(request))
    _shown(told(answer.destinations), output)


def _shown(found: EgressDestinations, output: Output) -> None:
    records: list[Record] = [
        *({"destination": one, "by": "security.egress.allow"} for one in found.configured),
        *({"destination": one, "by": "synctv egress"} for one in found.allowed),
    ]
    show_list(records, COLUMNS, output, next_cursor="", total=len(records), more="")
