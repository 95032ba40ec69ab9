"""The two codecs of the realtime contract. Subprotocol names are theirs."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from synctv.application.realtime.messages import Outgoing, Request
from synctv.domain.errors import Invalid
from synctv.entrypoints.realtime.encoding import binary_frame, json_frame
from synctv.entrypoints.realtime.frames import ClientFrame, Numbered
from synctv.entrypoints.wire.synctv import v1 as wire

_PATH = re.compile(r" - at `\$\.?(?P<path>[^`]*)`$")


@dataclass(frozen=True, slots=True)
class Unreadable(Exception):
    """A frame that is wrong, with the number that it carries as far as it can be read (else 0)."""

    seq: int
    error: Invalid


class Codec(ABC):
    """Turns frames into requests and messages into frames."""

    name: str
    binary: bool

    @abstractmethod
    def decode(self, data: bytes) -> Request:
        """The request. Raises `Unreadable`."""

    @abstractmethod
    def encode(self, outgoing: Outgoing) -> bytes:
        """The payload of a frame."""


class JsonCodec(Codec):
    """Proto JSON in text frames."""

    name = "synctv.v1.json"
    binary = False
    _frames = msgspec.json.Decoder(ClientFrame, strict=False)
    _numbers = msgspec.json.Decoder(Numbered, strict=False)

    def decode(self, data: bytes) -> Request:
        """The request. Numbers may be strings, as proto JSON allows."""
        try:
            return self._frames.decode(data).value()
        except Invalid as error:
            raise Unreadable(self._seq(data), error) from None
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise Unreadable(self._seq(data), _invalid(error)) from None

    def encode(self, outgoing: Outgoing) -> bytes:
        """The payload of a text frame."""
        return msgspec.json.encode(json_frame(outgoing))

    def _seq(self, data: bytes) -> int:
        try:
            return self._numbers.decode(data).seq
        except (msgspec.DecodeError, UnicodeDecodeError):
            return 0


class ProtobufCodec(Codec):
    """Binary protobuf in binary frames."""

    name = "synctv.v1.pb"
    binary = True

    def decode(self, data: bytes) -> Request:
        """The request."""
        seq = 0
        try:
            frame = wire.ClientFrame.parse(data).to_dict()
            seq = int(frame.get("seq", 0))
            return msgspec.convert(frame, ClientFrame, strict=False).value()
        except Invalid as error:
            raise Unreadable(seq, error) from None
        except msgspec.ValidationError as error:
            raise Unreadable(seq, _invalid(error)) from None
        except Exception:
            raise Unreadable(seq, Invalid.field("", "This frame is no protobuf ClientFrame.", "malformed")) from None

    def encode(self, outgoing: Outgoing) -> bytes:
        """The payload of a binary frame."""
        return bytes(binary_frame(outgoing))


CODECS: Mapping[str, Codec] = {codec.name: codec for codec in (ProtobufCodec(), JsonCodec())}


def _invalid(error: Exception) -> Invalid:
    text = str(error)
    found = _PATH.search(text)
    path = found["path"] if found else ""
    detail = text[: found.start()] if found else text
    return Invalid.field(path, f"{path or 'The frame'}: {detail}.", "malformed")
