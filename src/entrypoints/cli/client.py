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
PATIENCE_SECONDS = 2.0
"""For how long a shell may wait for what it offers."""

T = TypeVar("T")
Call = Callable[["ManagementStub"], Awaitable[T]]


class NoAnswer(Exception):
    """Why there is no answer, as a sentence, and how a command that needs it ends."""

    def __init__(self, sentence: str, code: Exit) -> None:
        self.code = code
        super().__init__(sentence)


def ask(data_dir: Path | None, config: Path | None, call: Call[T], timeout: float = TIMEOUT_SECONDS) -> T:
    """What the server answers within `timeout` seconds. Ends the command with a sentence when there is none, or when it
    refuses."""
    try:
        return answer(data_dir, config, call, timeout)
    except NoAnswer as error:
        fail(str(error), error.code)


def answer(data_dir: Path | None, config: Path | None, call: Call[T], timeout: float = TIMEOUT_SECONDS) -> T:
    """As `ask`, but raises `NoAnswer`."""
    from grpclib import GRPCError
    from grpclib.exceptions import ProtocolError, StreamTerminatedError

    folder = configuration(data_dir, config).settings.data_dir
    try:
        return asyncio.run(_ask(socket_of(folder), call, timeout))
    except GRPCError as error:
        raise NoAnswer(
            error.message or f"The server answered {error.status.name}.", exit_of(error.status.name)
        ) from error
    except TimeoutError:
        sentence = f"The server did not answer within {timeout:g} s. Try again."
        raise NoAnswer(sentence, Exit.UNAVAILABLE) from None
    except (FileNotFoundError, ConnectionRefusedError):
        raise _no_server(folder) from None
    except PermissionError:
        sentence = f"The server in {folder} belongs to another user. Run this command as that user."
        raise NoAnswer(sentence, Exit.NO_SERVER) from None
    except (OSError, ProtocolError, StreamTerminatedError):
        raise _went_away() from None
    except AttributeError as error:
        # grpclib takes itself apart when a connection ends, and trips over that when a call begins just then.
        if type(error.obj).__module__.partition(".")[0] not in {"grpclib", "h2"}:
            raise
        raise _went_away() from None


def answer_in_silence(data_dir: Path | None, config: Path | None, call: Call[T]) -> T | None:
    """What the server answers at once, or None, whatever is in the way: for shells, which can't explain."""
    from synctv.entrypoints.bootstrap.configuration import load

    try:
        folder = load({"data_dir": data_dir}, config=config).settings.data_dir
        return asyncio.run(_ask(socket_of(folder), call, PATIENCE_SECONDS))
    except Exception:  # a traceback in the middle of a line that somebody types helps nobody
        return None


def told(value: T | None) -> T:
    """What an answer holds. Ends the command where it is missing: the server is not of this version then."""
    if value is None:
        _incomplete()
    return value


def socket_of(folder: Path) -> str:
    """The path of the management socket. Raises `FileNotFoundError` when no server says that it has one."""
    from synctv.entrypoints.bootstrap.endpoints import read

    address = read(folder).get("management", "")
    if not address.startswith(SCHEME):
        raise FileNotFoundError(folder)
    return address.removeprefix(SCHEME)


def _no_server(folder: Path) -> NoAnswer:
    return NoAnswer(
        f"No server is running with the data folder {folder}. "
        "Start one with `synctv serve`, or name the folder of the one you mean with --data-dir.",
        Exit.NO_SERVER,
    )


def _went_away() -> NoAnswer:
    return NoAnswer("The server went away before it answered. See its log.", Exit.UNAVAILABLE)


def _incomplete() -> NoReturn:
    fail("The server's answer lacks something. Is it of the same version as this command?", Exit.FAILED)


async def _ask(path: str, call: Call[T], timeout: float) -> T:
    from grpclib.client import Channel

    from synctv.entrypoints.wire.synctv.v1 import ManagementStub

    async with asyncio.timeout(timeout), Channel(path=path) as channel:
        return await call(ManagementStub(channel))
