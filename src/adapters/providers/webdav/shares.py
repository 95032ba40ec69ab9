"""Links of shares at Nextcloud and ownCloud, for who has no account there. Pure.

A share is taken for a server of its own, with the link as its address: what opens one opens no other.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

# The length that both give them; a link with a name that somebody chose can't be told from other sites' pages.
_LINK = re.compile(r"(.*?)(?:/index\.php)?/s/([A-Za-z0-9]{15})")


@dataclass(frozen=True, slots=True)
class Share:
    """`base` is the address of the server that has it."""

    base: str
    token: str

    @property
    def link(self) -> str:
        """The link in its one form."""
        return f"{self.base}/s/{self.token}"

    @property
    def root(self) -> tuple[str, ...]:
        """Where its files are since Nextcloud 29; a password is told as that of `anonymous`."""
        return ("public.php", "dav", "files", self.token)


OLD_ROOT = ("public.php", "webdav")
"""Where they are at older ones and at ownCloud, which take the token for the name of who asks."""
ANONYMOUS = "anonymous"


def share_of(server: str) -> Share | None:
    """The share whose link this address is; None for any other."""
    parts = urlsplit(server)
    found = _LINK.fullmatch(parts.path)
    return None if found is None else Share(f"{parts.scheme}://{parts.netloc}{found[1]}", found[2])


def page_of(address: str) -> tuple[Share, str] | None:
    """The share whose page this is, and the folder in it that the page shows."""
    parts = urlsplit(address)
    share = share_of(f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}")
    asked = parse_qs(parts.query, max_num_fields=50)
    (folder,) = (asked.get("dir") or asked.get("path") or ["/"])[:1]
    return None if share is None else (share, folder)
