"""A question of each of many tables or programs: one that cannot be put of some is put of the others all the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import TypeVar

import pymysql
from pymysql.constants import CR, ER

from drtool.amounts import listed
from drtool.checks.sql import Answer, counted
from drtool.mariadb.sql import describe_sql_error, error_code, error_text, is_of_sandbox
from drtool.record.verdicts import Verdict

Thing = TypeVar("Thing")

# With 0 PyMySQL found the connection closed; 1927 is ER_CONNECTION_KILLED.
_CONNECTION_GONE = {0, CR.CR_SERVER_GONE_ERROR, CR.CR_SERVER_LOST, ER.SERVER_SHUTDOWN, 1927}
_PATIENCE = 3
"""How often a sandbox may be at a loss, for want of time or room, before no more is asked of it."""


@dataclass(kw_only=True)
class OneByOne:
    """What came of asking.

    Attributes:
        bad: of what the answer is not as it should be, for people.
        unasked: of what the question could not be put, and why.
        left: of how many others it was put no more.
    """

    bad: list[str] = field(default_factory=list)
    unasked: list[str] = field(default_factory=list)
    left: int = 0

    def answer(self, what: str) -> Answer:
        """Return the answer to how many are bad: there are at least these, whatever could not be asked."""
        return self.with_unasked(counted(self.bad, what))

    def with_unasked(self, answer: Answer, words: str = "the question could not be put of") -> Answer:
        """Return an answer with what was not asked: it is unverified then, unless it is failed already."""
        if not self.unasked:
            return answer
        others = f", and {self.left} more were not asked then" if self.left else ""
        observed = f"{answer.observed}; {words} {listed(self.unasked)}{others}"
        outcome = Verdict.FAILED if answer.outcome is Verdict.FAILED else Verdict.UNVERIFIED
        return replace(answer, outcome=outcome, observed=observed)


def one_by_one(
    things: Iterable[Thing],
    ask: Callable[[Thing], str | None],
    *,
    named: Callable[[Thing], str],
    errors_are_bad: bool = True,
) -> OneByOne:
    """Ask of each thing.

    Args:
        things: to ask of.
        ask: returns what is bad about one, for people, or None.
        named: what one is called.
        errors_are_bad: whether an error of the server is an answer too, if it is not the sandbox's: else the question
            could not be put.
    """
    found = OneByOne()
    left = list(things)
    losses = 0
    while left:
        thing = left.pop(0)
        try:
            complaint = ask(thing)
        except pymysql.err.MySQLError as error:
            why = f"{named(thing)} ({describe_sql_error(error_code(error), error_text(error))})"
            of_sandbox = is_of_sandbox(error)
            (found.bad if errors_are_bad and not of_sandbox else found.unasked).append(why)
            losses += of_sandbox
            if losses == _PATIENCE or error_code(error) in _CONNECTION_GONE:
                found.left = len(left)
                break
            continue
        if complaint:
            found.bad.append(complaint)
    return found
