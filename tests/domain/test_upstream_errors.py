"""What is told of a server that failed, and to whom."""

from __future__ import annotations

import pytest

from synctv.domain.errors import (
    NOT_TOLD,
    UpstreamChanged,
    UpstreamCredential,
    UpstreamFailed,
    UpstreamFormat,
    UpstreamLimited,
    UpstreamMissing,
    UpstreamRefused,
    UpstreamTimeout,
    UpstreamUnavailable,
)

HOST = "nas.alice.example:8096"
EACH = [
    UpstreamFailed(HOST, "it answered with status 418."),
    UpstreamRefused(HOST, "it does not allow this."),
    UpstreamMissing(HOST),
    UpstreamCredential(HOST, provider="nas", server=f"https://{HOST}"),
    UpstreamLimited(HOST, 7.0),
    UpstreamUnavailable(HOST),
    UpstreamFormat(HOST),
    UpstreamChanged(HOST),
    UpstreamTimeout(HOST, 15.0),
]


@pytest.mark.parametrize("error", EACH, ids=lambda error: error.code)
def test_without_its_place_an_error_is_the_same_and_names_no_server(error: UpstreamFailed) -> None:
    told = error.without_place("The item's server")
    assert type(told) is type(error)
    assert str(told) == f"The item's server failed: {error.reason}"
    assert "alice" not in repr(told) + repr(vars(told))
    assert str(error).startswith(HOST)


def test_what_programs_look_at_stays() -> None:
    limited = UpstreamLimited(HOST, 7.0).without_place("It")
    timed_out = UpstreamTimeout(HOST, 15.0).without_place("It")
    credential = EACH[3].without_place("It")
    assert (limited.retry_after, timed_out.seconds) == (7.0, 15.0)
    assert isinstance(credential, UpstreamCredential)
    assert (credential.provider, credential.server) == ("nas", None)


@pytest.mark.parametrize(
    "host, reason",
    [
        (HOST, "allow NAS.Alice.Example in the settings."),
        ("[fd00::7]:80", "allow fd00::7 in the settings."),
        ("fd00::7", "allow fd00::7 in the settings."),
        ("10.0.0.7", "nobody calls 10.0.0.7."),
    ],
)
def test_a_reason_that_names_the_server_is_not_told_to_others(host: str, reason: str) -> None:
    assert str(UpstreamFailed(host, reason).without_place("It")) == f"It failed: {NOT_TOLD}"


def test_others_may_be_told_another_reason() -> None:
    error = UpstreamCredential(HOST, "the bucket of-alice is elsewhere.").telling_others("its bucket is elsewhere.")
    assert str(error) == f"{HOST} failed: the bucket of-alice is elsewhere."
    assert str(error.at("s3", HOST).without_place("It")) == "It failed: its bucket is elsewhere."
