"""What the server says of itself: its features, its time, and where its realtime side is."""

from __future__ import annotations

from blacksheep import Response
from msgspec import Struct

from synctv.application.application import Application
from synctv.application.limits.limits import Category
from synctv.domain.accounts.identities import IdentityProvider
from synctv.domain.accounts.passwords import PasswordPolicy
from synctv.domain.accounts.policy import AccountPolicy, SignUpWay
from synctv.domain.ids import Micros
from synctv.entrypoints.http.answers import json_response
from synctv.entrypoints.http.endpoint import API, Caller, Endpoint, Said
from synctv.entrypoints.http.exchange import Exchange
from synctv.entrypoints.http.options import HttpOptions
from synctv.entrypoints.http.realtime_url import realtime_url
from synctv.entrypoints.views import Instant, instant


class SignUpView(Struct, frozen=True, rename="camel"):
    """The ways in which newcomers may sign up now."""

    password: bool
    email: bool
    passkey: bool

    @classmethod
    def of(cls, policy: AccountPolicy, *, mail: bool) -> SignUpView:
        """The view of the operator's switches, as far as this server can follow them without `mail`."""
        may = mail or not policy.email_required
        return cls(
            password=may and policy.way(SignUpWay.PASSWORD).enabled,
            email=mail and policy.way(SignUpWay.EMAIL).enabled,
            passkey=may and policy.way(SignUpWay.PASSKEY).enabled,
        )


class PasswordPolicyView(Struct, frozen=True, rename="camel"):
    """What a password must be like: `minLength` characters, of so many classes (lower and upper case, digits, others),
    at most `maxRepeats` times the same one in a row (0: any), and of this strength (0 to 4)."""

    min_length: int
    min_classes: int
    max_repeats: int
    min_score: int

    @classmethod
    def of(cls, policy: PasswordPolicy) -> PasswordPolicyView:
        """The view of the operator's demands."""
        return cls(policy.min_length, policy.min_classes, policy.max_repeats, policy.min_score)


class ProviderView(Struct, frozen=True, rename="camel"):
    """Another server that vouches for people, and whether newcomers may sign up by it."""

    slug: str
    name: str
    sign_up: bool

    @classmethod
    def of(cls, provider: IdentityProvider) -> ProviderView:
        """The view of a provider."""
        return cls(provider.slug, provider.name, provider.sign_up)


class FeaturesView(Struct, frozen=True, rename="camel", kw_only=True):
    """What can be done here. `opaque`: passwords can be proven without being sent. `mail`: letters can be sent.
    `closedAccountDays`: so long the operator can restore a closed account.

    `plainPasswords`: somebody's password can only be checked where it is sent, as it was set before there was OPAQUE.
    """

    setup_required: bool
    guests: bool
    password_sign_in: bool
    opaque: bool
    plain_passwords: bool
    mail: bool
    email_sign_in: bool
    passkeys: bool
    sign_up: SignUpView
    email_required: bool
    closed_account_days: float
    password_policy: PasswordPolicyView
    providers: list[ProviderView]


class ServerView(Struct, frozen=True, rename="camel"):
    """The server. `realtimeUrl` is what WebSocket addresses begin with."""

    name: str
    version: str
    api_version: str
    features: FeaturesView
    realtime_url: str
    time: Instant


class TimeView(Struct, frozen=True, rename="camel"):
    """The server's clock, in microseconds since the Unix epoch."""

    unix_micros: Micros


class InformationRoutes:
    """The endpoints that need no sign-in."""

    def __init__(self, application: Application, options: HttpOptions) -> None:
        self._application = application
        self._options = options

    def endpoints(self) -> list[Endpoint]:
        """All of them."""
        return [
            Endpoint(
                method="GET",
                path=f"{API}/server",
                handler=self.server,
                summary="What this server is and can do",
                tag="Server",
                answers={200: Said("The server", ServerView)},
                caller=Caller.NOBODY,
                category=Category.READ,
                codes=("invalid_argument",),
            ),
            Endpoint(
                method="GET",
                path=f"{API}/time",
                handler=self.time,
                summary="The server's clock",
                tag="Server",
                answers={200: Said("The time", TimeView)},
                caller=Caller.NOBODY,
                category=Category.READ,
            ),
        ]

    async def server(self, exchange: Exchange) -> Response:
        """Describes the server."""
        view = ServerView(
            name=self._options.server_name,
            version=self._options.version,
            api_version="v1",
            features=await self._features(),
            realtime_url=realtime_url(exchange),
            time=instant(self._application.clock.now()),
        )
        return json_response(view)

    async def time(self, exchange: Exchange) -> Response:
        """Tells the time."""
        return json_response(TimeView(self._application.clock.now()))

    async def _features(self) -> FeaturesView:
        application = self._application
        policy, mail = (await application.account_rules.policy()).policy, application.post.open
        return FeaturesView(
            setup_required=await application.setup.required(),
            guests=application.guests.access.guests_allowed,
            password_sign_in=True,
            opaque=application.prover.passwords.passwords.opaque.available,
            plain_passwords=await application.prover.passwords.some_only_in_plain(),
            mail=mail,
            email_sign_in=mail and policy.email_sign_in,
            passkeys=True,
            sign_up=SignUpView.of(policy, mail=mail),
            email_required=policy.email_required,
            closed_account_days=application.closing.days,
            password_policy=PasswordPolicyView.of(policy.password),
            providers=[ProviderView.of(provider) for provider in await application.external.offered()],
        )
