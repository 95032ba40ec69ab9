"""A new password for who lost the old one: by a letter, by a letter and a second proof, or by the operator's link."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from synctv.application.accounts.client import Client
from synctv.application.accounts.flows import FLOW_SECONDS
from synctv.application.accounts.proofs import (
    EmailProof,
    OpaqueProof,
    PasswordProof,
    Proof,
    RecoveryProof,
    TotpProof,
)
from synctv.application.accounts.reset import LINK_SECONDS, ResetOpened
from synctv.application.accounts.sessions import SignedIn
from synctv.application.ports.letters import LetterKind
from synctv.application.ports.passwords import PasswordHasher
from synctv.domain.accounts.account import Language
from synctv.domain.accounts.factors import Factor
from synctv.domain.accounts.passwords import PasswordPolicy
from synctv.domain.audit.entry import Action
from synctv.domain.errors import (
    Denied,
    FlowOver,
    InvalidCredentials,
    MfaRequired,
    PreconditionFailed,
    RateLimited,
    TokenExpired,
    Unavailable,
)
from tests.application.accounts.people import (
    ELSEWHERE,
    Person,
    actor_of,
    changed,
    entries,
    last_code,
    last_letter,
    other_code,
    person,
    ruled,
    two_step,
)
from tests.application.accounts.registering import Registration, stored
from tests.application.accounts.trials import (
    NO_FLOWS,
    Step,
    all_or_nothing,
    at_once,
    heard,
    nothing_but_over,
    over,
    refused,
)
from tests.application.house import House, furnished
from tests.applications import CLIENT, PASSWORD, SITE, SilentMail

NEW = "another horse battery"
ADDRESS = "anna@example.org"
HOUR = 3_600.0


@dataclass(frozen=True)
class Asked:
    """A reset whose letter is there."""

    house: House
    flow: str
    code: str

    async def open(self, code: str | None = None, client: Client = CLIENT) -> ResetOpened:
        """Types the code in."""
        return await self.house.application.reset.open(self.flow, code or self.code, client)


async def asked(house: House, name: str = "Anna", client: Client = CLIENT) -> Asked:
    """Somebody forgot their password, and asks for a letter."""
    sent = await house.application.reset.start(name, client)
    return Asked(house, sent.flow, last_code(house))


async def opened(house: House, name: str = "Anna") -> ResetOpened:
    """They have typed the code in."""
    return await (await asked(house, name)).open()


async def complete(
    house: House, flow: str, new: str | bytes = NEW, proof: Proof | None = None, client: Client = CLIENT
) -> None:
    """They choose a password."""
    await house.application.reset.complete(flow, new, proof, client)


async def link(house: House, name: str = "Anna") -> str:
    """The token in the link that an operator makes."""
    return (await house.application.account_access.require_reset(name)).url.partition("#token=")[2]


async def signs_in(house: House, password: str, name: str = "Anna") -> bool:
    """Whether this password does."""
    try:
        await house.application.sign_in.with_password(name, password, ELSEWHERE)
    except (InvalidCredentials, Denied):
        return False
    return True


@pytest.fixture
async def anna(house: House) -> Person:
    return await person(house, email=ADDRESS)


# ---------------------------------------------------------------- the letter


async def test_the_letter_leads_to_a_new_password(house: House, anna: Person) -> None:
    signed_in = await anna.sign_in()
    assert isinstance(signed_in, SignedIn)
    reset = await asked(house, " ANNA@example.org ")
    letter = last_letter(house)
    assert (letter.kind, letter.to, letter.facts["username"]) == (LetterKind.RESET_CODE, ADDRESS, "Anna")
    door = await reset.open(f"{reset.code[:3]} {reset.code[3:]}")
    assert (door.username, list(door.methods)) == ("Anna", [])
    before = anna.account
    async with heard(house) as told:
        await complete(house, door.flow)
    (revoked,) = told
    assert (revoked.account_id, revoked.session_id, revoked.kept) == (anna.id, None, None)
    assert revoked.generation == anna.account.session_generation == before.session_generation + 1
    assert anna.account.version == before.version + 1
    assert (await signs_in(house, NEW), await signs_in(house, PASSWORD)) == (True, False)
    with pytest.raises(TokenExpired):
        await house.application.identity.of(signed_in.access_token)
    with pytest.raises(TokenExpired):
        await house.application.sessions.refresh(signed_in.refresh_token, CLIENT)
    (noted,) = entries(house, Action.PASSWORD_RESET)
    assert (noted.target.id, noted.actor.id, noted.address) == (anna.id, anna.id, CLIENT.address)
    assert (last_letter(house).kind, last_letter(house).to) == (LetterKind.PASSWORD_CHANGED, ADDRESS)


async def test_whoever_is_named_asking_looks_the_same(house: House, anna: Person) -> None:
    await person(house, "Bob")
    await changed(house, anna.id, language=Language.CHINESE)
    names = ("Anna", "Bob", "nobody", "nobody@example.org", "", "@", "x" * 100_000, "\x00", "\ud800")
    seen = []
    for number, name in enumerate(names):
        client = Client("tests", f"192.0.2.{number}")
        house.short_lived.called.clear()
        queued, letters, noted = len(house.state.outbox), len(house.letters()), len(entries(house))
        sent = await house.application.reset.start(name, client)
        answers = [await refusal(house, sent.flow, "000000", client) for _ in range(7)]
        queued, letters = len(house.state.outbox) - queued, len(house.letters()) - letters
        assert letters == (1 if name == "Anna" else 0)
        noted = len(entries(house)) - noted
        seen.append((replace(sent, flow=""), len(sent.flow), answers, queued, noted, list(house.short_lived.called)))
    assert seen == [seen[0]] * len(names)
    assert [kind for kind, _ in seen[0][2]] == ["InvalidCredentials"] * 5 + ["FlowOver"] * 2
    assert last_letter(house).language is Language.CHINESE


async def refusal(house: House, flow: str, code: str, client: Client) -> tuple[str, str]:
    """How a wrong code is answered."""
    with pytest.raises((InvalidCredentials, FlowOver)) as caught:
        await house.application.reset.open(flow, code, client)
    return type(caught.value).__name__, str(caught.value)


async def test_a_wrong_code_is_noted_at_the_account_and_for_nobody_the_same(house: House, anna: Person) -> None:
    reset = await asked(house)
    nobody = await house.application.reset.start("nobody", CLIENT)
    for flow in (reset.flow, nobody.flow):
        await refusal(house, flow, other_code(reset.code), CLIENT)
    known, unknown = entries(house, Action.SIGN_IN_FAILED)
    assert (known.target.id, known.address, known.detail) == (anna.id, CLIENT.address, {"proof": "reset code"})
    assert (unknown.target.kind, unknown.target.id, unknown.detail) == ("unknown", "", known.detail)


async def test_letters_are_paced_for_everybody(house: House, anna: Person) -> None:
    for name in ("Anna", "nobody"):
        await house.application.reset.start(name, CLIENT)
        with pytest.raises(RateLimited) as limited:
            await house.application.reset.start(name, CLIENT)
        assert limited.value.retry_after == 30.0
        await house.application.reset.start(name, ELSEWHERE)


async def test_without_mail_nobody_is_promised_a_letter(passwords: PasswordHasher) -> None:
    house = furnished(passwords, mail=SilentMail(configured=False))
    anna = await person(house)
    for name in ("Anna", "nobody"):
        with pytest.raises(PreconditionFailed, match="no mail"):
            await house.application.reset.start(name, CLIENT)
    assert not house.state.outbox
    await complete(house, (await house.application.reset.open_link(await link(house), CLIENT)).flow)
    assert await signs_in(house, NEW, anna.name)


async def test_a_code_has_five_tries_and_works_once(house: House, anna: Person) -> None:
    reset = await asked(house)
    wrong = other_code(reset.code)
    for _ in range(4):
        with pytest.raises(InvalidCredentials):
            await reset.open(wrong)
    await reset.open()
    await over(reset.open())
    reset = await asked(house, client=ELSEWHERE)
    wrong = other_code(reset.code)
    assert await at_once(*(reset.open(wrong, ELSEWHERE) for _ in range(5))) == ["InvalidCredentials"] * 5
    await over(reset.open(client=ELSEWHERE))


async def test_of_two_who_type_the_code_at_once_one_gets_in(house: House, anna: Person) -> None:
    reset = await asked(house)
    assert await at_once(reset.open(), reset.open()) == ["FlowOver", "ResetOpened"]


async def test_a_code_of_one_reset_is_no_use_in_another(house: House, anna: Person) -> None:
    await person(house, "Bob", email="bob@example.org")
    mine, theirs = await asked(house), await asked(house, "Bob")
    with pytest.raises(InvalidCredentials):
        await mine.open(theirs.code)
    with pytest.raises(InvalidCredentials):
        await theirs.open(mine.code)


async def test_a_sign_in_code_is_no_reset_code(house: House, anna: Person) -> None:
    sent = await house.application.prover.email.start(anna.subject, CLIENT)
    await over(house.application.reset.open(sent.flow, last_code(house), CLIENT))
    reset = await asked(house)
    await over(house.application.prover.prove(anna.subject, EmailProof(reset.flow, reset.code), CLIENT))


async def test_a_reset_is_its_browsers_and_each_step_ends_with_its_time(house: House, anna: Person) -> None:
    reset = await asked(house)
    await nothing_but_over(house, [reset.open(client=ELSEWHERE)])
    house.clock.advance(FLOW_SECONDS)
    await nothing_but_over(house, [reset.open()])
    door = await opened(house)
    use = house.application.reset
    steps = [complete(house, door.flow, client=ELSEWHERE), use.whose(door.flow, ELSEWHERE)]
    await nothing_but_over(house, [*steps, use.answer_registration(door.flow, b"x" * 32, ELSEWHERE)])
    house.clock.advance(FLOW_SECONDS)
    steps = [complete(house, door.flow), use.whose(door.flow, CLIENT)]
    await nothing_but_over(house, [*steps, use.answer_registration(door.flow, b"x" * 32, CLIENT)])


async def test_what_is_no_flow_resets_nothing(house: House, anna: Person) -> None:
    reset = await asked(house)
    door = await reset.open()
    use = house.application.reset
    texts = (*NO_FLOWS, door.flow[:-1], door.flow + "x", reset.flow)
    await nothing_but_over(
        house,
        [step for text in texts for step in (complete(house, text), use.open(text, reset.code, CLIENT))]
        + [use.open_link(text, client) for text in (*texts, door.flow) for client in (CLIENT, Client("", ""))],
    )


async def test_a_reset_works_once(house: House, anna: Person) -> None:
    door = await opened(house)
    outcomes = await at_once(complete(house, door.flow), complete(house, door.flow, "a third horse"))
    assert outcomes == ["FlowOver", "NoneType"]
    before = stored(house)
    await over(complete(house, door.flow))
    assert stored(house) == before


async def test_of_two_open_resets_the_first_one_ends_the_other(house: House, anna: Person) -> None:
    first = await opened(house)
    house.clock.advance(30.0)
    second = await opened(house)
    await complete(house, second.flow)
    await over(complete(house, first.flow, "a third horse"))
    assert await signs_in(house, NEW)


@pytest.mark.parametrize("changes", [{"email": None}, {"email": "new@example.org"}])
async def test_a_letter_to_an_address_that_was_given_up_resets_nothing(
    house: House, anna: Person, changes: dict[str, str | None]
) -> None:
    reset = await asked(house)
    await changed(house, anna.id, **changes)
    await over(reset.open())
    await changed(house, anna.id, email=ADDRESS)
    house.clock.advance(30.0)
    door = await opened(house)
    await changed(house, anna.id, **changes)
    await over(complete(house, door.flow))
    assert await signs_in(house, PASSWORD)


async def test_whatever_ends_the_sessions_ends_an_open_reset(house: House, anna: Person) -> None:
    access, actor = house.application.account_access, await anna.session()
    for end in (
        lambda: access.end_sessions("Anna"),
        lambda: access.ban("Anna", "spam"),
        lambda: access.require_reset("Anna"),
        lambda: access.reset_factors("Anna"),
    ):
        door = await opened(house)
        await end()
        before = stored(house)
        await over(complete(house, door.flow))
        assert stored(house) == before
        house.clock.advance(HOUR)
    assert actor.id == anna.id


async def test_an_account_that_is_gone_resets_nothing(house: House, anna: Person) -> None:
    reset, token = await asked(house), await link(house)
    house.clock.advance(30.0)
    door = await opened(house)
    async with house.transactions.write() as tx:
        await tx.accounts.remove(anna.id)
    await nothing_but_over(
        house, [reset.open(), complete(house, door.flow), house.application.reset.open_link(token, CLIENT)]
    )


# ---------------------------------------------------------------- the password


async def test_a_password_goes_by_the_policy_and_costs_nothing_when_it_does_not(house: House) -> None:
    anna = await two_step(house)
    door = await opened(house)
    code = anna.totp()
    await ruled(house, password=PasswordPolicy(min_length=10, min_classes=2))
    for wrong in ("", "short", "x" * 257, "x" * 1_000_000, "only lower"[:9]):
        for _ in range(2):
            assert await refused(complete(house, door.flow, wrong, code)) == {"password"}
    await complete(house, door.flow, "Long enough", code)


async def test_a_demand_for_a_new_password_is_met_by_one(house: House, anna: Person) -> None:
    await link(house)
    assert anna.account.must_reset
    assert not await signs_in(house, PASSWORD)
    await complete(house, (await opened(house)).flow)
    assert house.state.accounts[anna.id].must_reset is False
    assert await signs_in(house, NEW)


async def test_a_password_that_is_not_sent_is_the_accounts_of_the_flow(opaque_house: House) -> None:
    anna = await person(opaque_house, email=ADDRESS)
    use, page, door = opaque_house.application.reset, Registration(NEW), await opened(opaque_house)
    for wrong in (b"", b"x" * 31, b"x" * 33, b"x" * 100_000):
        assert await refused(use.answer_registration(door.flow, wrong, CLIENT)) == {"message"}
    upload = page.upload(await use.answer_registration(door.flow, page.request, CLIENT))
    for wrong in (b"", upload[:-1], upload + b"x", b"\xff" * 192, b"x" * 100_000):
        assert await refused(complete(opaque_house, door.flow, wrong)) == {"message"}
    await complete(opaque_house, door.flow, upload)
    assert (anna.account.password is not None, anna.account.password and anna.account.password.argon2) == (True, None)
    assert await signs_in(opaque_house, NEW)
    assert await signs_in(opaque_house, PASSWORD) is False


async def test_an_upload_that_was_answered_for_another_account_opens_nothing(opaque_house: House) -> None:
    anna, bob = [await person(opaque_house, name, email=f"{name}@example.org") for name in ("Anna", "Bob")]
    use, page = opaque_house.application.reset, Registration(NEW)
    mine, theirs = await opened(opaque_house, anna.name), await opened(opaque_house, bob.name)
    upload = page.upload(await use.answer_registration(theirs.flow, page.request, CLIENT))
    await complete(opaque_house, mine.flow, upload)
    assert not await signs_in(opaque_house, NEW, "Anna")
    assert not await signs_in(opaque_house, PASSWORD, "Anna")
    assert await signs_in(opaque_house, PASSWORD, "Bob")


async def test_where_there_is_no_opaque_it_is_said(house: House, anna: Person) -> None:
    door = await opened(house)
    with pytest.raises(Unavailable):
        await house.application.reset.answer_registration(door.flow, b"x" * 32, CLIENT)
    with pytest.raises(Unavailable):
        await complete(house, door.flow, b"x" * 192)
    await complete(house, door.flow)


# ---------------------------------------------------------------- two steps


@pytest.mark.parametrize("kind", ["totp", "recovery", "passkey"])
async def test_where_two_steps_are_asked_for_the_letter_is_one_of_them(house: House, kind: str) -> None:
    anna = await two_step(house)
    door = await opened(house)
    assert set(door.methods) == {Factor.PASSKEY, Factor.TOTP}
    with pytest.raises(MfaRequired):
        await complete(house, door.flow)
    right: Proof = anna.totp() if kind == "totp" else RecoveryProof("AAAA AAAA")
    await complete(house, door.flow, NEW, await anna.passkey() if kind == "passkey" else right)
    assert anna.account.two_factor
    asked_again = await house.application.sign_in.with_password("Anna", NEW, CLIENT)
    assert not isinstance(asked_again, SignedIn)


async def test_neither_the_password_nor_a_letter_is_the_second_proof(house: House) -> None:
    anna = await two_step(house)
    door = await opened(house)
    for proof in (PasswordProof(PASSWORD), OpaqueProof("x", b"x" * 64), await anna.email()):
        for _ in range(2):
            assert await refused(complete(house, door.flow, NEW, proof)) == {"proof.kind"}
    await complete(house, door.flow, NEW, anna.totp())


async def test_a_second_proof_is_the_accounts_own_and_new(house: House) -> None:
    anna, bob = await two_step(house), await two_step(house, "Bob")
    door = await opened(house)
    used = anna.totp()
    await house.application.prover.prove(anna.subject, used, CLIENT)
    before = stored(house)
    for proof in (used, bob.totp(), TotpProof(""), await bob.passkey()):
        with pytest.raises(InvalidCredentials):
            await complete(house, door.flow, NEW, proof)
    signed = await anna.passkey()
    await over(complete(house, door.flow, NEW, replace(signed, site=replace(SITE, host="x.example"))))
    assert stored(house)["accounts"] == before["accounts"]
    await over(complete(house, door.flow, NEW, anna.totp(1)))
    assert await signs_in(house, PASSWORD)


async def test_a_second_proof_has_five_tries(house: House) -> None:
    anna = await two_step(house)
    door = await opened(house)
    for number in range(5):
        with pytest.raises(InvalidCredentials):
            await complete(house, door.flow, NEW, RecoveryProof(f"{number}" * 8))
    await over(complete(house, door.flow, NEW, anna.totp()))
    assert await signs_in(house, PASSWORD)


async def test_where_the_letter_would_be_both_steps_the_operator_helps(house: House, anna: Person) -> None:
    await changed(house, anna.id, two_factor=True)
    reset = await asked(house)
    with pytest.raises(Denied, match="Ask the operator of this server for a reset link"):
        await reset.open()
    await over(reset.open())
    door = await house.application.reset.open_link(await link(house), CLIENT)
    assert list(door.methods) == []
    await complete(house, door.flow)


async def test_two_steps_that_were_turned_on_meanwhile_are_asked_for(house: House, anna: Person) -> None:
    door = await opened(house)
    await changed(house, anna.id, two_factor=True)
    await over(complete(house, door.flow))
    assert await signs_in(house, PASSWORD)


async def test_two_steps_that_were_turned_off_meanwhile_do_not_spare_the_proof(house: House) -> None:
    anna = await two_step(house)
    door = await opened(house)
    await changed(house, anna.id, two_factor=False)
    with pytest.raises(MfaRequired):
        await complete(house, door.flow)
    await complete(house, door.flow, NEW, anna.totp())


# ---------------------------------------------------------------- the operator's link


async def test_a_link_works_from_any_browser_until_the_password_is_set(house: House, anna: Person) -> None:
    token, use = await link(house), house.application.reset
    doors = [await use.open_link(token, client) for client in (CLIENT, ELSEWHERE, CLIENT)]
    assert [(door.username, list(door.methods)) for door in doors] == [("Anna", [])] * 3
    await over(complete(house, doors[0].flow, client=ELSEWHERE))
    await complete(house, doors[1].flow, client=ELSEWHERE)
    assert await signs_in(house, NEW)
    await nothing_but_over(house, [use.open_link(token, CLIENT), complete(house, doors[0].flow, "a third horse")])


async def test_a_link_holds_for_a_day(house: House, anna: Person) -> None:
    token, use = await link(house), house.application.reset
    house.clock.advance(LINK_SECONDS - 1)
    door = await use.open_link(token, CLIENT)
    house.clock.advance(1)
    await nothing_but_over(house, [use.open_link(token, CLIENT)])
    await complete(house, door.flow)


async def test_a_link_is_worthless_once_there_is_a_newer_one_or_the_sessions_ended(house: House, anna: Person) -> None:
    access, use = house.application.account_access, house.application.reset
    for end in (lambda: link(house), lambda: access.end_sessions("Anna"), lambda: access.ban("Anna", "spam")):
        token = await link(house)
        await end()
        await nothing_but_over(house, [use.open_link(token, CLIENT)])


async def test_what_is_no_link_opens_nothing(house: House, anna: Person) -> None:
    token, use = await link(house), house.application.reset
    texts = (*NO_FLOWS, token[:-1], token + "x", token.swapcase())
    await nothing_but_over(house, [use.open_link(text, CLIENT) for text in texts])
    nobody = Client("", "")
    await nothing_but_over(house, [use.open(token, "000000", client) for client in (CLIENT, nobody)])
    await nothing_but_over(house, [complete(house, token, client=client) for client in (CLIENT, nobody)])


async def test_a_code_by_a_browser_without_a_name_is_no_link(house: House, anna: Person) -> None:
    nameless = Client("", "192.0.2.1")
    reset = await asked(house, client=nameless)
    await nothing_but_over(
        house, [house.application.reset.open_link(reset.flow, client) for client in (nameless, CLIENT)]
    )


async def test_a_link_needs_no_address_and_no_second_proof_but_sign_in_does(house: House) -> None:
    anna = await two_step(house)
    token = await link(house)
    await changed(house, anna.id, email=None)
    door = await house.application.reset.open_link(token, CLIENT)
    await complete(house, door.flow)
    challenge = await house.application.sign_in.with_password("Anna", NEW, CLIENT)
    assert not isinstance(challenge, SignedIn)
    signed_in = await house.application.sign_in.second_step(challenge.id, anna.totp(), CLIENT)
    assert (await actor_of(house, signed_in)).id == anna.id


# ---------------------------------------------------------------- outages


async def test_short_lived_state_that_was_lost_resets_nothing(house: House, anna: Person) -> None:
    reset, token = await asked(house), await link(house)
    house.short_lived.lose()
    await nothing_but_over(house, [reset.open(), house.application.reset.open_link(token, CLIENT)])
    door = await opened(house)
    house.short_lived.lose()
    await nothing_but_over(house, [complete(house, door.flow)])


async def test_while_short_lived_state_is_away_nothing_is_half_done(house: House) -> None:
    anna = await two_step(house)
    await person(house, "Bob", email="bob@example.org")

    async def opening() -> Step:
        house.clock.advance(HOUR)
        return (await asked(house, "Bob")).open

    async def opening_a_link() -> Step:
        token = await link(house, "Bob")
        return lambda: house.application.reset.open_link(token, CLIENT)

    async def completing() -> Step:
        house.clock.advance(HOUR)
        door = await opened(house, "Bob")
        return lambda: complete(house, door.flow)

    for step in (opening, opening_a_link, completing):
        await all_or_nothing(house, step)
    house.clock.advance(HOUR)
    door = await opened(house)
    house.short_lived.down = True
    with pytest.raises(Unavailable):
        await complete(house, door.flow, NEW, anna.totp())
    house.short_lived.down = False
    assert await signs_in(house, PASSWORD)
