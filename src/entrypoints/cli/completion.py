"""What the shell offers after Tab: names that the running server knows. Without one it offers nothing, in silence.

Typer leaves out what does not begin like the word that is typed.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from synctv.entrypoints.cli.client import Call, T, answer_in_silence

if TYPE_CHECKING:
    from synctv.entrypoints.wire.synctv.v1 import ListAccountsRequest

Offers = Iterator[tuple[str, str]]
MOST_OFFERS = 100


def accounts(ctx: typer.Context, incomplete: str) -> Offers:
    """Usernames."""
    from synctv.entrypoints.wire.synctv.v1 import ListAccountsRequest

    return _accounts(ctx, ListAccountsRequest(query=incomplete, limit=MOST_OFFERS))


def waiting_accounts(ctx: typer.Context, incomplete: str) -> Offers:
    """Usernames of those who wait for review."""
    from synctv.entrypoints.wire.synctv.v1 import ListAccountsRequest

    return _accounts(ctx, ListAccountsRequest(query=incomplete, limit=MOST_OFFERS, pending=True))


def banned_accounts(ctx: typer.Context, incomplete: str) -> Offers:
    """Usernames of those who have a ban."""
    from synctv.entrypoints.wire.synctv.v1 import ListAccountsRequest

    return _accounts(ctx, ListAccountsRequest(query=incomplete, limit=MOST_OFFERS, banned=True))


def closed_accounts(ctx: typer.Context, incomplete: str) -> Offers:
    """Usernames of those whose account is closed."""
    from synctv.entrypoints.wire.synctv.v1 import ListAccountsRequest

    return _accounts(ctx, ListAccountsRequest(query=incomplete, limit=MOST_OFFERS, closed=True))


def providers(ctx: typer.Context) -> Offers:
    """Short names of identity providers."""
    from synctv.entrypoints.wire.synctv.v1 import ListIdentityProvidersRequest

    page = _asked(ctx, lambda management: management.list_identity_providers(ListIdentityProvidersRequest()))
    return ((provider.slug, provider.name) for provider in (page.providers if page else ()))


def _accounts(ctx: typer.Context, request: ListAccountsRequest) -> Offers:
    page = _asked(ctx, lambda management: management.list_accounts(request))
    return ((account.username, f"{account.role}, {account.status}") for account in (page.accounts if page else ()))


def _asked(ctx: typer.Context, call: Call[T]) -> T | None:
    return answer_in_silence(_path(ctx, "data_dir"), _path(ctx, "config"), call)


def _path(ctx: typer.Context, name: str) -> Path | None:
    given = ctx.params.get(name)
    return Path(given) if given else None
