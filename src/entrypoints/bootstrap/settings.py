"""Every option of the server: its type, default, range, unit, and what it is for.

The reference page is generated from here (`synctv config docs`), and so are the names in the environment: the option
`http.port` is `SYNCTV_HTTP__PORT`.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Any, Self

from pydantic import SecretStr, model_validator

from synctv.adapters.mail.server import Security, is_loopback
from synctv.entrypoints.bootstrap.cache_settings import CacheSettings
from synctv.entrypoints.bootstrap.key_settings import KeySettings
from synctv.entrypoints.bootstrap.log_settings import LogSettings
from synctv.entrypoints.bootstrap.media_settings import MediaSettings
from synctv.entrypoints.bootstrap.options import Section, option, section
from synctv.entrypoints.bootstrap.provider_settings import ProviderSettings
from synctv.entrypoints.bootstrap.values import (
    CertificateFile,
    DatabaseUrl,
    Destinations,
    Folder,
    MailAddress,
    MailHost,
    Networks,
    Origins,
    PageUrl,
    Password,
    RedisUrl,
    ShownName,
    SocketUrl,
    Username,
)

DAY = 86_400
MIB = 1 << 20


class StorageKind(StrEnum):
    """Where what must not be lost is kept."""

    EMBEDDED = "embedded"
    POSTGRES = "postgres"
    MEMORY = "memory"


_PORT: Any = {"ge": 0, "le": 65_535}
_HOST_HELP = "The address to listen on: 0.0.0.0 takes calls from everywhere, 127.0.0.1 from this machine only."


class ServerSettings(Section):
    """The server as a whole."""

    name: str = option("SyncTV", "What the server calls itself on its pages.", min_length=1, max_length=80)
    guests: bool = option(
        default=True, description="Whether rooms may let people in without an account. Each room decides for itself."
    )
    drain_seconds: float = option(
        10.0,
        "How long a stop may take to send connections elsewhere and finish requests.",
        unit="seconds",
        ge=0,
        le=300,
    )


class StorageSettings(Section):
    """Where accounts, rooms and chats are kept."""

    kind: StorageKind = option(
        StorageKind.EMBEDDED,
        "`embedded`: a PostgreSQL of our own in `data_dir`. `postgres`: the server of `database.url`. "
        "`memory`: nowhere, everything is forgotten at the end. "
        "When `database.url` is set and this is not, it is `postgres`.",
    )
    port: int = option(0, "The port of the embedded PostgreSQL on this machine; 0 takes a free one.", **_PORT)


class DatabaseSettings(Section):
    """The PostgreSQL server to use instead of the embedded one."""

    url: DatabaseUrl | None = option(
        None, "The address of a database.", allowed="postgresql://user:password@host:port/database"
    )
    pool_size: int = option(10, "The most connections that one process opens.", ge=2, le=500)
    timeout_seconds: float = option(
        10.0, "How long the server may take to answer one statement.", unit="seconds", ge=0.1, le=300
    )


class RedisSettings(Section):
    """The Redis that several replicas share. One server alone needs none."""

    url: RedisUrl | None = option(
        None, "The address of a Redis.", allowed="redis://:password@host:port/number, rediss://… or unix://path"
    )


class HttpSettings(Section):
    """The web page and the HTTP API."""

    host: str = option("0.0.0.0", _HOST_HELP, min_length=1)  # noqa: S104 - a server at home is called from other rooms
    port: int = option(8080, "The port to listen on; 0 takes a free one.", **_PORT)
    public_url: PageUrl | None = option(
        None,
        "The address by which browsers reach the page, when it is not the one they ask for (behind a reverse proxy).",
        allowed="http://… or https://…, without a path",
    )
    trusted_proxies: Networks = option(
        (),
        "Reverse proxies, of the page or of the realtime server, whose word about a client's address is taken.",
        allowed="a list of addresses and networks",
    )
    cors_origins: Origins = option(
        (),
        "Other sites whose pages may use the API, exactly as browsers name them.",
        allowed="a list of origins, such as https://watch.example.org",
    )
    docs: bool = option(default=True, description="Whether `/docs` and `/api/v1/openapi.json` are served.")
    max_body_bytes: int = option(1 * MIB, "The largest body of a request.", unit="bytes", ge=1_024, le=1_024 * MIB)


class RealtimeSettings(Section):
    """The WebSocket server that keeps rooms in sync, and its bounds."""

    host: str = option("0.0.0.0", _HOST_HELP, min_length=1)  # noqa: S104 - as for HTTP
    port: int = option(8081, "The port to listen on; 0 takes a free one.", **_PORT)
    public_url: SocketUrl | None = option(
        None,
        "The address by which browsers reach it. Without one they take the host of the page and this port.",
        allowed="ws://… or wss://…",
    )
    heartbeat_seconds: float = option(25.0, "Time between signs of life on a connection.", unit="seconds", ge=1, le=300)
    idle_seconds: float = option(
        300.0, "A connection from which nothing came for so long ends.", unit="seconds", ge=10, le=DAY
    )
    lifetime_seconds: float = option(
        float(DAY), "A connection ends after so long, and its client comes back.", unit="seconds", ge=60, le=30 * DAY
    )
    ticket_seconds: float = option(
        30.0, "How long a browser may take from getting its ticket to connecting.", unit="seconds", ge=1, le=600
    )
    replay_seconds: float = option(
        300.0, "A client that was away for at most so long gets all that it missed.", unit="seconds", ge=10, le=DAY
    )
    connections_per_account: int = option(20, "The most connections of one account or guest.", ge=1, le=10_000)
    connections_per_room: int = option(2_000, "The most connections into one room.", ge=1, le=1_000_000)
    connections_per_node: int = option(100_000, "The most connections of one process.", ge=1, le=1_000_000)
    observations: int = option(64, "The most observations of one connection.", ge=1, le=1_024)
    frames_per_second: int = option(
        50, "The most frames that one connection may send, lasting.", unit="frames per second", ge=1, le=10_000
    )
    frame_bytes: int = option(
        64 * 1_024, "The largest frame that a client may send.", unit="bytes", ge=1_024, le=16 * MIB
    )
    backlog_bytes: int = option(
        64 * 1_024,
        "What a client may leave unread before what it is told next has to wait.",
        unit="bytes",
        ge=16_384,
        le=64 * MIB,
    )


class MetricsSettings(Section):
    """Numbers for Prometheus, on a listener of their own."""

    enabled: bool = option(
        default=True, description="Whether there is such a listener. A port that is taken only costs a warning."
    )
    host: str = option("127.0.0.1", _HOST_HELP, min_length=1)
    port: int = option(9090, "The port to listen on; 0 takes a free one.", **_PORT)
    token: SecretStr | None = option(
        None, "What a caller must show as `Authorization: Bearer …`.", min_length=16, allowed="16 characters or more"
    )


class BootstrapSettings(Section):
    """The first account. Without a password here, the server prints a link with which a person sets it up."""

    root_username: Username = option(
        "root", "The name of the first account.", allowed="2 to 32 letters and digits, with _ - . inside"
    )
    root_password: Password | None = option(
        None, "Makes the first account at the first start. Later it does nothing.", allowed="8 to 256 characters"
    )


class TokenSettings(Section):
    """How long sign-ins last."""

    access_seconds: float = option(
        3_600.0, "An access token, which is renewed by itself.", unit="seconds", ge=60, le=DAY
    )
    refresh_seconds: float = option(
        30.0 * DAY, "A sign-in that is not used at all.", unit="seconds", ge=600, le=365 * DAY
    )
    guest_seconds: float = option(4.0 * 3_600, "A guest's stay.", unit="seconds", ge=60, le=7 * DAY)


class RoomSettings(Section):
    """How many rooms there may be."""

    per_account: int = option(100, "The most rooms that one account may have.", ge=1, le=100_000)


class LimitSettings(Section):
    """How often one account or client address may ask. Past that it is told when to try again."""

    auth_per_minute: int = option(30, "Attempts to sign in, sign up or set up.", unit="a minute", ge=1, le=100_000)
    write_per_minute: int = option(300, "Requests that change something.", unit="a minute", ge=1, le=1_000_000)
    read_per_minute: int = option(1_200, "Requests that only look.", unit="a minute", ge=1, le=1_000_000)
    media_per_minute: int = option(
        300, "Requests for which a media server is asked.", unit="a minute", ge=1, le=1_000_000
    )
    admin_per_minute: int = option(300, "Requests of those who run the server.", unit="a minute", ge=1, le=1_000_000)
    streaming_per_minute: int = option(
        6_000, "Pieces of media that pass through the server.", unit="a minute", ge=1, le=10_000_000
    )
    websocket_per_minute: int = option(60, "Connections to rooms that are begun.", unit="a minute", ge=1, le=100_000)
    address_factor: int = option(
        4,
        "How many times as much one client address may as one account. A household or an office shares one address.",
        ge=1,
        le=1_000,
    )


class PasswordSettings(Section):
    """What it costs to check a password (Argon2id). More protects better if the database is ever stolen."""

    memory_kib: int = option(
        19_456, "Memory of one check. Under 19456 is for tests only.", unit="KiB", ge=8, le=4 * MIB
    )
    passes: int = option(2, "Passes over that memory.", ge=1, le=100)
    lanes: int = option(1, "Lanes that may run at once within one check.", ge=1, le=64)
    workers: int = option(2, "Checks at once, each with memory of its own.", ge=1, le=64)

    @model_validator(mode="after")
    def _enough_memory(self) -> Self:
        if self.memory_kib < 8 * self.lanes:
            raise ValueError("`passwords.memory_kib` must be at least 8 for each of `passwords.lanes`.")
        return self


class AccountSettings(Section):
    """What becomes of accounts."""

    closed_days: float = option(
        30.0,
        "How long a closed account can be restored before it is deleted for good.",
        unit="days",
        ge=1,
        le=3_650,
    )


class AuditSettings(Section):
    """What is kept of what was done to accounts."""

    days: float = option(365.0, "How long the audit log is kept.", unit="days", ge=1, le=36_500)
    session_days: float = option(
        30.0,
        "How long sessions that have ended are remembered, for a token that is used again.",
        unit="days",
        ge=1,
        le=365,
    )


class MailSettings(Section):
    """The mail server that letters go out through. Without one, whatever needs email is off."""

    host: MailHost | None = option(None, "Where the mail server is.", allowed="a host name or an address")
    port: int | None = option(
        None,
        "Where it listens.",
        shown="587 for `starttls`, 465 for `tls`, 25 for `none`",
        ge=1,
        le=65_535,
    )
    security: Security = option(
        Security.STARTTLS,
        "`starttls`: the connection turns to TLS, and nothing is sent when the server offers none. "
        "`tls`: it is TLS from the start. `none`: anybody on the way can read the letters.",
    )
    username: str | None = option(None, "Whom to sign in as, where the server asks for it.", min_length=1)
    password: SecretStr | None = option(
        None, "The password for that, often one made for this purpose alone.", min_length=1, allowed="text"
    )
    from_address: MailAddress | None = option(
        None, "Whose address letters come from. It has to be set with `mail.host`.", allowed="an email address"
    )
    from_name: ShownName | None = option(
        None, "Whose name they come from.", shown="`server.name`", min_length=1, max_length=80
    )
    timeout_seconds: float = option(
        20.0, "How long the server may take to take one letter.", unit="seconds", ge=1, le=50
    )
    ca_file: CertificateFile | None = option(
        None,
        "Certificates to trust instead of those that the machine trusts, for a mail server with one of its own.",
        allowed="the path of a PEM file",
    )

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.host and not self.from_address:
            raise ValueError("`mail.host` needs `mail.from_address`.")
        if (self.username is None) != (self.password is None):
            raise ValueError("`mail.username` and `mail.password` belong together.")
        if self.password and self.security is Security.NONE and not is_loopback(self.host or ""):
            raise ValueError(
                "`mail.password` would be readable on the way. "
                "`mail.security` has to be `starttls` or `tls`, unless the mail server is on this machine."
            )
        return self


class ExtractorSettings(Section):
    """The programs that read the pages of video sites (yt-dlp, streamlink), each in a process of its own."""

    workers: int = option(2, "Pages that are read at once.", ge=1, le=32)
    timeout_seconds: float = option(
        30.0, "How long reading one page may take before it is ended.", unit="seconds", ge=2, le=300
    )
    memory_mib: int = option(
        512, "How much memory reading one page may take before it is ended.", unit="MiB", ge=128, le=16_384
    )


class EgressSettings(Section):
    """Which servers the server may call on behalf of people."""

    allow: Destinations = option(
        (),
        "Private destinations that may be called all the same, such as a media server at home. "
        "`synctv egress` allows more while the server runs.",
        allowed="a list of networks (192.168.1.0/24), addresses and hosts (nas.lan, nas.lan:8096, *.lan)",
    )


class SecuritySettings(Section):
    """What protects the server and its neighbours."""

    egress: EgressSettings = section(EgressSettings)


class Settings(Section):
    """All of it. Made by `configuration.load`, which knows where values come from."""

    data_dir: Folder = option(
        Path("~/.local/share/synctv"),
        "Where the server keeps its files.",
        shown="$XDG_DATA_HOME/synctv, ~/.local/share/synctv",
    )
    server: ServerSettings = section(ServerSettings)
    storage: StorageSettings = section(StorageSettings)
    database: DatabaseSettings = section(DatabaseSettings)
    redis: RedisSettings = section(RedisSettings)
    http: HttpSettings = section(HttpSettings)
    realtime: RealtimeSettings = section(RealtimeSettings)
    metrics: MetricsSettings = section(MetricsSettings)
    bootstrap: BootstrapSettings = section(BootstrapSettings)
    tokens: TokenSettings = section(TokenSettings)
    rooms: RoomSettings = section(RoomSettings)
    limits: LimitSettings = section(LimitSettings)
    passwords: PasswordSettings = section(PasswordSettings)
    keys: KeySettings = section(KeySettings)
    mail: MailSettings = section(MailSettings)
    accounts: AccountSettings = section(AccountSettings)
    audit: AuditSettings = section(AuditSettings)
    media: MediaSettings = section(MediaSettings)
    cache: CacheSettings = section(CacheSettings)
    providers: ProviderSettings = section(ProviderSettings)
    security: SecuritySettings = section(SecuritySettings)
    extractors: ExtractorSettings = section(ExtractorSettings)
    log: LogSettings = section(LogSettings)

    @model_validator(mode="before")
    @classmethod
    def _database_means_postgres(cls, values: dict[str, Any]) -> dict[str, Any]:
        database, storage = values.get("database"), values.get("storage", {})
        given = isinstance(database, dict) and database.get("url") is not None
        if given and isinstance(storage, dict) and "kind" not in storage:
            return {**values, "storage": {**storage, "kind": StorageKind.POSTGRES}}
        return values
