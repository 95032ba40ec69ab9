"""How one option is declared, and what can be said of it: its name in the environment, what it allows, its unit."""

from __future__ import annotations

import types
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, JsonValue, SecretStr
from pydantic.fields import FieldInfo

PREFIX = "SYNCTV_"
FILE_SUFFIX = "_file"


class Section(BaseModel):
    """A group of options. Nothing in it changes after the start, and unknown names are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, allow_inf_nan=False)


def option(default: Any, description: str, *, unit: str = "", allowed: str = "", shown: str = "", **limits: Any) -> Any:
    """One option. `allowed` replaces the sentence that is derived from its type and limits, `shown` the default's."""
    said: dict[str, JsonValue] = {"unit": unit, "allowed": allowed, "shown": shown}
    return Field(default, description=description, json_schema_extra=said, **limits)


def section(of: type[Section]) -> Any:
    """A group of options inside another one."""
    return Field(default_factory=of)


@dataclass(frozen=True, slots=True)
class Option:
    """One option of the model, found by its path (`http.port`)."""

    path: str
    field: FieldInfo

    @property
    def variable(self) -> str:
        """Its name in the environment."""
        return PREFIX + self.path.replace(".", "__").upper()

    @property
    def secret(self) -> bool:
        """Whether its value must never be shown; such an option may also be given as a file."""
        return SecretStr in _leaves(self.field.annotation)

    @property
    def many(self) -> bool:
        """Whether it is a list, which is written with commas where there are no lists."""
        return get_origin(self.field.annotation) is tuple

    @property
    def unit(self) -> str:
        """The unit of its number, or nothing."""
        return self._said("unit")

    @property
    def allowed(self) -> str:
        """What it may be, as a phrase."""
        phrase = self._said("allowed") or _phrase(_leaves(self.field.annotation), *_limits(self.field))
        if self.many and not self._said("allowed"):
            phrase = f"a list of {phrase}"
        return f"{phrase} ({self.unit})" if self.unit else phrase

    @property
    def default(self) -> str:
        """Its default, in words for what can't be written."""
        value = self.field.default
        if shown := self._said("shown"):
            return shown
        if value is None or value == ():
            return "none"
        return plain(value)

    def _said(self, name: str) -> str:
        extra = self.field.json_schema_extra
        return str(extra.get(name, "")) if isinstance(extra, dict) else ""


def options(model: type[BaseModel], prefix: str = "") -> Iterator[Option]:
    """Every option of the model, in the order of its declaration."""
    for name, field in model.model_fields.items():
        inner = section_of(field)
        if inner is None:
            yield Option(prefix + name, field)
        else:
            yield from options(inner, f"{prefix}{name}.")


def section_of(field: FieldInfo) -> type[Section] | None:
    """The section that the field is, or None for an option."""
    annotation = field.annotation
    return annotation if isinstance(annotation, type) and issubclass(annotation, Section) else None


def plain(value: object) -> str:
    """A value as it is written in a file or in the environment."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, tuple):
        return ", ".join(plain(entry) for entry in value)
    return str(value)


def _leaves(annotation: Any) -> tuple[Any, ...]:
    """The types inside of `X | None`, `tuple[X, ...]` and `Annotated[X, …]`."""
    if get_origin(annotation) is Annotated:
        return _leaves(get_args(annotation)[0])
    if get_origin(annotation) in (tuple, Union, types.UnionType):
        inside = (argument for argument in get_args(annotation) if argument not in (Ellipsis, types.NoneType))
        return tuple(leaf for argument in inside for leaf in _leaves(argument))
    return (annotation,)


def _limits(field: FieldInfo) -> tuple[Any, Any]:
    low, high = (
        next((getattr(limit, name) for limit in field.metadata if hasattr(limit, name)), None) for name in ("ge", "le")
    )
    return low, high


def _phrase(leaves: tuple[Any, ...], low: Any, high: Any) -> str:
    leaf = leaves[0]
    if issubclass(leaf, StrEnum):
        return f"one of {', '.join(leaf)}"
    names = {bool: "true or false", int: "a whole number", float: "a number", Path: "a path"}
    name = names.get(leaf, "text")
    if low is None and high is None:
        return name
    return f"{name} from {_number(low)}" + (f" to {_number(high)}" if high is not None else " on")


def _number(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:g}"
