"""As whom an Alist server is called, read from a login. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from uuid import UUID

from synctv.adapters.providers.servers import fitting, segments_of
from synctv.application.ports.providers import Login
from synctv.domain.errors import Invalid, UpstreamMissing

SALT = "https://github.com/alist-org/alist"
"""What both servers put behind a password before they hash it, so that a page need not send it plainly."""

MAX_FOLDERS = 50


@dataclass(frozen=True, slots=True)
class Account:
    """`hash` signs in anew, `token` does not; a guest has neither. `folders` are passwords by the path
    below which they are asked for.
    """

    server: str
    username: str = ""
    hash: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    folders: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def client(self) -> str:
        """The id of this device for the server: the same for the same account, so that it counts as one."""
        return client_id(self.server, self.username)

    @property
    def key(self) -> str:
        """Whose eyes a file is seen with: two accounts may see different ones at the same path."""
        return self.username or "@guest"

    def password_for(self, path: str) -> str:
        """The password of the nearest folder on the way to the path, else an empty one."""
        fitting_folders = [folder for folder in self.folders if path == folder or path.startswith(f"{folder}/")]
        return self.folders[max(fitting_folders, key=len)] if fitting_folders else ""


def account_of(server: str, login: Login | None) -> Account:
    """The account that a login stands for; a guest without one. Raises `UpstreamCredential` for another server's."""
    if login is None:
        return Account(server)
    secret = fitting(server, login).secret
    return Account(
        server,
        username=secret.get("username", ""),
        hash=secret.get("hash", ""),
        token=secret.get("token", ""),
        folders=json.loads(secret.get("folders", "{}")),
    )


def hash_of(password: str) -> str:
    """What is sent and kept in place of a password: it opens the account as that does, but on such servers only."""
    return sha256(f"{password}-{SALT}".encode()).hexdigest()


def client_id(server: str, username: str) -> str:
    """A UUID that is made of nothing but who signs in where."""
    return str(UUID(bytes=sha256(f"synctv\0{server}\0{username}".encode()).digest()[:16], version=4))


def folder_passwords(text: str) -> dict[str, str]:
    """The lines `/folder = password`, as a person wrote them. Raises `Invalid`."""
    found: dict[str, str] = {}
    for line in filter(None, (line.strip() for line in text.splitlines())):
        folder, equals, password = line.partition("=")
        try:
            names = segments_of(folder.strip(), "")
        except UpstreamMissing:
            names = ()
        if not (equals and names and password.strip() and folder.startswith("/")):
            raise Invalid.field(
                "fields.folders", "Write one folder a line, like: /films/private = its password", "format"
            )
        found["/" + "/".join(names)] = password.strip()
    if len(found) > MAX_FOLDERS:
        raise Invalid.field("fields.folders", f"At most {MAX_FOLDERS} folders with passwords.", "length")
    return found
