"""What is known of widely used identity providers, so that nobody has to look it up.

Issuers and addresses are those of the providers' own documentation for developers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

OPENID_SCOPES = ("openid", "profile", "email")


class Preset(StrEnum):
    """The providers."""

    DISCORD = "discord"
    GITHUB = "github"
    GITLAB = "gitlab"
    GOOGLE = "google"
    MICROSOFT = "microsoft"


@dataclass(frozen=True, slots=True)
class Known:
    """A provider: one with an issuer is discovered, the others have endpoints, and fields in what they say of somebody.

    `hint` says what only the operator knows where there is neither.
    """

    name: str
    scopes: tuple[str, ...] = OPENID_SCOPES
    issuer: str = ""
    endpoints: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)
    hint: str = ""


NOTHING_KNOWN = Known(
    name="",
    hint=(
        "Say where the provider is: --issuer for OpenID Connect, or without discovery --endpoint authorization=URL, "
        "--endpoint token=URL and --endpoint userinfo=URL. --preset knows some."
    ),
)
KNOWN: Mapping[Preset, Known] = {
    Preset.DISCORD: Known(
        name="Discord",
        scopes=("identify", "email"),
        endpoints={
            "authorization": "https://discord.com/oauth2/authorize",
            "token": "https://discord.com/api/oauth2/token",
            "userinfo": "https://discord.com/api/users/@me",
        },
        fields={"subject": "id", "username": "username", "email": "email", "email-verified": "verified"},
    ),
    # The address that it tells there is the public one, and it does not say whether that is verified.
    Preset.GITHUB: Known(
        name="GitHub",
        scopes=("read:user",),
        endpoints={
            "authorization": "https://github.com/login/oauth/authorize",
            "token": "https://github.com/login/oauth/access_token",
            "userinfo": "https://api.github.com/user",
        },
        fields={"subject": "id", "username": "login", "email": "email"},
    ),
    Preset.GITLAB: Known(name="GitLab", issuer="https://gitlab.com"),
    Preset.GOOGLE: Known(name="Google", issuer="https://accounts.google.com"),
    Preset.MICROSOFT: Known(
        name="Microsoft",
        hint=(
            "Microsoft has an issuer for each directory: give --issuer https://login.microsoftonline.com/TENANT/v2.0 "
            "with the id of yours, or with 9188040d-6c67-4c5b-b112-36a304b66dad for personal accounts."
        ),
    ),
}
