"""The index of the product: every capability, one attribute each. Entrypoints get this and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from synctv.application.accounts.external import ExternalSignIn
from synctv.application.accounts.grants import Grants
from synctv.application.accounts.identity import Identity
from synctv.application.accounts.own_authenticator import OwnAuthenticator
from synctv.application.accounts.own_closing import OwnClosing
from synctv.application.accounts.own_email import OwnEmail
from synctv.application.accounts.own_export import OwnExport
from synctv.application.accounts.own_passkeys import OwnPasskeys
from synctv.application.accounts.own_password import OwnPassword
from synctv.application.accounts.own_security import OwnSecurity
from synctv.application.accounts.prover import Prover
from synctv.application.accounts.reset import Reset
from synctv.application.accounts.sessions import Sessions
from synctv.application.accounts.setup import Setup
from synctv.application.accounts.sign_in import SignIn
from synctv.application.accounts.sign_up import SignUp
from synctv.application.audit.trail import AuditTrail
from synctv.application.chat.conversation import Conversation
from synctv.application.delivery.playables import Playables
from synctv.application.delivery.proxy import MediaProxy
from synctv.application.library.adding import Adding
from synctv.application.library.code_sign_ins import CodeSignIns
from synctv.application.library.credentials import Credentials
from synctv.application.library.folders import LibraryFolders
from synctv.application.library.items import Items
from synctv.application.library.looking import Looking
from synctv.application.limits.limits import Limits
from synctv.application.mail.post import Post
from synctv.application.mail.postman import Postman
from synctv.application.operation.account_access import AccountAccess
from synctv.application.operation.account_rules import AccountRules
from synctv.application.operation.accounts import OperatedAccounts
from synctv.application.operation.cache import OperatedCache
from synctv.application.operation.closing import AccountClosing
from synctv.application.operation.credentials import OperatedCredentials
from synctv.application.operation.egress import Egress
from synctv.application.operation.health import Health
from synctv.application.operation.housekeeping import Housekeeping
from synctv.application.operation.identity_providers import OperatedProviders
from synctv.application.operation.mail import OperatedMail
from synctv.application.operation.operators import Operators
from synctv.application.playback.control import PlaybackControl
from synctv.application.playback.course import PlaybackCourse
from synctv.application.ports.clock import Clock
from synctv.application.ports.providers import Provider
from synctv.application.ports.short_lived import ShortLived
from synctv.application.realtime.hub import Hub
from synctv.application.realtime.tickets import Tickets
from synctv.application.rooms.directory import Directory
from synctv.application.rooms.guests import Guests
from synctv.application.rooms.lifecycle import RoomLifecycle
from synctv.application.rooms.membership import Members


@dataclass(frozen=True, slots=True)
class Application:
    """What SyncTV can do."""

    # Who somebody is
    setup: Setup
    prover: Prover
    sign_in: SignIn
    external: ExternalSignIn
    sign_up: SignUp
    reset: Reset
    sessions: Sessions
    identity: Identity
    guests: Guests

    # One's own account
    grants: Grants
    security: OwnSecurity
    password: OwnPassword
    email: OwnEmail
    passkeys: OwnPasskeys
    authenticator: OwnAuthenticator
    credentials: Credentials
    code_sign_ins: CodeSignIns
    closing: OwnClosing
    export: OwnExport

    # Rooms
    rooms: RoomLifecycle
    directory: Directory
    members: Members

    # Watching
    providers: Mapping[str, Provider]
    looking: Looking
    adding: Adding
    folders: LibraryFolders
    items: Items
    playback: PlaybackControl
    course: PlaybackCourse
    playables: Playables
    media: MediaProxy
    chat: Conversation

    # Realtime
    tickets: Tickets
    hub: Hub

    # Running it
    operators: Operators
    accounts: OperatedAccounts
    account_access: AccountAccess
    account_closing: AccountClosing
    account_rules: AccountRules
    identity_providers: OperatedProviders
    operated_credentials: OperatedCredentials
    egress: Egress
    audit: AuditTrail
    mail: OperatedMail
    cache: OperatedCache
    post: Post
    postman: Postman
    housekeeping: Housekeeping
    health: Health
    limits: Limits
    clock: Clock
    short_lived: ShortLived
