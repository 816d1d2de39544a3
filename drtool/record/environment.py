"""Where a drill ran: the engine, its containers and how they were tuned."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Profile(StrEnum):
    """How the sandbox is tuned: like production (what an RTO is judged by), or for speed."""

    FAITHFUL = "faithful"
    FAST = "fast"


@dataclass(frozen=True, kw_only=True)
class ContainerRun:
    """A sandbox container of the drill, as it ran.

    Attributes:
        disk_limit_bytes: 0 where drtool sets none.
        data_storage: what the restored data lay on, such as `volume`.
        settings: server options that were set for it, by the scenario, its profile or production's option file.
        config_file: production's option file, where the scenario names one; of it the server got what the data needs.
        config_sha256: of that file, in hex.
        requested_series: the MariaDB series that the scenario asked for in place of the backup's own.
    """

    resource: str
    image: str
    image_digest: str
    server_version: str | None
    memory_limit_bytes: int
    process_limit: int
    disk_limit_bytes: int
    data_storage: str
    settings: dict[str, str] = field(default_factory=dict)
    config_file: str | None = None
    config_sha256: str | None = None
    requested_series: str | None = None


@dataclass(frozen=True, kw_only=True)
class Environment:
    """Where the drill ran and on what."""

    engine: str
    engine_version: str
    engine_os: str
    cpus: int
    memory_bytes: int
    containers: tuple[ContainerRun, ...] = ()
    processor: str | None = None
    storage_driver: str | None = None
