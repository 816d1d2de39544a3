"""A container of the sandbox, and the one way to talk to what runs in it: a script that says facts, a line each."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import cast

from docker.errors import DockerException, NotFound
from docker.models.containers import Container as DockerContainer

from drtool.errors import Unverifiable
from drtool.sandbox import exec_stream
from drtool.sandbox.disk_watch import DiskWatch
from drtool.sandbox.engine import Engine, engine_errors

# 128 and the number of the signal
_KILLED = {128 + number for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)}
_CRASHED = {128 + number for number in (signal.SIGABRT, signal.SIGSEGV, signal.SIGBUS, signal.SIGILL, signal.SIGFPE)}


class Stopped(StrEnum):
    """Why a container does not run any more."""

    GONE = "the container is gone"
    OUT_OF_MEMORY = "it was out of memory"
    KILLED = "it was killed from outside"
    CRASHED = "its process crashed"
    ENDED = "its process ended by itself"


@dataclass(frozen=True)
class Container:
    """A container that was started.

    Attributes:
        engine: where it runs.
        inner: what the SDK makes of it.
        fills: the folder that it can fill the engine's disk with; empty where it has none.
        disk_bytes: how much that may grow; 0 for as much as the disk has.
    """

    engine: Engine
    inner: DockerContainer
    fills: str = ""
    disk_bytes: int = 0
    _halted: list[Unverifiable] = field(default_factory=list, repr=False, compare=False)

    @cached_property
    def disk(self) -> DiskWatch:
        """The watch over what it does to the engine's disk."""
        return DiskWatch(self, self.fills, self.disk_bytes)

    def talk(
        self,
        script: str,
        *arguments: str,
        doing: str,
        given: bytes = b"",
        user: str = "",
        environment: Mapping[str, str] | None = None,
    ) -> Talk:
        """Return a script of bash's that is to run in the container: it starts when somebody listens.

        Args:
            script: its text.
            arguments: `$1` and so on; everybody on the engine's host can read them.
            doing: what it does, for the error that says the engine failed meanwhile.
            given: goes to its standard input, which stays open: no transport closes one direction alone.
            user: runs it; the container's own if not given.
            environment: for it alone.
        """
        return Talk(self, ["bash", "-c", script, "drtool", *arguments], doing, given, user, dict(environment or {}))

    def serve(self, command: list[str], *, doing: str, user: str) -> None:
        """Start a program in the container that runs on by itself and says nothing.

        Raises:
            Unverifiable: the engine does not.
        """
        api = self.engine.client.api
        with engine_errors(doing, inside=True):
            created = api.exec_create(self.inner.id, command, stdout=False, stderr=False, user=user)
            api.exec_start(created["Id"], detach=True)

    def socket(self, command: list[str]) -> exec_stream.ExecSocket:
        """Start a program in the container and return its two directions."""
        self.raise_if_halted()
        return exec_stream.ExecSocket(self.engine.client, self.inner, command, broken=self.raise_if_halted)

    def halt(self, why: Unverifiable) -> None:
        """Stop it from beside whoever waits for what runs in it, and let them know why."""
        self._halted.append(why)
        with suppress(Unverifiable):
            self.kill()

    def raise_if_halted(self) -> None:
        """Raise why it was halted, if it was."""
        if self._halted:
            raise self._halted[0]

    def kill(self) -> None:
        """End it, now that it has done its work.

        Raises:
            Unverifiable: the engine does not.
        """
        with engine_errors("stopping a container that has done its work", inside=True):
            self.inner.kill()

    def why_stopped(self) -> Stopped | None:
        """Return why it stopped, or None while it runs as it should.

        Raises:
            Unverifiable: it was halted; or the engine does not say.
        """
        self.raise_if_halted()
        with engine_errors("looking at the sandbox"):
            try:
                self.inner.reload()
            except NotFound:
                return Stopped.GONE
        state = self.inner.attrs["State"]
        if state.get("OOMKilled"):
            return Stopped.OUT_OF_MEMORY
        if state.get("Running"):
            return None
        code = state.get("ExitCode")
        return Stopped.KILLED if code in _KILLED else Stopped.CRASHED if code in _CRASHED else Stopped.ENDED

    def runs(self) -> bool:
        """Tell whether it runs, be it well or not; raises what `why_stopped` does."""
        stopped = self.why_stopped()
        return stopped is None or (stopped is Stopped.OUT_OF_MEMORY and bool(self.inner.attrs["State"].get("Running")))

    def last_words(self, *, lines: int = 50) -> str:
        """Return the end of what its process said, or nothing when it is gone."""
        try:
            return self.inner.logs(tail=lines).decode("utf-8", "replace")
        except DockerException:
            return ""


@dataclass
class Talk:
    """What a script says, as it says it: facts, one a line, each a name and what follows it.

    Raises:
        Unverifiable: from whoever listens, where the engine stops answering or the container was halted. One that is
            lost ends the facts early, without an error: a script whose end matters says so last.
    """

    container: Container
    command: list[str]
    doing: str
    given: bytes
    user: str
    environment: dict[str, str]
    silence_seconds: float | None = None  # the drill's time limit bounds it
    _id: str = ""

    def __iter__(self) -> Iterator[tuple[str, str]]:
        for line in self.lines():
            name, _, rest = line.partition(" ")
            yield name, rest

    def lines(self) -> Iterator[str]:
        """Start the script and yield its lines, undecodable bytes replaced."""
        client = self.container.engine.client
        try:
            with engine_errors(self.doing, inside=True):
                created = client.api.exec_create(
                    self.container.inner.id,
                    self.command,
                    stdin=bool(self.given),
                    stderr=False,
                    user=self.user,
                    environment=self.environment,
                )
                self._id = created["Id"]
                yield from exec_stream.lines(client, self._id, self.given, self.silence_seconds)
        except Unverifiable:
            self.container.raise_if_halted()
            raise
        self.container.raise_if_halted()

    @property
    def status(self) -> int | None:
        """What it ended with, once it has been listened to; None while it runs."""
        with engine_errors(self.doing, inside=True):
            return cast("int | None", self.container.engine.client.api.exec_inspect(self._id)["ExitCode"])
