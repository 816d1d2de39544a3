"""Runs the restore pipe inside a container and tells, stage by stage, how it went."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from importlib.resources import files

from drtool.backups.compression import Compression
from drtool.backups.encryption import Unlocking
from drtool.errors import Unverifiable
from drtool.mariadb.charsets import USUAL
from drtool.mariadb.selection import Selection
from drtool.restore.promises import Promises
from drtool.sandbox.container import Container
from drtool.sandbox.sandbox import BACKUP_PATH

Progress = Callable[[int], None]
"""Is told how many bytes of the backup have been read so far."""

# MySQL's tool pads the hour with a blank, MariaDB's with a zero
_COMPLETED = re.compile(r"Dump completed (?:on )?(\d{4}-\d\d-\d\d) +(\d{1,2})(:\d\d:\d\d)")


def text_of(name: str) -> str:
    """Return the text of a script or a program beside this module."""
    return files("drtool.restore").joinpath(name).read_text(encoding="utf-8")


def script(*names: str) -> str:
    """Return the text of the shell scripts beside this module, one behind the other.

    A program in Perl (`.pl`) becomes a variable of the shell, such as `promises_pl`.
    """
    return "\n".join(map(_as_shell, names))


def _as_shell(name: str) -> str:
    text = text_of(name)
    program, _, kind = name.partition(".")
    return f"{program}_pl=$(cat <<'END_OF_PERL'\n{text}\nEND_OF_PERL\n)" if kind == "pl" else text


STREAMS = ("statements.pl", "session.pl", "promises.pl", "chosen.pl", "for_client.pl", "streams.sh", "client.sh")
"""What every script that restores begins with."""
_SCRIPT = script(*STREAMS, "called_dumps.pl", "chosen_files.pl", "pipeline.sh")


@dataclass(kw_only=True)
class Outcome:
    """How a pipe ended: each stage's exit status, what it complained of, and facts about the content.

    `finished` is false when the whole pipe was cut short from outside: then only the container can say why. Of SQL,
    `carried_out` says that all of it was, up to a statement of our own behind its end; `uncommitted`, that it ends
    inside a transaction; `hides_warnings`, that it has set how many warnings the server keeps;
    `passed_over`, how many of what belongs to no table were left out, by their kind, where only some was wanted. Of an
    archive of which some files alone were unpacked, `dumps_there` are all in it that are called dumps. Of an encrypted
    one `signature` is `bad`, `expired` or `unknown` where the one inside is not simply good.
    """

    finished: bool = False
    statuses: dict[str, int] = field(default_factory=dict)
    errors: dict[str, list[str]] = field(default_factory=dict)
    sha256: str | None = None
    end: str = "missing"
    end_detail: str = ""
    promised: Promises = field(default_factory=Promises)
    carried_out: bool = False
    uncommitted: bool = False
    hides_warnings: bool = False
    passed_over: dict[str, int] = field(default_factory=dict)
    rooted: bool = False
    dumps_there: list[str] = field(default_factory=list)
    warnings: dict[tuple[int, str], int] = field(default_factory=dict)
    lacks: str | None = None
    signature: str = ""
    started_wall: datetime | None = None
    finished_wall: datetime | None = None
    last_finished_wall: datetime | None = None
    read_bytes: int = 0
    elapsed_seconds: float = 0.0

    @property
    def completed_wall(self) -> datetime | None:
        """The time in a dump's closing comment: the dump client's local time, its zone unknown.

        Of several dumps in one file the oldest counts.
        """
        return self.finished_wall or min(self._ends(), default=None)

    @property
    def last_completed_wall(self) -> datetime | None:
        """The same of the newest of several dumps: no row is younger."""
        return self.last_finished_wall or self.finished_wall or max(self._ends(), default=None)

    def _ends(self) -> list[datetime]:
        return list(filter(None, map(_completed, (*self.promised.completed, self.end_detail))))

    def complaint(self, stage: str) -> str:
        """Return all that a stage wrote to its standard error, not fit for evidence as it is."""
        return "\n".join(self.errors.get(stage, []))


def run_pipeline(
    container: Container,
    *,
    compression: Compression,
    sink: str,
    target: str,
    reader: str,
    progress: Progress,
    arguments: Sequence[str] = (),
    source: str = BACKUP_PATH,
    unlocking: Unlocking | None = None,
    charset: str = USUAL,
    only: Selection | None = None,
) -> Outcome:
    """Restore the backup that is mounted in `container`.

    Args:
        container: has the backup mounted, and a server or an empty folder to fill.
        compression: how the backup is compressed.
        sink: `sql`, `tar`, `mbstream`, `untar` or `unstream`.
        target: the folder in the container that fills up.
        reader: the user in the container that may read the backup, as `uid:gid`.
        progress: is told about twice a second how far reading has come.
        arguments: for the sink, such as the database to load into.
        source: where the backup is in the container: a file, or several, a line each, which are read one behind the
            other; or a folder, which is read as a tar archive of it.
        unlocking: what decrypts the backup, if it is encrypted.
        charset: the one that SQL is in until it names another.
        only: what of SQL is carried out, or of a physical backup is unpacked, where it is not all of it.

    Raises:
        Unverifiable: the engine, the container or the disk gave out before the pipe had ended.
    """
    outcome = Outcome()
    started = time.monotonic()
    how, given = (unlocking.how, unlocking.line) if unlocking else ("none", b"")
    told = (source, how, compression, sink, target, *arguments)
    environment = {"CLIENT_CHARSET": charset, "ONLY": only.expressions if only else ""}
    talk = container.talk(_SCRIPT, *told, doing="restoring", given=given, user=reader, environment=environment)
    for name, rest in talk:
        if name == "progress":
            progress(int(rest))
        elif name == "done":
            outcome.finished = True
            container.disk.measure()
        else:
            take_fact(outcome, name, rest)
    outcome.elapsed_seconds = time.monotonic() - started
    raise_if_not_begun(talk.status, outcome)
    return outcome


def _completed(said: str) -> datetime | None:
    found = _COMPLETED.search(said)
    try:
        return datetime.fromisoformat(f"{found[1]} {int(found[2]):02}{found[3]}") if found else None
    except ValueError:
        return None


def raise_if_not_begun(status: int | None, outcome: Outcome) -> None:
    """Raise where a script gave up before it read anything."""
    if status == 66:
        mend = "Check that the file's owner may read it and that Docker may mount its folder"
        raise Unverifiable("backup-unreadable", "The backup cannot be read inside the sandbox", mend=mend)
    if outcome.lacks:
        what = f"The image has no program {outcome.lacks}, and the backup cannot be opened without it"
        raise Unverifiable("program-missing", what)


def take_fact(outcome: Outcome, name: str, rest: str) -> None:
    """Enter a fact that a script printed."""
    if name == "lacks":
        outcome.lacks = rest
    elif name in {"read", "decrypt", "decompress", "decode", "sink"}:
        outcome.statuses[name] = int(rest)
    elif name == "bytes":
        outcome.read_bytes = int(rest)
    elif name == "signature":
        outcome.signature = rest
    elif name == "sql" and rest.startswith("end "):
        take_fact(outcome, "end", rest.removeprefix("end "))
    elif name == "sql":
        outcome.promised.take(rest)
    elif name == "only":
        kind, _, number = rest.partition(" ")
        outcome.passed_over[kind] = int(number)
    elif name == "there":
        outcome.dumps_there.append(rest)
    elif name == "rooted":
        rooted, others = map(int, rest.split())
        outcome.rooted = rooted > 0 == others
    elif name == "warned":
        number, code, *column = rest.split(" ", 2)
        outcome.warnings[int(code), "".join(column)] = int(number)
    elif name == "sentinel":
        outcome.carried_out, outcome.uncommitted = True, rest.startswith("1")
        outcome.hides_warnings |= rest.endswith("1")
    elif name == "sha256":
        outcome.sha256 = rest if len(rest) == 64 else None
    elif name == "end":
        outcome.end, _, outcome.end_detail = rest.partition(" ")
    elif name.endswith(".err"):
        outcome.errors.setdefault(name.removesuffix(".err"), []).append(rest)
