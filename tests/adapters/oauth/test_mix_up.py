"""Answers that one provider passes off as another's (RFC 9700, 4.4; RFC 9207)."""

from __future__ import annotations

from dataclasses import replace

import pytest
import structlog

from synctv.application.ports.oauth import AuthorizationAnswer
from synctv.domain.errors import InvalidCredentials
from tests.adapters.oauth.house import FLOW, MIA, House, Hub
from tests.servers.identity import signed_in_at

ANNOUNCED = {"authorization_response_iss_parameter_supported": True}
OTHER = "https://evil.example"


async def refused(house: House, reason: str) -> None:
    """It is said to the operator why, and the code was shown to nobody."""
    with structlog.testing.capture_logs() as logs, pytest.raises(InvalidCredentials, match="Start again"):
        await house.come_back()
    assert [entry["reason"] for entry in logs if entry["event"] == "identity_not_believed"] == [reason]
    assert house.told.count("/token") == 0


@pytest.mark.parametrize("document", [{}, ANNOUNCED])
async def test_an_answer_of_the_issuer_itself_is_taken(house: House, document: dict[str, object]) -> None:
    house.told.document, house.told.answers_as = document, house.told.issuer
    assert (await house.come_back()).subject == MIA


@pytest.mark.parametrize("document", [{}, ANNOUNCED])
@pytest.mark.parametrize("issuer", [OTHER, ""])
async def test_an_answer_of_another_issuer_is_refused(house: House, document: dict[str, object], issuer: str) -> None:
    house.told.document, house.told.answers_as = document, issuer
    await refused(house, "an answer of another issuer")


async def test_issuers_are_compared_to_the_letter(house: House) -> None:
    for issuer in (f"{house.told.issuer}/", house.told.issuer.upper(), f" {house.told.issuer}"):
        house.told.answers_as = issuer
        await refused(house, "an answer of another issuer")


async def test_whoever_announces_to_say_whose_it_is_has_to(house: House) -> None:
    house.told.document = ANNOUNCED
    await refused(house, "an answer that does not say whose it is, which the provider announces to say")


@pytest.mark.parametrize("announced", [None, False, "true", 1])
async def test_whoever_does_not_announce_it_need_not(house: House, announced: object) -> None:
    house.told.document = {"authorization_response_iss_parameter_supported": announced}
    assert (await house.come_back()).subject == MIA


async def test_a_provider_without_discovery_has_no_issuer_to_compare_with(hub: Hub) -> None:
    hub.told.answers_as = OTHER
    assert (await hub.come_back()).username == "mia"


async def test_a_code_is_worth_nothing_at_another_address_to_come_back_to(house: House) -> None:
    elsewhere = replace(FLOW, redirect_uri=FLOW.redirect_uri + "/other")
    back = await signed_in_at(await house.leave(elsewhere), MIA)
    with pytest.raises(InvalidCredentials):
        await house.oauth.identity(house.known, house.secret, FLOW, AuthorizationAnswer(back.code))
