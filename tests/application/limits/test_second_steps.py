"""Who knows a password does not guess the second step any faster for it."""

from __future__ import annotations

import pytest

from synctv.application.accounts.client import Client
from synctv.application.accounts.email_codes import HOUR
from synctv.application.accounts.proofs import (
    EmailProof,
    Known,
    Named,
    PasswordProof,
    Proof,
    RecoveryProof,
    TotpProof,
)
from synctv.application.ports.passwords import PasswordHasher
from synctv.domain.accounts.throttle import AT_ACCOUNT, SECOND_STEPS, WINDOW_SECONDS
from synctv.domain.errors import InvalidCredentials, RateLimited
from tests.application.accounts.people import code_sent, last_code, other_code, person
from tests.application.house import furnished
from tests.applications import CLIENT, PASSWORD


@pytest.mark.parametrize("proof", [TotpProof("000000"), RecoveryProof("aaaa-aaaa-aaaa-aaaa")])
async def test_a_right_password_in_between_buys_no_more_guesses(passwords: PasswordHasher, proof: Proof) -> None:
    house = furnished(passwords)
    anna = await house.account("anna")
    prover = house.container.prover()
    for _ in range(AT_ACCOUNT.free + 1):
        await prover.prove(Named("anna"), PasswordProof(PASSWORD), CLIENT)
        with pytest.raises(InvalidCredentials):
            await prover.prove(Known(anna.id), proof, CLIENT)
    await prover.prove(Named("anna"), PasswordProof(PASSWORD), CLIENT)
    with pytest.raises(RateLimited):
        await prover.prove(Known(anna.id), proof, CLIENT)


async def test_many_addresses_guess_no_more_second_steps_than_one(passwords: PasswordHasher) -> None:
    house = furnished(passwords)
    anna = await house.account("anna")
    prover = house.container.prover()
    for number in range(SECOND_STEPS):
        with pytest.raises(InvalidCredentials):
            await prover.prove(Known(anna.id), TotpProof("000000"), Client("guesser", f"192.0.2.{number}"))
    for proof in (TotpProof("000000"), RecoveryProof("aaaa-aaaa-aaaa-aaaa")):
        with pytest.raises(RateLimited):
            await prover.prove(Known(anna.id), proof, Client("guesser", "198.51.100.1"))
    await prover.prove(Named("anna"), PasswordProof(PASSWORD), CLIENT)
    house.clock.advance(WINDOW_SECONDS)
    with pytest.raises(InvalidCredentials):
        await prover.prove(Known(anna.id), TotpProof("000000"), Client("guesser", "198.51.100.1"))


async def test_many_addresses_guess_no_more_mailed_second_steps_than_one(passwords: PasswordHasher) -> None:
    house = furnished(passwords)
    anna = await person(house, "anna", email="anna@example.org")
    prover = house.container.prover()
    for number in range(SECOND_STEPS):
        guesser = Client("guesser", f"192.0.2.{number}")
        asked = await anna.email(client=guesser)
        with pytest.raises(InvalidCredentials):
            await prover.prove(anna.subject, EmailProof(asked.flow, other_code(asked.code)), guesser)
    with pytest.raises(RateLimited):
        await prover.prove(anna.subject, await anna.email(), CLIENT)
    # Who only knows the name can't bring that about, nor is the holder's first step touched by it.
    first = EmailProof((await code_sent(house, "anna")).flow, last_code(house))
    assert (await prover.prove(Named("anna"), first, CLIENT)).account_id == anna.id
    house.clock.advance(HOUR)
    assert (await prover.prove(anna.subject, await anna.email(), CLIENT)).account_id == anna.id


async def test_strangers_use_up_no_second_steps_by_mail(passwords: PasswordHasher) -> None:
    house = furnished(passwords)
    anna = await person(house, "anna", email="anna@example.org")
    prover = house.container.prover()
    for number in range(SECOND_STEPS + 1):
        stranger = Client("stranger", f"192.0.2.{number}")
        sent = await code_sent(house, "anna", stranger)
        with pytest.raises(InvalidCredentials):
            await prover.prove(Named("anna"), EmailProof(sent.flow, other_code(last_code(house))), stranger)
    assert (await prover.prove(anna.subject, await anna.email(), CLIENT)).account_id == anna.id
