"""Arguments that name something on the server, which the shell completes."""

from __future__ import annotations

from typing import Annotated

import typer

from synctv.entrypoints.cli import completion

_WHO = "A username, an email address or an id."

AccountName = Annotated[str, typer.Argument(help=_WHO, metavar="NAME", autocompletion=completion.accounts)]
WaitingName = Annotated[str, typer.Argument(help=_WHO, metavar="NAME", autocompletion=completion.waiting_accounts)]
BannedName = Annotated[str, typer.Argument(help=_WHO, metavar="NAME", autocompletion=completion.banned_accounts)]
ClosedName = Annotated[str, typer.Argument(help=_WHO, metavar="NAME", autocompletion=completion.closed_accounts)]
ProviderSlug = Annotated[
    str, typer.Argument(help="The provider's short name.", metavar="SLUG", autocompletion=completion.providers)
]
