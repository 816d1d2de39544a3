"""The Docker engine: reaching it, what it is, and its failures in one place."""

from __future__ import annotations

import json
import platform
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import docker
import requests
from docker.errors import APIError, DockerException, NotFound

from drtool.errors import Unverifiable
from drtool.sandbox.address import find_address

_CONNECT_TIMEOUT_SECONDS = 6
_CALL_TIMEOUT_SECONDS = 120
_TAG = re.compile(r"<[^>]*>")


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
        shares_files: whether a path of this process may be bind-mounted: false for engines on other hosts or
            in a virtual machine, when drtool itself runs in a container beside its engine, and for engines
            that map user ids, where a backup only root may read would be unreadable in the container. It is what
            their names say: that a path leads both to the same file is to be proved, see `reach`.
        weighs_processors: whether it can give a container less weight than others; a rootless one often cannot.
        info: what the engine says of itself.
    """

    def __init__(self, client: docker.DockerClient, host: str) -> None:
        self.client = client
        found: dict[str, Any] = client.info()
        said = found.get("SecurityOptions") or []
        maps_users = any("rootless" in option or "userns" in option for option in said)
        same_host = host.startswith("unix://") and found.get("Name") == platform.node()
        self.shares_files = same_host and not maps_users
        self.weighs_processors = bool(found.get("CPUShares"))
        self.info = EngineInfo(
            name="Podman" if _is_podman(client.version()) else "Docker",
            version=str(found.get("ServerVersion", "unknown")),
            operating_system=str(found.get("OperatingSystem", "unknown")),
            cpus=int(found.get("NCPU") or 0),
            memory_bytes=int(found.get("MemTotal") or 0),
            processor=_processor() if same_host else None,
            storage_driver=found.get("Driver"),
        )

    @classmethod
    def connect(cls) -> Engine:
        """Reach the engine that `DOCKER_HOST`, or else the current docker context, names.

        Raises:
            Unverifiable: nothing answers there within six seconds, or not as an engine does.
        """
        address = find_address()
        try:
            address.client(timeout_seconds=_CONNECT_TIMEOUT_SECONDS).ping()
            return cls(address.client(timeout_seconds=_CALL_TIMEOUT_SECONDS), address.host)
        except (DockerException, requests.exceptions.RequestException, OSError, ValueError) as error:
            raise _unreachable(address.host, error) from error

    def try_executing(self) -> None:
        """Ask for what a proxy before the engine's socket often forbids: to execute something, in no container here.

        Raises:
            Unverifiable: it is forbidden.
        """
        with engine_errors("asking whether programs may be executed in containers"), suppress(NotFound):
            self.client.api.exec_create("drtool-nowhere", ["true"])

    def now(self) -> datetime:
        """Return what time the engine's host says it is.

        Raises:
            Unverifiable: it does not say.
        """
        with engine_errors("asking the engine's time"):
            return datetime.fromisoformat(str(self.client.info()["SystemTime"]))


@contextmanager
def engine_errors(doing: str, *, inside: bool = False) -> Iterator[None]:
    """Turn a failure of the engine during `doing`, which may be `inside` a container that runs, into an `Unverifiable`.

    Raises:
        Unverifiable: the engine refused, has no room or could not be reached any more; or the container is gone or does
            not run.
    """
    try:
        yield
    except DockerException as error:  # first: an answer of the engine's is a kind of what requests raises, too
        if inside and isinstance(error, APIError) and error.status_code in (404, 409):
            raise Unverifiable("sandbox-lost", f"The sandbox went away while {doing}", why=_cause(error)) from error
        full = "no space left on device" in str(error).lower()
        what = f"The Docker engine answered with an error while {doing}"
        raise Unverifiable("disk-full" if full else "engine-refused", what, why=_cause(error)) from error
    except (requests.exceptions.RequestException, ConnectionError, TimeoutError, EOFError) as error:
        what = f"The Docker engine stopped answering while {doing}"
        raise Unverifiable("engine-lost", what, why=_cause(error)) from error


def _is_podman(version: dict[str, Any]) -> bool:
    """Tell whether the engine is Podman, which answers as Docker does, by the first of the parts that it names."""
    return any("podman" in str(part.get("Name", "")).lower() for part in version.get("Components") or ())


def _processor() -> str | None:
    """Return what this host's processor calls itself; only Linux says so in a file."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return platform.processor() or None
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), None)


def _unreachable(host: str, error: Exception) -> Unverifiable:
    """Return why no engine answers, with the mend of what people meet most."""
    why, mend = _cause(error), ""
    chain = list(_chain(error))
    if any(isinstance(one, APIError) for one in chain):
        return Unverifiable("engine-refused", f"What answers at {host} refused what it was asked", why=why)
    if any(isinstance(one, KeyError | json.JSONDecodeError) for one in chain):
        why = "what answers there does not speak Docker's language"
    if "SSHHTTPAdapter" in why:  # docker-py's own way to say that paramiko is not there
        why, mend = "a library for engines behind SSH is not installed here", "Run `pip install 'drtool[ssh]'`"
    elif "Permission denied" in why:
        mend = "Let this account speak to the engine: `sudo usermod -aG docker $USER`, then log in anew"
    elif isinstance(chain[-1], DockerException | KeyError | ValueError | StopIteration):  # no such host, or no engine
        mend = "Check DOCKER_HOST, or the docker context"
    return Unverifiable("engine-unreachable", f"No Docker engine answers at {host}", why=why, mend=mend)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and what it came of: requests wraps urllib3 wraps socket."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _cause(error: BaseException) -> str:
    """Return what says most to a person: what was answered, else the innermost of the errors."""
    chain = list(_chain(error))
    answered = next((one.explanation for one in chain if isinstance(one, APIError) and one.explanation), None)
    text = str(answered or chain[-1])
    if text.startswith("<"):
        text = _TAG.sub(" ", text)
    return text.strip().rstrip(".").splitlines()[0].strip() if text.strip() else type(error).__name__
