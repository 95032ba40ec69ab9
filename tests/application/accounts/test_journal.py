"""The audit log of signing in: who, what, when and from where, and never a secret."""

from __future__ import annotations

from dataclasses import asdict, replace

import pytest

from synctv.application.accounts.client import Client
from synctv.application.accounts.proofs import (
    Anybody,
    EmailProof,
    Named,
    PasswordProof,
    Proof,
    RecoveryProof,
    Subject,
    TotpProof,
)
from synctv.application.accounts.sessions import SignedIn
from synctv.domain.accounts.session import GRACE_SECONDS
from synctv.domain.audit.entry import Action, AuditEntry
from synctv.domain.errors import DomainError
from tests.application.accounts.people import (
    STEP,
    Person,
    actor_of,
    entries,
    last_code,
    other_code,
    person,
    two_step,
)
from tests.application.house import House
from tests.applications import PASSWORD

WRONG = "hunter2 hunter2"
FAR = Client("SyncTV for phones", "2001:db8::7")


class Story:
    """Somebody signs in and out in every way, rightly and wrongly, and the secrets in it are remembered."""

    def __init__(self, house: House, anna: Person) -> None:
        self.house = house
        self.anna = anna
        self.secrets = [PASSWORD, WRONG]

    async def first(self, subject: Subject, proof: Proof) -> object:
        """A first step, right or wrong."""
        try:
            result = await self.house.application.sign_in.first_step(subject, proof, FAR)
        except DomainError:
            return None
        self.secrets += [result.access_token, result.refresh_token] if isinstance(result, SignedIn) else [result.id]
        return result

    async def second(self, proof: Proof) -> SignedIn | None:
        """A second step after the password, right or wrong."""
        self.house.clock.advance(STEP)
        asked = await self.anna.challenge(FAR)
        self.secrets.append(asked.id)
        try:
            signed_in = await self.house.application.sign_in.second_step(asked.id, proof, FAR)
        except DomainError:
            return None
        self.secrets += [signed_in.access_token, signed_in.refresh_token]
        return signed_in

    async def letter(self, subject: Subject) -> EmailProof:
        """A right proof by email."""
        self.house.clock.advance(2 * STEP)
        proof = await self.anna.email(subject, FAR)
        self.secrets += [proof.flow, proof.code]
        return proof

    async def run(self) -> None:
        """All of it."""
        await self._passwords()
        await self._letters()
        await self._passkeys()
        await self._apps()
        await self._sessions()

    async def _passwords(self) -> None:
        for name in ("Anna", "anna@example.org", WRONG):
            await self.first(Named(name), PasswordProof(WRONG))
        for _ in range(7):
            await self.anna.opaque(Named("Anna"), FAR, WRONG)
            self.house.clock.advance(60)
        proof = await self.anna.opaque(Named("Anna"), FAR)
        self.secrets.append(proof.flow)
        await self.first(Anybody(), replace(proof, finalization=proof.finalization[::-1]))

    async def _letters(self) -> None:
        proof = await self.letter(Named("Anna"))
        await self.first(Anybody(), replace(proof, code=other_code(proof.code)))
        await self.first(Anybody(), proof)
        self.secrets.append(other_code(proof.code))
        assert await self.second(await self.letter(self.anna.subject))
        self.secrets.append(last_code(self.house))

    async def _passkeys(self) -> None:
        self.anna.authenticator.count = 5
        await self.first(Anybody(), await self.anna.passkey(FAR))
        self.anna.authenticator.count = 4
        await self.first(Anybody(), await self.anna.passkey(FAR))

    async def _apps(self) -> None:
        self.house.clock.advance(3_600)
        self.secrets += [self.anna.code(1), "aaaa-aaaa", "aaaaaaaa", self.anna.secret.decode()]
        assert await self.second(TotpProof(self.anna.code(1)))
        assert not await self.second(TotpProof(self.anna.code()))
        assert await self.second(RecoveryProof("aaaa-aaaa"))
        assert not await self.second(RecoveryProof("aaaa-aaaa"))

    async def _sessions(self) -> None:
        self.house.clock.advance(3_600)
        sessions = self.house.application.sessions
        signed_in = [await self.second(RecoveryProof(f"{letter * 4}-{letter * 4}")) for letter in "bcde"]
        actors = [await actor_of(self.house, one) for one in signed_in if one]
        grant = await self.house.application.grants.give(actors[0], PasswordProof(PASSWORD), FAR)
        self.secrets.append(grant.text)
        await sessions.sign_out(actors[1], FAR)
        await sessions.end(actors[0], actors[2].session_id, FAR)
        assert signed_in[3] is not None
        token = signed_in[3].refresh_token
        refreshed = await sessions.refresh(token, FAR)
        self.secrets += [refreshed.access_token, refreshed.refresh_token]
        self.house.clock.advance(GRACE_SECONDS)
        with pytest.raises(DomainError):
            await sessions.refresh(token, FAR)
        await sessions.end_all(actors[0], FAR, keep_this=False)


@pytest.fixture
async def story(opaque_house: House) -> Story:
    told = Story(opaque_house, await two_step(opaque_house))
    await told.run()
    return told


def texts(entry: AuditEntry) -> str:
    """All that stands in it but numbers, among whose digits any code might be found."""
    said = asdict(entry)
    del said["at"], said["id"]
    return repr(said)


async def test_everything_that_happened_is_noted(story: Story) -> None:
    assert {entry.action for entry in entries(story.house)} == {
        Action.ACCOUNT_CREATED,
        Action.SIGNED_IN,
        Action.SIGN_IN_FAILED,
        Action.PASSKEY_COPIED,
        Action.RECOVERY_CODE_USED,
        Action.SIGNED_OUT,
        Action.SESSION_ENDED,
        Action.REFRESH_REUSED,
        Action.ALL_SESSIONS_ENDED,
    }


async def test_every_entry_says_who_what_when_and_from_where(story: Story) -> None:
    created, *rest = entries(story.house)
    assert created.actor.kind == "operator"
    named = [entry for entry in rest if entry.target.kind == "account"]
    (stranger,) = [entry for entry in rest if entry not in named]
    assert (stranger.action, stranger.target.id, stranger.target.name) == (Action.SIGN_IN_FAILED, "", "")
    for entry in named:
        assert (entry.target.id, entry.target.name, entry.actor) == (story.anna.id, "Anna", entry.target)
    for entry in rest:
        assert (entry.address, entry.user_agent) == (FAR.address, FAR.user_agent)
        assert created.at <= entry.at <= story.house.clock.now()
    of_sessions = {Action.SIGNED_IN, Action.SIGNED_OUT, Action.SESSION_ENDED, Action.REFRESH_REUSED}
    assert all(entry.session_id in story.house.state.sessions for entry in rest if entry.action in of_sessions)


async def test_every_failure_says_what_was_tried(story: Story) -> None:
    failed = [entry.detail for entry in entries(story.house, Action.SIGN_IN_FAILED)]
    assert {detail["proof"] for detail in failed} == {"password", "email", "passkey", "totp", "recovery code"}
    assert [detail for detail in failed if "unfinished" in detail]


async def test_no_entry_holds_a_secret(story: Story) -> None:
    written = [texts(entry) for entry in entries(story.house)]
    assert len(story.secrets) > 30
    for secret in story.secrets:
        assert secret
        assert not [text for text in written if secret in text], secret


async def test_nothing_that_is_stored_holds_a_secret_as_it_is(story: Story) -> None:
    """But letters in the outbox, which are sealed, and codes of six digits, which may be part of any number."""
    stored = repr(story.house.state)
    for secret in story.secrets:
        if len(secret) > 6:
            assert secret not in stored, secret


async def test_an_entry_is_as_long_as_it_may_be(house: House) -> None:
    endless = Client("x" * 100_000, "y" * 100_000)
    await person(house)
    with pytest.raises(DomainError):
        await house.application.sign_in.with_password("z" * 100_000, "z" * 100_000, endless)
    (failed,) = entries(house, Action.SIGN_IN_FAILED)
    assert (len(failed.user_agent), len(failed.address)) == (300, 64)
    assert len(texts(failed)) < 1_000
