"""What there is of a file on a WebDAV server: its bytes, and the subtitles and comments beside it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from synctv.adapters.providers.files import danmaku_beside, subtitles_beside, track_id, type_of
from synctv.adapters.providers.servers import joined
from synctv.adapters.providers.webdav.account import Account, Scheme
from synctv.adapters.providers.webdav.dav import Prover
from synctv.adapters.providers.webdav.multistatus import Resource
from synctv.domain.delivery.offer import Offer, OfferedDanmaku, OfferedSubtitle, OfferedVariant, Upstream
from synctv.domain.ids import MICROS, Micros

NONCE_SECONDS = 240
"""How long a nonce of Digest is taken to hold; servers keep theirs for five minutes and more."""


@dataclass(frozen=True, slots=True)
class Links:
    """Addresses of files in one folder, each with the proof that the account needs for it."""

    account: Account
    parent: tuple[str, ...]
    prover: Prover

    def upstream(self, found: Resource) -> Upstream:
        """Where the bytes are. Nobody else's cache entry has this key: another account may see another file there."""
        names = (*self.parent, found.name)
        url, account = self.account.url(names), self.account
        place = f"{account.server}{joined((*account.root, *names))}"
        return Upstream(
            url,
            self.prover.headers("GET", url),
            f"webdav:{account.username or '@guest'}:{place}#{found.version}",
        )


def offer_of(links: Links, film: Resource, beside: Mapping[str, Resource], now: Micros) -> Offer | None:
    """The film and what belongs to it; None when it does not play.

    It is never public: a password goes with it, or it is at a place that only a home network knows.
    """
    type_ = type_of(film.name)
    if type_ is None:
        return None
    variant = OfferedVariant("original", "Original", type_.container, links.upstream(film))
    subtitles = tuple(
        OfferedSubtitle(track_id("s", one.name), one.label, links.upstream(beside[one.name]), one.language, one.format)
        for one in subtitles_beside(film.name, beside)
    )
    danmaku = tuple(
        OfferedDanmaku(track_id("d", one.name), one.label, links.upstream(beside[one.name]), "bilibili")
        for one in danmaku_beside(film.name, beside)
    )
    digest = links.account.scheme is Scheme.DIGEST
    return Offer((variant,), Micros(now + NONCE_SECONDS * MICROS) if digest else None, subtitles, danmaku)
