"""A client profile: what a viewer's player can do."""

from __future__ import annotations

from dataclasses import dataclass

from synctv.domain.delivery.playable import Container, DeliveryMode
from synctv.domain.errors import Invalid

MAX_CODECS = 24
MAX_CODEC_LENGTH = 32
PATH = "profile"

_CODEC_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-")


@dataclass(frozen=True, slots=True)
class Profile:
    """What a client plays, and how it wants its bytes.

    `containers` and `codecs` (RFC 6381 names, such as `avc1` or `av01`) are what it says it can play; an empty set says
    nothing, and is taken for a current browser. `sets_headers` tells that it can send request headers of our choice.
    """

    containers: frozenset[Container] = frozenset()
    codecs: frozenset[str] = frozenset()
    sets_headers: bool = False
    mode: DeliveryMode = DeliveryMode.AUTO

    def plays(self, container: Container) -> bool:
        """Whether the client can play this container, as far as it said."""
        return not self.containers or container in self.containers

    @property
    def player(self) -> Profile:
        """What the client can play, without how it wants its bytes: all that a provider has to know."""
        return Profile(self.containers, self.codecs)

    @property
    def text(self) -> str:
        """The one canonical text of this profile, which `profile_of` reads again: `hls,mp4;avc1,mp4a;h;auto`."""
        containers = ",".join(sorted(self.containers))
        codecs = ",".join(sorted(self.codecs))
        return f"{containers};{codecs};{'h' if self.sets_headers else ''};{self.mode}"


ANY = Profile()


def profile_of(text: str) -> Profile:
    """The profile that a client sent as a text; parts at the end may be left out. Raises `Invalid`.

    A container that is not known here is left out: newer clients know more of them.
    """
    parts = text.split(";")
    if len(parts) > 4:
        raise Invalid.field(PATH, "A profile has at most four parts: containers;codecs;h;mode.", "format")
    containers, codecs, headers, mode = [*parts, *[""] * (4 - len(parts))]
    named = frozenset(containers.split(","))
    if mode and mode not in list(DeliveryMode):
        raise Invalid.field(PATH, f"The mode of a profile is one of {', '.join(DeliveryMode)}.", "choice")
    return Profile(
        containers=frozenset(container for container in Container if container in named),
        codecs=_codecs(codecs),
        sets_headers=headers == "h",
        mode=DeliveryMode(mode or DeliveryMode.AUTO),
    )


def _codecs(text: str) -> frozenset[str]:
    found = frozenset(name for name in text.split(",") if name)
    if len(found) > MAX_CODECS or any(len(name) > MAX_CODEC_LENGTH or set(name) - _CODEC_CHARACTERS for name in found):
        raise Invalid.field(PATH, f"A profile names at most {MAX_CODECS} codecs, such as avc1 or mp4a.40.2.", "codecs")
    return found
