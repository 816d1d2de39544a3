"""What an attack is, and how it and its healthy twin are judged.

An attack is a backup, or a scenario with all that belongs to it, that is not what it looks like: made by somebody, or
by an accident. Whatever it is, its drill must not pass. Its twin looks alike and is sound: its drill passes and says
nothing. Twins that are equal are drilled once.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from drtool.record.verdicts import Verdict
from tests.e2e.workbench import Ran

FAST = ("--profile", "fast", "--json")
MADE_AT = datetime(2026, 1, 2, 3, 4, 6, tzinfo=UTC)
"""When all files were written, but for those whose times are the attack."""
HERE = "{here}"
"""Stands for the folder of an attack, in its command and its scenario."""


@dataclass(frozen=True)
class Input:
    """What drtool is given: files, by their paths in a folder of their own, and a command.

    Attributes:
        files: their paths and contents.
        command: of drtool; `{here}` in it is the folder.
        arrange: does in the folder what cannot be said by files: links, times, and what depends on the hour.
    """

    files: tuple[tuple[str, bytes], ...]
    command: tuple[str, ...]
    arrange: Callable[[Path], object] | None = None

    def lay_out(self, folder: Path) -> list[str]:
        """Make the folder and return the command."""
        for name, content in self.files:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            os.utime(path, (MADE_AT.timestamp(), MADE_AT.timestamp()))
        if self.arrange:
            self.arrange(folder)
        return [part.replace(HERE, str(folder)) for part in self.command]


@dataclass(frozen=True, kw_only=True)
class Attack:
    """One attack.

    Attributes:
        name: what was tried, in kebab-case.
        bad: what must not pass.
        twin: what looks alike and is sound.
        told: by one of these it is told: the code of a finding, the name of a check, or `RPO`; what passes may be named
            by a text in a deviation or an assumption.
        code: the exit code: 1 where the backup is known to be bad, 3 where nothing is known, and 0 where it may be
            meant like that and is named all the same.
        worst: whether it is tried with the tests that everybody runs.
    """

    name: str
    bad: Input
    twin: Input
    told: tuple[str, ...]
    code: int = 1
    worst: bool = False


Drilled = Callable[[Input], Ran]
_VERDICTS = {0: Verdict.PASSED, 1: Verdict.FAILED, 3: Verdict.UNVERIFIED}


def verify(
    path: str, *options: str, files: Mapping[str, str | bytes], arrange: Callable[[Path], object] | None = None
) -> Input:
    """Return what `drtool verify` is given."""
    return Input(_encoded(files), ("verify", f"{HERE}/{path}", *FAST, *options), arrange)


def scenario(
    body: str, *, files: Mapping[str, str | bytes], targets: str = "", arrange: Callable[[Path], object] | None = None
) -> Input:
    """Return what `drtool run` is given: a scenario with these statements, which have `here`."""
    lines = "\n".join(f"    {line}" for line in body.strip().splitlines())
    script = (
        "from pathlib import Path\n\nfrom drtool import Drill, DrtoolError, scenario\n\n"
        "here = Path(__file__).parent\n\n\n"
        f'@scenario({targets})\ndef attacked(drill: Drill) -> None:\n    """An attack."""\n{lines}\n'
    )
    return Input(_encoded({**files, "attacked.py": script}), ("run", f"{HERE}/attacked.py", *FAST), arrange)


def _encoded(files: Mapping[str, str | bytes]) -> tuple[tuple[str, bytes], ...]:
    return tuple(
        (name, text.encode(errors="surrogateescape") if isinstance(text, str) else text) for name, text in files.items()
    )


def each(attacks: tuple[Attack, ...]) -> pytest.MarkDecorator:
    """Run a test with each of them; all but the worst are long."""
    long = pytest.mark.long
    params = [pytest.param(one, id=one.name, marks=() if one.worst else long) for one in attacks]
    return pytest.mark.parametrize("attack", params)


def judge(attack: Attack, drilled: Drilled) -> None:
    """Assert that an attack is told for what it is, and its twin passes without a word."""
    ran = drilled(attack.bad)
    assert ran.code == attack.code, _short(attack, ran)
    assert ran.record.verdict is _VERDICTS[attack.code]
    named = " ".join((*ran.record.deviations, *ran.record.assumptions)) if attack.code == 0 else ""
    assert told_by(ran) & set(attack.told) or any(text in named for text in attack.told), _short(attack, ran)
    twin = drilled(attack.twin)
    assert twin.code == 0, _short(attack, twin)
    assert (twin.record.verdict, twin.record.findings) == (Verdict.PASSED, ()), _short(attack, twin)


def told_by(ran: Ran) -> set[str]:
    """Return the codes of a drill's findings, the names of checks that did not pass, and `RPO` if it was not met."""
    record = ran.record
    told = {finding.code for finding in record.findings}
    told |= {check.name for check in record.checks if check.outcome is not Verdict.PASSED}
    return told | ({"RPO"} if record.rpo.verdict not in {None, Verdict.PASSED} else set())


def _short(attack: Attack, ran: Ran) -> str:
    try:
        return f"{attack.name}: exit code {ran.code}, {ran.record.reason} Told by {sorted(told_by(ran))}\n{ran.stderr}"
    except ValueError:
        return str(ran)
