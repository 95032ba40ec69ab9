"""The operator's rules on accounts. They change while the server runs, and hold at every replica at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from synctv.domain.accounts.email import EmailRules
from synctv.domain.accounts.passwords import PasswordPolicy
from synctv.domain.errors import Denied


class SignUpWay(StrEnum):
    """How a newcomer may prove themselves from then on. OAuth2 is switched per provider."""

    PASSWORD = "password"  # noqa: S105 - the name of a way, no secret
    EMAIL = "email"
    PASSKEY = "passkey"


@dataclass(frozen=True, slots=True)
class WaySwitch:
    """Whether a way is open, and whether its newcomers wait for approval."""

    enabled: bool = False
    review: bool = True


CLOSED = WaySwitch()


@dataclass(frozen=True, slots=True)
class AccountPolicy:
    """Who may sign up and how, and what a password must be like. Signing up is closed until somebody opens a way."""

    sign_up: Mapping[SignUpWay, WaySwitch] = field(default_factory=dict)
    email_required: bool = False
    email_rules: EmailRules = field(default_factory=EmailRules)
    email_sign_in: bool = True
    password: PasswordPolicy = field(default_factory=PasswordPolicy)
    reserved_usernames: frozenset[str] = frozenset({"admin", "administrator", "root", "system", "synctv", "support"})

    def way(self, way: SignUpWay) -> WaySwitch:
        """The switch of a way."""
        return self.sign_up.get(way, CLOSED)

    def must_take(self, way: SignUpWay) -> WaySwitch:
        """The switch of a way that is open; `Denied` for one that is not."""
        switch = self.way(way)
        if not switch.enabled:
            raise closed_way()
        return switch


def closed_way() -> Denied:
    """The operator lets nobody sign up this way."""
    return Denied("Signing up this way is closed on this server. Ask its operator for an account.")
