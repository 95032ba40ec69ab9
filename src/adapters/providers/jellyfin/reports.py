"""Telling a server what is watched, so that it can be continued there and so that it stops working for nobody."""

from __future__ import annotations

from dataclasses import dataclass

from synctv.adapters.providers.jellyfin.account import Account, Flavour
from synctv.adapters.providers.jellyfin.api import JellyfinApi
from synctv.adapters.providers.jellyfin.items import TICKS
from synctv.adapters.providers.jellyfin.sessions import Playing, Sessions


@dataclass(frozen=True, slots=True)
class Reports:
    """The begin, the course and the end of a playing."""

    api: JellyfinApi
    sessions: Sessions

    async def note(
        self, account: Account, item_id: str, screening: str, position: float, *, playing: bool, ended: bool
    ) -> None:
        """Tells the position, in seconds. An API key is nobody, so that nothing is told with one."""
        known = self.sessions.of(account, item_id, screening)
        if not account.is_key:
            body = _body(account, item_id, known, position, playing=playing)
            if not known.reported:
                await self.api.tell(account, "/Sessions/Playing", body)
                known.reported = True
            elif not ended:
                await self.api.tell(account, "/Sessions/Playing/Progress", body)
            if ended:
                await self.api.tell(account, "/Sessions/Playing/Stopped", body)
        if ended:
            self.sessions.forget(account, item_id, screening)
            for transcoding in known.transcodings.values():
                if transcoding.url is not None and transcoding.play_session:
                    await self.api.stop(account, transcoding.play_session)


def _body(account: Account, item_id: str, known: Playing, position: float, *, playing: bool) -> dict[str, object]:
    body: dict[str, object] = {
        "ItemId": item_id,
        "PositionTicks": max(0, round(position * TICKS)),
        "IsPaused": not playing,
        "IsMuted": False,
        "CanSeek": True,
        "PlayMethod": "DirectPlay",
    }
    if known.source_id:
        body["MediaSourceId"] = known.source_id
    if known.play_session:
        body["PlaySessionId"] = known.play_session
    if account.flavour is Flavour.EMBY:
        body["EventName"] = "TimeUpdate" if playing else "Pause"
    return body
