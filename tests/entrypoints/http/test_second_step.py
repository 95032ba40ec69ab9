"""Signing in with two proofs of different kinds."""

from __future__ import annotations

import asyncio

import pytest

from tests.applications import PASSWORD
from tests.entrypoints.http.api import Api, fields, person_of
from tests.entrypoints.http.proving import OTHER_BROWSER, OVER, STEP, WRONG, Holder, at_once, outcome

MFA_REQUIRED = (403, "mfa_required")


@pytest.fixture
async def ada(site: Api) -> Holder:
    return await Holder.made(site)


async def test_a_right_password_leads_to_the_question_for_a_second_proof(ada: Holder) -> None:
    challenge = await ada.challenged()
    assert (challenge["methods"], challenge["expiresIn"]) == (["passkey", "email", "totp"], 300)
    with_cookie = {"username": "ada", "password": PASSWORD, "delivery": "cookie"}
    answer = await ada.api.post("/auth/password/login", with_cookie)
    assert (answer.status, answer.cookies) == (200, "")


@pytest.mark.parametrize("kind", ["passkey", "email", "totp", "recovery"])
async def test_each_other_kind_is_a_second_step(ada: Holder, kind: str) -> None:
    mfa = (await ada.challenged())["id"]
    proof = await ada.proof(kind, mfa=mfa)
    body = {"mfa": mfa, "proof": proof, "delivery": "cookie"}
    answer = await ada.api.post("/auth/mfa", body)
    assert (answer.status, answer.json["account"]["username"]) == (200, "ada")
    assert answer.json["refreshToken"] is None
    assert answer.cookies.startswith("synctv_refresh=ses_")
    assert outcome(await ada.api.post("/auth/mfa", body)) == OVER


@pytest.mark.parametrize("kind", ["password", "opaque", "totp"])
async def test_a_passkey_is_a_first_step_too(ada: Holder, kind: str) -> None:
    answer = await ada.api.post("/auth/login", {"proof": await ada.proof("passkey", username="ada")})
    assert answer.json["mfa"]["methods"] == ["password", "email", "totp"]
    mfa = answer.json["mfa"]["id"]
    assert (await ada.api.post("/auth/mfa", {"mfa": mfa, "proof": await ada.proof(kind, mfa=mfa)})).status == 200


async def test_the_same_kind_twice_is_one_kind(ada: Holder) -> None:
    for kind in ("password", "opaque"):
        mfa = (await ada.challenged())["id"]
        body = {"mfa": mfa, "proof": await ada.proof(kind, mfa=mfa)}
        assert fields(await ada.api.post("/auth/mfa", body)) == {"proof.kind"}


@pytest.mark.parametrize("kind", ["totp", "recovery"])
async def test_a_second_step_is_no_first_one(ada: Holder, kind: str) -> None:
    assert fields(await ada.api.post("/auth/login", {"proof": await ada.proof(kind)})) == {"proof.kind"}


async def test_after_five_wrong_answers_the_question_is_over(ada: Holder) -> None:
    mfa = (await ada.challenged())["id"]
    wrong = {"mfa": mfa, "proof": {"kind": "totp", "code": "nope"}}
    assert [outcome(await ada.api.post("/auth/mfa", wrong)) for _ in range(5)] == [WRONG] * 5
    right = {"mfa": mfa, "proof": await ada.proof("totp")}
    assert outcome(await ada.api.post("/auth/mfa", right)) == OVER


async def test_the_question_is_over_with_its_time_and_elsewhere(ada: Holder) -> None:
    mfa = (await ada.challenged())["id"]
    body = {"mfa": mfa, "proof": await ada.proof("recovery")}
    assert outcome(await ada.api.post("/auth/mfa", body, headers=OTHER_BROWSER)) == OVER
    ada.api.clock.advance(301)
    assert outcome(await ada.api.post("/auth/mfa", body)) == OVER
    for kind in ("opaque", "passkey", "email"):
        request = {"request": ""} if kind == "opaque" else {}
        assert outcome(await ada.api.post(f"/auth/{kind}/start", {"mfa": mfa, **request})) == OVER


@pytest.mark.parametrize("kind,expected", [("passkey", WRONG), ("email", OVER), ("totp", WRONG), ("recovery", WRONG)])
async def test_a_proof_of_somebody_else_is_none(ada: Holder, kind: str, expected: tuple[int, str]) -> None:
    bob = await Holder.made(ada.api, "bob")
    theirs, mine = (await bob.challenged())["id"], (await ada.challenged())["id"]
    body = {"mfa": mine, "proof": await bob.proof(kind, mfa=theirs)}
    assert outcome(await ada.api.post("/auth/mfa", body)) == expected


async def test_a_code_works_once_whoever_sends_it_first(ada: Holder) -> None:
    first, second = (await ada.challenged())["id"], (await ada.challenged())["id"]
    for kind in ("totp", "recovery"):
        proof = await ada.proof(kind)
        told = await at_once(
            ada.api.post("/auth/mfa", {"mfa": first, "proof": proof}),
            ada.api.post("/auth/mfa", {"mfa": second, "proof": proof}),
        )
        assert told == [(200, ""), WRONG]
        first, second = (await ada.challenged())["id"], (await ada.challenged())["id"]


async def test_of_two_who_answer_one_question_at_once_one_is_signed_in(ada: Holder) -> None:
    mfa = (await ada.challenged())["id"]
    one, other = await ada.proof("recovery"), await ada.proof("recovery")
    told = await at_once(
        ada.api.post("/auth/mfa", {"mfa": mfa, "proof": one}),
        ada.api.post("/auth/mfa", {"mfa": mfa, "proof": other}),
    )
    assert told == [(200, ""), OVER]


async def test_a_code_sixty_seconds_off_is_old(ada: Holder) -> None:
    mfa = (await ada.challenged())["id"]
    ada.api.clock.advance(4 * STEP)
    now = ada.api.clock.now() // 1_000_000
    for at, expected in ((now - 2 * STEP, WRONG), (now + 2 * STEP, WRONG), (now - STEP, (200, ""))):
        body = {"mfa": mfa, "proof": {"kind": "totp", "code": ada.app.at(at)}}
        assert outcome(await ada.api.post("/auth/mfa", body)) == expected


async def test_who_signed_everybody_out_meanwhile_has_to_be_asked_anew(ada: Holder) -> None:
    mfa = (await ada.challenged())["id"]
    end = await ada.api.post("/me/sessions/end", {"keepThis": True}, token=ada.person.token)
    assert end.status == 204
    assert outcome(await ada.api.post("/auth/mfa", {"mfa": mfa, "proof": await ada.proof("totp")})) == OVER


async def test_sessions_of_one_proof_end_and_this_one_is_refreshed_no_more(site: Api) -> None:
    ada = await Holder.made(site, two_factor=False)
    one_proof = await site.signed_in("ada")
    this = await site.signed_in("ada")
    await site.put("/me/two-factor", {"enabled": True}, token=this.token, headers=await site.granted(this))
    assert (await site.get("/me", token=one_proof.token)).code == "token_expired"
    answer = await site.post("/auth/refresh", {"refreshToken": this.refresh_token})
    assert outcome(answer) == MFA_REQUIRED
    assert "Sign in again" in answer.json["detail"]
    challenge = await ada.challenged()
    signed_in = await site.post("/auth/mfa", {"mfa": challenge["id"], "proof": await ada.proof("totp")})
    renewed = await site.post("/auth/refresh", {"refreshToken": person_of(signed_in).refresh_token})
    assert renewed.status == 200


async def test_a_second_step_is_begun_by_mfa_or_by_name_but_not_by_both(ada: Holder) -> None:
    mfa = (await ada.challenged())["id"]
    for kind, rest in (("opaque", {"request": "A" * 128}), ("email", {})):
        body = {"mfa": mfa, "username": "ada", **rest}
        assert fields(await ada.api.post(f"/auth/{kind}/start", body)) == {"mfa"}
        assert fields(await ada.api.post(f"/auth/{kind}/start", rest)) == {"username"}


async def test_a_storm_of_guesses_at_one_question_ends_it(ada: Holder) -> None:
    mfa = (await ada.challenged())["id"]
    wrong = {"mfa": mfa, "proof": {"kind": "recovery", "code": "nope"}}
    answers = await asyncio.gather(*(ada.api.post("/auth/mfa", wrong) for _ in range(20)))
    assert sum(outcome(answer) == WRONG for answer in answers) <= 5
    right = {"mfa": mfa, "proof": await ada.proof("recovery")}
    ada.api.clock.advance(120)
    assert outcome(await ada.api.post("/auth/mfa", right)) == OVER
