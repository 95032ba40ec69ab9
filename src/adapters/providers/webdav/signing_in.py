"""Signing in to servers that speak WebDAV: finding out where the files are, and how one proves who one is."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

from synctv.adapters.providers.answers import decoded, host_of
from synctv.adapters.providers.servers import header_value, is_name, must_stay, server_of
from synctv.adapters.providers.webdav.account import SHARE, Account, Scheme, account_of, followed
from synctv.adapters.providers.webdav.dav import Dav
from synctv.adapters.providers.webdav.nextcloud import FILES, OLD_ROOT, USER_HEADERS, USER_PATH, User
from synctv.adapters.providers.webdav.products import OCS_PRODUCTS, PRODUCTS, known_address
from synctv.adapters.providers.webdav.shares import share_of
from synctv.application.ports.fetch import FetchResponse
from synctv.application.ports.providers import Login, NewLogin
from synctv.domain.errors import Invalid, UpstreamFailed, UpstreamFormat, UpstreamMissing, UpstreamRefused


@dataclass(frozen=True, slots=True)
class SigningIn:
    """Makes logins of what people fill in. The password itself is kept: WebDAV knows nothing else."""

    dav: Dav

    async def new(self, form: str, values: Mapping[str, str]) -> NewLogin:
        """The login, after its top folder could be opened with it."""
        if form == SHARE:
            return await self._share(values)
        product = PRODUCTS[form]
        server = server_of(known_address(product, server_of(values["server"], "fields.server")), "fields.server")
        if ":" in header_value(values["username"], "fields.username"):
            raise Invalid.field("fields.username", "A name has no colon in it here.", "format")
        account = Account(server, product.root, values["username"], values["password"], bare=product.bare, product=form)
        if form in OCS_PRODUCTS:
            account = replace(account, root=OLD_ROOT)
        account = await self._with_scheme(account)
        if form in OCS_PRODUCTS:
            account = replace(account, root=await self._root(account))
        login = Login(server, account.secret)
        try:
            return NewLogin(login, await self.name_of(login))
        except UpstreamMissing:
            reason = (
                "its files are not where this form looks for them. Check the address, or choose another way to sign in."
            )
            raise UpstreamMissing(host_of(server), reason) from None

    async def name_of(self, login: Login) -> str:
        """As whom the server lets in."""
        account = account_of(login.server, login)
        await self.dav.look(account, (), depth=0, folder=True)
        return "link" if account.product == SHARE else account.username or "guest"

    async def _share(self, values: Mapping[str, str]) -> NewLogin:
        """The login that a link is, with its password."""
        entered = server_of(values["server"].partition("?")[0].partition("#")[0], "fields.server")
        share = share_of(entered)
        if share is None:
            raise Invalid.field(
                "fields.server", "This is no link of a share: those end with /s/ and 15 letters and digits.", "format"
            )
        server = server_of(share.link, "fields.server")
        new, old = (Login(server, followed(share, server, values["password"], old=old).secret) for old in (False, True))
        with suppress(UpstreamMissing, UpstreamFormat, UpstreamRefused):
            return NewLogin(new, await self.name_of(new))
        return NewLogin(old, await self.name_of(old))

    async def _with_scheme(self, account: Account) -> Account:
        """The account with the way to prove itself: the password goes out plainly only where it has to.

        Over https that is as good as any other way, and needs no question ahead of each request.
        """
        answer, schemes = await self.dav.schemes(account)
        must_stay(account.server, answer)
        if not account.username:
            return replace(account, scheme=Scheme.NONE)
        if "digest" in schemes and ("basic" not in schemes or account.server.startswith("http://")):
            return replace(account, scheme=Scheme.DIGEST)
        if schemes and "basic" not in schemes:
            raise UpstreamFormat(
                host_of(account.server), "it wants people to prove who they are in a way that is not known here."
            )
        return replace(account, scheme=Scheme.BASIC)

    async def _root(self, account: Account) -> tuple[str, ...]:
        """Where the account's files are: below its own id, which may differ from the name that signs in."""
        try:
            answer = await self._user(account)
            return (*FILES, _id(answer)) if answer.status == 200 else OLD_ROOT
        except (UpstreamFailed, ValueError):
            return OLD_ROOT

    async def _user(self, account: Account) -> FetchResponse:
        return await self.dav.ask(self.dav.prover(account), "GET", account.server + USER_PATH, USER_HEADERS, body=None)


def _id(answer: FetchResponse) -> str:
    found = decoded(answer, User).id
    if not is_name(found):
        raise ValueError(found)
    return found
