"""The client's half of OPAQUE as a process of its own, for passwords that reach the server in plain.

The library stretches the password (about 25 ms) without letting go of the interpreter's lock, so on a thread it would
hold up the whole server. Run as `python -m synctv.adapters.crypto.opaque_client`, it answers one request after the
other until its input ends, which it does with the server, however that ends.

A request is `_HEADER` (the kind, and the lengths of three texts) and the password, the client's state, and the server's
answer. The reply is its length (4 bytes) and the client's last message, which is empty when the server's answer does
not fit the password.
"""

from __future__ import annotations

import os
import signal
import struct
import subprocess
import sys
from enum import IntEnum
from typing import BinaryIO

NICENESS = 5
"""Where cores are short, who signs in waits rather than who watches."""

_HEADER = struct.Struct(">BIII")
_LENGTH = struct.Struct(">I")
_GIVES_MEMORY_BACK = {"MALLOC_MMAP_THRESHOLD_": str(1 << 20)}
"""For glibc, which otherwise keeps what stretching took, and more of it each time: 150 MiB after thirty passwords."""


class Finish(IntEnum):
    """Which of the two protocols ends."""

    REGISTRATION = 1
    LOGIN = 2


class ClientEnded(Exception):
    """The process is gone; another one may do better."""


class OpaqueClient:
    """One such process. Not for two threads at once."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-P", "-m", __name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=_environment(),
            # Ctrl+C in a terminal is for the server, which may still need the answer.
            start_new_session=True,
        )

    def finish(self, kind: Finish, password: bytes, state: bytes, answer: bytes) -> bytes:
        """The client's last message, or nothing when the answer does not fit the password. Raises `ClientEnded`."""
        texts = (password, state, answer)
        request, reply = self._pipes()
        try:
            request.write(_HEADER.pack(kind, *map(len, texts)) + b"".join(texts))
            request.flush()
            return _exactly(reply, _LENGTH.unpack(_exactly(reply, _LENGTH.size))[0])
        except (OSError, EOFError) as error:
            raise ClientEnded from error

    def close(self) -> None:
        """Ends it."""
        for pipe in self._pipes():
            try:
                pipe.close()
            except OSError:  # it ended with a request half written
                continue
        self._process.kill()
        self._process.wait()

    def _pipes(self) -> tuple[BinaryIO, BinaryIO]:
        if self._process.stdin is None or self._process.stdout is None:
            raise ClientEnded
        return self._process.stdin, self._process.stdout  # type: ignore[return-value] # typed for text as well


def serve(requests: BinaryIO, replies: BinaryIO) -> None:
    """Answers until there is no more request."""
    while header := requests.read(_HEADER.size):
        kind, *lengths = _HEADER.unpack(header)
        password, state, answer = (_exactly(requests, length) for length in lengths)
        message = _finished(Finish(kind), password, state, answer)
        replies.write(_LENGTH.pack(len(message)) + message)
        replies.flush()


def _finished(kind: Finish, password: bytes, state: bytes, answer: bytes) -> bytes:
    import opaque_ke_py

    try:
        if kind is Finish.LOGIN:
            return opaque_ke_py.client_login_finish(password, state, answer).get_message()
        return opaque_ke_py.client_registration_finish(password, state, answer).get_message()
    except ValueError:
        return b""


def _exactly(pipe: BinaryIO, size: int) -> bytes:
    content = pipe.read(size)
    if len(content) < size:
        raise EOFError
    return content


def _environment() -> dict[str, str]:
    """What finds the same modules as here, without the secrets that are among the server's settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SYNCTV_")}
    return {**kept, **_GIVES_MEMORY_BACK, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(NICENESS)
    serve(sys.stdin.buffer, sys.stdout.buffer)
