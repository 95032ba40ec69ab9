"""Why somebody's sign-in at a provider is not believed."""

from __future__ import annotations


class NotBelieved(Exception):
    """What came back proves nobody's identity. The reason is for the operator: it holds no token, code or secret."""
