"""Access to one bucket: what a person fills in for it, how it is kept, and the address that an object has. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from ipaddress import ip_address
from urllib.parse import quote, unquote, urlsplit

from synctv.application.ports.providers import Login
from synctv.domain.delivery.offer import origin_of
from synctv.domain.errors import Invalid

SIGNABLE = "/-._~"
"""What stays as it is in a signed path, beside letters and digits (Signature Version 4, UriEncode)."""

_BUCKET = re.compile(r"[a-z0-9A-Z][a-zA-Z0-9._-]{1,61}[a-zA-Z0-9]", re.ASCII)
_REGION = re.compile(r"[a-zA-Z0-9-]{1,40}", re.ASCII)
_YES, _NO = frozenset({"yes", "y", "true", "on", "1"}), frozenset({"no", "n", "false", "off", "0"})


@dataclass(frozen=True, slots=True)
class Account:
    """A bucket at an endpoint, and the keys to it.

    `endpoint` is an http(s) address without a slash at its end. `path_style` puts the bucket's name into the path,
    otherwise it is a part of the host name.
    """

    endpoint: str
    bucket: str
    region: str
    access_key: str = field(repr=False)
    secret_key: str = field(repr=False)
    path_style: bool

    @property
    def server(self) -> str:
        """What tells this bucket from all others."""
        return f"{self.endpoint}/{self.bucket}"

    @property
    def reader(self) -> str:
        """What tells whose access key this is, without telling the key."""
        return sha256(self.access_key.encode()).hexdigest()[:16]

    @property
    def login(self) -> Login:
        """As it is kept."""
        style = "path" if self.path_style else "host"
        secret = {"access_key": self.access_key, "secret_key": self.secret_key, "region": self.region, "style": style}
        return Login(self.server, secret)

    def url(self, key: str = "") -> str:
        """The address of an object, or of the bucket itself."""
        path = quote(key, safe=SIGNABLE)
        if self._in_path:
            return f"{self.endpoint}/{self.bucket}/{path}" if key else f"{self.endpoint}/{self.bucket}"
        scheme, _, rest = self.endpoint.partition("://")
        return f"{scheme}://{self.bucket}.{rest}/{path}"

    def key_of(self, url: str) -> str | None:
        """The name of the object that lies at an http(s) address, whatever its query; None for one outside of here."""
        parts, own = urlsplit(url), urlsplit(self.url())
        folder = own.path.rstrip("/") + "/"
        try:
            path = unquote(parts.path, errors="strict")
        except UnicodeDecodeError:
            return None
        if "@" in parts.netloc or origin_of(url) != origin_of(self.url()) or not path.startswith(folder):
            return None
        return path.removeprefix(folder) or None

    @property
    def _in_path(self) -> bool:
        """Whether the bucket's name has to be in the path: no certificate fits a name with dots, no address has one."""
        host = urlsplit(self.endpoint).hostname or ""
        return self.path_style or ("." in self.bucket and self.endpoint.startswith("https:")) or _is_address(host)


def account_of(login: Login) -> Account:
    """The account that a login keeps."""
    endpoint, _, bucket = login.server.rpartition("/")
    secret = login.secret
    style = secret.get("style") == "path"
    return Account(endpoint, bucket, secret["region"], secret["access_key"], secret["secret_key"], style)


def account_from(values: Mapping[str, str], endpoint: str, region: str, *, path_style: bool) -> Account:
    """The account that a filled form is, where `endpoint` and `region` may have been derived.

    Raises `Invalid` with paths below `fields`.
    """
    bucket = values["bucket"]
    if not _BUCKET.fullmatch(bucket):
        raise Invalid.field(
            "fields.bucket", "The name of a bucket has 3 to 63 letters and digits, with - . _ inside.", "format"
        )
    if not _REGION.fullmatch(region):
        raise Invalid.field("fields.region", "A region looks like eu-central-1.", "format")
    for name in ("access_key", "secret_key"):
        if not values[name].isascii() or not values[name].strip():
            raise Invalid.field(f"fields.{name}", "A key has letters, digits and a few signs. Copy it again.", "format")
    return Account(
        _without_bucket(valid_endpoint(endpoint), bucket),
        bucket,
        region,
        values["access_key"].strip(),
        values["secret_key"].strip(),
        path_style,
    )


def valid_endpoint(text: str) -> str:
    """The address of a server, without query and slash at its end; https where no scheme is named. Raises `Invalid`."""
    address = text if "://" in text else f"https://{text}"
    try:
        parts = urlsplit(address)
        port = parts.port
        usable = parts.scheme in ("http", "https") and _is_host(parts.hostname or "") and port != 0
    except ValueError:
        usable = False
    if not usable or "@" in parts.netloc or not address.isprintable() or " " in address:
        raise Invalid.field(
            "fields.server", "The address of the server begins with https:// and has no name or password in it.", "url"
        )
    return origin_of(address) + parts.path.rstrip("/")


def switched(text: str, path: str, *, default: bool) -> bool:
    """What `yes` or `no` says; `default` where nothing is said. Raises `Invalid`."""
    word = text.lower()
    if not word:
        return default
    if word in _YES or word in _NO:
        return word in _YES
    raise Invalid.field(path, "Say yes or no.", "choice")


def _without_bucket(endpoint: str, bucket: str) -> str:
    """Some consoles show the address with the bucket at its end."""
    return endpoint.removesuffix(f"/{bucket}") if urlsplit(endpoint).path else endpoint


def _is_host(host: str) -> bool:
    return "." in host or host == "localhost" or _is_address(host) or bool(re.fullmatch(r"[a-z0-9-]+", host))


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
