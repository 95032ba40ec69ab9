"""A chat message."""

from __future__ import annotations

from dataclasses import dataclass, replace

from synctv.domain.errors import Invalid
from synctv.domain.ids import ItemId, MessageId, Micros, RoomId
from synctv.domain.rooms.actor import ActorRef
from synctv.domain.text import has_visible, without_control

TEXT_LENGTH = 4_000
CLIENT_ID_LENGTH = 128


@dataclass(frozen=True, slots=True)
class Message:
    """One message. `seq` is the number of the room event that made it, and its place in the order of the chat.

    `item_id` and `position` say what played when it was written, in seconds.
    """

    id: MessageId
    room_id: RoomId
    client_id: str
    author: ActorRef
    text: str
    reply_to: MessageId | None
    sent_at: Micros
    item_id: ItemId | None
    position: float | None
    version: int
    deleted: bool
    seq: int

    def hidden(self) -> Message:
        """The message after deletion: its text is gone, its place stays."""
        return replace(self, text="", deleted=True, version=self.version + 1)


def valid_text(text: str, path: str = "text") -> str:
    """The text without surrounding white space and control characters, or `Invalid` when nothing visible is left.

    Spaces of every script stay, and so do the invisible joiners that hold emoji and Arabic or Indic letters together.
    """
    cleaned = without_control(text, keep="\n\t").strip()
    if not has_visible(cleaned):
        raise Invalid.field(path, "Write something first.", "empty")
    if len(cleaned) > TEXT_LENGTH:
        raise Invalid.field(path, f"A message has at most {TEXT_LENGTH:,} characters.", "length")
    return cleaned


def valid_client_id(text: str, path: str = "clientId") -> str:
    """The client's own id of a message or operation: 1 to 128 characters, or `Invalid`."""
    if not 1 <= len(text) <= CLIENT_ID_LENGTH or not text.isprintable():
        raise Invalid.field(path, f"The id has 1 to {CLIENT_ID_LENGTH} visible characters.", "length")
    return text
