"""Signing in through identity providers: the way there, the way back, and everything that may cross it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest
import structlog

from synctv.application.limits.limits import Category, Rate
from synctv.application.ports.oauth import AuthorizationAnswer, AuthorizationFlow, OAuth
from synctv.application.ports.passwords import PasswordHasher
from synctv.domain.accounts.identities import ExternalIdentity, IdentityProvider
from synctv.domain.errors import InvalidCredentials, UpstreamFailed
from tests.adapters.oauth.house import MIA, house
from tests.applications import PLENTY
from tests.builders import an_identity_provider
from tests.entrypoints.http.api import OPTIONS, OUR_SITE, Answer, Api, Person, serving_api
from tests.entrypoints.http.proving import AGAIN, OTHER_BROWSER, OVER, at_once, outcome
from tests.servers.identity import signed_in_at

CALLBACK = "/auth/oauth/callback"
DENIED = (403, "permission_denied")


@dataclass
class ToldOAuth(OAuth):
    """Says of a code whose it is as a test tells it; `down` while nobody answers there."""

    people: dict[str, ExternalIdentity] = field(default_factory=dict)
    down: bool = False

    async def authorization_url(self, provider: IdentityProvider, flow: AuthorizationFlow) -> str:
        """The provider's page, with what it needs to know."""
        self._must_answer(provider)
        asked = {"state": flow.state, "nonce": flow.nonce, "redirect_uri": flow.redirect_uri}
        return f"https://{provider.slug}.example/authorize?{urlencode(asked)}"

    async def identity(
        self, provider: IdentityProvider, secret: str | None, flow: AuthorizationFlow, answer: AuthorizationAnswer
    ) -> ExternalIdentity:
        """Whoever the code was made for, unless another issuer says to have sent it."""
        self._must_answer(provider)
        if answer.code not in self.people or answer.issuer not in (None, provider.issuer):
            raise InvalidCredentials("The provider does not know this sign-in. Start again.")
        return replace(self.people.pop(answer.code), provider=provider.slug)

    def knows(self, subject: str, **more: Any) -> str:
        """A code for somebody."""
        known = ExternalIdentity("", subject, more.get("username"), more.get("email"), more.get("verified", False))
        code = f"code-{subject}-{len(self.people)}"
        self.people[code] = known
        return code

    def _must_answer(self, provider: IdentityProvider) -> None:
        if self.down:
            raise UpstreamFailed(f"{provider.slug}.example", "no answer.")


@dataclass
class Browser:
    """A browser that keeps the one cookie, at somebody's page."""

    api: Api
    oauth: ToldOAuth
    person: Person | None = None
    cookie: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    async def leave(self, purpose: str = "signIn", slug: str = "hub", **headers: str) -> Answer:
        """Begins; the cookie is kept."""
        answer = await self._post(f"/auth/oauth/{slug}/start", {"purpose": purpose}, headers)
        if answer.status == 200:
            self.cookie = answer.cookies.partition(";")[0]
        return answer

    async def left(self, purpose: str = "signIn", **headers: str) -> str:
        """Begins; the state that the provider got."""
        answer = await self.leave(purpose, **headers)
        assert answer.status == 200, answer.body
        return asked_of(answer)["state"]

    async def come_back(self, slug: str = "hub", **query: str) -> Answer:
        """Where the provider sends the browser."""
        headers = {**self.headers, "cookie": self.cookie} if self.cookie else self.headers
        return await self.api.get(f"{CALLBACK}/{slug}?{urlencode(query)}", headers=headers)

    async def finish(self, result: str, **more: str) -> Answer:
        """What the page does then."""
        return await self._post("/auth/oauth/finish", {"result": result, **more}, {})

    async def went(self, subject: str, purpose: str = "signIn", **headers: str) -> str:
        """There and back: the result."""
        state = await self.left(purpose, **headers)
        return told(await self.come_back(state=state, code=self.oauth.knows(subject)))["result"]

    async def _post(self, path: str, body: Any, headers: dict[str, str]) -> Answer:
        sent = {**self.headers, **headers, **({"cookie": self.cookie} if self.cookie else {})}
        return await self.api.post(path, body, token=self.person.token if self.person else None, headers=sent)


def asked_of(answer: Answer) -> dict[str, str]:
    """What the provider is asked."""
    return dict(parse_qsl(urlsplit(answer.json["url"]).query))


def told(answer: Answer) -> dict[str, str]:
    """What the page is told in the fragment."""
    assert (answer.status, answer.body) == (303, b""), answer.body
    assert answer.headers["cache-control"] == "no-store"
    where = answer.headers["location"]
    path, _, fragment = where.partition("#")
    assert path == "/signin/done"
    return {name: value for name, (value,) in parse_qs(fragment, strict_parsing=True).items()}


@asynccontextmanager
async def with_provider(passwords: PasswordHasher, **changes: Any) -> AsyncIterator[Browser]:
    oauth = ToldOAuth()
    async with serving_api(passwords, OUR_SITE, oauth=oauth) as api:
        provider = an_identity_provider(**{"slug": "hub", "name": "Hub", "review": False, **changes})
        await api.application.identity_providers.add(provider, "a secret")
        yield Browser(api, oauth)


@pytest.fixture
async def browser(passwords: PasswordHasher) -> AsyncIterator[Browser]:
    async with with_provider(passwords) as made:
        yield made


async def linked(browser: Browser, username: str = "ada", subject: str = "ada-there") -> Person:
    """A new account, to which an identity is linked."""
    browser.person = await browser.api.person(username)
    grant = await browser.api.granted(browser.person)
    answer = await browser.finish(await browser.went(subject, "link", **grant))
    assert answer.status == 200, answer.body
    person, browser.person, browser.cookie = browser.person, None, ""
    return person


# ---------------------------------------------------------------- there


async def test_the_browser_gets_a_cookie_for_the_way(browser: Browser) -> None:
    answer = await browser.leave()
    assert asked_of(answer)["redirect_uri"] == "https://watch.example.org/api/v1/auth/oauth/callback/hub"
    name, _, attributes = answer.cookies.partition("=")
    assert name == "synctv_flow"
    wanted = {"HttpOnly", "SameSite=Lax", "Path=/api/v1/auth/oauth", "Max-Age=600", "Secure"}
    assert set(attributes.split("; ")[1:]) == wanted
    assert browser.cookie.partition("=")[2] not in str(answer.json)


async def test_the_way_back_leads_to_where_the_browser_found_the_server(passwords: PasswordHasher) -> None:
    async with serving_api(passwords, OPTIONS, oauth=ToldOAuth()) as api:
        await api.application.identity_providers.add(an_identity_provider(slug="hub"), None)
        headers = {"host": "Home.example:8080"}
        answer = await api.post("/auth/oauth/hub/start", {"purpose": "signIn"}, headers=headers)
        assert asked_of(answer)["redirect_uri"] == "http://home.example:8080/api/v1/auth/oauth/callback/hub"
        assert "Secure" not in answer.cookies
        wrong = {"host": "a b"}
        assert (await api.post("/auth/oauth/hub/start", {"purpose": "signIn"}, headers=wrong)).status == 400


async def test_a_provider_that_is_not_there_leads_nowhere(browser: Browser) -> None:
    for slug in ("nobody", "HUB", "..", "%2e", "x" * 300):
        answer = await browser.leave(slug=slug)
        assert outcome(answer) == (404, "not_found")
        assert answer.cookies == ""
    browser.oauth.down = True
    assert outcome(await browser.leave()) == (502, "upstream_failed")


async def test_the_server_names_the_providers_that_are_switched_on(browser: Browser) -> None:
    providers = browser.api.application.identity_providers
    await providers.add(an_identity_provider(slug="off", enabled=False), None)
    shown = (await browser.api.get("/server")).json["features"]["providers"]
    assert shown == [{"slug": "hub", "name": "Hub", "signUp": True}]
    assert outcome(await browser.leave(slug="off")) == (404, "not_found")


# ---------------------------------------------------------------- and back


async def test_a_linked_identity_signs_in_once(browser: Browser) -> None:
    ada = await linked(browser)
    result = await browser.went("ada-there")
    answer = await browser.finish(result, delivery="cookie")
    assert (answer.status, answer.json["account"]["id"], answer.json["refreshToken"]) == (200, ada.id, None)
    kept, forgotten = answer.cookies.splitlines()
    assert kept.startswith("synctv_refresh=ses_")
    assert forgotten.startswith("synctv_flow=; Path=/api/v1/auth/oauth; Max-Age=0;")
    assert outcome(await browser.finish(result)) == OVER


async def test_a_real_openid_provider_signs_its_people_up_and_in(passwords: PasswordHasher) -> None:
    async with house() as there, serving_api(passwords, OUR_SITE, oauth=there.oauth, clock=there.clock) as api:
        known = replace(there.known, sign_up=True, review=False, trusts_email=True)
        await api.application.identity_providers.add(known, there.secret)
        browser, accounts = Browser(api, ToldOAuth()), []
        for _ in range(2):
            left = await browser.leave(slug="house")
            back = await signed_in_at(left.json["url"], MIA)
            result = told(await browser.come_back("house", state=back.state, code=back.code))["result"]
            answer = await browser.finish(result)
            if "signUp" in answer.json:
                assert (answer.json["signUp"]["username"], answer.json["signUp"]["email"]) == ("mia", "mia@example.org")
                answer = await api.post("/auth/sign-up", {"flow": answer.json["signUp"]["flow"]})
            accounts.append(answer.json["account"]["id"])
        assert accounts[0] == accounts[1]


async def test_nobody_takes_the_result_but_the_browser_that_left(browser: Browser) -> None:
    await linked(browser)
    for thief in ({"cookie": ""}, {"cookie": "synctv_flow=guessed"}, {"headers": OTHER_BROWSER}):
        result = await browser.went("ada-there")
        assert outcome(await replace(browser, **thief).finish(result)) == OVER


async def test_nobody_comes_back_but_the_browser_that_left(browser: Browser) -> None:
    for thief in ({"cookie": ""}, {"cookie": "synctv_flow=guessed"}, {"headers": OTHER_BROWSER}):
        state = await browser.left()
        answer = await replace(browser, **thief).come_back(state=state, code=browser.oauth.knows("ada-there"))
        assert told(answer)["error"] == "flow_over"


async def test_a_state_works_once_and_for_ten_minutes(browser: Browser) -> None:
    state = await browser.left()
    assert "result" in told(await browser.come_back(state=state, code=browser.oauth.knows("ada-there")))
    again = told(await browser.come_back(state=state, code=browser.oauth.knows("ada-there")))
    assert again["error"] == "flow_over"
    assert "Start again" in again["detail"]
    state = await browser.left()
    browser.api.clock.advance(601)
    assert told(await browser.come_back(state=state, code="c"))["error"] == "flow_over"
    result = await browser.went("ada-there")
    browser.api.clock.advance(601)
    assert outcome(await browser.finish(result)) == OVER


async def test_of_two_who_finish_at_once_one_is_signed_in(browser: Browser) -> None:
    await linked(browser)
    result = await browser.went("ada-there")
    assert await at_once(browser.finish(result), browser.finish(result)) == [(200, ""), OVER]


async def test_a_code_that_the_provider_does_not_know_is_told_to_the_page(browser: Browser) -> None:
    answer = told(await browser.come_back(state=await browser.left(), code="forged"))
    assert answer["error"] == "invalid_credentials"
    assert " " in answer["detail"]


async def test_a_browser_that_another_provider_sends_back_is_not_signed_in(browser: Browser) -> None:
    other = an_identity_provider(slug="other", name="Other", review=False)
    await browser.api.application.identity_providers.add(other, "a secret")
    await linked(browser)
    for slug in ("other", "nobody"):
        state, code = await browser.left(), browser.oauth.knows("ada-there")
        answer = told(await browser.come_back(slug, state=state, code=code))
        assert (answer["error"], answer["detail"]) == (
            "flow_over",
            "This sign-in was begun with another provider. Start again.",
        )
        assert told(await browser.come_back(state=state, code=code))["error"] == "flow_over"
        declined = told(await browser.come_back(slug, state=await browser.left(), error="access_denied"))
        assert declined["error"] == "flow_over"


async def test_an_answer_says_whose_it_is(browser: Browser) -> None:
    await linked(browser)
    mine = (await browser.api.application.identity_providers.get("hub")).provider.issuer or ""
    for issuer, key in ((mine, "result"), ("https://other.example", "error")):
        code = browser.oauth.knows("ada-there")
        answer = told(await browser.come_back(state=await browser.left(), code=code, iss=issuer))
        assert key in answer


async def test_a_provider_that_fails_is_told_to_the_page(browser: Browser) -> None:
    state = await browser.left()
    browser.oauth.down = True
    answer = told(await browser.come_back(state=state, code="c"))
    assert (answer["error"], answer["detail"]) == ("upstream_failed", "hub.example failed: no answer.")


async def test_whoever_declines_there_is_told_kindly(browser: Browser) -> None:
    answer = told(await browser.come_back(state=await browser.left(), error="access_denied"))
    assert answer == {
        "error": "access_denied",
        "detail": "You did not agree there. Start again, or sign in another way.",
    }


@pytest.mark.parametrize("error", ["server_error", "<script>", "", "x" * 5_000, "https://evil.example"])
async def test_other_errors_of_a_provider_are_told_in_words_of_our_own(browser: Browser, error: str) -> None:
    answer = told(await browser.come_back(state=await browser.left(), error=error, error_description="Pay here!"))
    assert answer["error"] == "upstream_failed"
    assert answer["detail"] == "The provider did not sign you in. Start again, or sign in another way."


async def test_a_made_up_error_ends_nobodys_way(browser: Browser) -> None:
    state = await browser.left()
    forged = replace(browser, cookie="synctv_flow=guessed")
    assert told(await forged.come_back(state="guessed", error="access_denied"))["error"] == "flow_over"
    assert told(await browser.come_back(state="guessed", error="access_denied"))["error"] == "flow_over"
    assert "result" in told(await browser.come_back(state=state, code=browser.oauth.knows("ada-there")))


@pytest.mark.parametrize(
    "query", ["", "state=", "code=c", "state=s&code=", "state=%ff", "&".join(["a=b"] * 200), "%00"]
)
async def test_a_browser_that_comes_back_with_nonsense_is_sent_to_the_page(browser: Browser, query: str) -> None:
    answer = told(await browser.api.get(f"{CALLBACK}/hub?{query}"))
    assert answer["error"] in ("flow_over", "invalid_argument")
    assert " " in answer["detail"]


async def test_a_browser_that_comes_back_too_often_is_sent_to_the_page(passwords: PasswordHasher) -> None:
    async with serving_api(passwords, rates={**PLENTY, Category.AUTH: Rate(1, 60.0)}) as api:
        answers = [told(await api.get(f"{CALLBACK}/hub?state=s&code=c"))["error"] for _ in range(8)]
        assert answers[0] == "flow_over"
        assert answers[-1] == "rate_limited"


async def test_the_log_has_neither_the_code_nor_the_state(browser: Browser) -> None:
    with structlog.testing.capture_logs() as logs:
        state = await browser.left()
        code = browser.oauth.knows("ada-there")
        result = told(await browser.come_back(state=state, code=code))["result"]
        await browser.come_back(state=await browser.left(), error="temporarily_unavailable")
        await browser.finish(result)
    written = str(logs)
    assert any(entry.get("path") == f"/api/v1{CALLBACK}/hub" for entry in logs)
    assert "temporarily_unavailable" in written
    for secret in (state, code, result, browser.cookie.partition("=")[2]):
        assert secret not in written


# ---------------------------------------------------------------- newcomers


async def test_a_newcomer_is_offered_to_sign_up(browser: Browser) -> None:
    state = await browser.left()
    code = browser.oauth.knows("new-there", username="Grace!", email="grace@example.org", verified=True)
    offer = (await browser.finish(told(await browser.come_back(state=state, code=code))["result"])).json["signUp"]
    assert {name: offer[name] for name in ("username", "email", "review")} == {
        "username": "Grace",
        "email": None,
        "review": False,
    }
    made = await browser.api.post("/auth/sign-up", {"flow": offer["flow"], "username": "grace.h"})
    assert (made.status, made.json["account"]["username"]) == (201, "grace.h")
    assert outcome(await browser.api.post("/auth/sign-up", {"flow": offer["flow"]})) == OVER
    again = await browser.finish(await browser.went("new-there"))
    assert again.json["account"]["id"] == made.json["account"]["id"]


async def test_a_trusted_address_comes_along_unless_it_is_somebodys(passwords: PasswordHasher) -> None:
    async with with_provider(passwords, trusts_email=True, review=True) as browser:
        await browser.api.person("ada", email="ada@example.org")
        for address, expected in (("grace@example.org", "grace@example.org"), ("ADA@example.org", None)):
            code = browser.oauth.knows(address, email=address, verified=True)
            result = told(await browser.come_back(state=await browser.left(), code=code))["result"]
            offer = (await browser.finish(result)).json["signUp"]
            assert (offer["email"], offer["review"]) == (expected, True)
        answer = await browser.api.post("/auth/sign-up", {"flow": offer["flow"], "username": "grace"})
        assert (answer.status, answer.json) == (202, {"review": True})


async def test_a_stranger_is_told_to_link_first_where_nobody_may_sign_up(passwords: PasswordHasher) -> None:
    async with with_provider(passwords, sign_up=False) as browser:
        answer = await browser.finish(await browser.went("stranger-there"))
        assert outcome(answer) == DENIED
        assert "link it in your account" in answer.json["detail"]


# ---------------------------------------------------------------- linking and grants


async def test_linking_needs_who_one_is_and_a_grant(browser: Browser) -> None:
    assert outcome(await browser.leave("link")) == (401, "unauthenticated")
    assert outcome(await browser.leave("grant")) == (401, "unauthenticated")
    browser.person = await browser.api.person("ada")
    assert outcome(await browser.leave("link")) == AGAIN
    assert outcome(await browser.leave("link", **{"x-grant": "guessed"})) == AGAIN
    grant = await browser.api.granted(browser.person)
    assert (await browser.leave("link", **grant)).status == 200
    assert outcome(await browser.leave("link", **grant)) == AGAIN


async def test_a_provider_that_is_down_costs_no_grant(browser: Browser) -> None:
    browser.person = await browser.api.person("ada")
    grant = await browser.api.granted(browser.person)
    browser.oauth.down = True
    assert outcome(await browser.leave("link", **grant)) == (502, "upstream_failed")
    browser.oauth.down = False
    assert (await browser.leave("link", **grant)).status == 200


async def test_a_linked_identity_is_shown(browser: Browser) -> None:
    browser.person = await browser.api.person("ada")
    grant = await browser.api.granted(browser.person)
    answer = await browser.finish(await browser.went("ada-there", "link", **grant))
    identity = answer.json["linked"]
    assert identity["id"].startswith("idn_")
    assert (identity["provider"], identity["providerName"], identity["shown"]) == ("hub", "Hub", "ada-there")
    security = await browser.api.get("/me/security", token=browser.person.token)
    assert security.json["identities"] == [identity]
    assert "oauth" in security.json["methods"]


async def test_an_identity_belongs_to_one_account(browser: Browser) -> None:
    await linked(browser)
    browser.person = await browser.api.person("bob")
    grant = await browser.api.granted(browser.person)
    answer = await browser.finish(await browser.went("ada-there", "link", **grant))
    assert outcome(answer) == (409, "already_exists")


async def test_the_result_of_linking_is_for_the_session_that_left(browser: Browser) -> None:
    ada, bob = await browser.api.person("ada"), await browser.api.person("bob")
    for thief in (bob, await browser.api.signed_in("ada"), None):
        browser.person = ada
        result = await browser.went("ada-there", "link", **await browser.api.granted(ada))
        browser.person = thief
        assert outcome(await browser.finish(result)) == OVER
    assert (await browser.api.get("/me/security", token=bob.token)).json["identities"] == []


async def test_a_token_that_has_run_out_does_not_cost_the_result(browser: Browser) -> None:
    browser.person = ada = await browser.api.person("ada")
    result = await browser.went("ada-there", "link", **await browser.api.granted(ada))
    browser.person = replace(ada, token="a.b.c")
    assert outcome(await browser.finish(result)) == (401, "unauthenticated")
    browser.person = ada
    assert (await browser.finish(result)).status == 200


async def test_an_identity_gives_a_grant_to_its_own_account(browser: Browser) -> None:
    ada = await linked(browser)
    browser.person = ada
    answer = await browser.finish(await browser.went("ada-there", "grant"))
    assert (answer.status, answer.json.keys(), answer.json["expiresIn"]) == (200, {"grant", "expiresIn"}, 300)
    headers = {"x-grant": answer.json["grant"]}
    assert (await browser.api.post("/me/totp/start", {}, token=ada.token, headers=headers)).status == 200


async def test_another_identity_gives_no_grant(browser: Browser) -> None:
    browser.person = await linked(browser)
    assert outcome(await browser.finish(await browser.went("somebody-else", "grant"))) == DENIED
    browser.person = await browser.api.person("bob")
    assert outcome(await browser.leave("grant")) == (404, "not_found")


async def test_an_unlinked_identity_signs_in_no_more(browser: Browser) -> None:
    ada = await linked(browser)
    (identity,) = (await browser.api.get("/me/security", token=ada.token)).json["identities"]
    where = f"/me/identities/{identity['id']}"
    bob = await browser.api.person("bob")
    theirs = await browser.api.delete(where, token=bob.token, headers=await browser.api.granted(bob))
    assert outcome(theirs) == (404, "not_found")
    answer = await browser.api.delete(where, token=ada.token, headers=await browser.api.granted(ada))
    assert (answer.status, answer.json["identities"]) == (200, [])
    assert "signUp" in (await browser.finish(await browser.went("ada-there"))).json


async def test_two_step_sign_in_does_not_follow_a_provider(browser: Browser) -> None:
    ada = await linked(browser)
    await browser.api.change(ada.id, two_factor=True)
    assert (await browser.finish(await browser.went("ada-there"))).json["account"]["twoFactor"] is True
