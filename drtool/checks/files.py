"""Questions to restored files: whether they are there, and how many."""

from __future__ import annotations

from drtool.checks.expectation import Expectation
from drtool.checks.sql import Answer
from drtool.errors import Unverifiable, WrongUse
from drtool.record.verdicts import Verdict
from drtool.sandbox.container import Container
from drtool.sandbox.sandbox import RESTORED_PATH

# -path is matched against the whole path, so the pattern is anchored; `*` matches a slash too, as find has it.
# A bracket may be one of the name's own, as in `IMG [1].jpg`.
_COUNT = 'cd "$1" && find . -mindepth 1 "${@:3}" \\( -path "./$2" -o -path "./${2//\\[/\\\\[}" \\) -printf x | wc -c'
_ANY_CONTENT = 'cd "$1" && find . -type f -size +0 -printf x -quit | wc -c'


def count(container: Container, pattern: str, *, kind: str | None = None) -> int:
    """Return how many restored files, links and folders match a pattern; only names are looked at, in the sandbox.

    Args:
        container: holds the restored files.
        pattern: relative to the restored folder, in the syntax of `find -path`: `*` matches slashes too.
        kind: `f` to count regular files only.

    Raises:
        WrongUse: the pattern leads out of the restored folder.
        Unverifiable: the engine stopped answering.
    """
    relative = pattern.removeprefix("./").rstrip("/")
    if not relative or relative.startswith("/") or ".." in relative.split("/"):
        raise WrongUse("bad-pattern", f"{pattern!r} is not a pattern inside the restored folder")
    only = ["-type", kind] if kind else []
    lines = list(container.talk(_COUNT, RESTORED_PATH, relative, *only, doing="counting restored files").lines())
    if not lines:
        raise Unverifiable("sandbox-lost", "The sandbox with the restored files went away while they were counted")
    return int(lines[0])


def any_content(container: Container) -> bool:
    """Tell whether any restored file has something in it."""
    lines = list(container.talk(_ANY_CONTENT, RESTORED_PATH, doing="looking at restored files").lines())
    return lines != ["0"]


def judge_count(observed: int, expectation: Expectation) -> Answer:
    """Return the answer to a question for a number of files."""
    outcome = Verdict.PASSED if expectation.holds(observed) else Verdict.FAILED
    return Answer(outcome=outcome, observed=str(observed), value=observed)
