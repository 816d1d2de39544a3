"""Loads the files of a folder into the sandbox's server, as its plan says, and tells of each how it went."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

import pymysql

from drtool.backups.folder_plan import Load
from drtool.mariadb.charsets import USUAL
from drtool.mariadb.selection import Selection
from drtool.restore.character_set import of_client
from drtool.restore.pipeline import Outcome, Progress, raise_if_not_begun, take_fact, text_of
from drtool.sandbox.sandbox import MountedBackup
from drtool.sandbox.server import Server

# What a dump says is read, and what its client must not see is taken out, by processes that need not be started anew.
_PROGRAM = "\n".join(
    (
        *map(text_of, ("statements.pl", "session.pl", "promises.pl", "chosen.pl")),
        "package main; sub for_client { no warnings 'closure';",
        text_of("for_client.pl"),
        "}",
        *map(text_of, ("folder_client.pl", "folder.pl")),
    )
)
_INFLATE = re.findall(r"^inflate\(\) \{$.*?^\}$", text_of("streams.sh"), re.MULTILINE | re.DOTALL)[0]
_RUN = 'exec perl -e "$1" -- "${@:2}"'


class FolderLoader:
    """Loads files of one folder.

    Attributes:
        digests: the SHA-256 of each file that was read, by its path.
        cut_short: the outcome of a run that ended before its end, from outside.
    """

    def __init__(
        self,
        server: Server,
        mounted: MountedBackup,
        sizes: dict[str, int],
        *,
        progress: Progress,
        rows_in_utc: bool,
        charset: str | None = None,
        only: Selection | None = None,
    ) -> None:
        self._server = server
        self._mounted = mounted
        self._sizes = sizes
        self._progress = progress
        self._rows_in_utc = rows_in_utc
        self._charset = charset
        self._only = only
        self.digests: dict[str, str] = {}
        self.cut_short: Outcome | None = None

    def load_in_any_order(self, loads: Sequence[Load]) -> dict[str, Outcome]:
        """Load files of which some may need what others make: those that fail are tried again after the others.

        Returns:
            How each ended, by its path, in the order in which they were done; with those that failed to the last.
        """
        outcomes: dict[str, Outcome] = {}
        left = list(loads)
        while left:
            ran = self._run(left, go_on=True)
            outcomes = {path: one for path, one in outcomes.items() if path not in ran} | ran
            failed = [load for load in left if load.path not in outcomes or outcomes[load.path].statuses.get("sink")]
            if len(failed) == len(left) or self.cut_short:
                break
            left = failed
        return outcomes

    def load(self, loads: Sequence[Load], *, session: str = "") -> dict[str, Outcome]:
        """Load files one after the other, up to the first that fails; those after it are read and not loaded.

        Args:
            loads: the files.
            session: what the session is set to before each, as `SET` takes it.
        """
        return self._run(loads, go_on=False, session=session) if loads else {}

    def read_rest(self) -> None:
        """Read what was not loaded, so that the digest is that of the whole folder."""
        self.load([Load(how="nothing", path=path) for path in sorted(self._sizes) if path not in self.digests])

    def _settled(self, load: Load) -> Load:
        if load.how == "rows":
            # UTF-8 is what tools say where they are not told otherwise: rows are then as each column has them.
            said = "binary" if (self._charset or USUAL).startswith("utf8") else self._charset
            return replace(load, charset=load.charset or said)
        return replace(load, charset=of_client(self._charset, load.charset))

    def _run(self, loads: Sequence[Load], *, go_on: bool, session: str = "") -> dict[str, Outcome]:
        plan = "".join(f"{self._settled(load).line}\n" for load in loads).encode()
        (folder,) = self._mounted.paths
        told = (folder, str(len(loads)), "yes" if go_on else "no")
        outcomes: dict[str, Outcome] = {}
        run = current = Outcome()
        before = sum(self._sizes[path] for path in self.digests)
        with suppress(pymysql.err.MySQLError):  # what was loaded may have changed who is let in; if nobody is, it fails
            self._server.connect().close()
        account = {"RESTORE_AS": self._server.account, **self._server.login}
        account["INFLATE"] = f'{_INFLATE}\ninflate "$1"'
        account |= {"ROWS_IN_UTC": "yes"} if self._rows_in_utc else {}
        account |= {"SESSION": session} if session else {}
        account |= {"ONLY": self._only.expressions} if self._only else {}
        talk = self._server.container.talk(
            _RUN, _PROGRAM, *told, doing="restoring", given=plan, user=self._mounted.reader, environment=account
        )
        for name, rest in talk:
            if name == "progress":
                self._progress(min(before + int(rest), sum(self._sizes.values())))
            elif name == "file":
                current = outcomes[rest] = Outcome(finished=True)
            elif name == "done":
                run.finished = True
                self._server.container.disk.measure()
            else:
                take_fact(current, name, rest)
        raise_if_not_begun(talk.status, current)
        if not run.finished:
            self.cut_short = run
        self.digests |= {path: one.sha256 for path, one in outcomes.items() if one.sha256}
        return outcomes
