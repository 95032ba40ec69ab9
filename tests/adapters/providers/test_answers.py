"""What statuses and bodies of other servers are taken for."""

from __future__ import annotations

import msgspec
import pytest

from synctv.adapters.providers.answers import decoded, failure, host_of, must_be_good, seconds_of
from synctv.application.ports.fetch import FetchResponse
from synctv.domain.errors import UpstreamFailed, UpstreamFormat, UpstreamLimited, UpstreamMissing
from synctv.domain.ids import MICROS, Micros

NOW = Micros(1_700_000_000 * MICROS)


class Thing(msgspec.Struct):
    name: str


def answer(status: int = 200, body: bytes = b"", *, truncated: bool = False, **headers: str) -> FetchResponse:
    return FetchResponse(status, headers, body, "https://nas.test:5244/api/x?token=secret", truncated)


@pytest.mark.parametrize(
    "status, code",
    [
        (301, "upstream_failed"),
        (400, "upstream_failed"),
        (401, "upstream_credential"),
        (403, "upstream_refused"),
        (404, "upstream_not_found"),
        (410, "upstream_not_found"),
        (416, "upstream_failed"),
        (429, "upstream_rate_limited"),
        (500, "upstream_unavailable"),
        (503, "upstream_unavailable"),
    ],
)
def test_each_status_has_its_meaning_and_the_host_is_named(status: int, code: str) -> None:
    with pytest.raises(UpstreamFailed) as caught:
        must_be_good(answer(status), NOW)
    assert caught.value.code == code
    assert "nas.test:5244" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_what_is_good_is_handed_on() -> None:
    assert must_be_good(answer(206, b"x"), NOW).body == b"x"


@pytest.mark.parametrize(
    "text, seconds",
    [
        ("7", 7.0),
        ("0", 1.0),
        ("999999999", 86_400.0),
        ("Tue, 14 Nov 2023 22:14:20 GMT", 60.0),
        ("Tue, 14 Nov 2000 22:14:20 GMT", 1.0),
        ("soon", 30.0),
        ("-5", 30.0),
        ("9" * 400, 30.0),
        (None, 30.0),
    ],
)
def test_a_wait_is_read_within_reason(text: str | None, seconds: float) -> None:
    assert seconds_of(text, NOW) == seconds
    limited = failure("a.test", 429, text, NOW)
    assert isinstance(limited, UpstreamLimited)
    assert limited.retry_after == seconds


def test_json_is_read_as_what_was_expected() -> None:
    assert decoded(answer(body=b'{"name":"a","more":1}'), Thing) == Thing("a")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"name":{}}', b"\xff", b"[" * 100_000])
def test_other_json_is_a_changed_format(body: bytes) -> None:
    with pytest.raises(UpstreamFormat):
        decoded(answer(body=body), Thing)


def test_a_web_page_is_called_one() -> None:
    with pytest.raises(UpstreamFormat, match="web page"):
        decoded(answer(body=b"\n<!doctype html>"), Thing)


def test_what_was_cut_is_not_read() -> None:
    with pytest.raises(UpstreamFormat, match="longer"):
        decoded(answer(body=b'{"name":"a"}', truncated=True), Thing)


def test_a_host_is_told_without_who_signs_in() -> None:
    assert host_of("http://ada:pw@nas.test/x") == "nas.test"
    assert issubclass(UpstreamMissing, UpstreamFailed)
