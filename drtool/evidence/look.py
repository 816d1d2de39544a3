"""One look into a drill's folder, and what came of it so far."""

from __future__ import annotations

from dataclasses import dataclass, field

from drtool.evidence.chain import Entry
from drtool.evidence.history import LedgerDrill
from drtool.evidence.plain import visible
from drtool.evidence.problems import Problem, failed, unverified


@dataclass
class Look:
    """One look into a folder, and what came of it so far.

    Attributes:
        drill: what the ledger says of the drill.
        end: its end entry.
        handle: of the open folder.
        names: of what is in it.
        problems: what was found wrong.
    """

    drill: LedgerDrill
    end: Entry
    handle: int
    names: frozenset[str]
    problems: list[Problem] = field(default_factory=list)

    def file(self, name: str) -> str:
        """Return how a file of the folder is named to people."""
        return f"{visible(self.drill.drill_id)}/{visible(name)}"

    def fail(self, code: str, name: str, what: str) -> None:
        """Enter that something is wrong with a file; `what` follows its name."""
        self.problems.append(failed(code, self.file(name), what, drill_id=self.drill.drill_id))

    def doubt(self, code: str, name: str, what: str) -> None:
        """Enter that something cannot be told of a file; `what` follows its name."""
        self.problems.append(unverified(code, self.file(name), what, drill_id=self.drill.drill_id))
