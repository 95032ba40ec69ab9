"""Identity providers that say what a test tells them, and browsers that go there and come back."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from synctv.application.accounts.client import Client
from synctv.application.accounts.external import Arrival, Newcomer, Purpose, provider_place
from synctv.application.ports.oauth import AuthorizationAnswer, AuthorizationFlow, OAuth
from synctv.application.ports.passwords import PasswordHasher
from synctv.domain.accounts.identities import ExternalIdentity, IdentityProvider, LinkedIdentity
from synctv.domain.errors import InvalidCredentials, UpstreamFailed
from synctv.domain.ids import AccountId
from synctv.domain.rooms.actor import AccountActor
from tests.application.accounts.trials import granted
from tests.application.house import House, furnished
from tests.applications import CLIENT
from tests.builders import an_identity_provider

SLUG = "hub"
SECRET = "the client secret"


@dataclass
class Vouching(OAuth):
    """Knows people by the code that was given to each; `away` while nobody answers. `asked` is what it was asked."""

    people: dict[str, ExternalIdentity] = field(default_factory=dict)
    away: bool = False
    asked: list[tuple[str, str | None, AuthorizationFlow, AuthorizationAnswer]] = field(default_factory=list)

    async def authorization_url(self, provider: IdentityProvider, flow: AuthorizationFlow) -> str:
        """The provider's page."""
        self._must_answer(provider)
        said = {"state": flow.state, "nonce": flow.nonce, "redirect_uri": flow.redirect_uri}
        return f"https://{provider.slug}.example/authorize?{urlencode(said)}"

    async def identity(
        self, provider: IdentityProvider, secret: str | None, flow: AuthorizationFlow, answer: AuthorizationAnswer
    ) -> ExternalIdentity:
        """Whoever was given the code, once."""
        self._must_answer(provider)
        self.asked.append((provider.slug, secret, flow, answer))
        if answer.code not in self.people:
            raise InvalidCredentials("The sign-in there did not work. Start again.")
        return replace(self.people.pop(answer.code), provider=provider.slug)

    def code_of(self, subject: str, **known: Any) -> str:
        """A code for somebody of whom this is `known`."""
        said: dict[str, Any] = {"username": None, "email": None, "email_verified": False, **known}
        code = f"code {len(self.asked)} {len(self.people)} {subject}"
        self.people[code] = ExternalIdentity("", subject, **said)
        return code

    def _must_answer(self, provider: IdentityProvider) -> None:
        if self.away:
            raise UpstreamFailed(f"{provider.slug}.example", "no answer.")


@dataclass(frozen=True)
class Traveller:
    """A browser on its way to a provider: what it was sent with, and the secret in its cookie."""

    house: House
    oauth: Vouching
    browser: str
    state: str
    slug: str = SLUG
    client: Client = CLIENT

    async def came_back(self, subject: str = "anna-there", issuer: str | None = None, **known: Any) -> str:
        """The result that the page gets, for somebody who signed in there."""
        return await self.returned(self.oauth.code_of(subject, **known), issuer)

    async def returned(self, code: str, issuer: str | None = None) -> str:
        """The result for any code."""
        answer = AuthorizationAnswer(code, issuer)
        return await self.house.application.external.came_back(self.slug, self.state, answer, self.browser, self.client)

    async def arrive(self, result: str, actor: AccountActor | None = None) -> Arrival:
        """What the page does with the result."""
        return await self.house.application.external.arrive(result, self.browser, actor, self.client)


@dataclass(frozen=True)
class Abroad:
    """A product with one provider, from which newcomers get in without review, and whose addresses are trusted."""

    house: House
    oauth: Vouching

    async def add(self, slug: str = SLUG, **changes: Any) -> IdentityProvider:
        """Sets a provider up."""
        provider = an_identity_provider(slug=slug, review=False, trusts_email=True, **changes)
        return (await self.house.application.identity_providers.add(provider, SECRET)).provider

    async def change(self, slug: str = SLUG, **changes: Any) -> None:
        """Stores the provider with changes, whatever the operator's own commands would say to that."""
        async with self.house.transactions.write() as tx:
            provider = await tx.identity_providers.get(slug)
            assert provider is not None
            await tx.identity_providers.save(replace(provider, **changes))

    async def replaced(self) -> None:
        """Another issuer stands behind the short name from now on."""
        await self.change(issuer="https://another.example")

    async def leave(
        self,
        purpose: Purpose = Purpose.SIGN_IN,
        actor: AccountActor | None = None,
        slug: str = SLUG,
        client: Client = CLIENT,
        grant: str = "",
    ) -> Traveller:
        """Sends a browser away. For linking, the actor gets the grant that it takes."""
        if purpose is Purpose.LINK and actor is not None and not grant:
            grant = await granted(self.house, actor)
        back = f"https://watch.example.org/api/v1/auth/oauth/callback/{slug}"
        departure = await self.house.application.external.depart(slug, purpose, actor, back, client, grant=grant)
        (state,) = parse_qs(urlsplit(departure.url).query)["state"]
        return Traveller(self.house, self.oauth, departure.browser, state, slug, client)

    async def went(self, subject: str = "anna-there", **known: Any) -> Arrival:
        """Somebody signs in there, and comes back."""
        traveller = await self.leave()
        return await traveller.arrive(await traveller.came_back(subject, **known))

    async def newcomer(self, subject: str = "anna-there", **known: Any) -> Newcomer:
        """Somebody whom nobody knows here."""
        arrival = await self.went(subject, **known)
        assert isinstance(arrival, Newcomer)
        return arrival

    async def welcomed(self, subject: str = "anna-there", **known: Any) -> str:
        """The flow in which they sign up."""
        return await self.house.application.sign_up.welcome(await self.newcomer(subject, **known), CLIENT)

    async def link(self, actor: AccountActor, subject: str = "anna-there") -> LinkedIdentity:
        """Links an identity to the actor's account."""
        traveller = await self.leave(Purpose.LINK, actor)
        linked = await traveller.arrive(await traveller.came_back(subject), actor)
        assert isinstance(linked, LinkedIdentity)
        return linked

    def owners(self) -> dict[str, AccountId]:
        """Whose identities there are, by subject."""
        return {identity.subject: identity.account_id for identity in self.house.state.identities.values()}

    def secret_lost(self) -> bytes:
        """What a client secret looks like whose key is gone: sealed for another place."""
        return self.house.container.credentials_sealer().seal(b"secret", provider_place("elsewhere"))


async def abroad(passwords: PasswordHasher, **ports: Any) -> Abroad:
    """A new house with its provider."""
    oauth = Vouching()
    made = Abroad(furnished(passwords, oauth=oauth, **ports), oauth)
    await made.add()
    return made
