"""How hard a password is to guess."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence


class PasswordStrength(ABC):
    """Estimates, as an attacker would who knows common passwords and the person's own words."""

    @property
    @abstractmethod
    def available(self) -> bool:
        """Whether this server can estimate; where not, every password scores best."""

    @abstractmethod
    def score(self, password: str, words: Sequence[str]) -> int:
        """From 0 (guessed at once) to 4 (very hard to guess). `words` are the person's name and the like."""
