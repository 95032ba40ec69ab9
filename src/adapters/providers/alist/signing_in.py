"""The ways to sign in to Alist and OpenList servers."""

from __future__ import annotations

import json
from collections.abc import Mapping

from synctv.adapters.providers.alist.account import Account, account_of, folder_passwords, hash_of
from synctv.adapters.providers.alist.api import AlistApi
from synctv.adapters.providers.answers import host_of
from synctv.adapters.providers.servers import header_value, server_of
from synctv.application.ports.providers import FieldKind, FormField, Login, LoginForm, NewLogin
from synctv.domain.errors import UpstreamCredential

_SERVER = FormField(
    "server",
    "Address of the server",
    FieldKind.URL,
    placeholder="https://alist.example.org",
    help="As in the browser, up to where its pages begin.",
)
_NAME = FormField("username", "Name")
_PASSWORD = FormField("password", "Password", FieldKind.HIDDEN)
_OTP = FormField("otp", "Code of the second factor", required=False, help="If the account has one.")
_FOLDERS = FormField(
    "folders",
    "Passwords of folders",
    FieldKind.LONG_HIDDEN,
    required=False,
    placeholder="/films/private = its password",
    help="One folder a line, for folders that ask for a password of their own.",
)

FORMS = (
    LoginForm(
        "password",
        "Alist or OpenList account",
        (_SERVER, _NAME, _PASSWORD, _OTP, _FOLDERS),
        "An account with a second factor has to be signed in to again when the server lets its sign-ins run out, "
        "which is after two days as a rule.",
    ),
    LoginForm(
        "ldap",
        "Account of the organisation (LDAP)",
        (_SERVER, _NAME, _PASSWORD, _FOLDERS),
        "The password is not kept, so that this has to be done again when the server lets the sign-in run out.",
    ),
    LoginForm(
        "token",
        "Token",
        (_SERVER, FormField("token", "Token", FieldKind.HIDDEN), _FOLDERS),
        "The token that an administrator finds under Settings, Other. It may do everything and never runs out.",
    ),
    LoginForm(
        "guest",
        "Without an account",
        (_SERVER, _FOLDERS),
        "For servers that show their files to everybody.",
    ),
)


class SigningIn:
    """Makes logins of what people fill in."""

    def __init__(self, api: AlistApi) -> None:
        self._api = api

    async def new(self, form: str, values: Mapping[str, str]) -> NewLogin:
        """The login. What is kept is a token, or what signs in anew where tokens don't last and nobody has to help."""
        server = server_of(values["server"], "fields.server")
        folders = folder_passwords(values.get("folders", ""))
        await self._api.must_be_alist(server)
        secret = await self._secret(form, server, values)
        if folders:
            secret["folders"] = json.dumps(folders)
        login = Login(server, secret)
        name = await self.name_of(login)
        if form == "token":
            login = Login(server, {**secret, "username": name})
        return NewLogin(login, name)

    async def name_of(self, login: Login) -> str:
        """As whom the server knows the login."""
        name = (await self._api.me(account_of(login.server, login))).username
        if name == "guest" and (login.secret.get("token") or login.secret.get("hash")):
            raise UpstreamCredential(host_of(login.server), "it takes this sign-in for a guest's. Sign in to it again.")
        return name or "guest"

    async def _secret(self, form: str, server: str, values: Mapping[str, str]) -> dict[str, str]:
        match form:
            case "guest":
                return {}
            case "token":
                return {"token": header_value(values["token"], "fields.token")}
            case "ldap":
                fields = {"username": values["username"], "password": values["password"]}
                path = "/api/auth/login/ldap"
            case _:
                hashed = hash_of(values["password"])
                fields = {"username": values["username"], "password": hashed, "otp_code": values["otp"]}
                path = "/api/auth/login/hash"
        token = await self._api.token(Account(server, values["username"]), fields, path)
        if form == "password" and not values["otp"]:
            return {"username": values["username"], "hash": fields["password"]}
        return {"username": values["username"], "token": token}
