"""Frozen domain values to JSON and back, by their type hints.

Strings, numbers, booleans, enums and None are themselves; a dataclass is an object of its fields; tuples are arrays,
and so are frozensets, sorted; a mapping from strings or enums is an object. A member of a union of dataclasses carries
its `type`: its class name in snake case. Those names are in stored data, so a class that has one keeps its name.

Versions of different age may read each other's data: fields that are not known are ignored, members of an enum that
are not known are ignored where they are keys, and a field that is missing takes its default.
"""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Any, NamedTuple, NewType, TypeVar, Union, get_args, get_origin, get_type_hints, overload

import msgspec

from synctv.adapters.serialization.errors import DecodeError, UnknownType

TAG = "type"

_T = TypeVar("_T")
_Encode = Callable[[Any], Any]
_Decode = Callable[[Any], Any]


class _Codec(NamedTuple):
    """Both directions between a Python value and what JSON can say. `decode` raises `DecodeError`."""

    encode: _Encode
    decode: _Decode


def encode(value: object, declared: Any = None) -> bytes:
    """The value as JSON. `declared` is the type that the reader asks for, where that isn't the value's own: a union.

    Raises `ValueError` for a number that JSON can't carry, and `TypeError` for a type that is no domain value.
    """
    wanted: Any = type(value) if declared is None else declared
    return msgspec.json.encode(_codec(wanted).encode(value))


@overload
def decode(declared: type[_T], data: bytes | str) -> _T: ...
@overload
def decode(declared: UnionType, data: bytes | str) -> Any: ...
def decode(declared: Any, data: bytes | str) -> Any:
    """The value of this type. Raises `DecodeError`, of which `UnknownType` says that a newer version wrote the data."""
    try:
        raw = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DecodeError(f"not JSON: {error}") from error
    return _codec(declared).decode(raw)


def tag_of(class_: type) -> str:
    """The name of a class in data: `PlaybackChanged` is `playback_changed`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", class_.__name__).lower()


@cache
def _codec(declared: Any) -> _Codec:
    if isinstance(declared, NewType):
        return _codec(declared.__supertype__)
    if declared in _PLAIN:
        return _PLAIN[declared]
    origin = get_origin(declared)
    if origin in (Union, UnionType):
        return _union(get_args(declared))
    if origin is not None:
        return _generic(declared, origin)
    if isinstance(declared, type) and issubclass(declared, StrEnum):
        return _Codec(lambda value: value.value, _enum_decoder(declared))
    if dataclasses.is_dataclass(declared):
        return _dataclass(declared)
    raise TypeError(f"{declared!r} has no form in JSON here.")


def _plain(type_: type, name: str) -> _Codec:
    def decode_plain(raw: Any) -> Any:
        if type(raw) is not type_:
            raise DecodeError(f"expected {name}, got {type(raw).__name__}")
        return raw

    return _Codec(_itself, decode_plain)


def _itself(value: Any) -> Any:
    return value


def _encode_float(value: float) -> float:
    if not math.isfinite(value):
        raise ValueError(f"JSON has no {value}.")
    return value


def _decode_float(raw: Any) -> float:
    if type(raw) is float:
        return raw
    if type(raw) is int:
        return float(raw)
    raise DecodeError(f"expected a number, got {type(raw).__name__}")


_PLAIN: Mapping[Any, _Codec] = {
    str: _plain(str, "a string"),
    int: _plain(int, "an integer"),
    bool: _plain(bool, "true or false"),
    NoneType: _plain(NoneType, "null"),
    float: _Codec(_encode_float, _decode_float),
    object: _Codec(_itself, _itself),
    Any: _Codec(_itself, _itself),
}


def _enum_decoder(enum: type[StrEnum]) -> _Decode:
    members = {member.value: member for member in enum}

    def decode_enum(raw: Any) -> StrEnum:
        member = members.get(raw) if isinstance(raw, str) else None
        if member is None:
            raise DecodeError(f"no {enum.__name__}: {raw!r:.80}")
        return member

    return decode_enum


def _generic(declared: Any, origin: Any) -> _Codec:
    arguments = get_args(declared)
    if origin is tuple and len(arguments) == 2 and arguments[1] is Ellipsis:
        return _array(_codec(arguments[0]), tuple, list)
    if origin is frozenset:
        return _array(_codec(arguments[0]), frozenset, sorted)
    if origin is Mapping and arguments[0] is str:
        return _mapping(_codec(arguments[1]))
    if origin is Mapping and issubclass(arguments[0], StrEnum):
        return _mapping_of_enum(arguments[0], _codec(arguments[1]))
    raise TypeError(f"{declared!r} has no form in JSON here.")


def _array(entry: _Codec, collect: Callable[[list[Any]], Any], order: Callable[[Any], list[Any]]) -> _Codec:
    def decode_array(raw: Any) -> Any:
        if not isinstance(raw, list):
            raise DecodeError(f"expected an array, got {type(raw).__name__}")
        return collect([_decode_part(entry, part, str(index)) for index, part in enumerate(raw)])

    return _Codec(lambda value: order([entry.encode(part) for part in value]), decode_array)


def _mapping(entry: _Codec) -> _Codec:
    def decode_mapping(raw: Any) -> Any:
        return {name: _decode_part(entry, part, name) for name, part in _fields_of(raw).items()}

    return _Codec(lambda value: {name: entry.encode(part) for name, part in value.items()}, decode_mapping)


def _mapping_of_enum(enum: type[StrEnum], entry: _Codec) -> _Codec:
    by_name = _mapping(entry)

    def decode_known(raw: Any) -> Any:
        known = {member.value for member in enum}
        found = by_name.decode({name: part for name, part in _fields_of(raw).items() if name in known})
        return {enum(name): part for name, part in found.items()}

    return _Codec(by_name.encode, decode_known)


def _dataclass(class_: Any) -> _Codec:
    hints = get_type_hints(class_)
    fields = [field for field in dataclasses.fields(class_) if field.init]
    codecs = {field.name: _codec(hints[field.name]) for field in fields}
    required = frozenset(field.name for field in fields if _has_no_default(field))

    def encode_fields(value: Any) -> dict[str, Any]:
        return {name: codec.encode(getattr(value, name)) for name, codec in codecs.items()}

    def decode_fields(raw: Any) -> Any:
        given = _fields_of(raw)
        missing = required - given.keys()
        if missing:
            raise DecodeError(f"{class_.__name__} misses {', '.join(sorted(missing))}")
        return class_(**{name: _decode_part(codecs[name], given[name], name) for name in codecs if name in given})

    return _Codec(encode_fields, decode_fields)


def _has_no_default(field: dataclasses.Field[Any]) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def _union(members: tuple[Any, ...]) -> _Codec:
    others = tuple(member for member in members if member is not NoneType)
    one = _codec(others[0]) if len(others) == 1 else _tagged(others)
    if len(others) == len(members):
        return one
    return _Codec(
        lambda value: None if value is None else one.encode(value),
        lambda raw: None if raw is None else one.decode(raw),
    )


def _tagged(classes: tuple[Any, ...]) -> _Codec:
    if not all(dataclasses.is_dataclass(class_) for class_ in classes):
        raise TypeError(f"A union can be told apart only where all its members are dataclasses: {classes!r}")
    if any(field.name == TAG for class_ in classes for field in dataclasses.fields(class_)):
        raise TypeError(f"A member of a union can't have a field that is called {TAG!r}: {classes!r}")
    codecs = {class_: _codec(class_) for class_ in classes}
    by_tag = {tag_of(class_): codec for class_, codec in codecs.items()}

    def encode_tagged(value: Any) -> dict[str, Any]:
        return {TAG: tag_of(type(value)), **codecs[type(value)].encode(value)}

    def decode_tagged(raw: Any) -> Any:
        tag = _fields_of(raw).get(TAG)
        codec = by_tag.get(tag) if isinstance(tag, str) else None
        if codec is None:
            raise UnknownType(f"no type {tag!r:.80} among {', '.join(by_tag)}")
        return codec.decode(raw)

    return _Codec(encode_tagged, decode_tagged)


def _decode_part(codec: _Codec, raw: Any, name: str) -> Any:
    try:
        return codec.decode(raw)
    except DecodeError as error:
        raise error.inside(name) from None


def _fields_of(raw: Any) -> dict[str, Any]:
    if not isinstance(raw, dict):
        raise DecodeError(f"expected an object, got {type(raw).__name__}")
    return raw
