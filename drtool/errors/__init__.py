"""What can go wrong, in words for the person who reads it at 3 a.m.

Every error says what happened, why, and what to do next. Where it is raised decides what it means for the
verdict: `RestoreFailed` is a fact about the backup (the drill failed), `Unverifiable` a fact about the drill
(it could not be carried out), `WrongUse` a fact about the command line. What each code means in general is in the
register, and in docs/findings.md for people.
"""

from __future__ import annotations

import os
import traceback
from pathlib import Path


class DrtoolError(Exception):
    """An error with a diagnosis.

    Args:
        code: stable kebab-case name, the `findings[].code` of a record; scripts may rely on it.
        what: what happened, as a sentence without its full stop.
        why: the cause, where it is known.
        mend: what the reader can do about it; if not given, what the register says for the code.
    """

    def __init__(self, code: str, what: str, *, why: str = "", mend: str = "") -> None:
        super().__init__(text_of(what))
        # Of what a script raises anything may be a number, or another error.
        self.code, self.what, self.why = str(code), text_of(what), text_of(why or "")
        self.mend = text_of(mend or mend_of(self.code))

    def __str__(self) -> str:
        text = f"{self.what}: {self.why}" if self.why else self.what
        return " ".join(f"{part.rstrip('. ')}." for part in (text, self.mend) if part)


def text_of(value: object) -> str:
    """Return a value's text; of an error that quotes rows (a server's) or arguments (a program's), its kind alone."""
    quotes = type(value).__module__.partition(".")[0] in {"pymysql", "subprocess"}
    return type(value).__name__ if quotes else str(value)


def mend_of(code: str) -> str:
    """Return what to do about a code in general, or nothing for a code that is not drtool's."""
    from drtool.errors.register import CODES  # where something is wrong, and not whenever drtool starts

    return CODES[code].mend if code in CODES else ""


class WrongUse(DrtoolError):
    """The command line or a scenario's declaration asks for something that makes no sense (exit code 2)."""


class RestoreFailed(DrtoolError):
    """The backup does not restore, or is not what it should be: the drill failed (exit code 1)."""


class Unverifiable(DrtoolError):
    """The drill could not be carried out, so nothing was proved either way (exit code 3)."""


def finding_of(error: Exception) -> DrtoolError:
    """Return an error as a finding: itself, the file that the system refuses, else where drtool is mistaken.

    The text of a mistake is not in it, which may quote anything; with DRTOOL_DEBUG=1 all of it goes to standard error.
    """
    if isinstance(error, DrtoolError):
        return error
    if isinstance(error, OSError) and (error.filename or "temporary directory" in str(error)):
        return Unverifiable("path-refused", f"{error.filename or 'TMPDIR'} cannot be used", why=error.strerror or "")
    if os.environ.get("DRTOOL_DEBUG", "0") not in ("", "0"):
        traceback.print_exception(error)
    place = traceback.extract_tb(error.__traceback__)[-1]
    what = "There is a mistake in drtool itself"
    why = f"{type(error).__name__} at {Path(place.filename).name}, line {place.lineno}"
    return Unverifiable("drtool-mistake", what, why=why, mend="Report it, with this line")
