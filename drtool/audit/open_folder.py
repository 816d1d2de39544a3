"""A drill's folder while it is inspected, with what was found wrong in it."""

from __future__ import annotations

from dataclasses import dataclass, field

from drtool.audit.drills import LedgerDrill
from drtool.audit.problems import Problem, failed, unverified
from drtool.evidence.chain import LedgerEntry
from drtool.host.plain import NotPlain, visible


@dataclass
class OpenFolder:
    """A drill's folder that is being inspected, and what was found wrong in it so far.

    Attributes:
        drill: what the ledger says of the drill.
        end: its end entry.
        handle: of the open folder.
        names: of what is in it.
        problems: what was found wrong.
    """

    drill: LedgerDrill
    end: LedgerEntry
    handle: int
    names: frozenset[str]
    problems: list[Problem] = field(default_factory=list)

    def file(self, name: str) -> str:
        """Return how a file of the folder is named to people."""
        return f"{visible(self.drill.drill_id)}/{visible(name)}"

    def fail(self, code: str, name: str, what: str) -> None:
        """Enter that something is wrong with a file; `what` follows its name."""
        self.problems.append(failed(code, self.file(name), what, drill_id=self.drill.drill_id))

    def unread(self, error: NotPlain, name: str, *, missing: str) -> None:
        """Enter that a file could not be read; `missing` is the code where it is not there."""
        if error.refused:
            self.doubt("evidence-unreadable", name, str(error))
        else:
            self.fail(missing if error.missing else "file-not-plain", name, str(error))

    def doubt(self, code: str, name: str, what: str) -> None:
        """Enter that something cannot be told of a file; `what` follows its name."""
        self.problems.append(unverified(code, self.file(name), what, drill_id=self.drill.drill_id))
