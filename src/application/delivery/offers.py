"""Offers: what providers have of items now, asked for once and kept as long as it holds."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field

from synctv.application.library.credentials import Credentials
from synctv.application.limits.portions import person
from synctv.application.ports.clock import Clock
from synctv.application.ports.providers import Login, PlayRequest, Provider
from synctv.domain.delivery.offer import Offer
from synctv.domain.delivery.profile import Profile
from synctv.domain.errors import DomainError, UpstreamCredential, UpstreamFailed
from synctv.domain.ids import AccountId, ItemId, Micros, seconds_after
from synctv.domain.library.item import MediaItem

KEPT = 2_000
"""So many offers are kept, the ones that were asked for last."""

KEPT_SECONDS = 600.0
MARGIN_SECONDS = 300.0
"""An offer is asked for anew so long before it runs out, or in the last quarter of its life if that is shorter."""

FAILED_SECONDS = 3.0
"""So long a failure is the answer to all who ask, so that fifty viewers do not ask fifty times for what is down."""

RENEWED_SECONDS = 10.0
"""So long an offer is not replaced again that replaced one which had proven wrong: then it is the upstream that
refuses, and fifty viewers would ask the provider fifty times in vain."""

_REFUSED = "the sign-in that this was added with is no longer good. Who added it has to sign in there again."


@dataclass(frozen=True, slots=True)
class _Key:
    item_id: ItemId
    version: int
    profile: str


@dataclass(slots=True)
class _Kept:
    """One offer or failure. Whoever holds `asking` asks the provider; the others wait for it."""

    asking: asyncio.Lock = field(default_factory=asyncio.Lock)
    found: Offer | DomainError | None = None
    good_until: int = 0
    renewable_at: int = 0
    waiting: int = 0


class Offers:
    """Asks each provider once for the same item and profile, however many viewers there are at this process."""

    def __init__(self, providers: Mapping[str, Provider], credentials: Credentials, clock: Clock) -> None:
        self._providers = providers
        self._credentials = credentials
        self._clock = clock
        self._kept: OrderedDict[_Key, _Kept] = OrderedDict()

    async def of(self, item: MediaItem, profile: Profile, *, unlike: Offer | None = None) -> Offer:
        """What there is of the item now, as seen by who added it. With `unlike`, which has proven wrong, a later one,
        unless one has just been replaced.

        Raises what providers raise, and `UpstreamCredential` where its login is not lent any more, `TooManyCalls` where
        much is asked for who added it already.
        """
        kept = self._entry(_Key(item.id, item.version, profile.text))
        kept.waiting += 1
        try:
            async with kept.asking:
                return await self._found(kept, item, profile, unlike)
        finally:
            kept.waiting -= 1

    async def _found(self, kept: _Kept, item: MediaItem, profile: Profile, unlike: Offer | None) -> Offer:
        now = self._clock.now()
        wrong = kept.found is not None and kept.found is unlike and now >= kept.renewable_at
        if wrong:
            kept.renewable_at = seconds_after(now, RENEWED_SECONDS)
        if kept.found is None or wrong or now >= kept.good_until:
            try:
                kept.found = await self._asked(item, profile)
                kept.good_until = self._until(kept.found)
            except DomainError as error:
                kept.found = error
                kept.good_until = seconds_after(self._clock.now(), FAILED_SECONDS)
        if isinstance(kept.found, DomainError):
            # Each time that an error is raised its traceback grows, with all that the frames in it hold.
            raise kept.found.with_traceback(None)
        return kept.found

    async def _asked(self, item: MediaItem, profile: Profile) -> Offer:
        provider = self._providers.get(item.provider)
        if provider is None:
            raise UpstreamFailed(item.provider, "this server no longer has the provider of this item.")
        login = await self._login(item)
        try:
            async with self._credentials.using(item.credential_id, person(item.added_by, item.room_id)):
                return await provider.play(PlayRequest(item.source, item.kind, login, profile, screening=item.id))
        except UpstreamCredential as error:
            if login is None:
                raise
            # The answer is for everybody in the room, and only the owner of the sign-in can do something.
            raise UpstreamCredential(error.host, _REFUSED, provider=item.provider) from None

    async def _login(self, item: MediaItem) -> Login | None:
        """The login that the item was added with, if it was with one."""
        if item.credential_id is None:
            return None
        owner = AccountId(item.added_by.id)
        return await self._credentials.lent(item.room_id, owner, item.credential_id, item.provider)

    def _until(self, offer: Offer) -> Micros:
        now = self._clock.now()
        until = seconds_after(now, KEPT_SECONDS)
        if offer.expires_at is None:
            return until
        margin = min(seconds_after(Micros(0), MARGIN_SECONDS), (offer.expires_at - now) // 4)
        return min(until, Micros(offer.expires_at - margin))

    def _entry(self, key: _Key) -> _Kept:
        kept = self._kept.setdefault(key, _Kept())
        self._kept.move_to_end(key)
        if len(self._kept) > KEPT:
            oldest = next((one for one, entry in self._kept.items() if not entry.waiting and one != key), None)
            if oldest is not None:
                del self._kept[oldest]
        return kept
