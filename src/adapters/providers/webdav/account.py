"""As whom a WebDAV server is called, read from a login. Pure."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from enum import StrEnum

from synctv.adapters.providers.servers import encoded, fitting
from synctv.application.ports.providers import Login


class Scheme(StrEnum):
    """How one proves who one is. It was found out when somebody signed in, and stays: nobody can talk it down."""

    NONE = "none"
    BASIC = "basic"
    DIGEST = "digest"


@dataclass(frozen=True, slots=True)
class Account:
    """`root` are the names from the server's address down to what the account sees as the top.

    `bare` tells that the server takes no body with its PROPFIND. `product` is the form that was filled in.
    """

    server: str
    root: tuple[str, ...] = ()
    username: str = ""
    password: str = field(default="", repr=False)
    scheme: Scheme = Scheme.NONE
    bare: bool = False
    product: str = "password"

    def url(self, names: tuple[str, ...]) -> str:
        """The address of what these names lead to."""
        return self.server + (encoded((*self.root, *names)) or "/")

    @property
    def basic(self) -> str:
        """The value of `Authorization` that holds the password (RFC 7617, in UTF-8)."""
        return "Basic " + base64.b64encode(f"{self.username}:{self.password}".encode()).decode()

    @property
    def secret(self) -> dict[str, str]:
        """What is kept of it."""
        return {
            "root": "/".join(self.root),
            "username": self.username,
            "password": self.password,
            "scheme": self.scheme.value,
            "bare": "1" if self.bare else "",
            "product": self.product,
        }


def account_of(server: str, login: Login | None) -> Account:
    """The account that a login stands for; nobody's without one. Raises `UpstreamCredential` for another server's."""
    if login is None:
        return Account(server)
    secret = fitting(server, login).secret
    return Account(
        server,
        tuple(name for name in secret.get("root", "").split("/") if name),
        secret.get("username", ""),
        secret.get("password", ""),
        Scheme(secret.get("scheme", Scheme.BASIC)),
        bool(secret.get("bare")),
        secret.get("product", "password"),
    )
