"""What a page does by itself: its side of OPAQUE, by the library whose other side the server runs."""

from __future__ import annotations

from dataclasses import dataclass

import opaque_ke_py

from tests.applications import PASSWORD
from tests.authenticator import base64url, unpadded


@dataclass(frozen=True, slots=True)
class Registration:
    """A new password that is not sent. `request` goes first, `upload` answers the server."""

    password: bytes
    state: bytes
    request: str

    @classmethod
    def of(cls, password: str = PASSWORD) -> Registration:
        begun = opaque_ke_py.client_registration_start(password.encode())
        return cls(password.encode(), begun.get_state(), base64url(begun.get_message()))

    def upload(self, response: str) -> str:
        done = opaque_ke_py.client_registration_finish(self.password, self.state, unpadded(response))
        return base64url(done.get_message())


@dataclass(frozen=True, slots=True)
class Login:
    """A password that is proven without being sent. A wrong one shows in the server's answer: `ValueError`."""

    password: bytes
    state: bytes
    request: str

    @classmethod
    def of(cls, password: str = PASSWORD) -> Login:
        begun = opaque_ke_py.client_login_start(password.encode())
        return cls(password.encode(), begun.get_state(), base64url(begun.get_message()))

    def finalization(self, response: str) -> str:
        done = opaque_ke_py.client_login_finish(self.password, self.state, unpadded(response))
        return base64url(done.get_message())
