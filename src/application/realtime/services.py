"""What the realtime hub works with."""

from __future__ import annotations

from dataclasses import dataclass

from synctv.application.chat.conversation import Conversation
from synctv.application.delivery.playables import Playables
from synctv.application.delivery.progress import Progress
from synctv.application.library.items import Items
from synctv.application.playback.control import PlaybackControl
from synctv.application.playback.course import PlaybackCourse
from synctv.application.ports.bus import EventBus
from synctv.application.ports.clock import Clock
from synctv.application.ports.events import RoomEventLog
from synctv.application.ports.ids import Ids
from synctv.application.ports.revocations import Revocations
from synctv.application.ports.short_lived import ShortLived
from synctv.application.ports.transaction import Transactions
from synctv.application.realtime.audience import Audience
from synctv.application.realtime.publisher import Publisher
from synctv.application.realtime.reading import Reader
from synctv.application.rooms.access import Access
from synctv.domain.ids import NodeId


@dataclass(frozen=True, slots=True)
class Services:
    """Ports and use cases of the hub. `node_id` tells this process from the others on the bus."""

    node_id: NodeId
    transactions: Transactions
    log: RoomEventLog
    bus: EventBus
    revocations: Revocations
    publisher: Publisher
    access: Access
    audience: Audience
    reader: Reader
    control: PlaybackControl
    course: PlaybackCourse
    chat: Conversation
    items: Items
    playables: Playables
    progress: Progress
    short_lived: ShortLived
    clock: Clock
    ids: Ids
