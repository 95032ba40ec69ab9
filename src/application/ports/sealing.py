"""Sealing: encryption of what is stored and must be read again."""

from __future__ import annotations

from abc import ABC, abstractmethod


class CannotOpen(Exception):
    """The sealed bytes were changed, belong elsewhere, or were sealed with a key that is gone. Says nothing else."""


class Sealer(ABC):
    """Authenticated encryption under one of the server's keys, one sealer per purpose."""

    @abstractmethod
    def seal(self, content: bytes, place: str) -> bytes:
        """The content, readable only again for the same `place` (`totp:usr_…`), so that it can't be moved elsewhere.

        Two calls with the same content give different bytes.
        """

    @abstractmethod
    def open(self, sealed: bytes, place: str) -> bytes:
        """The content. Raises `CannotOpen`."""
