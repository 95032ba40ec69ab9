"""Making passkeys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from synctv.application.accounts.flows import Content
from synctv.application.accounts.passkey_proofs import challenge_of, handle_of
from synctv.application.ports.clock import Clock
from synctv.application.ports.ids import Ids
from synctv.application.ports.webauthn import CeremonyFailed, PasskeyCeremonies, PasskeyUser, Site
from synctv.domain.accounts.factors import PASSKEY_NAME_LENGTH, Passkey
from synctv.domain.errors import FlowOver, Invalid
from synctv.domain.ids import AccountId, PasskeyId
from synctv.domain.text import has_visible, one_line

UNNAMED = "Passkey"


@dataclass(frozen=True, slots=True)
class Ceremony:
    """What goes to `navigator.credentials`, and what a flow has to remember until the answer comes."""

    options: Mapping[str, Any]
    content: dict[str, str | None]


@dataclass(frozen=True, slots=True)
class NewPasskeys:
    """The two halves of making one."""

    ceremonies: PasskeyCeremonies
    clock: Clock
    ids: Ids

    def ceremony(self, account_id: AccountId, username: str, known: Sequence[Passkey], site: Site) -> Ceremony:
        """Begins, for an account that has these already."""
        secret = self.ids.secret()
        user = PasskeyUser(handle_of(account_id), username)
        credential_ids = [passkey.credential_id for passkey in known]
        options = self.ceremonies.creation_options(site, user, challenge_of(secret), credential_ids)
        return Ceremony(options, {"challenge": secret, "origin": site.origin, "host": site.host})

    def made(
        self, account_id: AccountId, content: Content, credential: Mapping[str, Any], name: str | None, site: Site
    ) -> Passkey:
        """The passkey in the browser's answer. Raises `Invalid`, and `FlowOver` at another site."""
        if (content["origin"], content["host"]) != (site.origin, site.host):
            raise FlowOver
        shown = valid_passkey_name(name or UNNAMED)
        try:
            new = self.ceremonies.created(site, credential, challenge_of(content["challenge"] or ""))
        except CeremonyFailed as error:
            message = "The browser's answer is no passkey for this site. Try again."
            raise Invalid.field("credential", message, "passkey") from error
        return Passkey(
            id=PasskeyId(self.ids.new("psk")),
            account_id=account_id,
            credential_id=new.credential_id,
            public_key=new.public_key,
            sign_count=new.sign_count,
            name=shown,
            transports=new.transports,
            synced=new.synced,
            created_at=self.clock.now(),
            used_at=None,
        )


def valid_passkey_name(text: str, path: str = "name") -> str:
    """The name of a passkey on one line, or `Invalid`."""
    name = one_line(text)
    low, high = PASSKEY_NAME_LENGTH
    if not (low <= len(name) <= high and has_visible(name)):
        raise Invalid.field(path, f"A name has {low} to {high} visible characters.", "length")
    return name
