"""The subtitles and comments that lie beside a film on an Alist server. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from synctv.adapters.providers.alist.account import Account
from synctv.adapters.providers.alist.answers import Entry, File
from synctv.adapters.providers.alist.offers import file_key
from synctv.adapters.providers.files import Beside, danmaku_beside, subtitles_beside, track_id
from synctv.adapters.providers.servers import encoded, is_name
from synctv.domain.delivery.offer import OfferedDanmaku, OfferedSubtitle, Upstream


@dataclass(frozen=True, slots=True)
class TextTracks:
    """What the server lists beside a file."""

    subtitles: tuple[Beside, ...]
    danmaku: tuple[Beside, ...]
    entries: Mapping[str, Entry]

    def __bool__(self) -> bool:
        return bool(self.subtitles or self.danmaku)


def beside(file: File) -> TextTracks:
    """What belongs to the file by its name."""
    entries = {entry.name: entry for entry in file.related or () if not entry.is_dir and is_name(entry.name)}
    return TextTracks(tuple(subtitles_beside(file.name, entries)), tuple(danmaku_beside(file.name, entries)), entries)


@dataclass(frozen=True, slots=True)
class Links:
    """Addresses of files in one folder: `parent` as the account names it, `base` what it sees as the top."""

    account: Account
    base: tuple[str, ...]
    parent: tuple[str, ...]
    agent: str

    def offered_subtitles(self, tracks: TextTracks) -> tuple[OfferedSubtitle, ...]:
        """The subtitles, each at an address that leads to it for as long as the server's signatures hold."""
        return tuple(
            OfferedSubtitle(
                track_id("s", one.name), one.label, self._upstream(tracks.entries[one.name]), one.language, one.format
            )
            for one in tracks.subtitles
        )

    def offered_danmaku(self, tracks: TextTracks) -> tuple[OfferedDanmaku, ...]:
        """The comments, which programs that save them write in the form that bilibili made known."""
        return tuple(
            OfferedDanmaku(track_id("d", one.name), one.label, self._upstream(tracks.entries[one.name]), "bilibili")
            for one in tracks.danmaku
        )

    def _upstream(self, entry: Entry) -> Upstream:
        names = (*self.parent, entry.name)
        shared = names[0] == "@s"
        place = f"/sd{encoded(names[1:])}" if shared else f"/d{encoded((*self.base, *names))}"
        sign = f"?sign={quote(entry.sign, safe='')}" if entry.sign else ""
        path = "/" + "/".join(names)
        return Upstream(
            f"{self.account.server}{place}{sign}",
            {"User-Agent": self.agent},
            file_key(self.account, path, entry.size, entry.modified),
        )
