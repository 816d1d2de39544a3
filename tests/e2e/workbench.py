"""A place to run the real drtool in, as a person or a CI job would, and to look at what it left."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import docker
import psutil

from drtool.record.model import DrillRecord, decode
from tests import pace
from tests.e2e.prepared import Prepared, can_start

TIMEOUT_SECONDS = 120.0
_DRILL = "drtool.drill"


def _as_it_is() -> dict[str, str]:
    """Return the environment, to which pytest adds the test's name and takes it away, while threads start drills."""
    while True:
        with contextlib.suppress(KeyError, RuntimeError):
            return dict(os.environ)


@dataclass(frozen=True, kw_only=True)
class Ran:
    """How a run of drtool ended."""

    code: int
    stdout: str
    stderr: str
    elapsed_seconds: float
    peak_bytes: int | None
    """The most memory that drtool itself held at a time; None where it was prepared and holds what that took, too."""

    @property
    def record(self) -> DrillRecord:
        """The record that `--json` printed."""
        return decode(self.stdout.encode())

    @property
    def json(self) -> Any:
        """What `--json` printed."""
        return json.loads(self.stdout)

    def __str__(self) -> str:
        return f"exit code {self.code}\n--- stdout\n{self.stdout}\n--- stderr\n{self.stderr}"


class Running:
    """A drtool that runs."""

    def __init__(self, process: subprocess.Popen[str] | Prepared, output: Path, talk: Path) -> None:
        self.pid = process.pid
        self._process = process
        self._output = output
        self._talk = talk
        self._started = time.monotonic()

    def poll(self) -> int | None:
        """Return the exit code if it has ended."""
        return self._process.poll()

    def send(self, number: int) -> None:
        """Send a signal, if it still runs."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def process_of_the_drill(self) -> psutil.Process:
        """Return the process that carries out its drill, which it watches."""
        (drill,) = (one for one in psutil.Process(self.pid).children() if "drtool" in " ".join(one.cmdline()))
        return drill

    def kill(self) -> None:
        """End it and the process of its drill at once, as a power cut would: neither can clean up after the other."""
        watching, drill = psutil.Process(self.pid), self.process_of_the_drill()
        watching.suspend()
        drill.kill()
        watching.kill()

    def ended(self, *, within_seconds: float = TIMEOUT_SECONDS) -> Ran:
        """Wait for its end and return how it ended; it is killed if it takes longer, by the pace of the machine."""
        deadline = time.monotonic() + pace.seconds(within_seconds)
        peak_bytes = None
        while (code := self.poll()) is None:
            if isinstance(self._process, Prepared):
                self._process.wait(1.0)
            else:
                # Looked at from outside: what the kernel tells of a child's peak begins with that of its parent.
                with contextlib.suppress(psutil.Error):
                    watching = psutil.Process(self.pid)
                    for one in (watching, *watching.children()):
                        peak_bytes = max(peak_bytes or 0, one.memory_info().rss)
                time.sleep(0.04)
            if time.monotonic() > deadline:
                self.send(signal.SIGKILL)
                raise AssertionError(f"drtool had not ended after {within_seconds} s:\n{self._talk.read_text()}")
        return Ran(
            code=code,
            stdout=self._output.read_text(encoding="utf-8"),
            stderr=self._talk.read_text(encoding="utf-8"),
            elapsed_seconds=time.monotonic() - self._started,
            peak_bytes=peak_bytes,
        )


@dataclass(kw_only=True)
class Workbench:
    """A folder with reports and scenarios of its own, whose drills tidy up after nobody else.

    The site, with its keys, is that of all tests: what one of them signs another trusts.

    Attributes:
        folder: where everything lies and drtool is run.
        engine: a client of the engine, to look for what was left behind.
        environment: what drtool's environment has beyond that of the tests.
    """

    folder: Path
    engine: docker.DockerClient
    environment: dict[str, str] = field(default_factory=lambda: {"DRTOOL_SCOPE": f"bench-{secrets.token_hex(6)}"})
    _runs: int = 0

    @property
    def reports(self) -> Path:
        """The folder of the evidence."""
        return self.folder / "reports"

    def start(self, *arguments: str | Path, environment: Mapping[str, str] | None = None) -> Running:
        """Start drtool in a process of its own from the beginning, as a person does."""
        return self._start(arguments, environment or {}, is_prepared=False)

    def drtool(
        self, *arguments: str | Path, environment: Mapping[str, str] | None = None, timeout: float = TIMEOUT_SECONDS
    ) -> Ran:
        """Run drtool to its end, where it can be in a process that has imported it already."""
        return self._start(arguments, environment or {}, is_prepared=True).ended(within_seconds=timeout)

    def _start(self, arguments: Sequence[str | Path], environment: Mapping[str, str], *, is_prepared: bool) -> Running:
        self._runs += 1
        number = f"{self._runs}-{os.urandom(3).hex()}"
        output, talk = self.folder / f"{number}.out", self.folder / f"{number}.err"
        output.touch()
        talk.touch()
        complete = {**_as_it_is(), **self.environment, **environment}
        stated = [*map(str, arguments)]
        process: subprocess.Popen[str] | Prepared
        if is_prepared and can_start(complete):
            process = Prepared(stated, folder=self.folder, environment=complete, stdout=output, stderr=talk)
        else:
            with output.open("w") as stdout, talk.open("w") as stderr:
                process = subprocess.Popen(
                    [sys.executable, "-m", "drtool", *stated],
                    stdin=subprocess.DEVNULL,
                    stdout=stdout,
                    stderr=stderr,
                    text=True,
                    cwd=self.folder,
                    env={**complete, "PYTHONDONTWRITEBYTECODE": "1"},
                    start_new_session=True,
                )
        return Running(process, output, talk)

    def scenario(self, body: str, *, name: str = "drill", targets: str = "") -> Path:
        """Write a script with one scenario and return its path.

        Args:
            body: the function's statements; they have `drill`.
            name: the scenario's and the script's.
            targets: arguments of the decorator.
        """
        script = self.folder / "scenarios" / f"{name}.py"
        script.parent.mkdir(exist_ok=True)
        script.write_text(
            "from drtool import Drill, DrtoolError, scenario\n\n\n"
            f"@scenario({targets})\ndef {name}(drill: Drill) -> None:\n"
            f'    """A drill of the tests."""\n{textwrap.indent(textwrap.dedent(body).strip(), "    ")}\n'
        )
        return script

    def drill_ids(self) -> list[str]:
        """Return the ids of all drills that were begun here, in the order of their beginning."""
        ledger = self.reports / "ledger.jsonl"
        if not ledger.exists():
            return []
        entries = [json.loads(line) for line in ledger.read_text().splitlines() if line]
        return [entry["drill_id"] for entry in entries if entry["event"] == "start"]

    def records(self) -> list[DrillRecord]:
        """Return the records of all drills that left one, in the order of their beginning."""
        documents = [self.reports / drill_id / "report.json" for drill_id in self.drill_ids()]
        return [decode(document.read_bytes()) for document in documents if document.exists()]

    def record(self) -> DrillRecord:
        """Return the record of the last drill."""
        return self.records()[-1]

    def evidence(self) -> bytes:
        """Return all bytes of all evidence, to look for what must not be in it."""
        return b"\n".join(path.read_bytes() for path in sorted(self.reports.rglob("*")) if path.is_file())

    def containers(self) -> list[Any]:
        """Return the containers of all drills that were begun here."""
        return [
            container
            for drill_id in self.drill_ids()
            for container in self.engine.containers.list(
                all=True, filters={"label": f"{_DRILL}={drill_id}"}, ignore_removed=True
            )
        ]

    def left_in_the_engine(self) -> list[str]:
        """Return the names of everything in the engine that belongs to a drill begun here."""
        found = [f"container {container.name}" for container in self.containers()]
        for drill_id in self.drill_ids():
            only = {"label": f"{_DRILL}={drill_id}"}
            found += [f"volume {volume.name}" for volume in self.engine.volumes.list(filters=only)]
            found += [f"network {network.name}" for network in self.engine.networks.list(filters=only)]
        return found

    def clear_the_engine(self) -> None:
        """Remove from the engine what belongs to a drill begun here: kept sandboxes, of which a test is done."""
        for container in self.containers():
            container.remove(force=True, v=True)
        for drill_id in self.drill_ids():
            for volume in self.engine.volumes.list(filters={"label": f"{_DRILL}={drill_id}"}):
                volume.remove(force=True)

    def wait_for_restore(self) -> None:
        """Wait until the newest drill loads its backup."""
        self.wait_for("restore")
        time.sleep(0.3)  # from the line in the log to the load is not far

    def wait_for(self, phase: str, *, within_seconds: float = 30.0) -> None:
        """Wait until the newest drill has come to a phase."""
        deadline = time.monotonic() + pace.seconds(within_seconds)
        while time.monotonic() < deadline:
            ids = self.drill_ids()
            log = self.reports / ids[-1] / "drill.log" if ids else None
            if log and log.exists() and f" {phase}: " in log.read_text():
                return
            time.sleep(0.02)
        raise AssertionError(f"no drill came to {phase}")
