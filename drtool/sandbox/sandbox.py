"""One drill's sandbox: makes its containers and volumes, and takes every one of them away again."""

from __future__ import annotations

import itertools
import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

import docker.types
from docker.errors import APIError, DockerException, NotFound
from docker.models.containers import Container as DockerContainer
from docker.models.volumes import Volume
from docker.utils import decode_json_header

from drtool.errors import Unverifiable
from drtool.sandbox import labels
from drtool.sandbox.container import Container
from drtool.sandbox.engine import Engine, engine_errors
from drtool.sandbox.image import Image

BACKUP_PATH = "/backup/input"
"""Where a container finds the backup it restores, read-only."""

_WAIT = 'for folder; do mkdir -p "$folder" || exit; done; exec tail -f /dev/null'
RESTORED_PATH = "/restored"
"""Where restored files lie in their container."""

# Settings of MariaDB's clients that an image may bring for the application that it is made for; taken out, not emptied.
_NOT_OF_THE_IMAGE = ["MYSQL_HOST", "MYSQL_PWD", "MYSQL_TCP_PORT", "MYSQL_UNIX_PORT", "MYSQL_HOME", "MYSQL_GROUP_SUFFIX"]
_CPU_SHARES = 512
"""Half of what other containers weigh where processors are scarce; on a quiet machine it says nothing."""
_WATCHED_FROM_BYTES = 64 * 2**20
_DESTROY_ATTEMPTS = 10
_DESTROY_PAUSE_SECONDS = 0.2
_SETTLING_SECONDS = 1.5


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a sandbox container may use. Disk is watched as long as it runs, the rest the kernel enforces."""

    memory_bytes: int
    processes: int = 512
    disk_bytes: int = 0


@dataclass(frozen=True, kw_only=True)
class Mount:
    """A volume, by its name, or a path of the engine's host, as a container is to see it."""

    target: str
    source: str
    type: Literal["volume", "bind"] = "volume"
    read_only: bool = False


@dataclass(frozen=True, kw_only=True)
class MountedBackup:
    """A backup within a container's reach.

    `reader` is the user (`uid:gid`) that may read it in the container: the file's own owner, because the
    container has no capability to read what others own. `paths` are the files in the container, in the order in which
    they are read one behind the other; a folder is one path. `mounts` are all that a container needs for them.
    """

    mounts: tuple[Mount, ...]
    reader: str
    paths: tuple[str, ...] = (BACKUP_PATH,)

    @property
    def source(self) -> str:
        """The paths, a line each, as the scripts take them."""
        return "\n".join(self.paths)


class Sandbox:
    """Everything of one drill in the engine.

    Args:
        engine: where to make it.
        drill_id: goes on everything as a label, and into the names.
        time_limit: how long the drill may take; what is still there an hour later counts as left behind.
        kept: whether it is to stay for a look after the drill, on request.
        unanswered: whether the engine may still be making something of it that it was asked for.
    """

    def __init__(
        self, engine: Engine, drill_id: str, *, time_limit: timedelta, kept: bool, unanswered: bool = False
    ) -> None:
        self.engine = engine
        self.drill_id = drill_id
        self._labels = labels.labels(drill_id, time_limit=time_limit, kept=kept)
        self._count = 0
        self._unanswered = unanswered
        self._discarded: list[str] = []

    def volume(self, purpose: str) -> str:
        """Make a volume on the engine's disk and return its name."""
        self._count += 1
        name = f"drtool-{self.drill_id}-{purpose}-{self._count}"
        with engine_errors(f"making a volume for {purpose}"), self._asking():
            return str(self.engine.client.volumes.create(name=name, labels=self._labels).name)

    def run(
        self,
        resource: str,
        image: Image,
        command: list[str],
        *,
        user: str,
        limits: Limits,
        mounts: Iterable[Mount],
        tmpfs: dict[str, str],
        clock: str = "UTC",
        capabilities: list[str] | None = None,
        beside: Container | None = None,
    ) -> Container:
        """Start a hardened container and return it; its programs' clock is in the zone that TZ=`clock` means.

        It has no network, no capability but those given, a read-only root, and cannot gain privileges. One that runs
        `beside` another shares its network, which is none but the two's own.
        """
        self._count += 1
        mounts = tuple(mounts)
        with engine_errors(f"starting the sandbox for {resource}"), self._asking():
            started = self.engine.client.containers.run(
                image.reference,
                command,
                name=f"drtool-{self.drill_id}-{resource}-{self._count}",
                entrypoint=[],
                use_config_proxy=False,  # nothing of the host's proxies, which may have a password
                environment=[*_NOT_OF_THE_IMAGE, f"TZ={clock}"],
                detach=True,
                labels=self._labels,
                user=user,
                network_mode=f"container:{beside.inner.id}" if beside else "none",
                cap_drop=["ALL"],
                cap_add=capabilities or [],
                security_opt=["no-new-privileges"],
                read_only=True,
                mem_limit=limits.memory_bytes,
                memswap_limit=limits.memory_bytes,
                pids_limit=limits.processes,
                cpu_shares=_CPU_SHARES if self.engine.weighs_processors else None,
                mounts=list(map(self._mounted, mounts)),
                tmpfs={"/tmp": "rw,noexec,nosuid,nodev,mode=1777,size=64m"} | tmpfs,  # noqa: S108 (in the container)
                healthcheck={"test": ["NONE"]},  # the official image brings one that needs its entrypoint
                log_config=docker.types.LogConfig(type="json-file", config={"max-size": "1m"}),
            )
        fills = [mount.target for mount in mounts if not mount.read_only]
        container = Container(self.engine, started, "".join(fills[:1]), limits.disk_bytes)
        if fills:
            container.disk.start()
        return container

    def room(
        self,
        resource: str,
        image: Image,
        *,
        limits: Limits,
        mounts: Iterable[Mount],
        folders: Sequence[str] = (),
        user: str = "0:0",
        capabilities: list[str] | None = None,
        beside: Container | None = None,
    ) -> Container:
        """Start a hardened container in which nothing runs until somebody talks to it; `folders` are made in it."""
        made = self.run(
            resource,
            image,
            ["bash", "-c", _WAIT, "drtool", *folders],
            user=user,
            limits=limits,
            mounts=mounts,
            tmpfs={},
            capabilities=capabilities,
            beside=beside,
        )
        made.disk.begin()
        return made

    def _mounted(self, mount: Mount) -> docker.types.Mount:
        # Should a volume be gone when the engine comes to it, it makes another: that one is ours as well.
        own = self._labels if mount.type == "volume" else None
        return docker.types.Mount(
            target=mount.target, source=mount.source, type=mount.type, read_only=mount.read_only, labels=own
        )

    def fill_volume(self, image: Image, archive: Iterable[bytes]) -> str:
        """Unpack a tar archive, as its bytes come, into a new volume of the drill, and return the volume's name.

        Args:
            image: any image; a container of it is made to reach the volume, and never started.
            archive: yields the archive; what it raises is passed on.

        Raises:
            Unverifiable: the engine stopped half way, or its disk gets full.
        """
        volume = self.volume("backup")
        mount = Mount(target="/backup", source=volume)
        broke: list[Exception] = []
        try:
            with engine_errors("staging a backup"), self._unstarted(image, [mount]) as one:
                # any iterable of bytes, sent in chunks as it comes
                taken = one.put_archive("/backup", self._watched(archive, image, mount, broke))
        except Unverifiable as error:
            if not broke or broke[0] is error:
                raise
            what = "The backup could not be read to its end while it was staged"
            unread = Unverifiable("backup-unreadable", what, why=type(broke[0]).__name__)
            raise (unread if isinstance(broke[0], OSError) else broke[0]) from error
        if not taken:
            raise Unverifiable("staging-failed", "The engine did not take the backup into a volume")
        return volume

    def _watched(self, archive: Iterable[bytes], image: Image, mount: Mount, broke: list[Exception]) -> Iterator[bytes]:
        """Yield an archive on its way into a volume and note why it breaks off: the SDK may take that for the engine's.

        Once it is large, a container that does nothing else has the volume's disk watched.
        """
        left_bytes = _WATCHED_FROM_BYTES
        guard: Container | None = None
        try:
            for piece in archive:
                left_bytes -= len(piece)
                if left_bytes < 0 and guard is None:
                    limits = Limits(memory_bytes=_WATCHED_FROM_BYTES, processes=16)
                    guard = self.room("staging", image, limits=limits, mounts=[mount])
                if guard:
                    guard.raise_if_halted()
                yield piece
        except Exception as error:
            broke.append(error)
            raise
        finally:
            if guard:
                self._discarded.append(remove(guard.inner))

    def look(self, image: Image, mounts: Iterable[Mount], paths: Iterable[str]) -> list[tuple[int, datetime]]:
        """Return size and time of change (UTC, microseconds) of files as a container with these mounts has them.

        Args:
            image: any image; the container is never started.
            mounts: where the files lie.
            paths: the files, in the container.

        Raises:
            Unverifiable: `engine-refused` where a file is not there; or the engine is lost.
        """
        found = []
        api = self.engine.client.api
        with engine_errors("looking at the backups as the engine sees them"), self._unstarted(image, mounts) as one:
            where = f"{api.base_url}/v{api.api_version}/containers/{one.id}/archive"
            for path in paths:
                # The SDK would have the file itself sent, and the engine holds the container until all of it is read.
                answer = api.head(where, params={"path": path}, timeout=api.timeout)
                if not answer.ok:
                    raise APIError(f"There is no {path}", answer)
                told = decode_json_header(answer.headers["X-Docker-Container-Path-Stat"])
                found.append((told["size"], datetime.fromisoformat(told["mtime"]).astimezone(UTC)))
        return found

    @contextmanager
    def _unstarted(self, image: Image, mounts: Iterable[Mount]) -> Iterator[DockerContainer]:
        with self._asking():
            made = self.engine.client.containers.create(
                image.reference,
                ["true"],
                entrypoint=[],
                use_config_proxy=False,
                labels=self._labels,
                network_mode="none",
                mounts=list(map(self._mounted, mounts)),
            )
        try:
            yield made
        finally:
            made.remove(force=True, v=True)

    def names(self) -> list[str]:
        """Return the names of everything that carries this drill's label: containers first, then volumes."""
        return [str(resource.name) for resource in self._resources()]

    def _resources(self) -> list[DockerContainer | Volume]:
        return find(self.engine, f"{labels.DRILL}={self.drill_id}")

    def discard_but(self, kept: Collection[str]) -> None:
        """Remove everything of this drill but what has one of the names in `kept`.

        Raises:
            Unverifiable: the engine does not remove it.
        """
        with engine_errors("removing a part of the sandbox"):
            for resource in self._resources():
                if str(resource.name) not in kept:
                    self._discarded.append(remove(resource))

    def destroy(self) -> list[str]:
        """Remove everything that carries this drill's label and return the names of all that was removed by now.

        It looks again until nothing is left: where a drill is interrupted while it waits for the engine to make
        something, the engine makes it all the same, a moment later.

        Raises:
            Unverifiable: the engine cannot be reached any more; `drtool prune` will finish the work.
        """
        removed: list[str] = [*self._discarded]
        settled = time.monotonic() + (_SETTLING_SECONDS if self._unanswered else 0.0)
        with engine_errors("destroying the sandbox"):
            for attempt in itertools.count(1):
                refused: APIError | None = None
                for resource in self._resources():
                    try:
                        removed.append(remove(resource))
                    except APIError as error:
                        refused = refused or error  # a volume stays since its container does
                if time.monotonic() >= settled:
                    if refused is None and not self._resources():
                        break
                    if attempt >= _DESTROY_ATTEMPTS:
                        raise refused or APIError("something is still there")
                time.sleep(_DESTROY_PAUSE_SECONDS)
        return list(dict.fromkeys(removed))

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """Note that the engine was asked to make something; without its answer the note stays."""
        self._unanswered = True
        yield
        self._unanswered = False


def find(engine: Engine, label: str) -> list[DockerContainer | Volume]:
    """Return the containers, then the volumes that carry `label`, in the order they must be removed."""
    with engine_errors("looking for sandboxes"):
        containers = engine.client.containers.list(all=True, filters={"label": label}, ignore_removed=True)
        return [*containers, *engine.client.volumes.list(filters={"label": label})]


def remove(resource: DockerContainer | Volume) -> str:
    """Remove one container (with its anonymous volumes) or volume; gone already is as good. Return its name."""
    name = str(resource.name)
    try:
        if isinstance(resource, DockerContainer):
            resource.remove(force=True, v=True)
        else:
            resource.remove(force=True)
    except NotFound:
        pass
    except DockerException as error:
        if "already in progress" not in str(error):
            raise
    return f"{'container' if isinstance(resource, DockerContainer) else 'volume'} {name}"
