"""`synctv room`: the places where people watch together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from synctv.entrypoints.cli.client import ask, told
from synctv.entrypoints.cli.output import Column, Record, rfc3339, show_list, show_one
from synctv.entrypoints.cli.parameters import ConfigFile, DataDir, Limit, Output, OutputFormat

if TYPE_CHECKING:
    from synctv.entrypoints.wire.synctv.v1 import OperatedRoom

COLUMNS = [
    Column("Name", "name"),
    Column("Code", "code"),
    Column("Status", "status"),
    Column("Owner", "ownerName"),
    Column("Online", "online", right=True),
    Column("Members", "members", right=True),
    Column("Playing", "nowPlaying"),
    Column("Id", "id"),
]
DETAILS = [
    Column("Name", "name"),
    Column("Description", "description"),
    Column("Code", "code"),
    Column("Id", "id"),
    Column("Status", "status"),
    Column("Visibility", "visibility"),
    Column("Password", "hasPassword"),
    Column("Guests", "allowsGuests"),
    Column("Owner", "ownerName"),
    Column("Owner's id", "ownerId"),
    Column("Online", "online"),
    Column("Members", "members"),
    Column("At most", "maxMembers"),
    Column("Playing", "nowPlaying"),
    Column("Created", "createdAt"),
]

app = typer.Typer(help="Rooms: the places where people watch together.", no_args_is_help=True)


@app.command("list")
def list_rooms(
    query: Annotated[str, typer.Argument(help="Part of the name.")] = "",
    before: Annotated[str, typer.Option("--before", help="Begin after the room with this id.", metavar="ID")] = "",
    limit: Limit = 50,
    output: OutputFormat = Output.TABLE,
    data_dir: DataDir = None,
    config: ConfigFile = None,
) -> None:
    """List rooms of every state, newest first."""
    from synctv.entrypoints.wire.synctv.v1 import ListRoomsRequest

    request = ListRoomsRequest(query=query, before=before, limit=limit)
    page = ask(data_dir, config, lambda management: management.list_rooms(request))
    records = [_record(room) for room in page.rooms]
    show_list(records, COLUMNS, output, next_cursor=page.next_before, total=page.total, more="--before")


@app.command("get")
def get_room(
    id_or_code: Annotated[str, typer.Argument(help="The room's id or invite code.", metavar="ID|CODE")],
    output: OutputFormat = Output.TABLE,
    data_dir: DataDir = None,
    config: ConfigFile = None,
) -> None:
    """Show one room."""
    from synctv.entrypoints.wire.synctv.v1 import GetRoomRequest

    request = GetRoomRequest(id_or_code=id_or_code)
    answer = ask(data_dir, config, lambda management: management.get_room(request))
    show_one(_record(told(answer.room)), DETAILS, output)


def _record(room: OperatedRoom) -> Record:
    return {
        "id": room.id,
        "code": room.code,
        "name": room.name,
        "description": room.description,
        "visibility": room.visibility,
        "status": room.status,
        "ownerId": room.owner_id,
        "ownerName": room.owner_name,
        "hasPassword": room.has_password,
        "allowsGuests": room.allows_guests,
        "members": room.members,
        "maxMembers": room.max_members,
        "online": room.online,
        "nowPlaying": room.now_playing or None,
        "createdAt": rfc3339(room.created_at),
    }
