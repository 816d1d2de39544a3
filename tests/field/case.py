"""What a case of the field is: a backup as people really have one, what drtool has to make of it, and its twin."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from drtool.record.verdicts import Verdict
from tests.attacks.attack import Input, told_by
from tests.attacks.attack import verify as verify_only
from tests.e2e.workbench import Ran
from tests.field.held import Held

OBJECTIVES = ("--rto", "10m", "--rpo", "100000h")
"""What a backup is verified against, unless its age is what the case is about."""
_VERDICTS = {0: Verdict.PASSED, 1: Verdict.FAILED, 3: Verdict.UNVERIFIED}


@dataclass(frozen=True, kw_only=True)
class Tried:
    """One backup and what drtool has to make of it.

    Attributes:
        what: what it is, in a few words.
        given: the files and the command.
        code: the exit code: 0, 1 or 3.
        told: by all of these it has to be told: the code of a finding, the name of a check that did not pass, or `RPO`.
            Of what passes there must be no finding but these.
        says: texts of which each has to be somewhere in what the drill says of it: a table's or a file's name, a mend.
        unsaid: texts that are nowhere in it, since they would send a person the wrong way.
        held: the database whose dump and baseline lie there, where they are made by the real tools.
    """

    what: str
    given: Input
    code: int
    told: tuple[str, ...] = ()
    says: tuple[str, ...] = ()
    unsaid: tuple[str, ...] = ()
    held: Held | None = None

    @property
    def expected(self) -> str:
        """What is expected, for the table."""
        return _in_a_line(_VERDICTS[self.code], self.told)

    def wrong(self, ran: Ran) -> str:
        """Return what is wrong with how it was judged; nothing where it is right."""
        if ran.code != self.code:
            return f"exit code {ran.code} in place of {self.code}"
        if ran.record.verdict is not _VERDICTS[self.code]:
            return f"the record says {ran.record.verdict.value}"
        told, said = told_by(ran), _said(ran)
        if missing := sorted(set(self.told) - told):
            return f"not told: {', '.join(missing)}"
        if self.code == 0 and (more := sorted(told - set(self.told))):
            return f"told without cause: {', '.join(more)}"
        if unsaid := [text for text in self.says if text not in said]:
            return f"not said: {', '.join(unsaid)}"
        if found := [text for text in self.unsaid if text in said]:
            return f"said, and wrong: {', '.join(found)}"
        return ""


def passes(what: str, given: Input, *told: str, says: Iterable[str] = (), unsaid: Iterable[str] = ()) -> Tried:
    """Return what has to pass; where it is to be told of something all the same, by that alone."""
    return Tried(what=what, given=given, code=0, told=told, says=tuple(says), unsaid=tuple(unsaid))


def fails(what: str, given: Input, *told: str, says: Iterable[str] = (), unsaid: Iterable[str] = ()) -> Tried:
    """Return what is known to be bad."""
    return Tried(what=what, given=given, code=1, told=told, says=tuple(says), unsaid=tuple(unsaid))


def unverified(what: str, given: Input, *told: str, says: Iterable[str] = (), unsaid: Iterable[str] = ()) -> Tried:
    """Return what must not be called good, nor bad."""
    return Tried(what=what, given=given, code=3, told=told, says=tuple(says), unsaid=tuple(unsaid))


@dataclass(frozen=True, kw_only=True)
class Case:
    """A case and its twin, which looks alike and is to be judged otherwise: healthy if this is broken, or broken.

    Attributes:
        number: what it is called: `c01`.
        seen: where people report it, as `owner/repository#issue` or as the name of a page; more than one by `; `.
        tried: what people have.
        twin: what looks like it.
    """

    number: str
    seen: str
    tried: Tried
    twin: Tried


def verify(path: str, files: Mapping[str, str | bytes], *options: str, objectives: Iterable[str] = OBJECTIVES) -> Input:
    """Return what `drtool verify` is given: one of these files, or a folder of them.

    Args:
        path: the file or folder, as it is given on the command line.
        files: what lies there, by paths; all of it was written at `MADE_AT`.
        options: of the command, beyond the objectives.
        objectives: in place of those that every backup of some age meets.
    """
    return verify_only(path, *objectives, *options, files=files)


def of(held: Held, tried: Callable[..., Tried], what: str, *told: str, says: Iterable[str] = ()) -> Tried:
    """Return what is to come of a database's dump, with its baseline beside it."""
    one = tried(what, verify(f"{held.database}.sql", {}), *told, says=says)
    return replace(one, held=held)


def arranged(given: Input, arrange: Callable[[Path], object]) -> Input:
    """Return the same with something done in the folder that no file says: times, links."""
    return Input(given.files, given.command, arrange)


def got(ran: Ran) -> str:
    """Return how a drill judged, for the table."""
    try:
        return _in_a_line(ran.record.verdict, sorted(told_by(ran)))
    except ValueError:
        return f"exit code {ran.code}, no record"


def _in_a_line(verdict: Verdict, told: Iterable[str]) -> str:
    return ": ".join(part for part in (verdict.value, ", ".join(told)) if part)


def _said(ran: Ran) -> str:
    """Return all that a person reads of how a backup was judged."""
    record = ran.record
    said = [record.reason, *record.deviations, *record.assumptions]
    for finding in record.findings:
        said += [finding.message, finding.mend]
    for check in record.checks:
        said += [check.name, check.observed]
    return "\n".join(said)
