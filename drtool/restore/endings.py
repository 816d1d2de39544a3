"""Whether a dump is whole, by its end: what its tool writes there, and whether that is there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from drtool.backups.dump_tools import DumpTool, Ending
from drtool.backups.recognise import Recognised
from drtool.errors import RestoreFailed
from drtool.restore.pipeline import Outcome
from drtool.restore.promises import Behind, Promises

UNKNOWN_END = "it ends with nothing that tells whether it is whole"
"""What is said of a backup that may be whole or not."""

_NO_MORE = (
    "nothing says that no further account was to follow the last one, whose grants are there: a baseline with grants "
    "(drtool baseline --grants) does"
)
_BROUGHT = (
    "behind its end follow statements that make tables or other objects, fill tables or grant, and nothing tells "
    "whether there were to be more of them"
)
_CHECKS_OFF, _CHECKS_ON = " = 0", " = 1"
"""As Navicat writes them since its release 12; older ones write `=0` and nothing at the end."""


@dataclass(frozen=True, kw_only=True)
class End:
    """What the end of a dump says.

    Attributes:
        question: how it is told that the dump is whole.
        failure: that it is not.
        unknown: why its end tells nothing, where it does not.
        assumption: what is taken for granted where its end tells something, and not all.
        deviation: what follows its end and was loaded with it.
    """

    question: str = "the dump ends as its tool ends it"
    failure: RestoreFailed | None = None
    unknown: str = ""
    assumption: str = ""
    deviation: str = ""


def end_of(outcome: Outcome, dump: Recognised) -> End:
    """Return what the end of a dump says."""
    failure, behind = trailer_failure(outcome, dump), outcome.promised.behind
    if failure is None and behind.bring:
        return End(unknown=_BROUGHT)
    followed = _followed(behind)
    if dump.has_header or failure or outcome.end == "complete":
        return End(failure=failure, deviation="" if failure else followed)
    if dump.written_by is None:
        return End(unknown=UNKNOWN_END)
    tool = dump.written_by.tool
    if _is_ended(tool, outcome.promised):
        question = f"the dump ends as {tool.name} ends it, with {tool.ending}"
        return End(question=question, assumption=_NO_MORE if tool.ending is Ending.GRANTS else "", deviation=followed)
    if tool.ending is Ending.NOTHING:
        return End(unknown=f"{tool.name} writes nothing at its end")
    why = f"{tool.name} ends a dump with {tool.ending}; this one has none that would have to be there"
    return End(unknown=why)


def _followed(behind: Behind) -> str:
    if not behind.statements:
        return ""
    follow = "1 statement follows" if behind.statements == 1 else f"{behind.statements} statements follow"
    was = "was" if behind.statements == 1 else "were"
    change = f", of which {behind.change} may add rows or remove some" if behind.change else ""
    return f"{follow} the end of the dump and {was} not written by its tool{change}: what comes of both was questioned"


def trailer_failure(outcome: Outcome, dump: Recognised) -> RestoreFailed | None:
    """Return what the dump's end says where that is not what its tool ends it with.

    A dump that was cut between two statements loads without an error, so only its end tells.
    """
    if outcome.end == "error":
        return RestoreFailed("dump-tool-failed", "The dump ends with an error message of the dump tool")
    if dump.has_header:
        return _of_mariadb_dump(outcome)
    if outcome.end == "complete" or dump.written_by is None:
        return None
    tool, promised = dump.written_by.tool, outcome.promised
    if tool.ending is Ending.NOTHING and promised.open:
        what = f"The dump breaks off inside a statement{promised.among_rows}: it was cut short"
        return RestoreFailed("dump-truncated", what)
    if (several := _several(tool, promised)) or _is_ended(tool, promised) or not _is_bound_to_end(tool, promised):
        return several
    if _closes(tool, promised) and promised.last != "closing":
        return RestoreFailed("dump-trailing-garbage", "Something follows the dump's closing comment")
    lacks = f"does not end with {tool.ending}, as dumps by {tool.name} do"
    if outcome.statuses.get("sink") or promised.open:
        what = f"The dump breaks off inside a statement{promised.among_rows} and {lacks}: it was cut short"
        return RestoreFailed("dump-truncated", what)
    what = f"The dump {lacks}: it was cut short, though every statement in it loaded"
    return RestoreFailed("dump-trailer-missing", what)


def _several(tool: DumpTool, promised: Promises) -> RestoreFailed | None:
    """Return that of several dumps in one file some lack their ends, though the last of them may have it."""
    if tool.ending is Ending.COMMENT:
        begun, ended = promised.headers, sum(promised.closings.values())
    elif promised.taken:
        of = max(promised.taken, key=lambda one: promised.taken[one])
        begun, ended = promised.taken[of], promised.given_back.get(of, 0)
    else:
        return None
    if begun < 2 or begun <= ended:
        return None
    what = f"There are {begun} dumps in this file, and {begun - ended} of them do not end with {tool.ending}"
    return RestoreFailed("dump-trailer-missing", what, why="what should have followed in them is not there")


def closed_at(outcome: Outcome, dump: Recognised) -> list[datetime]:
    """Return when dumps in a file were done, by the closing comments of a tool other than mariadb-dump."""
    if dump.written_by is None or dump.has_header:
        return []
    return list(filter(None, map(dump.written_by.tool.ended, outcome.promised.closings)))


def _is_ended(tool: DumpTool, promised: Promises) -> bool:
    """Tell whether what a tool ends its dumps with stands last, as often as it begins one."""
    if tool.ending is Ending.COMMENT:
        return promised.last == "closing" and _closes(tool, promised)
    if tool.ending is Ending.CHECKS:
        off, on = (promised.checks.get(one, 0) for one in (_CHECKS_OFF, _CHECKS_ON))
        return promised.last == "checks" and 0 < off <= on
    if tool.ending is Ending.GRANTS:
        return promised.last == "grants"
    if tool.ending is Ending.SETTINGS and promised.taken:
        return promised.last == "settings" and not _kept(promised)
    # Of phpMyAdmin's exports that are shown on a page and copied from there this is all there is.
    return tool.ending is Ending.SETTINGS and promised.last == "commit" and promised.transactions > 0


def _closes(tool: DumpTool, promised: Promises) -> bool:
    return tool.closing is not None and any(map(tool.closing.fullmatch, promised.closings))


def _kept(promised: Promises) -> list[str]:
    """Return the settings that were not given back as often as they were taken."""
    return [name for name, times in promised.taken.items() if promised.given_back.get(name, 0) < times]


def _is_bound_to_end(tool: DumpTool, promised: Promises) -> bool:
    """Tell whether what a tool ends with has to be there, by what it wrote before."""
    if tool.ending is Ending.SETTINGS:
        return bool(promised.taken) and len(_kept(promised)) == len(promised.taken)
    if tool.ending is Ending.CHECKS:
        return promised.checks.get(_CHECKS_OFF, 0) > promised.checks.get(_CHECKS_ON, 0)
    return tool.ending in {Ending.COMMENT, Ending.GRANTS}


def _of_mariadb_dump(outcome: Outcome) -> RestoreFailed | None:
    begun, cut = outcome.promised.dumps_begun, outcome.promised.dumps_cut
    if not outcome.statuses.get("sink"):  # else what follows was not read
        cut = max(begun - outcome.promised.dumps_ended, cut)
    if begun > 1 and cut > 0:
        what = f"There are {begun} dumps in this file, and {cut} of them do not end with `-- Dump completed`"
        return RestoreFailed("dump-trailer-missing", what, why="what should have followed in them is not there")
    if outcome.end == "complete":
        return None
    if outcome.end == "followed":
        return RestoreFailed("dump-trailing-garbage", "Something follows the dump's closing comment")
    if outcome.statuses.get("sink"):
        lacks = "does not end with `-- Dump completed`: it was cut short"
        what = f"The dump breaks off inside a statement{outcome.promised.among_rows} and {lacks}"
        return RestoreFailed("dump-truncated", what)
    what = "The dump does not end with `-- Dump completed`: it was cut short, though every statement in it loaded"
    return RestoreFailed("dump-trailer-missing", what)
