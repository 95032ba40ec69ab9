"""The options for providers of media."""

from __future__ import annotations

import json
from typing import Annotated, Self

from pydantic import AfterValidator, BeforeValidator, SecretStr, model_validator

from synctv.adapters.providers.remote.address import NAME, problem_with
from synctv.entrypoints.bootstrap.options import Section, option
from synctv.entrypoints.bootstrap.values import CertificateFile

MAX_REMOTES = 50


def _name(text: str) -> str:
    if not NAME.fullmatch(text):
        raise ValueError("A name has 2 to 32 small letters, digits and _, and begins with a letter.")
    return text


def _url(text: str) -> str:
    if problem := problem_with(text):
        raise ValueError(problem)
    return text


class RemoteProviderSettings(Section):
    """One provider of another process."""

    name: Annotated[str, AfterValidator(_name)]
    url: Annotated[str, AfterValidator(_url)]
    provider: str | None = option(None, "What it is called there; its name here unless given.", max_length=32)
    token: SecretStr | None = option(None, "The token of the other process.", min_length=16)
    ca_file: CertificateFile | None = option(None, "Certificates to trust instead of the machine's.")

    def __str__(self) -> str:
        return f"{self.name} at {self.url}"

    @model_validator(mode="after")
    def _certificates_for_tls(self) -> Self:
        if self.ca_file is not None and not self.url.startswith("grpcs:"):
            raise ValueError("`ca_file` is for addresses that begin with grpcs://.")
        return self


def _read(value: object) -> object:
    """A list may be written as one text of JSON, for the environment."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        raise ValueError("This is no JSON.") from None


def _all_different(entries: tuple[RemoteProviderSettings, ...]) -> tuple[RemoteProviderSettings, ...]:
    if len({one.name for one in entries}) != len(entries):
        raise ValueError("Two of them have the same name.")
    if len(entries) > MAX_REMOTES:
        raise ValueError(f"There are at most {MAX_REMOTES}.")
    return entries


Remotes = Annotated[tuple[RemoteProviderSettings, ...], BeforeValidator(_read), AfterValidator(_all_different)]


class ProviderSettings(Section):
    """What turns sources into something to play, beside what is built in."""

    remote: Remotes = option(
        (),
        "Providers that run in processes of their own (`synctv serve provider`).",
        allowed="a list of tables with `name` and `url` (grpcs://host:port, or grpc:// on this machine), and maybe "
        "`provider` (what it is called there), `token` and `ca_file`; in the environment as JSON",
    )
