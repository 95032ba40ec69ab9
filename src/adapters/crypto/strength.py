"""Strength of passwords, estimated by zxcvbn where it is installed (the extra `zxcvbn`)."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec

from synctv.application.ports.strength import PasswordStrength

_LOOKED_AT = 72
"""Characters. The library takes time that grows with the square of the length, and so many are strong enough."""
_BEST = 4


class ZxcvbnPasswordStrength(PasswordStrength):
    """The library is loaded at the first estimate: its lists of words take a while."""

    @property
    def available(self) -> bool:
        """Whether the library is installed."""
        return find_spec("zxcvbn") is not None

    def score(self, password: str, words: Sequence[str]) -> int:
        """From 0 to 4."""
        if not self.available:
            return _BEST
        if not password:  # the library trips over it
            return 0
        from zxcvbn import zxcvbn  # type: ignore[import-untyped]

        return int(zxcvbn(password[:_LOOKED_AT], user_inputs=[word for word in words if word])["score"])
