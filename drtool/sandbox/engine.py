"""The Docker engine: reaching it, what it is, and its failures in one place."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import docker
import requests
from docker.context import ContextAPI
from docker.errors import DockerException

from drtool.errors import Unverifiable

_CONNECT_TIMEOUT_SECONDS = 6
_CALL_TIMEOUT_SECONDS = 120


@dataclass(frozen=True, kw_only=True)
class EngineInfo:
    """What the engine says of itself."""

    name: str
    version: str
    operating_system: str
    cpus: int
    memory_bytes: int
    processor: str | None
    storage_driver: str | None


class Engine:
    """A Docker engine that answered.

    Attributes:
        client: the SDK's client.
        shares_files: whether a path of this process can be bind-mounted: false for engines on other hosts or
            in a virtual machine, when drtool itself runs in a container beside its engine, and for engines
            that map user ids, where a backup only root may read would be unreadable in the container.
        info: what the engine says of itself.
    """

    def __init__(self, client: docker.DockerClient, host: str) -> None:
        self.client = client
        found: dict[str, Any] = client.info()
        maps_users = any(
            mapping in option for option in found.get("SecurityOptions") or [] for mapping in ("rootless", "userns")
        )
        same_host = host.startswith("unix://") and found.get("Name") == platform.node()
        self.shares_files = same_host and not maps_users
        self.info = EngineInfo(
            name="Docker" if "podman" not in str(found.get("Name", "")).lower() else "Podman",
            version=str(found.get("ServerVersion", "unknown")),
            operating_system=str(found.get("OperatingSystem", "unknown")),
            cpus=int(found.get("NCPU", 0)),
            memory_bytes=int(found.get("MemTotal", 0)),
            processor=_processor() if same_host else None,
            storage_driver=found.get("Driver"),
        )

    @classmethod
    def connect(cls) -> Engine:
        """Reach the engine that `DOCKER_HOST`, or else the current docker context, names.

        Raises:
            Unverifiable: nothing answers there within six seconds.
        """
        host = os.environ.get("DOCKER_HOST") or _context_host() or "unix:///var/run/docker.sock"
        try:
            environment = {**os.environ, "DOCKER_HOST": host}  # with DOCKER_TLS_VERIFY and DOCKER_CERT_PATH, if set
            docker.DockerClient.from_env(timeout=_CONNECT_TIMEOUT_SECONDS, environment=environment).ping()
            client = docker.DockerClient.from_env(timeout=_CALL_TIMEOUT_SECONDS, environment=environment)
            return cls(client, host)
        except (DockerException, requests.exceptions.RequestException, OSError) as error:
            raise _unreachable(host, error) from error

    def now(self) -> datetime:
        """Return what time the engine's host says it is.

        Raises:
            Unverifiable: it does not say.
        """
        with engine_errors("asking the engine's time"):
            return datetime.fromisoformat(str(self.client.info()["SystemTime"]))


@contextmanager
def engine_errors(doing: str) -> Iterator[None]:
    """Turn a failure of the engine during `doing` into an `Unverifiable`.

    Raises:
        Unverifiable: the engine refused, or could not be reached any more.
    """
    try:
        yield
    except (requests.exceptions.RequestException, ConnectionError, EOFError) as error:
        raise Unverifiable(
            "engine-lost", f"The Docker engine stopped answering while {doing}", why=_cause(error)
        ) from error
    except DockerException as error:
        raise Unverifiable("engine-refused", f"The Docker engine failed while {doing}", why=_cause(error)) from error


def _processor() -> str | None:
    """Return what this host's processor calls itself; only Linux says so in a file."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return platform.processor() or None
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), None)


def _context_host() -> str | None:
    named = os.environ.get("DOCKER_CONTEXT")
    try:
        context = ContextAPI.get_context(named)
    except (DockerException, OSError, ValueError):
        context = None
    if named and context is None:
        raise Unverifiable(
            "engine-unreachable",
            f"There is no Docker context {named!r}, which DOCKER_CONTEXT names",
            mend="`docker context ls` lists those there are",
        )
    return str(context.Host) if context and context.Host else None


def _unreachable(host: str, error: Exception) -> Unverifiable:
    """Return why no engine answers, with the mend of what people meet most."""
    why, mend = _cause(error), ""
    if "SSHHTTPAdapter" in why:  # docker-py's own way to say that paramiko is not there
        why, mend = "a library for engines behind SSH is not installed here", "Run `pip install 'drtool[ssh]'`"
    elif "Permission denied" in why:
        mend = "Let this account speak to the engine: `sudo usermod -aG docker $USER`, then log in anew"
    return Unverifiable("engine-unreachable", f"No Docker engine answers at {host}", why=why, mend=mend)


def _cause(error: BaseException) -> str:
    explanation = getattr(error, "explanation", None)
    text = str(explanation or error)
    # requests wraps urllib3 wraps socket: only the innermost part says something to a person
    inner = error.__cause__ or error.__context__
    while inner is not None and explanation is None:
        text, inner = str(inner), inner.__cause__ or inner.__context__
    return text.strip().rstrip(".").splitlines()[0] if text.strip() else type(error).__name__
