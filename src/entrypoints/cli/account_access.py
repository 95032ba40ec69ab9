"""`synctv account ban` and the like: who may get into an account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from synctv.entrypoints.cli.account_records import account_shown
from synctv.entrypoints.cli.client import ask, told
from synctv.entrypoints.cli.exits import Exit, fail
from synctv.entrypoints.cli.moments import moment, span
from synctv.entrypoints.cli.names import AccountName, BannedName, ProviderSlug
from synctv.entrypoints.cli.output import Column, Record, rfc3339, show_document, show_list
from synctv.entrypoints.cli.parameters import ConfigFile, DataDir, Output, OutputFormat, Yes
from synctv.entrypoints.cli.whom import sure_about

if TYPE_CHECKING:
    from synctv.entrypoints.wire.synctv.v1 import OperatedAccount, OperatedSession

SESSIONS = [
    Column("Begun", "createdAt"),
    Column("Refreshed", "refreshedAt"),
    Column("Ends", "expiresAt"),
    Column("Proven by", "methods"),
    Column("Address", "address"),
    Column("Program", "userAgent"),
    Column("Id", "id"),
]
HOUR = 3_600.0


def ban(
    name: AccountName,
    reason: Annotated[str, typer.Option("--reason", help="Is told to the person.", metavar="TEXT")] = "",
    until: Annotated[
        int | None,
        typer.Option(
            "--until", help="When it ends: 2026-12-31 (UTC), 2026-12-31T18:00:00Z.", parser=moment, metavar="TIME"
        ),
    ] = None,
    span_: Annotated[
        float | None, typer.Option("--for", help="How long it lasts: 30m, 12h, 7d, 4w.", parser=span, metavar="SPAN")
    ] = None,
    yes: Yes = False,
    output: OutputFormat = Output.TABLE,
    data_dir: DataDir = None,
    config: ConfigFile = None,
) -> None:
    """Shut an account out, for good unless an end is named. Its sessions and connections end at once."""
    from synctv.entrypoints.wire.synctv.v1 import BanAccountRequest

    if until is not None and span_ is not None:
        fail("A ban ends either --until an instant or --for a while: name one of them.", Exit.USAGE)
    who = sure_about(name, "Ban {}? Every session and connection ends at once.", data_dir, config, yes=yes)
    request = BanAccountRequest(name=who, reason=reason, until=until, seconds=span_)
    answer = ask(data_dir, config, lambda management: management.ban_account(request))
    account_shown(told(answer.account), output)


def unban(
    name: BannedName, output: OutputFormat = Output.TABLE, data_dir: DataDir = None, config: ConfigFile = None
) -> None:
    """Lift a ban."""
    from synctv.entrypoints.wire.synctv.v1 import UnbanAccountRequest

    request = UnbanAccountRequest(name=name)
    answer = ask(data_dir, config, lambda management: management.unban_account(request))
    account_shown(told(answer.account), output)


def require_reset(
    name: AccountName,
    no_mail: Annotated[
        bool, typer.Option("--no-mail", help="Don't mail the link: the account's address may be a thief's.")
    ] = False,
    yes: Yes = False,
    output: OutputFormat = Output.TABLE,
    data_dir: DataDir = None,
    config: ConfigFile = None,
) -> None:
    """Demand a new password: the old one signs in no more, and every session ends.

    Prints a link with which the holder chooses it. Whoever has the link can do that.
    """
    from synctv.entrypoints.wire.synctv.v1 import RequireResetRequest

    question = "Demand a new password from {}? The old one signs in no more, and every session ends."
    request = RequireResetRequest(name=sure_about(name, question, data_dir, config, yes=yes), no_mail=no_mail)
    link = ask(data_dir, config, lambda management: management.require_reset(request))
    if output is not Output.TABLE:
        show_document({"url": link.url, "expiresIn": link.expires_in_seconds, "mailed": link.mailed}, output)
        return
    # Not in a table, which would break it over lines.
    typer.echo(link.url)
    hours = f"{link.expires_in_seconds / HOUR:g}"
    typer.echo(f"With this link a new password is chosen. It works until that is done, for {hours} hours at most.")
    if link.mailed:
        typer.echo("It was mailed to the holder.")
    elif no_mail:
        typer.echo("It was not mailed. Hand it over in private.")
    else:
        typer.echo("It was not mailed: the account has no address, or the server no mail. Hand it over in private.")


def reset_factors(
    name: AccountName,
    yes: Yes = False,
    output: OutputFormat = Output.TABLE,
    data_dir: DataDir = None,
    config: ConfigFile = None,
) -> None:
    """Take away second steps that were lost: authenticator app, recovery codes, passkeys, and the demand for two steps.

    The password, the email address and linked providers stay. Every session ends.
    """
    from synctv.entrypoints.wire.synctv.v1 import ResetFactorsRequest

    question = "Take authenticator app, recovery codes and passkeys away from {}? Every session ends."
    request = ResetFactorsRequest(name=sure_about(name, question, data_dir, config, yes=yes))
    answer = ask(data_dir, config, lambda management: management.reset_factors(request))
    _shown_with_ways_in(told(answer.account), answer.ways_in, output)


def remove_email(
    name: AccountName,
    yes: Yes = False,
    output: OutputFormat = Output.TABLE,
    data_dir: DataDir = None,
    config: ConfigFile = None,
) -> None:
    """Take the email address away, as where a thief has set it. Nobody is written to, and every session ends."""
    from synctv.entrypoints.wire.synctv.v1 import RemoveEmailRequest

    question = "Take the email address away from {}? Every session ends."
    request = RemoveEmailRequest(name=sure_about(name, question, data_dir, config, yes=yes))
    answer = ask(data_dir, config, lambda management: management.remove_email(request))
    _shown_with_ways_in(told(answer.account), answer.ways_in, output)


def unlink(
    name: AccountName,
    provider: ProviderSlug,
    yes: Yes = False,
    output: OutputFormat = Output.TABLE,
    data_dir: DataDir = None,
    config: ConfigFile = None,
) -> None:
    """Take a linked provider away, as where a thief has linked theirs. Every session ends."""
    from synctv.entrypoints.wire.synctv.v1 import UnlinkIdentityRequest

    question = f"Unlink {provider} from {{}}? Every session ends."
    request = UnlinkIdentityRequest(name=sure_about(name, question, data_dir, config, yes=yes), provider=provider)
    answer = ask(data_dir, config, lambda management: management.unlink_identity(request))
    _shown_with_ways_in(told(answer.account), answer.ways_in, output)


def list_sessions(
    name: AccountName, output: OutputFormat = Output.TABLE, data_dir: DataDir = None, config: ConfigFile = None
) -> None:
    """List the sessions of an account that are alive, the one that was used last first."""
    from synctv.entrypoints.wire.synctv.v1 import ListSessionsRequest

    request = ListSessionsRequest(name=name)
    answer = ask(data_dir, config, lambda management: management.list_sessions(request))
    records = [_session(session) for session in answer.sessions]
    show_list(records, SESSIONS, output, next_cursor="", total=len(records), more="")


def end_sessions(
    name: AccountName,
    yes: Yes = False,
    output: OutputFormat = Output.TABLE,
    data_dir: DataDir = None,
    config: ConfigFile = None,
) -> None:
    """Sign everybody out of an account. Its connections end at once."""
    from synctv.entrypoints.wire.synctv.v1 import EndSessionsRequest

    question = "Sign {} out everywhere?"
    request = EndSessionsRequest(name=sure_about(name, question, data_dir, config, yes=yes))
    answer = ask(data_dir, config, lambda management: management.end_sessions(request))
    account_shown(told(answer.account), output)


def _shown_with_ways_in(account: OperatedAccount, ways_in: int, output: Output) -> None:
    account_shown(account, output)
    if ways_in == 0:
        advice = f"Make a link for a new password with `synctv account require-reset {account.username}`."
        typer.echo(f"No way to sign in is left. {advice}", err=True)


def _session(session: OperatedSession) -> Record:
    return {
        "id": session.id,
        "methods": session.methods,
        "address": session.address or None,
        "userAgent": session.user_agent or None,
        "createdAt": rfc3339(session.created_at),
        "refreshedAt": rfc3339(session.refreshed_at),
        "expiresAt": rfc3339(session.expires_at),
    }
