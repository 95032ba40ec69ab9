"""The proxy's addresses: what stands in them, and how they are read again.

`/media/v1/<token>/<name>` is a part of an offer: `name` is for players that look at endings, and means nothing else.
`/media/v1/<token>/<sealed>/<tail>` is something that a playlist or manifest of this part names. `sealed` holds its
address and what it is; `tail` is a name again, or for templates of manifests the rest of the address.
"""

from __future__ import annotations

from dataclasses import dataclass

from synctv.application.ports.clock import Clock
from synctv.application.ports.media_links import MediaClaims, MediaLinks, Viewer
from synctv.domain.delivery.playable import Container
from synctv.domain.delivery.profile import Profile
from synctv.domain.ids import MICROS, ItemId, Micros, RoomId

PREFIX = "/media/v1/"
LIFETIME_HOURS = 12
_HOUR = 3_600 * MICROS

VARIANT, SUBTITLE, DANMAKU = "v", "s", "d"

_ENDINGS = {
    Container.HLS: "m3u8",
    Container.DASH: "mpd",
    Container.MPEGTS: "ts",
}


@dataclass(frozen=True, slots=True)
class Addresses:
    """Makes addresses for one viewer of one item. All of them run out at the same time."""

    links: MediaLinks
    room_id: RoomId
    item_id: ItemId
    viewer: Viewer
    profile: Profile
    expires_at: Micros

    def variant(self, variant_id: str, container: Container) -> str:
        """The address of a variant."""
        return self._address(VARIANT, variant_id, f"video.{_ENDINGS.get(container, container)}")

    def subtitle(self, subtitle_id: str) -> str:
        """The address of a subtitle, as WebVTT."""
        return self._address(SUBTITLE, subtitle_id, "subtitle.vtt")

    def danmaku(self, danmaku_id: str) -> str:
        """The address of comments, as JSON."""
        return self._address(DANMAKU, danmaku_id, "comments.json")

    def _address(self, kind: str, id: str, name: str) -> str:
        claims = MediaClaims(
            self.room_id, self.item_id, self.viewer, f"{kind}:{id}", self.profile.text, self.expires_at
        )
        return f"{PREFIX}{self.links.sign(claims)}/{name}"


def runs_out(clock: Clock) -> Micros:
    """When addresses that are made now run out: at a full hour, so that those of the same hour are the same."""
    return Micros((clock.now() // _HOUR + LIFETIME_HOURS + 1) * _HOUR)
