"""Whom a command is about that asks first."""

from __future__ import annotations

from pathlib import Path

from synctv.entrypoints.cli.asking import confirmed
from synctv.entrypoints.cli.client import ask, told


def sure_about(name: str, question: str, data_dir: Path | None, config: Path | None, *, yes: bool) -> str:
    """The account that the person is sure about, by its id: the one whom the question showed in place of `{}`."""
    if yes:
        return name
    from synctv.entrypoints.wire.synctv.v1 import GetAccountRequest

    request = GetAccountRequest(name=name)
    account = told(ask(data_dir, config, lambda management: management.get_account(request)).account)
    confirmed(question.format(f"{account.username} ({account.role}, {account.id})"), yes=False)
    return account.id
