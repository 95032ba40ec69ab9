"""Who knows a password does not guess the second step any faster for it."""

from __future__ import annotations

import pytest

from synctv.application.accounts.proofs import Known, Named, PasswordProof, Proof, RecoveryProof, TotpProof
from synctv.application.ports.passwords import PasswordHasher
from synctv.domain.accounts.throttle import AT_ACCOUNT
from synctv.domain.errors import InvalidCredentials, RateLimited
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
