"""The index of the product: every capability, one attribute each. Entrypoints get this and nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from synctv.application.accounts.identity import Identity
from synctv.application.accounts.sessions import Sessions
from synctv.application.accounts.setup import Setup
from synctv.application.accounts.sign_in import SignIn
from synctv.application.chat.conversation import Conversation
from synctv.application.delivery.playables import Playables
from synctv.application.library.items import Items
from synctv.application.limits.limits import Limits
from synctv.application.operation.health import Health
from synctv.application.operation.operators import Operators
from synctv.application.playback.control import PlaybackControl
from synctv.application.playback.course import PlaybackCourse
from synctv.application.ports.clock import Clock
from synctv.application.ports.short_lived import ShortLived
from synctv.application.realtime.hub import Hub
from synctv.application.realtime.tickets import Tickets
from synctv.application.rooms.directory import Directory
from synctv.application.rooms.guests import Guests
from synctv.application.rooms.lifecycle import RoomLifecycle
from synctv.application.rooms.membership import Members


@dataclass(frozen=True, slots=True)
class Application:
    """What SyncTV can do."""

    # Who somebody is
    setup: Setup
    sign_in: SignIn
    sessions: Sessions
    identity: Identity
    guests: Guests

    # Rooms
    rooms: RoomLifecycle
    directory: Directory
    members: Members

    # Watching
    items: Items
    playback: PlaybackControl
    course: PlaybackCourse
    playables: Playables
    chat: Conversation

    # Realtime
    tickets: Tickets
    hub: Hub

    # Running it
    operators: Operators
    health: Health
    limits: Limits
    clock: Clock
    short_lived: ShortLived
