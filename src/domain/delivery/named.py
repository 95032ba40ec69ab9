"""What a playlist or manifest names, as it is sealed into an address of the proxy: what it is, and where. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from synctv.domain.delivery.manifests import Role

_KNOWN_ENDINGS = frozenset(
    {"aac", "ac3", "cmfa", "cmfv", "eac3", "flac", "jpg", "m4a", "m4s", "m4v", "mp3", "mp4", "ts", "vtt", "webm"}
)
_TRACK = "track"


@dataclass(frozen=True, slots=True)
class NamedAddress:
    """An upstream address with its role."""

    role: Role
    url: str

    @property
    def text(self) -> str:
        """The one text of it, which `named_of` reads again."""
        return f"{self.role}:{self.url}"

    def file_name(self, playlist: str) -> str:
        """A name for players that look at endings; `playlist` is that of a playlist or manifest."""
        match self.role:
            case Role.PREFIX:
                return ""
            case Role.PLAYLIST:
                return playlist
            case Role.KEY | Role.OTHER:
                return self.role.value
        ending = urlsplit(self.url).path.rpartition(".")[2].lower()
        # Players take a segment without an ending for MPEG-TS, and some take none without.
        return f"{self.role}.{ending if ending in _KNOWN_ENDINGS else 'ts'}"


@dataclass(frozen=True, slots=True)
class NamedTrack:
    """A track of a film that is put together from several, by its id."""

    id: str

    @property
    def text(self) -> str:
        """The one text of it, which `named_of` reads again."""
        return f"{_TRACK}:{self.id}"


def named_of(text: str) -> NamedAddress | NamedTrack:
    """What was sealed. Raises `ValueError` for any other text."""
    kind, _, rest = text.partition(":")
    if not rest:
        raise ValueError(f"This names nothing: {text!r} is not a valid Role with an address.")
    return NamedTrack(rest) if kind == _TRACK else NamedAddress(Role(kind), rest)
