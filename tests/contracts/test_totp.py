"""What every kind of time-based one-time passwords promises."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pyotp
import pytest

from synctv.adapters.crypto.totp import PyotpTotp
from synctv.application.ports.totp import Totp
from synctv.domain.ids import MICROS, Micros
from tests.vectors import vectors

VECTORS = vectors("totp")
SECRET = bytes.fromhex(VECTORS["secret"])
BY_CODE = pytest.mark.parametrize("vector", VECTORS["codes"], ids=lambda vector: str(vector["seconds"]))


def at(seconds: int) -> Micros:
    return Micros(seconds * MICROS)


@pytest.fixture
def totp() -> Totp:
    return PyotpTotp()


@BY_CODE
def test_codes_are_those_of_the_rfc(totp: Totp, vector: dict[str, Any]) -> None:
    assert totp.step_of(SECRET, vector["code"], at(vector["seconds"])) == vector["step"]


@BY_CODE
def test_a_code_holds_for_its_step_and_a_step_on_either_side(totp: Totp, vector: dict[str, Any]) -> None:
    first, end = at(30 * (vector["step"] - 1)), at(30 * (vector["step"] + 2))
    for now in (first, first + 30 * MICROS, end - 1):
        assert totp.step_of(SECRET, vector["code"], Micros(now)) == vector["step"]
    for now in (first - 1, end):
        assert totp.step_of(SECRET, vector["code"], Micros(now)) is None


@pytest.mark.parametrize(
    "code",
    [
        "",
        "28708",
        "2870822",
        "0287082",
        " 287082",
        "287082\n",
        "287 082",
        "28708x",
        "२८७०८२",
        "²87082",
        "-87082",
        "x" * 9999,
    ],
)
def test_what_is_no_code_of_six_digits_belongs_to_no_step(totp: Totp, code: str) -> None:
    assert totp.step_of(SECRET, code, at(59)) is None


def test_another_secrets_code_belongs_to_no_step(totp: Totp) -> None:
    assert totp.step_of(bytes(20), "287082", at(59)) is None


def test_the_first_steps_of_all_time_have_no_step_before_them(totp: Totp) -> None:
    assert totp.step_of(SECRET, pyotp.HOTP(totp.base32(SECRET)).at(0), at(0)) == 0


def test_secrets_are_160_bits_and_never_the_same(totp: Totp) -> None:
    secrets = {totp.new_secret() for _ in range(100)}
    assert len(secrets) == 100
    assert {len(secret) for secret in secrets} == {20}


def test_an_app_reads_from_the_address_what_a_person_types(totp: Totp) -> None:
    secret = totp.new_secret()
    uri = totp.uri(secret, "ada:lovelace & 艾达", "SyncTV: home")
    parts = urlsplit(uri)
    said = {name: values for name, (values,) in parse_qs(parts.query).items()}
    assert (parts.scheme, parts.netloc) == ("otpauth", "totp")
    assert unquote(parts.path) == "/SyncTV: home:ada:lovelace & 艾达"
    assert said == {"secret": totp.base32(secret), "issuer": "SyncTV: home"}


def test_an_app_that_read_the_address_shows_codes_that_are_taken(totp: Totp) -> None:
    secret = totp.new_secret()
    app = pyotp.parse_uri(totp.uri(secret, "ada", "SyncTV"))
    assert isinstance(app, pyotp.TOTP)
    assert totp.step_of(secret, app.at(1_700_000_000), at(1_700_000_000)) == 1_700_000_000 // 30
