"""Calls to a running server, found by its data folder."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, TypeVar

from synctv.entrypoints.cli.exits import Exit, exit_of, fail
from synctv.entrypoints.cli.parameters import configuration

if TYPE_CHECKING:
    from synctv.entrypoints.wire.synctv.v1 import ManagementStub

SCHEME = "unix://"
TIMEOUT_SECONDS = 30.0

T = TypeVar("T")
Call = Callable[["ManagementStub"], Awaitable[T]]


def ask(data_dir: Path | None, config: Path | None, call: Call[T]) -> T:
    """What the server answers. Ends the command with a sentence when there is none, or when it refuses."""
    from grpclib import GRPCError
    from grpclib.exceptions import ProtocolError, StreamTerminatedError

    folder = configuration(data_dir, config).settings.data_dir
    try:
        return asyncio.run(_ask(socket_of(folder), call))
    except GRPCError as error:
        fail(error.message or f"The server answered {error.status.name}.", exit_of(error.status.name))
    except TimeoutError:
        fail(f"The server did not answer within {TIMEOUT_SECONDS:g} s. Try again.", Exit.UNAVAILABLE)
    except (FileNotFoundError, ConnectionRefusedError):
        no_server(folder)
    except PermissionError:
        fail(f"The server in {folder} belongs to another user. Run this command as that user.", Exit.NO_SERVER)
    except (OSError, ProtocolError, StreamTerminatedError):
        _went_away()
    except AttributeError as error:
        # grpclib takes itself apart when a connection ends, and trips over that when a call begins just then.
        if type(error.obj).__module__.partition(".")[0] not in {"grpclib", "h2"}:
            raise
        _went_away()


def socket_of(folder: Path) -> str:
    """The path of the management socket. Raises `FileNotFoundError` when no server says that it has one."""
    from synctv.entrypoints.bootstrap.endpoints import read

    address = read(folder).get("management", "")
    if not address.startswith(SCHEME):
        raise FileNotFoundError(folder)
    return address.removeprefix(SCHEME)


def no_server(folder: Path) -> NoReturn:
    """Ends the command: there is nobody to talk to."""
    fail(
        f"No server is running with the data folder {folder}. "
        "Start one with `synctv serve`, or name the folder of the one you mean with --data-dir.",
        Exit.NO_SERVER,
    )


def _went_away() -> NoReturn:
    fail("The server went away before it answered. See its log.", Exit.UNAVAILABLE)


async def _ask(path: str, call: Call[T]) -> T:
    from grpclib.client import Channel

    from synctv.entrypoints.wire.synctv.v1 import ManagementStub

    async with asyncio.timeout(TIMEOUT_SECONDS), Channel(path=path) as channel:
        return await call(ManagementStub(channel))
