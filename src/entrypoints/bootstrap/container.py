"""The wiring: which adapter stands behind which port, and what each capability is made of.

Synchronous and declarative. Everything that has to be opened or awaited is in `Resources` already.
"""

from __future__ import annotations

from dependency_injector import containers, providers

from synctv.adapters.crypto.sealing import KeySealer
from synctv.adapters.crypto.strength import ZxcvbnPasswordStrength
from synctv.adapters.crypto.tokens import JwtAccessTokens
from synctv.adapters.crypto.totp import PyotpTotp
from synctv.adapters.crypto.webauthn import WebauthnPasskeyCeremonies
from synctv.adapters.mail.sender import SmtpMailSender
from synctv.adapters.mail.writer import JinjaLetterWriter
from synctv.adapters.memory.bus import MemoryEventBus
from synctv.adapters.memory.events import MemoryRoomEventLog
from synctv.adapters.memory.mail import MemoryMailQueue
from synctv.adapters.memory.revocations import MemoryRevocations
from synctv.adapters.memory.short_lived import MemoryShortLived
from synctv.adapters.memory.store import MemoryStore
from synctv.adapters.memory.transaction import MemoryTransactions
from synctv.adapters.oauth.oauth import FetchedOAuth
from synctv.adapters.postgres.events import PostgresRoomEventLog
from synctv.adapters.postgres.mail import PostgresMailQueue
from synctv.adapters.postgres.transaction import PostgresTransactions
from synctv.adapters.providers.registry import all_providers
from synctv.adapters.redis.short_lived import RedisShortLived
from synctv.application.accounts.authenticator import Authenticator
from synctv.application.accounts.email_codes import EmailCodes
from synctv.application.accounts.external import ExternalSignIn
from synctv.application.accounts.flows import Flows
from synctv.application.accounts.grants import Grants
from synctv.application.accounts.identity import Identity
from synctv.application.accounts.journal import Journal
from synctv.application.accounts.new_passkeys import NewPasskeys
from synctv.application.accounts.notices import Notices
from synctv.application.accounts.passkey_proofs import PasskeyProofs
from synctv.application.accounts.password_proofs import PasswordProofs
from synctv.application.accounts.passwords import Passwords
from synctv.application.accounts.prover import Prover
from synctv.application.accounts.reset import Reset
from synctv.application.accounts.revoking import Revoking
from synctv.application.accounts.sessions import Sessions
from synctv.application.accounts.setup import Setup
from synctv.application.accounts.sign_in import SignIn
from synctv.application.accounts.sign_up import SignUp
from synctv.application.application import Application
from synctv.application.audit.trail import AuditTrail
from synctv.application.chat.conversation import Conversation
from synctv.application.library.code_sign_ins import CodeSignIns
from synctv.application.library.credential_checks import CredentialChecks
from synctv.application.library.credentials import Credentials
from synctv.application.library.vault import Vault
from synctv.application.limits.limits import Limits
from synctv.application.limits.portions import Portions
from synctv.application.limits.throttle import Throttle
from synctv.application.mail.post import Post
from synctv.application.mail.postman import Postman
from synctv.application.operation.account_access import AccountAccess
from synctv.application.operation.account_rules import AccountRules
from synctv.application.operation.accounts import OperatedAccounts
from synctv.application.operation.credentials import OperatedCredentials
from synctv.application.operation.egress import Egress
from synctv.application.operation.health import Health
from synctv.application.operation.identity_providers import OperatedProviders
from synctv.application.operation.mail import OperatedMail
from synctv.application.operation.operators import Operators
from synctv.application.playback.stage import Stage
from synctv.application.realtime.audience import Audience
from synctv.application.realtime.hub import Hub
from synctv.application.realtime.publisher import Publisher
from synctv.application.realtime.reading import Reader
from synctv.application.realtime.services import Services
from synctv.application.realtime.tickets import Tickets
from synctv.application.rooms.access import Access
from synctv.application.rooms.directory import Directory
from synctv.application.rooms.guests import Guests
from synctv.application.rooms.lifecycle import RoomLifecycle
from synctv.application.rooms.membership import Members
from synctv.domain.rooms.permissions import RoleDefaults
from synctv.entrypoints.bootstrap.delivery_container import DeliveryContainer
from synctv.entrypoints.bootstrap.library_container import LibraryContainer
from synctv.entrypoints.bootstrap.own_account_container import OwnAccountContainer
from synctv.entrypoints.bootstrap.resources import Resources
from synctv.entrypoints.bootstrap.translation import (
    configured_rates,
    connection_limits,
    hub_limits,
    lifetimes,
    live_counts,
    mail_server,
    probes,
    provider_kit,
    server_facts,
    server_name,
    shared_kind,
    storage_kind,
)


class Container(containers.DeclarativeContainer):
    """Everything, once per process. `resources` is the one thing that comes from outside."""

    resources = providers.Dependency(instance_of=Resources)
    settings = resources.provided.settings
    clock = resources.provided.clock
    ids = resources.provided.ids
    passwords = resources.provided.passwords
    shown_name = providers.Callable(server_name, settings)

    # Ports with an adapter in memory and one on a server
    storage = providers.Callable(storage_kind, resources)
    shared = providers.Callable(shared_kind, resources)
    memory_store = providers.Singleton(MemoryStore)

    short_lived = providers.Selector(
        shared,
        memory=providers.Singleton(MemoryShortLived, clock),
        redis=providers.Singleton(RedisShortLived, resources.provided.redis),
    )
    bus = providers.Selector(shared, memory=providers.Singleton(MemoryEventBus), redis=resources.provided.redis_bus)
    publisher = providers.Singleton(Publisher, bus=bus, clock=clock, log_window=settings.realtime.replay_seconds)
    transactions = providers.Selector(
        storage,
        memory=providers.Singleton(MemoryTransactions, memory_store, publisher.provided.committed),
        postgres=providers.Singleton(PostgresTransactions, resources.provided.database, publisher.provided.committed),
    )
    event_log = providers.Selector(
        storage,
        memory=providers.Singleton(MemoryRoomEventLog, memory_store),
        postgres=providers.Singleton(PostgresRoomEventLog, resources.provided.database),
    )
    mail_queue = providers.Selector(
        storage,
        memory=providers.Singleton(MemoryMailQueue, memory_store),
        postgres=providers.Singleton(PostgresMailQueue, resources.provided.database),
    )
    revocations = providers.Selector(
        shared,
        memory=providers.Singleton(MemoryRevocations),
        redis=resources.provided.redis_revocations,
    )
    keys = resources.provided.keys
    tokens = providers.Singleton(JwtAccessTokens, keys.tokens, ids)
    totp_sealer = providers.Singleton(KeySealer, keys.totp, "totp")
    mail_sealer = providers.Singleton(KeySealer, keys.mail, "mail")
    credentials_sealer = providers.Singleton(KeySealer, keys.credentials, "credentials")
    mail_sender = providers.Singleton(SmtpMailSender, providers.Callable(mail_server, settings))
    letter_writer = providers.Singleton(JinjaLetterWriter, shown_name)
    totp = providers.Singleton(PyotpTotp)
    ceremonies = providers.Singleton(WebauthnPasskeyCeremonies, shown_name)
    oauth = providers.Singleton(FetchedOAuth, resources.provided.fetch, clock)
    strength = providers.Singleton(ZxcvbnPasswordStrength)
    media_providers = providers.Singleton(all_providers, providers.Singleton(provider_kit, resources))

    # Policy
    token_lifetimes = providers.Singleton(lifetimes, settings)
    rates = providers.Callable(configured_rates, settings)
    limits = providers.Singleton(Limits, short_lived, clock, rates, settings.limits.address_factor)
    access = providers.Singleton(Access, RoleDefaults(), settings.server.guests)
    audience = providers.Singleton(Audience, short_lived)

    throttle = providers.Singleton(Throttle, short_lived)
    portions = providers.Singleton(Portions)
    flows = providers.Singleton(Flows, short_lived, ids)
    journal = providers.Singleton(Journal, clock, ids)
    post = providers.Singleton(Post, mail_sealer, mail_sender, clock, ids)
    notices = providers.Singleton(Notices, post, clock)
    revoking = providers.Singleton(Revoking, short_lived, revocations, token_lifetimes.provided.access)
    known_passwords = providers.Singleton(Passwords, passwords, resources.provided.opaque, strength)

    # How somebody proves who they are
    password_proofs = providers.Singleton(PasswordProofs, transactions, known_passwords, throttle, flows, journal)
    passkey_proofs = providers.Singleton(PasskeyProofs, transactions, ceremonies, flows, journal, clock, ids)
    email_codes = providers.Singleton(EmailCodes, transactions, post, flows, throttle, short_lived, ids)
    authenticator = providers.Singleton(
        Authenticator, transactions, totp, totp_sealer, throttle, journal, notices, clock, ids
    )
    prover = providers.Singleton(
        Prover, password_proofs, passkey_proofs, email_codes, authenticator, transactions, flows, journal
    )

    # Who somebody is
    sessions = providers.Singleton(
        Sessions, transactions, tokens, revoking, journal, clock, ids, token_lifetimes, notices
    )
    sign_in = providers.Singleton(SignIn, transactions, prover, sessions, flows, post, clock)
    grants = providers.Singleton(Grants, transactions, prover, flows, clock)
    external = providers.Singleton(
        ExternalSignIn, transactions, oauth, credentials_sealer, sign_in, grants, flows, journal, notices, clock, ids
    )
    new_passkeys = providers.Singleton(NewPasskeys, ceremonies, clock, ids)
    own_account = providers.Container(
        OwnAccountContainer,
        resources=resources,
        transactions=transactions,
        grants=grants,
        known_passwords=known_passwords,
        email_codes=email_codes,
        new_passkeys=new_passkeys,
        authenticator_proofs=authenticator,
        sessions=sessions,
        revoking=revoking,
        notices=notices,
        post=post,
        flows=flows,
        journal=journal,
    )
    sign_up = providers.Singleton(
        SignUp,
        transactions=transactions,
        passwords=known_passwords,
        passkeys=new_passkeys,
        email=email_codes,
        post=post,
        sessions=sessions,
        flows=flows,
        journal=journal,
        clock=clock,
        ids=ids,
        closing=own_account.closing,
    )
    reset = providers.Singleton(
        Reset,
        transactions=transactions,
        prover=prover,
        email=email_codes,
        passwords=known_passwords,
        revoking=revoking,
        notices=notices,
        post=post,
        flows=flows,
        journal=journal,
    )
    egress = providers.Singleton(Egress, transactions, resources.provided.egress, journal, clock)
    setup = providers.Singleton(
        Setup, transactions, known_passwords, sessions, egress, journal, short_lived, clock, ids
    )
    identity = providers.Singleton(Identity, transactions, tokens, short_lived, clock)
    guests = providers.Singleton(Guests, transactions, access, tokens, limits, clock, ids, token_lifetimes)

    # One's logins elsewhere
    credential_checks = providers.Singleton(
        CredentialChecks, transactions, providers.Singleton(Vault, credentials_sealer), media_providers, clock, portions
    )
    credentials = providers.Singleton(
        Credentials, transactions, credential_checks, media_providers, own_account.own, throttle, journal, clock, ids
    )
    code_sign_ins = providers.Singleton(CodeSignIns, media_providers, credentials, flows, credentials_sealer, clock)

    # Rooms
    rooms = providers.Singleton(RoomLifecycle, transactions, access, passwords, clock, ids, settings.rooms.per_account)
    directory = providers.Singleton(Directory, transactions, access, audience)
    members = providers.Singleton(Members, transactions, access, passwords, limits, clock)

    # Watching
    stage = providers.Singleton(Stage, audience, clock, ids)
    library = providers.Container(
        LibraryContainer,
        transactions=transactions,
        short_lived=short_lived,
        media_providers=media_providers,
        credentials=credentials,
        access=access,
        stage=stage,
        clock=clock,
        ids=ids,
    )
    delivery = providers.Container(
        DeliveryContainer,
        resources=resources,
        media_providers=media_providers,
        transactions=transactions,
        credentials=credentials,
        portions=portions,
        identity=identity,
        access=access,
        stage=stage,
    )
    chat = providers.Singleton(Conversation, transactions, access, limits, clock, ids)

    # Realtime
    tickets = providers.Singleton(
        Tickets, transactions, access, members, short_lived, ids, settings.realtime.ticket_seconds
    )
    reader = providers.Singleton(Reader, transactions, event_log, access, stage)
    services = providers.Singleton(
        Services,
        node_id=providers.Callable(lambda ids: ids.new("node"), ids),
        transactions=transactions,
        log=event_log,
        bus=bus,
        revocations=revocations,
        publisher=publisher,
        access=access,
        audience=audience,
        reader=reader,
        control=library.playback,
        course=library.course,
        chat=chat,
        items=library.items,
        playables=delivery.playables,
        progress=delivery.progress,
        short_lived=short_lived,
        clock=clock,
        ids=ids,
    )
    hub = providers.Singleton(
        Hub,
        services,
        providers.Callable(hub_limits, settings),
        providers.Callable(connection_limits, settings),
    )

    # Running it
    health = providers.Singleton(Health, providers.Callable(probes, resources, transactions))
    operators = providers.Singleton(
        Operators,
        transactions=transactions,
        clock=clock,
        audience=audience,
        live=providers.Callable(live_counts, hub),
        facts=providers.Callable(server_facts, resources),
    )

    page_url = resources.provided.page.url
    operated_accounts = providers.Singleton(
        OperatedAccounts, transactions, known_passwords, post, journal, clock, ids, page_url
    )
    account_access = providers.Singleton(
        AccountAccess, transactions, reset, revoking, notices, post, journal, clock, page_url
    )
    account_rules = providers.Singleton(AccountRules, transactions, strength, journal)
    identity_providers = providers.Singleton(
        OperatedProviders, transactions, oauth, credentials_sealer, journal, page_url
    )
    operated_credentials = providers.Singleton(OperatedCredentials, transactions, credential_checks, journal)
    audit = providers.Singleton(AuditTrail, transactions)
    postman = providers.Singleton(Postman, mail_queue, mail_sealer, letter_writer, mail_sender, clock, ids)
    mail = providers.Singleton(OperatedMail, post, postman, mail_queue)

    application = providers.Singleton(
        Application,
        setup=setup,
        prover=prover,
        sign_in=sign_in,
        external=external,
        sign_up=sign_up,
        reset=reset,
        sessions=sessions,
        identity=identity,
        guests=guests,
        grants=grants,
        security=own_account.security,
        password=own_account.password,
        email=own_account.email,
        passkeys=own_account.passkeys,
        authenticator=own_account.authenticator,
        credentials=credentials,
        code_sign_ins=code_sign_ins,
        closing=own_account.own_closing,
        export=own_account.export,
        rooms=rooms,
        directory=directory,
        members=members,
        providers=media_providers,
        looking=library.looking,
        adding=library.adding,
        folders=library.folders,
        items=library.items,
        playback=library.playback,
        course=library.course,
        playables=delivery.playables,
        media=delivery.media,
        chat=chat,
        tickets=tickets,
        hub=hub,
        operators=operators,
        accounts=operated_accounts,
        account_access=account_access,
        account_closing=own_account.account_closing,
        account_rules=account_rules,
        identity_providers=identity_providers,
        operated_credentials=operated_credentials,
        egress=egress,
        audit=audit,
        mail=mail,
        cache=delivery.cache,
        post=post,
        postman=postman,
        housekeeping=own_account.housekeeping,
        health=health,
        limits=limits,
        clock=clock,
        short_lived=short_lived,
    )
