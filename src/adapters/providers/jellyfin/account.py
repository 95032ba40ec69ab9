"""As whom a Jellyfin or Emby server is called, read from a login. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from urllib.parse import quote

from synctv.adapters.providers.servers import fitting
from synctv.application.ports.providers import Login

CLIENT = "SyncTV"
VERSION = "1.0"


class Flavour(StrEnum):
    """Which of the two a server is. They prove who asks in different headers, and each refuses the other's."""

    JELLYFIN = "jellyfin"
    EMBY = "emby"


@dataclass(frozen=True, slots=True)
class Account:
    """`user` is the id of whom the token acts for. `device` stays the same for a login: its server knows it by that.

    `is_key` tells that the token is an API key, which is nobody's own: it plays nothing in anybody's name.
    """

    server: str
    flavour: Flavour
    device: str
    user: str = ""
    token: str = field(default="", repr=False)
    is_key: bool = False

    @property
    def headers(self) -> dict[str, str]:
        """What tells the server who asks. Since version 12 Jellyfin takes one form alone, which Emby need not know."""
        told = {"Client": CLIENT, "Device": CLIENT, "DeviceId": self.device, "Version": VERSION}
        if self.flavour is Flavour.JELLYFIN:
            if self.token:
                told["Token"] = self.token
            return {"Authorization": f"MediaBrowser {_listed(told)}"}
        token = {"X-Emby-Token": self.token} if self.token else {}
        return {"X-Emby-Authorization": f"Emby {_listed(told)}", **token}

    @property
    def key(self) -> str:
        """Whose eyes things are seen with: what one account may see, another may not."""
        return f"{self.server}:{self.user}"

    @property
    def session(self) -> str:
        """What the server knows this login by, without being the login."""
        return sha256(f"{self.server}\0{self.device}\0{self.token}".encode()).hexdigest()

    @property
    def secret(self) -> dict[str, str]:
        """What is kept of it."""
        return {
            "flavour": self.flavour.value,
            "device": self.device,
            "user": self.user,
            "token": self.token,
            "is_key": "1" if self.is_key else "",
        }


def account_of(server: str, login: Login | None) -> Account:
    """The account that a login stands for. Raises `UpstreamCredential` without one for this server."""
    login = fitting(server, login)
    secret = login.secret
    return Account(
        server,
        Flavour(secret.get("flavour", Flavour.JELLYFIN)),
        secret.get("device", ""),
        secret.get("user", ""),
        secret.get("token", ""),
        bool(secret.get("is_key")),
    )


def _listed(told: dict[str, str]) -> str:
    return ", ".join(f'{name}="{quote(value, safe="")}"' for name, value in told.items())
