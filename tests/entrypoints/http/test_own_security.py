"""What protects one's own account, two-step sign-in, and the language of letters."""

from __future__ import annotations

import pytest

from tests.entrypoints.http.api import Api
from tests.entrypoints.http.proving import AGAIN, Holder, at_once, outcome, with_app

NOT_YET = (412, "precondition_failed")


async def test_a_new_account_is_protected_by_its_password(site: Api) -> None:
    ada = await site.person("ada")
    answer = await site.get("/me/security", token=ada.token)
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json == {
        "password": {"set": True, "opaque": True},
        "email": None,
        "totp": None,
        "recoveryCodes": 0,
        "passkeys": [],
        "identities": [],
        "twoFactor": False,
        "canEnableTwoFactor": False,
        "methods": ["password"],
    }


async def test_nothing_secret_is_shown(site: Api) -> None:
    ada = await Holder.made(site)
    shown = (await site.get("/me/security", token=ada.person.token)).body.decode()
    shown += (await site.get("/me", token=ada.person.token)).body.decode()
    shown += (await site.get("/me/activity?limit=200", token=ada.person.token)).body.decode()
    assert "argon2" not in shown
    for secret in (ada.app.secret, *ada.recovery_codes):
        assert secret not in shown


async def test_two_steps_need_two_kinds_of_proof(api: Api) -> None:
    ada = await api.person("ada")
    headers = await api.granted(ada)
    assert outcome(await api.put("/me/two-factor", {"enabled": True}, token=ada.token, headers=headers)) == NOT_YET
    await with_app(api, ada)
    headers = await api.granted(ada)
    answer = await api.put("/me/two-factor", {"enabled": True}, token=ada.token, headers=headers)
    assert (answer.status, answer.json["twoFactor"]) == (200, True)
    assert (await api.get("/me", token=ada.token)).json["twoFactor"] is True
    assert outcome(await api.delete("/me/totp", token=ada.token, headers=await api.granted(ada))) == NOT_YET
    assert outcome(await api.put("/me/two-factor", {"enabled": False}, token=ada.token)) == AGAIN
    headers = await api.granted(ada)
    answer = await api.put("/me/two-factor", {"enabled": False}, token=ada.token, headers=headers)
    assert (answer.status, answer.json["twoFactor"]) == (200, False)


async def test_of_two_who_take_the_last_two_kinds_away_at_once_one_does(site: Api) -> None:
    ada = await Holder.made(site, two_factor=False)
    (passkey,) = (await site.get("/me/security", token=ada.person.token)).json["passkeys"]
    token = ada.person.token
    await site.delete("/me/email", token=token, headers=await site.granted(ada.person))
    await site.delete("/me/totp", token=token, headers=await site.granted(ada.person))
    one, other = await site.granted(ada.person), await site.granted(ada.person)
    told = await at_once(
        site.delete("/me/password", token=token, headers=one),
        site.delete(f"/me/passkeys/{passkey['id']}", token=token, headers=other),
    )
    assert told[1] == NOT_YET
    assert told[0][0] in (200, 204)


async def test_the_language_of_letters_is_chosen_and_left_open_again(api: Api) -> None:
    ada = await api.person("ada")
    for language in ("zh", "zh", "en", None):
        answer = await api.patch("/me", {"language": language}, token=ada.token)
        assert (answer.status, answer.json["language"]) == (200, language)
        assert (await api.get("/me", token=ada.token)).json == answer.json


@pytest.mark.parametrize("path", ["/me/security", "/me/sessions", "/me/activity", "/me"])
async def test_guests_have_none_of_it(api: Api, path: str) -> None:
    room = await api.room(await api.person("ada"))
    guest = await api.guest(room["id"])
    assert outcome(await api.get(path, token=guest)) == (403, "permission_denied")
    assert outcome(await api.get(path)) == (401, "unauthenticated")
