"""OPAQUE by opaque-ke, the library of Rust behind opaque-ke-py. It has no build for Windows."""

from __future__ import annotations

import importlib.util
import secrets
from contextlib import suppress

from synctv.adapters.crypto.opaque_client import ClientEnded, Finish, OpaqueClient
from synctv.adapters.crypto.threads import BoundedThreads
from synctv.application.ports.opaque import Opaque, OpaqueLogin
from synctv.domain.errors import Invalid, Unavailable

with suppress(ImportError):
    import opaque_ke_py

SETUP_BYTES = 128
REQUEST_BYTES = 32
UPLOAD_BYTES = 192
LOGIN_BYTES = 96
FINALIZATION_BYTES = 64
_MASKING_KEY_BYTES = 64
_ENVELOPE_BYTES = 96
_WHAT = "sign-in with a password that stays in the browser"


def library_is_there() -> bool:
    """Whether OPAQUE can be done on this machine."""
    return importlib.util.find_spec("opaque_ke_py") is not None


def new_setup() -> bytes:
    """A server's secret: the seed of its OPRF keys, its key pair, and one for records that don't exist."""
    return opaque_ke_py.server_setup().to_bytes()


def is_setup(setup: bytes) -> bool:
    """Whether the bytes are such a secret; without the library, whether they are as many."""
    if len(setup) != SETUP_BYTES or not library_is_there():
        return len(setup) == SETUP_BYTES
    try:
        return bool(opaque_ke_py.ServerSetupData.from_bytes(setup))
    except ValueError:
        return False


class RustOpaque(Opaque):
    """With None for the setup, or without the library, it is not available.

    The server's steps (the slowest, the answer to a sign-in, takes 0.4 ms) run where they are called. The client's, for
    passwords in plain, run in `workers` processes that start when they are first needed; how many calls may wait for
    them is bounded as `BoundedThreads` says.
    """

    def __init__(self, setup: bytes | None, *, workers: int = 2, waiting: int = 64) -> None:
        self._threads = BoundedThreads(_WHAT, "opaque", workers=workers, waiting=waiting)
        self._clients = _Clients()
        self._setup: opaque_ke_py.ServerSetupData | None = None
        if setup is not None and library_is_there():
            self._setup = opaque_ke_py.ServerSetupData.from_bytes(setup)
            self._decoy = _decoy()

    @property
    def available(self) -> bool:
        """Whether there are a setup and the library."""
        return self._setup is not None

    def answer_registration(self, request: bytes, identifier: str) -> bytes:
        """32 bytes for 32."""
        setup = self._usable()
        _must_have(request, REQUEST_BYTES)
        try:
            return opaque_ke_py.server_registration_start(setup, request, identifier.encode()).get_message()
        except ValueError as error:
            raise _no_message() from error

    def record(self, upload: bytes) -> bytes:
        """192 bytes for 192."""
        self._usable()
        _must_have(upload, UPLOAD_BYTES)
        try:
            return opaque_ke_py.server_registration_finish(upload).get_password_file()
        except ValueError as error:
            raise _no_message() from error

    def answer_login(self, request: bytes, identifier: str, record: bytes | None) -> OpaqueLogin:
        """320 bytes for 96. For somebody without a record it is made from a record of nobody (RFC 9807, 10.9)."""
        setup = self._usable()
        _must_have(request, LOGIN_BYTES)
        try:
            begun = opaque_ke_py.server_login_start(setup, record or self._decoy, request, identifier.encode())
        except ValueError as error:
            raise _no_message() from error
        return OpaqueLogin(begun.get_message(), begun.get_state())

    def finish_login(self, state: bytes, finalization: bytes) -> bool:
        """Whether the 64 bytes are what only the holder of the password can make."""
        self._usable()
        _must_have(finalization, FINALIZATION_BYTES)
        try:
            opaque_ke_py.server_login_finish(state, finalization)
        except ValueError:
            return False
        return True

    async def register(self, password: str, identifier: str) -> bytes:
        """A record such as the page makes: both stretch with the same Argon2id."""
        self._usable()
        secret = _bytes_of(password)
        begun = opaque_ke_py.client_registration_start(secret)
        answer = self.answer_registration(begun.get_message(), identifier)
        upload = await self._finished(Finish.REGISTRATION, secret, begun.get_state(), answer)
        return self.record(upload)

    async def verify(self, password: str, identifier: str, record: bytes | None) -> bool:
        """Signs in as the page does."""
        self._usable()
        secret = _bytes_of(password)
        begun = opaque_ke_py.client_login_start(secret)
        login = self.answer_login(begun.get_message(), identifier, record)
        finalization = await self._finished(Finish.LOGIN, secret, begun.get_state(), login.response)
        return bool(finalization) and self.finish_login(login.state, finalization)

    def close(self) -> None:
        """Drops what waits, and returns when threads and processes have ended."""
        self._threads.close()
        self._clients.close()

    async def _finished(self, kind: Finish, password: bytes, state: bytes, answer: bytes) -> bytes:
        return await self._threads.run(lambda: self._clients.finish(kind, password, state, answer))

    def _usable(self) -> opaque_ke_py.ServerSetupData:
        if self._setup is None:
            raise Unavailable(_WHAT)
        return self._setup


class _Clients:
    """The client's processes: as many as threads were ever busy at once."""

    def __init__(self) -> None:
        self._idle: list[OpaqueClient] = []

    def finish(self, kind: Finish, password: bytes, state: bytes, answer: bytes) -> bytes:
        """As `OpaqueClient.finish`. Raises `Unavailable` when no process can be kept alive."""
        with suppress(ClientEnded, IndexError):  # one that ended while it was idle is replaced
            return self._with(self._idle.pop(), kind, password, state, answer)
        try:
            return self._with(OpaqueClient(), kind, password, state, answer)
        except (ClientEnded, OSError) as error:
            raise Unavailable(_WHAT) from error

    def close(self) -> None:
        """Ends them. No thread uses one any more."""
        while self._idle:
            self._idle.pop().close()

    def _with(self, client: OpaqueClient, kind: Finish, password: bytes, state: bytes, answer: bytes) -> bytes:
        try:
            message = client.finish(kind, password, state, answer)
        except BaseException:
            client.close()
            raise
        self._idle.append(client)
        return message


def _decoy() -> bytes:
    """A record of nobody, as RFC 9807 (10.9) describes it: a random public key and masking key, and an empty envelope.

    A blinded element is as good as a public key: both are random elements of the group.
    """
    element = opaque_ke_py.client_registration_start(secrets.token_bytes(REQUEST_BYTES)).get_message()
    return element + secrets.token_bytes(_MASKING_KEY_BYTES) + bytes(_ENVELOPE_BYTES)


def _must_have(message: bytes, size: int) -> None:
    if len(message) != size:
        raise _no_message()


def _no_message() -> Invalid:
    return Invalid.field("message", "This is no message of OPAQUE (RFC 9807). Reload the page and try again.")


def _bytes_of(password: str) -> bytes:
    """UTF-8, as the page encodes it; half a character, which the page can't send, in its own way."""
    return password.encode("utf-8", "surrogatepass")
