"""The wiring of what people do with their own accounts, and of what becomes of closed ones: a part of the container
that everything else is in."""

from __future__ import annotations

from typing import Any

from dependency_injector import containers, providers

from synctv.application.accounts.closing import Closing
from synctv.application.accounts.own import Own
from synctv.application.accounts.own_authenticator import OwnAuthenticator
from synctv.application.accounts.own_closing import OwnClosing
from synctv.application.accounts.own_email import OwnEmail
from synctv.application.accounts.own_export import OwnExport
from synctv.application.accounts.own_passkeys import OwnPasskeys
from synctv.application.accounts.own_password import OwnPassword
from synctv.application.accounts.own_security import OwnSecurity
from synctv.application.operation.closing import AccountClosing
from synctv.application.operation.housekeeping import Housekeeping
from synctv.entrypoints.bootstrap.resources import Resources
from synctv.entrypoints.bootstrap.translation import retention, server_name


class OwnAccountContainer(containers.DeclarativeContainer):
    """Ways to sign in, leaving, and coming back. The dependencies come from the container around it."""

    resources = providers.Dependency(instance_of=Resources)
    transactions: providers.Dependency[Any] = providers.Dependency()
    grants: providers.Dependency[Any] = providers.Dependency()
    known_passwords: providers.Dependency[Any] = providers.Dependency()
    email_codes: providers.Dependency[Any] = providers.Dependency()
    new_passkeys: providers.Dependency[Any] = providers.Dependency()
    authenticator_proofs: providers.Dependency[Any] = providers.Dependency()
    sessions: providers.Dependency[Any] = providers.Dependency()
    revoking: providers.Dependency[Any] = providers.Dependency()
    notices: providers.Dependency[Any] = providers.Dependency()
    post: providers.Dependency[Any] = providers.Dependency()
    flows: providers.Dependency[Any] = providers.Dependency()
    journal: providers.Dependency[Any] = providers.Dependency()

    clock = resources.provided.clock
    settings = resources.provided.settings
    shown_name = providers.Callable(server_name, settings)

    own = providers.Singleton(Own, grants, post)
    password = providers.Singleton(
        OwnPassword, transactions, own, known_passwords, sessions, revoking, notices, flows, journal
    )
    email = providers.Singleton(OwnEmail, transactions, own, email_codes, notices, post, flows, journal)
    passkeys = providers.Singleton(OwnPasskeys, transactions, own, new_passkeys, notices, flows, journal)
    authenticator = providers.Singleton(
        OwnAuthenticator, transactions, own, authenticator_proofs, notices, flows, journal, shown_name
    )
    security = providers.Singleton(OwnSecurity, transactions, own, notices, journal, sessions)

    closing = providers.Singleton(Closing, clock, settings.accounts.closed_days)
    own_closing = providers.Singleton(OwnClosing, transactions, own, closing, revoking, notices, journal)
    export = providers.Singleton(OwnExport, transactions, own, security, notices, journal, clock)
    account_closing = providers.Singleton(
        AccountClosing, transactions, closing, revoking, notices, post, journal, resources.provided.page.url
    )
    housekeeping = providers.Singleton(
        Housekeeping, transactions, clock, providers.Callable(retention, settings), journal
    )
