"""What a person filled in to sign in to a provider, checked before anybody is asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from synctv.application.ports.providers import FieldKind, FormField, LoginForm, Manifest
from synctv.domain.errors import FieldError, Invalid
from synctv.domain.library.typed_address import completed_server

_LONGEST: Mapping[FieldKind, int] = {
    FieldKind.TEXT: 500,
    FieldKind.URL: 500,
    FieldKind.HIDDEN: 1_000,
    FieldKind.LONG_HIDDEN: 20_000,
}
"""Characters. The long ones are cookies, as browsers export them."""


def filled_in(manifest: Manifest, form: str, fields: Mapping[str, str]) -> Mapping[str, str]:
    """The fields of this form, the optional ones that were left out empty. White space around what is shown is gone,
    and addresses have a scheme where it is plain which.

    Raises `Invalid` with the path `form`, or with paths below `fields`.
    """
    return _filled_in(manifest, manifest.logins, form, fields)


def filled_in_for_code(manifest: Manifest, form: str, fields: Mapping[str, str]) -> Mapping[str, str]:
    """The same of a form that leads to a code."""
    return _filled_in(manifest, manifest.codes, form, fields)


def _filled_in(
    manifest: Manifest, forms: Sequence[LoginForm], form: str, fields: Mapping[str, str]
) -> Mapping[str, str]:
    chosen = next((login for login in forms if login.id == form), None)
    if chosen is None:
        known = ", ".join(login.id for login in forms)
        raise Invalid.field(
            "form", f"There is no such way to sign in to {manifest.title}. There are: {known}.", "choice"
        )
    if wrong := list(_wrong(chosen, fields)):
        raise Invalid(*wrong)
    return {field.name: _value(field, fields) for field in chosen.fields}


def _wrong(form: LoginForm, fields: Mapping[str, str]) -> Iterator[FieldError]:
    known = {field.name for field in form.fields}
    for name in fields:
        if name not in known:
            yield FieldError(f"fields.{name[:60]}", "unknown", f"This form has no such field. It has: {_listed(form)}.")
    for field in form.fields:
        value, longest = _value(field, fields), _LONGEST[field.kind]
        if not value and field.required:
            yield FieldError(f"fields.{field.name}", "missing", f"{field.label} is missing.")
        elif len(value) > longest:
            yield FieldError(f"fields.{field.name}", "length", f"{field.label} has at most {longest:,} characters.")


def _value(field: FormField, fields: Mapping[str, str]) -> str:
    value = fields.get(field.name, "")
    if field.kind is FieldKind.HIDDEN:
        return value
    value = value.strip()
    return (completed_server(value) or value) if field.kind is FieldKind.URL else value


def _listed(form: LoginForm) -> str:
    return ", ".join(field.name for field in form.fields)
