"""As whom a WebDAV server is called, read from a login. Pure."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from enum import StrEnum

from synctv.adapters.providers.servers import encoded, fitting
from synctv.adapters.providers.webdav.shares import ANONYMOUS, OLD_ROOT, Share, share_of
from synctv.application.ports.providers import Login

SHARE = "share"
"""The product that is a link of a share."""


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
        return self.base + (encoded((*self.root, *names)) or "/")

    @property
    def base(self) -> str:
        """The address below which the root lies: the server's, also where it is known by the link of a share."""
        share = share_of(self.server)
        return self.server if share is None else share.base

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


def followed(share: Share, server: str, password: str = "", *, old: bool = False) -> Account:
    """Who follows the link of a share, which is the `server`, as new or as `old` servers want it."""
    if old:
        return Account(server, OLD_ROOT, share.token, password, Scheme.BASIC, product=SHARE)
    if not password:
        return Account(server, share.root, product=SHARE)
    return Account(server, share.root, ANONYMOUS, password, Scheme.BASIC, product=SHARE)


def account_of(server: str, login: Login | None) -> Account:
    """The account that a login stands for; nobody's without one. Raises `UpstreamCredential` for another server's."""
    if login is None:
        share = share_of(server)
        return Account(server) if share is None else followed(share, server)
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
