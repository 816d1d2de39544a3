"""The files of a physical backup in a volume of the sandbox: unpacked, described, prepared, checked page by page."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.resources import files

from drtool.amounts import listed
from drtool.backups.backup import Backup
from drtool.backups.physical import OF_SERVER, Facts, parse_assignments
from drtool.backups.transfers import is_unfinished
from drtool.errors import Unverifiable
from drtool.mariadb.selection import Selection
from drtool.restore.context import RestoreContext
from drtool.restore.pipeline import Outcome
from drtool.restore.unpack import Failure, unpack
from drtool.sandbox.container import Container, Talk
from drtool.sandbox.image import Image
from drtool.sandbox.loss import raise_if_cut_short
from drtool.sandbox.sandbox import BACKUP_PATH, Limits, Mount, MountedBackup, Sandbox
from drtool.sandbox.server import DATA_PATH, VOLUME_PATH

_SCRIPT = files("drtool.restore.physical").joinpath("physical.sh").read_text(encoding="utf-8")
# What it takes to read a backup that belongs to somebody else and to give its files to the server's account.
_CAPABILITIES = ["CHOWN", "DAC_OVERRIDE", "FOWNER"]
_TEMPORARY = f"{VOLUME_PATH}/preparing"
# Without some of these a server starts all the same, and nobody has the rights that they gave.
OF_EVERY_SERVER = (
    "global_priv", "db", "tables_priv", "columns_priv", "procs_priv", "proxies_priv", "roles_mapping", "proc", "event",
    "func", "plugin", "servers",
)  # fmt: skip
_BACKUPS = BACKUP_PATH.rpartition("/")[0]
_ENCODED = re.compile(r"@([0-9a-f]{4})")
_OF_FULL_TEXT = re.compile(r"(?P<schema>.+)/FTS_[0-9a-f]{16}_")


@dataclass(kw_only=True)
class Prepared:
    """How `mariadb-backup --prepare` ended; `said` quotes the tool, so it is not fit for evidence as it is."""

    finished: bool = False
    status: int | None = None
    completed: bool = False
    said: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Pages:
    """What a look at every page came to.

    Attributes:
        files: how many were read.
        damaged: what those with a bad page belong to.
        lost: tables and triggers that are there without the file that leads to them.
    """

    files: int
    damaged: tuple[str, ...]
    lost: tuple[str, ...] = ()


class PhysicalFiles:
    """A volume that becomes a server's data folder, and a container that works on it.

    Args:
        sandbox: what it belongs to.
        resource: what the drill calls the database.
        volume: the volume's name; the next server starts over it.
        backups: what is mounted, in the order given; the first becomes the data folder, the others are applied to it.
        limits: memory, processes, disk.
    """

    def __init__(
        self, sandbox: Sandbox, resource: str, volume: str, backups: Sequence[MountedBackup], *, limits: Limits
    ) -> None:
        self._sandbox = sandbox
        self._resource = resource
        self._volume = volume
        self._backups = [_apart(backup, number) for number, backup in enumerate(backups)]
        self._limits = limits
        self.container: Container | None = None

    def work_in(self, image: Image) -> Container:
        """Start a container of an image to work in from now on, in place of the one before."""
        self.stop()
        volume = Mount(target=VOLUME_PATH, source=self._volume)
        self.container = self._sandbox.room(
            f"{self._resource}-files",
            image,
            folders=list(map(_folder, range(len(self._backups)))),
            limits=self._limits,
            mounts=[volume, *(mount for backup in self._backups for mount in backup.mounts)],
            capabilities=_CAPABILITIES,
        )
        return self.container

    def stop(self) -> None:
        """Stop the container at work: what it held in memory is the next one's."""
        if self.container is not None:
            self.container.kill()
            self.container = None

    def unpack(
        self,
        context: RestoreContext,
        number: int,
        backup: Backup,
        *,
        sink: str,
        failure: Failure,
        only: Selection | None = None,
    ) -> Outcome:
        """Unpack one of the backups, or what is wanted of it, as a step of the recovery; see `drtool.restore.unpack`.

        Raises:
            RestoreFailed: it does not unpack.
            Unverifiable: the engine, the container or the disk gave out.
        """
        folder = _folder(number)

        # An archive may hold the backup in folders of its own: it belongs at the top.
        def settle() -> None:
            if sink == "untar":
                self._settle(folder, backup.location)
            if only:
                self._keep_part(folder)

        return unpack(
            context,
            backup,
            self._resource,
            self._at_work,
            sink=sink,
            into=folder,
            source=self._backups[number].source,
            failure=failure,
            then=settle,
            only=only,
        )

    def _keep_part(self, folder: str) -> None:
        """Take away what belongs to tables that were left out, and is not called as they are."""
        renamed = [object_of(rest) for name, rest in self._run("part", folder) if name == "renamed"]
        if renamed:
            what = f"These were renamed while the backup ran, and their files are called otherwise: {listed(renamed)}"
            raise Unverifiable("part-unsupported", what)

    def _settle(self, folder: str, location: str) -> None:
        """Bring a backup that lies in folders of its own to the top."""
        several = [rest.replace("\\", "") for name, rest in self._run("settle", folder) if name == "several"]
        if several:
            holds = listed([path.rpartition("/")[0] or "the topmost folder" for path in several])
            what = f"{location} holds {len(several)} physical backups, and not one: {holds}"
            raise Unverifiable("backups-mixed", what)

    def digest(self, number: int) -> str | None:
        """Return the digest of a backup that is a folder, in hex, from what was unpacked: see `folder_digest`."""
        found = [rest for name, rest in self._run("digest", _folder(number)) if name == "sha256"]
        return found[0] if found and len(found[0]) == 64 else None

    def tool_version(self) -> str:
        """Return the version of the server in the image at work, such as `10.11.19-MariaDB`."""
        return "".join(rest for name, rest in self._run("version", DATA_PATH) if name == "version")

    def facts(self, number: int) -> Facts:
        """Return what a backup says of itself.

        Raises:
            Unverifiable: the container was lost meanwhile, so that nothing is known of what the backup lacks.
        """
        lines: dict[str, list[str]] = {}
        for name, rest in self._run("facts", _folder(number), *sorted(OF_SERVER)):
            lines.setdefault(name, []).append(rest)
        if "done" not in lines:
            raise_if_cut_short(self._at_work, finished=False)
        return Facts(
            checkpoints=parse_assignments(lines.get("checkpoints", ())),
            info=parse_assignments(lines.get("info", ())),
            binlog="".join(lines.get("binlog", [])[:1]),
            chosen=tuple(lines.get("chosen", ())),
            replicated="\n".join(lines.get("replicated", ())),
            options=parse_assignments(lines.get("options", ())),
            log="".join(lines.get("log", [])[:1]),
            lacks=tuple(lines.get("lacks", ())),
            has_accounts="accounts" in lines,
            of_server="server" in lines,
            has_compressed="compressed" in lines,
            has_encrypted="encrypted" in lines,
            has_corrupted_pages="corrupted" in lines,
            links=tuple(lines.get("link", ())),
            left_behind=tuple(filter(is_unfinished, lines.get("left", ()))),
        )

    def prepare(self, settings: Mapping[str, str], *, increment: int | None) -> Prepared:
        """Apply the log of the backup itself, or of an increment to it; the increment's files are removed after it.

        Raises:
            Unverifiable: the engine, the container or the disk gave out.
        """
        prepared = Prepared()
        own = "" if increment is None else _folder(increment)
        options = [f"{name}={value}" for name, value in settings.items()]
        for name, rest in self._run("prepare", DATA_PATH, _TEMPORARY, own, *options):
            prepared.completed |= name == "completed"
            prepared.finished |= name == "done"
            if name == "status":
                prepared.status = int(rest)
            elif name == "said":
                prepared.said.append(rest)
        self._at_work.disk.measure()
        return prepared

    def hand_over(self) -> bool:
        """Give everything to the account that the server runs as; tell whether tables lay outside the data folder."""
        return any(name == "outside" for name, _ in self._run("own", DATA_PATH, _TEMPORARY))

    def pages(self, settings: Mapping[str, str]) -> tuple[Pages, bool]:
        """Check every page of every InnoDB file by its checksum, and tell whether the look came to its end."""
        system = [part.partition(":")[0] for part in settings.get("innodb_data_file_path", "ibdata1").split(";")]
        count, damaged, lost, finished = 0, [], [], False
        own = " ".join(OF_EVERY_SERVER)
        for name, rest in self._run("pages", DATA_PATH, settings.get("innodb_page_size", "16384"), own, *system):
            count += name == "checked"
            finished |= name == "done"
            if name == "bad":
                damaged.append(object_of(rest))
            elif name == "lost":
                lost.append(object_of(rest))
        return Pages(files=count, damaged=tuple(dict.fromkeys(damaged)), lost=tuple(sorted(set(lost)))), finished

    @property
    def _at_work(self) -> Container:
        assert self.container is not None  # noqa: S101 (for the type checker: whoever works has called work_in)
        return self.container

    def _run(self, task: str, *arguments: str) -> Talk:
        return self._at_work.talk(_SCRIPT, task, *arguments, doing="working on the files of the backup", user="0:0")


def object_of(path: str) -> str:
    """Return what a file of InnoDB's belongs to, as the schema calls it: `shop/o@002di.ibd` is `shop.o-i`.

    File names stand for what is no letter or digit by `@` and its code point
    (https://mariadb.com/kb/en/identifier-to-file-name-mapping/).
    """
    plain = path.replace("\\", "").removesuffix(".ibd")
    if of_index := _OF_FULL_TEXT.match(plain):
        return f"a full-text index of {_decoded(of_index['schema'])}"
    schema, slash, table = plain.partition("/")
    if not slash:
        return plain if " " in plain else f"the undo tablespace {plain}"
    table, _, partition = re.sub("#p#", "#P#", table, count=1, flags=re.IGNORECASE).partition("#P#")
    return f"{_decoded(schema)}.{_decoded(table)}" + (f" (partition {_decoded(partition)})" if partition else "")


def schema_of(path: str) -> str:
    """Return the database that a file belongs to, as the schema calls it."""
    return _decoded(path.partition("/")[0])


def _decoded(name: str) -> str:
    return _ENCODED.sub(lambda code: chr(int(code[1], 16)), name)


def _folder(number: int) -> str:
    return DATA_PATH if number == 0 else f"{VOLUME_PATH}/increment-{number}"


def _apart(backup: MountedBackup, number: int) -> MountedBackup:
    """Return a backup mounted at a place of its own, so that several can be there."""

    def moved(path: str) -> str:
        return path.replace(_BACKUPS, f"{_BACKUPS}-{number}", 1)

    mounts = tuple(replace(mount, target=moved(mount.target)) for mount in backup.mounts)
    return replace(backup, mounts=mounts, paths=tuple(map(moved, backup.paths)))
