"""What a person filled in to sign in, checked against the form that asks for it."""

from __future__ import annotations

from collections.abc import Mapping

from synctv.application.ports.providers import FieldKind, LoginForm, Manifest
from synctv.domain.errors import FieldError, Invalid

MAX_LENGTH = 4_096
MAX_LONG_LENGTH = 65_536


def filled(manifest: Manifest, form: str, fields: Mapping[str, str]) -> dict[str, str]:
    """The value of every field of the form, empty where it was left out. Raises `Invalid`."""
    chosen = next((known for known in manifest.logins if known.id == form), None)
    if chosen is None:
        ways = ", ".join(known.id for known in manifest.logins)
        raise Invalid.field("form", f"The ways to sign in to {manifest.title} are: {ways}.", "choice")
    values = {field.name: _value(fields.get(field.name), field.kind) for field in chosen.fields}
    problems = _problems(chosen, values)
    if problems:
        raise Invalid(*problems)
    return values


def _problems(form: LoginForm, values: Mapping[str, str]) -> list[FieldError]:
    found = []
    for field in form.fields:
        path, value = f"fields.{field.name}", values[field.name]
        longest = MAX_LONG_LENGTH if field.kind is FieldKind.LONG_HIDDEN else MAX_LENGTH
        if field.required and not value:
            found.append(FieldError(path, "required", f"Fill in: {field.label}."))
        elif len(value) > longest:
            found.append(FieldError(path, "length", f"{field.label}: at most {longest:,} characters."))
        elif not value.isprintable() and field.kind is not FieldKind.LONG_HIDDEN:
            found.append(FieldError(path, "format", f"{field.label}: on one line, without control characters."))
    return found


def _value(value: object, kind: FieldKind) -> str:
    """The value as text. White space around a secret may be part of it; around anything else it is none."""
    text = value if isinstance(value, str) else ""
    return text if kind is FieldKind.HIDDEN else text.strip()
