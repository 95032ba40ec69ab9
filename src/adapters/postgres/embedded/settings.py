"""How the embedded PostgreSQL is run: bounds, sizes for a home server, and the names under which they are set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final

PORT_SETTING: Final = "SYNCTV_STORAGE__PORT"
DATA_DIR_SETTING: Final = "SYNCTV_DATA_DIR"
DATABASE_URL_SETTING: Final = "SYNCTV_DATABASE__URL"

ROLE: Final = "app"
DATABASE: Final = "synctv"
HOST: Final = "127.0.0.1"

ALTERNATIVES: Final = (
    f"Set {DATABASE_URL_SETTING} to a PostgreSQL server of your own, "
    "or start with `--storage memory`, which forgets everything at the end."
)

HOME_SERVER: Final[Mapping[str, str]] = MappingProxyType(
    {
        # Shared memory is touched only as it is used, so this is a ceiling and not a cost.
        "shared_buffers": "64MB",
        "effective_cache_size": "256MB",
        "work_mem": "4MB",
        "maintenance_work_mem": "32MB",
        "max_connections": "60",
        "max_wal_size": "256MB",
        "autovacuum_max_workers": "2",
        # Nobody replicates from here, and parallel queries and I/O workers are processes that idle.
        "wal_level": "minimal",
        "max_wal_senders": "0",
        "max_replication_slots": "0",
        "max_logical_replication_workers": "0",
        "max_worker_processes": "2",
        "max_parallel_workers": "0",
        "max_parallel_workers_per_gather": "0",
        "io_method": "sync",
        "jit": "off",
        # Files in the data folder: containers have little /dev/shm, and systemd empties it when a user signs out.
        "dynamic_shared_memory_type": "mmap",
    }
)
"""Server settings for a machine that does other things too; every process that merely waits is switched off."""

ALWAYS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "timezone": "UTC",
        "log_timezone": "UTC",
        # The reasons for a failed start are recognised by their English text.
        "lc_messages": "C",
        "logging_collector": "off",
        "log_destination": "stderr",
        "log_checkpoints": "off",
        # Statements and the values in them are people's data: they stay out of the log.
        "log_error_verbosity": "terse",
        "log_min_error_statement": "panic",
    }
)
"""Server settings which the code of this package relies on; they can't be overridden."""


@dataclass(frozen=True, slots=True)
class EmbeddedSettings:
    """What may be changed about the embedded server; the defaults suit everything but tests."""

    options: Mapping[str, str] = field(default_factory=dict)
    """PostgreSQL settings by name, over `HOME_SERVER`."""

    outside: Path = Path("/var/lib/synctv-postgres")
    """Where root's server keeps databases whose data folder the unprivileged user can't reach."""

    start_timeout: float = 300.0
    """Seconds until a server that neither ends nor becomes ready is given up; recovery after a crash takes long."""

    stop_timeout: float = 30.0
    """Seconds that a fast stop (roll back, write everything out) may take before it is forced."""

    log_bytes: int = 4 * 1024 * 1024
    """Size at which the log is cut; one older piece of the same size is kept."""

    def server_options(self) -> dict[str, str]:
        """All settings for the command line of the server."""
        return {**HOME_SERVER, **self.options, **ALWAYS}
