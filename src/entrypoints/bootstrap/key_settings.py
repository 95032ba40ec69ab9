"""The options for the server's own keys."""

from __future__ import annotations

from typing import Any, Self

from pydantic import model_validator

from synctv.adapters.crypto.keys import reused
from synctv.entrypoints.bootstrap.options import Section, option
from synctv.entrypoints.bootstrap.values import OpaqueSetup, SigningKeys


def _keys(name: str, description: str) -> Any:
    return option(
        (),
        f"{description} The first one is used, the others are still recognised.",
        allowed="a list of random texts of at least 32 bytes, such as `openssl rand -base64 48` prints",
        shown=f"made at the first start, in `data_dir/secrets/{name}.key`",
    )


class KeySettings(Section):
    """The server's own keys. They are made at the first start; servers that share a database need the same ones."""

    tokens: SigningKeys = _keys("tokens", "Keys that sign access tokens.")
    opaque: OpaqueSetup | None = option(
        None,
        "The secret that passwords which never leave the browser are checked with. It can't be replaced.",
        allowed="what `synctv keys new opaque` prints",
        shown="made at the first start, in `data_dir/secrets/opaque.key`",
    )
    credentials: SigningKeys = _keys("credentials", "Keys that seal the secrets this server shows to others.")
    totp: SigningKeys = _keys("totp", "Keys that seal the secrets of authenticator apps.")
    mail: SigningKeys = _keys("mail", "Keys that seal letters until they are sent.")
    proxy: SigningKeys = _keys("proxy", "Keys that sign addresses of media.")
    uploads: SigningKeys = _keys("uploads", "Keys that sign uploads.")
    cluster: SigningKeys = _keys("cluster", "Keys by which the servers of one product know each other.")

    @model_validator(mode="after")
    def _each_for_one_purpose(self) -> Self:
        rings = {f"keys.{name}": getattr(self, name) for name in KeySettings.model_fields if name != "opaque"}
        if twice := reused({name: [key.get_secret_value() for key in ring] for name, ring in rings.items()}):
            raise ValueError(f"`{twice[0]}` and `{twice[1]}` hold the same key. Each purpose needs one of its own.")
        return self
