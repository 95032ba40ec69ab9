"""Single calls to a provider, each bounded, and the objects that it answers with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NoReturn
from urllib.parse import parse_qsl, urlencode

from yarl import URL

from synctv.adapters.oauth.addresses import host_of
from synctv.application.ports.fetch import Fetch, FetchRequest, FetchResponse
from synctv.domain.errors import Invalid, UpstreamFailed

MAX_BYTES = 256 * 1024
TIMEOUT_SECONDS = 10.0
_FORM = "application/x-www-form-urlencoded"
_MAX_FORM_FIELDS = 50

Fields = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered. `fields` is None where that was neither a JSON object nor a form."""

    host: str
    status: int
    fields: Fields | None = field(repr=False)

    def good(self) -> Fields:
        """The fields of an answer that says 200. Raises `UpstreamFailed` for any other."""
        if self.status != 200:
            raise UpstreamFailed(self.host, f"it answers with status {self.status}.")
        if self.fields is None:
            raise UpstreamFailed(self.host, "it does not answer in JSON. Check the provider's addresses.")
        return self.fields


class ProviderCalls:
    """Calls through the fetch port. No redirect is followed: it could carry a code, a secret or a token elsewhere."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch

    async def get(self, url: URL, headers: Mapping[str, str] | None = None) -> Answer:
        """Raises `UpstreamFailed`, `UpstreamRefused` or `UpstreamTimeout` when there is no answer to read."""
        return await self._call(url, "GET", {**(headers or {})}, None)

    async def post(self, url: URL, form: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
        """Sends a form. Raises as `get`."""
        return await self._call(url, "POST", {**headers, "Content-Type": _FORM}, urlencode(form).encode())

    async def _call(self, url: URL, method: str, headers: dict[str, str], body: bytes | None) -> Answer:
        request = FetchRequest(
            str(url),
            method,
            {"Accept": "application/json", **headers},
            body,
            max_bytes=MAX_BYTES,
            timeout=TIMEOUT_SECONDS,
            max_redirects=0,
        )
        host = host_of(url)
        try:
            response = await self._fetch.fetch(request)
        except Invalid:
            raise UpstreamFailed(host, "its address can't be called.") from None
        if response.truncated:
            raise UpstreamFailed(host, f"its answer is longer than {MAX_BYTES:,} bytes.")
        return Answer(host, response.status, _fields(response))


def _fields(response: FetchResponse) -> Fields | None:
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    return form_object(response.body) if kind == _FORM else json_object(response.body)


def json_object(body: bytes) -> Fields | None:
    """The JSON object that this is, or None. NaN and infinity are not JSON."""
    try:
        value = json.loads(body.decode(), parse_constant=_no_number)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def form_object(body: bytes) -> Fields | None:
    """The fields of a form, or None where a name stands twice."""
    try:
        pairs = parse_qsl(body.decode("ascii"), strict_parsing=True, max_num_fields=_MAX_FORM_FIELDS)
    except ValueError:
        return None
    fields = dict(pairs)
    return fields if len(fields) == len(pairs) else None


def _no_number(name: str) -> NoReturn:
    raise ValueError(name)
