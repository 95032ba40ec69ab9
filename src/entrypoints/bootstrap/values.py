"""The kinds of values that options take, each with the rule that it must keep.

A rule raises `ValueError` with a sentence that does not repeat the value: some are secrets.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Callable
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, SecretStr

from synctv.adapters.crypto.keys import KeyRefused, opaque_setup, weakness
from synctv.adapters.mail.message import NotAnAddress, domain_of
from synctv.domain.accounts.account import valid_username
from synctv.domain.accounts.email import valid_email
from synctv.domain.accounts.passwords import PasswordPolicy
from synctv.domain.delivery.egress import valid_destination
from synctv.domain.errors import Invalid

_HOST = re.compile(r"(\*\.)?[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*")


def _split(value: object) -> object:
    """A list may be written as one text, with commas or one entry a line."""
    if isinstance(value, str):
        return [entry.strip() for entry in re.split(r"[,\n]", value) if entry.strip()]
    return value


def _url(*schemes: str) -> Callable[[str], str]:
    def check(text: str) -> str:
        try:
            parts = urlsplit(text)
            usable = parts.scheme in schemes and bool(parts.hostname or parts.scheme == "unix")
            usable = usable and (parts.port is None or parts.port > 0)
        except ValueError:
            usable = False
        if not usable:
            raise ValueError("This is no such address.")
        return text

    return check


def _page_url(text: str) -> str:
    parts = urlsplit(_url("http", "https")(text))
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError("The page stands at the top of its host: leave out what follows the host and its port.")
    return text


def _secret_url(*schemes: str) -> Callable[[SecretStr], SecretStr]:
    check = _url(*schemes)

    def of_secret(value: SecretStr) -> SecretStr:
        check(value.get_secret_value())
        return value

    return of_secret


def _network(text: str) -> str:
    try:
        ip_network(text)
    except ValueError:
        raise ValueError("An entry is no address and no network.") from None
    return text


def _destination(text: str) -> str:
    return _by_domain(valid_destination, text)


def _origin(text: str) -> str:
    """An origin as browsers write it (RFC 6454, 6.2), so that it can be compared as it is."""
    parts = urlsplit(_url("http", "https")(text))
    host = _host(parts.hostname or "")
    port = "" if parts.port in (None, 80 if parts.scheme == "http" else 443) else f":{parts.port}"
    if text != f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{port}":
        raise ValueError(
            "An entry is no origin as browsers write it: https://host or https://host:port, in lower case."
        )
    return text


def _username(text: str) -> str:
    return _by_domain(valid_username, text)


def _password(value: SecretStr) -> SecretStr:
    _by_domain(PasswordPolicy().check, value.get_secret_value())
    return value


def _by_domain(rule: Callable[[str], str], text: str) -> str:
    try:
        return rule(text)
    except Invalid as error:
        raise ValueError(str(error)) from None


def _key(value: SecretStr) -> SecretStr:
    if reason := weakness(value.get_secret_value()):
        raise ValueError(reason)
    return value


def _host(text: str) -> str:
    if text.startswith("*") or not _HOST.fullmatch(text):
        try:
            ip_address(text)
        except ValueError:
            raise ValueError("This is no host.") from None
    return text.lower()


def _mail_address(text: str) -> str:
    address = _by_domain(valid_email, text)
    try:
        domain_of(address)
    except NotAnAddress:
        raise ValueError("Its domain is none.") from None
    return address


def _shown_name(text: str) -> str:
    if not text.isprintable():
        raise ValueError("It has characters in it that can't be shown.")
    return text


def _certificates(path: Path) -> Path:
    path = _folder(path)
    try:
        ssl.create_default_context(cafile=path)
    except OSError:
        raise ValueError("This file has no certificates that can be read.") from None
    return path


def _opaque_setup(value: SecretStr) -> SecretStr:
    try:
        opaque_setup([value.get_secret_value()], "")
    except KeyRefused as error:
        raise ValueError(error.reason) from None
    return value


def _folder(path: Path) -> Path:
    return path.expanduser().absolute()


Networks = Annotated[tuple[Annotated[str, AfterValidator(_network)], ...], BeforeValidator(_split)]
Origins = Annotated[tuple[Annotated[str, AfterValidator(_origin)], ...], BeforeValidator(_split)]
Destinations = Annotated[tuple[Annotated[str, AfterValidator(_destination)], ...], BeforeValidator(_split)]
OpaqueSetup = Annotated[SecretStr, AfterValidator(_opaque_setup)]
SigningKeys = Annotated[tuple[Annotated[SecretStr, AfterValidator(_key)], ...], BeforeValidator(_split)]
PageUrl = Annotated[str, AfterValidator(_page_url)]
SocketUrl = Annotated[str, AfterValidator(_url("ws", "wss"))]
DatabaseUrl = Annotated[SecretStr, AfterValidator(_secret_url("postgres", "postgresql"))]
RedisUrl = Annotated[SecretStr, AfterValidator(_secret_url("redis", "rediss", "unix"))]
Username = Annotated[str, AfterValidator(_username)]
Password = Annotated[SecretStr, AfterValidator(_password)]
Folder = Annotated[Path, AfterValidator(_folder)]
MailHost = Annotated[str, AfterValidator(_host)]
MailAddress = Annotated[str, AfterValidator(_mail_address)]
ShownName = Annotated[str, AfterValidator(_shown_name)]
CertificateFile = Annotated[Path, AfterValidator(_certificates)]
