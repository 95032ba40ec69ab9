"""The ways to sign in to Jellyfin and Emby servers."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from synctv.adapters.providers.answers import host_of
from synctv.adapters.providers.jellyfin.account import Account, Flavour, account_of
from synctv.adapters.providers.jellyfin.api import JellyfinApi
from synctv.adapters.providers.jellyfin.items import is_id
from synctv.adapters.providers.servers import header_value, server_of
from synctv.application.ports.providers import FieldKind, FormField, Login, LoginForm, NewLogin, PendingLogin
from synctv.domain.errors import (
    Invalid,
    UpstreamFailed,
    UpstreamFormat,
    UpstreamMissing,
    UpstreamRefused,
)

_NAME = FormField("username", "Name")
_PASSWORD = FormField("password", "Password", FieldKind.HIDDEN, required=False)
_BELOW = ("", "/jellyfin", "/emby")
"""Where the server may be below the address that was entered."""


def _server(example: str) -> FormField:
    return FormField("server", "Address of the server", FieldKind.URL, placeholder=example)


FORMS = (
    LoginForm(
        "password",
        "Jellyfin account",
        (_server("https://jellyfin.example.org"), _NAME, _PASSWORD),
        "The password is not kept: the server gives a token for it, which you can take back there under Devices.",
    ),
    LoginForm(
        "emby",
        "Emby account",
        (_server("https://emby.example.org:8920"), _NAME, _PASSWORD),
        "The account's own name and password on this server, not those of Emby Connect. The password is not kept.",
    ),
    LoginForm(
        "api_key",
        "API key",
        (
            _server("https://jellyfin.example.org"),
            FormField("api_key", "API key", FieldKind.HIDDEN, help="From the dashboard, under API keys."),
            FormField("username", "Name of the account", help="Whose libraries are shown."),
        ),
        "A key may do everything on the server, and what is watched is not noted with one. Better sign in as an "
        "account.",
    ),
)

CODES = (
    LoginForm(
        "quick_connect",
        "Jellyfin Quick Connect",
        (_server("https://jellyfin.example.org"),),
        "No password is typed in here. Enter the code where you are signed in to Jellyfin already: in its user menu, "
        "under Quick Connect.",
    ),
)
CODE_SECONDS = 600.0
"""So long a code is good there."""
ASK_SECONDS = 5.0
MAX_CODE = 20


@dataclass(frozen=True, slots=True)
class SigningIn:
    """Makes logins of what people fill in."""

    api: JellyfinApi
    new_device: Callable[[], str] = lambda: secrets.token_hex(16)

    async def new(self, form: str, values: Mapping[str, str]) -> NewLogin:
        """The login: a token, and the device that it was given to."""
        entered = server_of(_plain(values["server"]), "fields.server")
        nobody = await self._found(entered)
        if form == "api_key":
            return await self._with_key(
                replace(nobody, token=header_value(values["api_key"], "fields.api_key"), is_key=True),
                values["username"],
            )
        signed = await self.api.signed_in(nobody, values["username"], values["password"])
        return self._login(nobody, signed.user.id, signed.access_token, signed.user.name)

    async def code(self, values: Mapping[str, str]) -> PendingLogin:
        """A code of the server, where it is a Jellyfin."""
        nobody = await self._found(server_of(_plain(values["server"]), "fields.server"))
        if nobody.flavour is not Flavour.JELLYFIN:
            raise Invalid.field(
                "fields.server", "This is an Emby server, which has no Quick Connect. Sign in with a password.", "kind"
            )
        found = await self.api.code(nobody)
        if not (found.code.isascii() and found.code.isalnum() and len(found.code) <= MAX_CODE and found.secret):
            raise UpstreamFormat(host_of(nobody.server))
        state = {"server": nobody.server, "device": nobody.device, "secret": found.secret}
        return PendingLogin(found.code, state, CODE_SECONDS, ASK_SECONDS)

    async def confirmed(self, state: Mapping[str, str]) -> NewLogin | None:
        """The login, once the code is confirmed."""
        nobody = Account(state["server"], Flavour.JELLYFIN, state["device"])
        signed = await self.api.signed_in_by_code(nobody, state["secret"])
        return None if signed is None else self._login(nobody, signed.user.id, signed.access_token, signed.user.name)

    async def name_of(self, login: Login) -> str:
        """As whom the server knows the login."""
        account = account_of(login.server, login)
        return (await self.api.user(account)).name or "?"

    async def _found(self, entered: str) -> Account:
        """The server, at the address itself or at one of the usual places below it."""
        for below in _BELOW:
            try:
                info = await self.api.public_info(entered + below)
            except (UpstreamMissing, UpstreamFormat, UpstreamRefused):
                continue
            flavour = Flavour.JELLYFIN if info.product_name.startswith("Jellyfin") else Flavour.EMBY
            return Account(entered + below, flavour, self.new_device())
        raise UpstreamFormat(host_of(entered), "there is no Jellyfin or Emby at this address. Check it.")

    async def _with_key(self, account: Account, name: str) -> NewLogin:
        wanted = name.casefold()
        users = await self.api.users(account)
        user = next((user for user in users if user.name.casefold() == wanted), None)
        if user is None:
            raise Invalid.field("fields.username", "This server has no account with this name.", "missing")
        return self._login(account, user.id, account.token, user.name)

    def _login(self, account: Account, user: str, token: str, name: str) -> NewLogin:
        if not is_id(user) or not token.isprintable() or not token:
            raise UpstreamFormat(host_of(account.server))
        made = replace(account, user=user, token=token)
        return NewLogin(Login(made.server, made.secret), name or "?")


def _plain(entered: str) -> str:
    """The address of the server, from that of a page of its own client."""
    return entered.partition("/web")[0].partition("#")[0]


def failure_of(server: str, code: str) -> UpstreamFailed:
    """Why a server does not play an item, in its own words."""
    host = host_of(server)
    if code == "NotAllowed":
        return UpstreamRefused(host, "it does not let this account play this. Check what the account may do there.")
    return UpstreamFailed(host, "it has nothing of this that could be played.")
