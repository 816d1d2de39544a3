"""Some files of an archive alone: which they are, why they cannot be had, and what is said of the rest."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from drtool.amounts import count, listed
from drtool.errors import DrtoolError, RestoreFailed, Unverifiable
from drtool.record.journal import Journal
from drtool.restore.files import end_failure, untar_failure
from drtool.restore.pipeline import Outcome
from drtool.stores.pattern import matches_end

_NAMED = 10
_NOT_THERE = re.compile(r": Not found in archive$|^tar: Exiting with failure status due to previous errors$")
_HARD_LINK = re.compile(r"Cannot hard link to ['`\u2018]?(.+?)['\u2019]?: ")


@dataclass(frozen=True)
class Inside:
    """What a scenario names of the files in an archive.

    Attributes:
        pattern: that the ends of their paths match.
        location: of the archive.
    """

    pattern: str
    location: str

    @property
    def for_tar(self) -> str:
        """The pattern as tar takes it, to which a backslash means something."""
        return self.pattern.replace("\\", "\\\\")

    def takes(self, path: str) -> bool:
        """Tell whether a file is one of them: tar unpacks what lies below a folder that matches, too."""
        return matches_end(path, self.pattern)

    def failure(self, outcome: Outcome) -> DrtoolError | None:
        """Return why they cannot be restored from: what tar complains of, no end of the archive, or none of them."""
        complaint = outcome.complaint("sink")
        if link := _HARD_LINK.search(complaint):
            what = f"What matches {self.pattern!r} in {self.location} is a second name of {link[1]}, which does not"
            return Unverifiable("file-not-restored", what, mend="Name that one, in place of the other or with it")
        if any(not _NOT_THERE.search(line) for line in complaint.splitlines()):
            return untar_failure(outcome)
        return end_failure(outcome) or (self.nothing(outcome) if outcome.statuses.get("sink") else None)

    def nothing(self, outcome: Outcome) -> RestoreFailed:
        """Return that nothing matches, with the dumps that there are."""
        there = listed(outcome.dumps_there, at_most=_NAMED)
        why = f"called dumps are {there}" if there else "no file in it is called a dump"
        return RestoreFailed("not-in-the-backup", f"Nothing in {self.location} matches {self.pattern!r}", why=why)

    def no_dump(self) -> RestoreFailed:
        """Return that what matches is no backup of a database."""
        what = f"What matches {self.pattern!r} in {self.location} are files, and no dump of a database"
        return RestoreFailed("wrong-kind-of-backup", what)

    def physical(self) -> Unverifiable:
        """Return that what matches is a backup that is not restored out of an archive of more than that."""
        what = f"What matches {self.pattern!r} in {self.location} is a physical backup, and dumps alone are taken out"
        return Unverifiable("file-not-restored", what, mend="Drill that folder by itself, or an archive of it alone")

    def enter(self, journal: Journal, name: str, outcome: Outcome, paths: Sequence[str]) -> None:
        """Enter what of the archive is restored as `name`, and which dumps in it are not."""
        journal.scope(name, f"what matches {self.pattern} in its archive ({count(len(paths), 'file')})")
        journal.deviation(f"{name}: of its archive only what matches {self.pattern} was restored: {listed(paths)}")
        if others := [path for path in outcome.dumps_there if not self.takes(path)]:
            journal.deviation(f"{name}: these dumps in the archive were not restored: {listed(others)}")
