"""Bodies and queries become Structs, or an `Invalid` that names every wrong field in the client's terms."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from enum import Enum, EnumMeta
from types import NoneType, UnionType
from typing import Annotated, Any, TypeVar, Union, cast, get_args, get_origin
from urllib.parse import parse_qsl

import msgspec
from msgspec import NODEFAULT, Struct, UnsetType
from msgspec.structs import FieldInfo

from synctv.domain.errors import FieldError, Invalid

T = TypeVar("T")
Query = TypeVar("Query", bound=Struct)

_MALFORMED = "The body is not valid JSON in UTF-8. Send one JSON object."
_QUERY_PARAMETERS = 50
_BASE64URL = re.compile(r"[A-Za-z0-9_-]*")


def decode_json(raw: bytes, kind: type[T]) -> T:
    """The value that a JSON text stands for. `kind` is a Struct, or a union of some.

    Of Structs without tags, the one is meant that knows most of the fields that came; the first among equals.
    """
    try:
        # Kept apart from the decoding below, since broken text is another mistake than a wrong value.
        plain = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid.field("", _MALFORMED, "json") from error
    if b"\\u0000" in raw and (unprintable := list(_with_nul(plain, ""))):
        raise Invalid(*unprintable)
    return convert(plain, _meant(kind, plain), strict=True)


def decode_query(raw: bytes, kind: type[Query]) -> Query:
    """The values of a query string.

    An empty parameter is as good as none. Unknown ones are ignored, since links collect them on their way.
    """
    try:
        pairs = parse_qsl(raw.decode("ascii"), errors="strict", max_num_fields=_QUERY_PARAMETERS)
    except ValueError as error:
        raise Invalid.field("", "The query of this address is malformed. Encode it as UTF-8.", "query") from error
    given = dict(pairs)
    known = {field.encode_name for field in msgspec.structs.fields(kind)}
    if unprintable := list(_with_nul(given, "")):
        raise Invalid(*unprintable)
    return convert({name: value for name, value in given.items() if name in known}, kind, strict=False)


def convert(plain: object, kind: type[T], *, strict: bool) -> T:
    """The value of plain JSON data. Not `strict` takes numbers and booleans that are written as text."""
    try:
        return msgspec.convert(plain, kind, strict=strict)
    except msgspec.ValidationError as error:
        found = list(_wrong(kind, plain, "", strict=strict))
        raise Invalid(*(found or [FieldError("", "invalid", "Something in this request is wrong.")])) from error


def bytes_in(text: str, path: str) -> bytes:
    """The bytes that a text in base64url without padding stands for (RFC 4648, 5). Raises `Invalid` for the field."""
    if not _BASE64URL.fullmatch(text) or len(text) % 4 == 1:
        raise Invalid.field(path, f"{path} must be bytes, written as base64url without padding.", "base64url")
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


@contextmanager
def told_as(**paths: str) -> Iterator[None]:
    """An `Invalid` from within the block is told in the client's terms: `told_as(message="upload")`."""
    try:
        yield
    except Invalid as error:
        renamed = (replace(one, path=paths.get(one.path, one.path)) for one in error.errors)
        raise Invalid(*renamed) from error


def untagged(kind: Any) -> tuple[type[Struct], ...]:
    """The Structs of a union that nothing but their fields tells apart; empty for every other type."""
    kinds = get_args(kind) if isinstance(kind, UnionType) or get_origin(kind) is Union else ()
    structs = all(isinstance(one, type) and issubclass(one, Struct) for one in kinds)
    return kinds if kinds and structs and kinds[0].__struct_config__.tag is None else ()


def _meant(kind: type[T], plain: object) -> type[T]:
    choices = untagged(kind)
    if not choices:
        return kind
    given = set(plain) if isinstance(plain, Mapping) else set()
    known = [len(given & {field.encode_name for field in msgspec.structs.fields(one)}) for one in choices]
    return cast(type[T], choices[known.index(max(known))])


def _wrong(kind: Any, value: object, path: str, *, strict: bool) -> Iterator[FieldError]:
    try:
        msgspec.convert(value, kind, strict=strict)
    except msgspec.ValidationError:
        structs = [one for one in _alternatives(kind) if isinstance(one, type) and issubclass(one, Struct)]
        if not structs or not isinstance(value, Mapping):
            yield FieldError(path, "type", f"{path or 'The body'} must be {_described(kind)}.")
        elif len(structs) == 1:
            yield from _wrong_fields(structs[0], value, path, strict=strict)
        else:
            yield from _wrong_choice(structs, value, path, strict=strict)


def _wrong_choice(structs: list[Any], value: Mapping[str, object], path: str, *, strict: bool) -> Iterator[FieldError]:
    tag_field = structs[0].__struct_config__.tag_field
    by_tag = {struct.__struct_config__.tag: struct for struct in structs}
    chosen = by_tag.get(value.get(tag_field))
    if chosen is None:
        at = _below(path, tag_field)
        yield FieldError(at, "choice", f"{at} must be one of: {', '.join(by_tag)}.")
    else:
        rest = {name: part for name, part in value.items() if name != tag_field}
        yield from _wrong_fields(chosen, rest, path, strict=strict)


def _wrong_fields(
    struct: type[Struct], value: Mapping[str, object], path: str, *, strict: bool
) -> Iterator[FieldError]:
    fields = {field.encode_name: field for field in msgspec.structs.fields(struct)}
    for name in value:
        if name not in fields:
            at = _below(path, name)
            yield FieldError(at, "unknown", f"There is no field {at}. There are: {', '.join(fields)}.")
    for name, field in fields.items():
        at = _below(path, name)
        if name in value:
            yield from _wrong(field.type, value[name], at, strict=strict)
        elif _required(field):
            yield FieldError(at, "missing", f"{at} is missing. It must be {_described(field.type)}.")


def _required(field: FieldInfo) -> bool:
    return field.default is NODEFAULT and field.default_factory is NODEFAULT


def _with_nul(value: object, path: str) -> Iterator[FieldError]:
    if isinstance(value, str) and "\0" in value:
        yield FieldError(path, "characters", f"{path or 'The body'} contains a NUL character. Remove it.")
    elif isinstance(value, Mapping):
        for name, part in value.items():
            yield from _with_nul(name, path)
            yield from _with_nul(part, _below(path, name.replace("\0", "")))
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from _with_nul(part, f"{path}[{index}]")


def _below(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _alternatives(kind: Any) -> tuple[Any, ...]:
    if get_origin(kind) is Annotated:
        return _alternatives(get_args(kind)[0])
    if isinstance(kind, UnionType) or get_origin(kind) is Union:
        return tuple(one for one in get_args(kind) if one is not UnsetType)
    # A NewType is what it was made of.
    return _alternatives(kind.__supertype__) if hasattr(kind, "__supertype__") else (kind,)


_WORDS: Mapping[Any, str] = {
    str: "a text",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    NoneType: "null",
}


def _described(kind: Any) -> str:
    """What a value must be, as a phrase for the sentence "name must be …"."""
    return " or ".join(_word(one) for one in _alternatives(kind))


def _word(kind: Any) -> str:
    if isinstance(kind, EnumMeta):
        return "one of: " + ", ".join(str(member) for member in cast(type[Enum], kind))
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (list, frozenset):
        return f"a list, each {_described(arguments[0])}"
    return _WORDS.get(kind, "an object")
