"""What Nextcloud and ownCloud can do beyond WebDAV: tell an account's own id, and search (RFC 5323). Pure."""

from __future__ import annotations

from xml.sax.saxutils import escape

import msgspec

USER_PATH = "/ocs/v2.php/cloud/user?format=json"
USER_HEADERS = {"OCS-APIRequest": "true", "Accept": "application/json"}
FILES = ("remote.php", "dav", "files")
OLD_ROOT = ("remote.php", "webdav")
"""Where servers keep an account's files that don't tell its id."""


class _Data(msgspec.Struct):
    id: str


class _Ocs(msgspec.Struct):
    data: _Data


class User(msgspec.Struct):
    """The answer about oneself: the id is not always the name that one signs in with."""

    ocs: _Ocs

    @property
    def id(self) -> str:
        """The name of the folder with the account's files."""
        return self.ocs.data.id


def can_search(root: tuple[str, ...]) -> bool:
    """Whether an account with this root is one that can search."""
    return root[: len(FILES)] == FILES and len(root) == len(FILES) + 1


def search_body(words: str, scope: str, first: int, count: int) -> bytes:
    """What asks for files and folders with these words in their names, below a folder (`/files/anna/films`)."""
    literal = escape("%" + words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%")
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<d:searchrequest xmlns:d="DAV:" xmlns:nc="http://nextcloud.org/ns"><d:basicsearch>'
        "<d:select><d:prop><d:resourcetype/><d:getcontentlength/><d:getlastmodified/><d:getetag/></d:prop></d:select>"
        f"<d:from><d:scope><d:href>{escape(scope)}</d:href><d:depth>infinity</d:depth></d:scope></d:from>"
        f"<d:where><d:like><d:prop><d:displayname/></d:prop><d:literal>{literal}</d:literal></d:like></d:where>"
        "<d:orderby><d:order><d:prop><d:displayname/></d:prop><d:ascending/></d:order></d:orderby>"
        f"<d:limit><d:nresults>{count}</d:nresults><nc:firstresult>{first}</nc:firstresult></d:limit>"
        "</d:basicsearch></d:searchrequest>"
    ).encode()
