"""Loads the files of a folder into the sandbox's server, as its plan says, and tells of each how it went."""

from __future__ import annotations

from collections.abc import Sequence

from drtool.backups.folder_plan import Load
from drtool.restore.pipeline import Outcome, Progress, raise_if_not_begun, script, take_fact
from drtool.sandbox import exec_stream
from drtool.sandbox.disk_watch import DiskWatch
from drtool.sandbox.engine import Engine, engine_errors
from drtool.sandbox.sandbox import MountedBackup
from drtool.sandbox.server import VOLUME_PATH, Server

_SCRIPT = script("streams.sh", "folder.sh")


class FolderLoader:
    """Loads files of one folder.

    Attributes:
        digests: the SHA-256 of each file that was read, by its path.
        cut_short: the outcome of a run that ended before its end, from outside.
    """

    def __init__(
        self,
        engine: Engine,
        server: Server,
        mounted: MountedBackup,
        sizes: dict[str, int],
        *,
        disk_limit_bytes: int,
        progress: Progress,
    ) -> None:
        self._engine = engine
        self._server = server
        self._mounted = mounted
        self._sizes = sizes
        self._progress = progress
        with engine_errors("restoring"):
            self._disk = DiskWatch(engine, server.container, VOLUME_PATH, disk_limit_bytes)
        self.digests: dict[str, str] = {}
        self.cut_short: Outcome | None = None

    def load_in_any_order(self, loads: Sequence[Load]) -> dict[str, Outcome]:
        """Load files of which some may need what others make: those that fail are tried again after the others.

        Returns:
            How each ended, by its path; with those that failed to the last.
        """
        outcomes: dict[str, Outcome] = {}
        left = list(loads)
        while left:
            outcomes |= self._run(left, go_on=True)
            failed = [load for load in left if load.path not in outcomes or outcomes[load.path].statuses.get("sink")]
            if len(failed) == len(left) or self.cut_short:
                break
            left = failed
        return outcomes

    def load(self, loads: Sequence[Load]) -> dict[str, Outcome]:
        """Load files one after the other, up to the first that fails; those after it are read and not loaded."""
        return self._run(loads, go_on=False) if loads else {}

    def read_rest(self) -> None:
        """Read what was not loaded, so that the digest is that of the whole folder."""
        rest = [Load(how="nothing", path=path) for path in sorted(self._sizes) if path not in self.digests]
        if rest:
            self._run(rest, go_on=False)

    def _run(self, loads: Sequence[Load], *, go_on: bool) -> dict[str, Outcome]:
        plan = "".join(f"{load.line}\n" for load in loads).encode()
        (folder,) = self._mounted.paths
        command = ["bash", "-c", _SCRIPT, "drtool", folder, VOLUME_PATH, str(len(loads)), "yes" if go_on else "no"]
        outcomes: dict[str, Outcome] = {}
        run = current = Outcome()
        before = sum(self._sizes[path] for path in self.digests)
        with engine_errors("restoring"):
            api = self._engine.client.api
            created = api.exec_create(
                self._server.container.id, command, stdin=True, stderr=False, user=self._mounted.reader
            )
            for line in exec_stream.lines(self._engine.client, created["Id"], plan):
                name, _, rest = line.partition(" ")
                if name == "progress":
                    position, free_kib = (int(number) for number in rest.split())
                    self._disk.look(free_kib)
                    self._progress(min(before + position, sum(self._sizes.values())))
                elif name == "file":
                    current = outcomes[rest] = Outcome(finished=True)
                elif name == "done":
                    run.finished = True
                else:
                    take_fact(current, name, rest)
            status = api.exec_inspect(created["Id"])["ExitCode"]
        raise_if_not_begun(status, current)
        if not run.finished:
            self.cut_short = run
        self.digests |= {path: one.sha256 for path, one in outcomes.items() if one.sha256}
        return outcomes
