"""The exchange of a code for tokens (RFC 6749, 4.1.3; RFC 7636, 4.5)."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass, field
from urllib.parse import quote_plus

from yarl import URL

from synctv.adapters.oauth.calls import Answer, ProviderCalls
from synctv.adapters.oauth.discovery import ClientAuth
from synctv.adapters.oauth.errors import NotBelieved
from synctv.application.ports.oauth import AuthorizationFlow
from synctv.domain.errors import UpstreamFailed, UpstreamRefused

MAX_CODE = 4_096
# What a header can carry (RFC 6750, 2.1), and no line break.
_BEARER = re.compile(r"[\x21-\x7e]{1,16384}")
_CODE_REFUSED = frozenset({"invalid_grant", "bad_verification_code", "access_denied"})
_CLIENT_REFUSED = frozenset(
    {"invalid_client", "unauthorized_client", "incorrect_client_credentials", "redirect_uri_mismatch"}
)


@dataclass(frozen=True, slots=True)
class Client:
    """This server, as a provider knows it. One without a secret is public."""

    id: str
    secret: str | None = field(repr=False)
    auth: ClientAuth

    def credentials(self) -> tuple[dict[str, str], dict[str, str]]:
        """What goes into the form, and the headers. Each half is encoded first (RFC 6749, 2.3.1)."""
        if self.secret is None:
            return {"client_id": self.id}, {}
        if self.auth is ClientAuth.POST:
            return {"client_id": self.id, "client_secret": self.secret}, {}
        pair = f"{quote_plus(self.id)}:{quote_plus(self.secret)}"
        return {}, {"Authorization": f"Basic {b64encode(pair.encode()).decode()}"}


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a code was exchanged for."""

    access: str = field(repr=False)
    id: str | None = field(repr=False)

    @property
    def header(self) -> dict[str, str]:
        """The header with which the access token is shown."""
        return {"Authorization": f"Bearer {self.access}"}


async def exchanged(calls: ProviderCalls, url: URL, client: Client, flow: AuthorizationFlow, code: str) -> Tokens:
    """The tokens for a code.

    Raises `NotBelieved` for a code that the provider does not take, `UpstreamRefused` when it is this server that it
    does not take, and `UpstreamFailed` or its kind for anything else that is not an answer.
    """
    if not 0 < len(code) <= MAX_CODE or not code.isprintable():
        raise NotBelieved("a code that no provider made")
    form, headers = client.credentials()
    form |= {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": flow.redirect_uri,
        "code_verifier": flow.verifier,
    }
    return _tokens(await calls.post(url, form, headers))


def _tokens(answer: Answer) -> Tokens:
    # GitHub, for one, says 200 with an error inside.
    error = (answer.fields or {}).get("error")
    if answer.status < 500 and isinstance(error, str) and error:
        raise _refused(answer.host, error)
    fields = answer.good()
    access, kind, id_token = fields.get("access_token"), fields.get("token_type", "Bearer"), fields.get("id_token")
    if not isinstance(access, str) or not _BEARER.fullmatch(access):
        raise UpstreamFailed(answer.host, "it gave no access token.")
    if not isinstance(kind, str) or kind.lower() != "bearer":
        raise UpstreamFailed(answer.host, "it gave an access token of a kind that is not known here.")
    return Tokens(access, id_token if isinstance(id_token, str) else None)


def _refused(host: str, error: str) -> Exception:
    if error in _CODE_REFUSED:
        return NotBelieved("the provider does not take the code")
    if error in _CLIENT_REFUSED:
        return UpstreamRefused(
            host,
            "it does not take this server for a client of its own. Whoever runs this server has to check the client "
            "id, the client secret and the address to come back to that is registered there.",
        )
    return UpstreamFailed(host, "it refused to say who signed in.")
