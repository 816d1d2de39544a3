"""What an answer should be, and how to speak of an answer without quoting it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from drtool.errors import WrongUse

Number = int | float | Decimal
_WRITTEN = re.compile(r"-?(?:0|[1-9][0-9]{0,64})(?:\.[0-9]{1,38})?")  # as many digits as a DECIMAL can have


@dataclass(frozen=True, kw_only=True)
class Expectation:
    """Exactly one of: equal to a value, at least, at most, or between two numbers (both included).

    Raises:
        WrongUse: none or several are given, or a bound is no number that can be compared with.
    """

    equals: object = None
    at_least: Number | None = None
    at_most: Number | None = None
    between: tuple[Number, Number] | None = None

    def __post_init__(self) -> None:
        given = [value for value in (self.equals, self.at_least, self.at_most, self.between) if value is not None]
        if len(given) != 1:
            what = f"A check needs exactly one of equals, at_least, at_most and between; it got {len(given)}"
            raise WrongUse("bad-expectation", what)
        if self.equals is not None:
            return
        bounds = (self.at_least, self.at_most) if self.between is None else tuple(self.between)
        bounds = tuple(bound for bound in bounds if bound is not None)
        numbers = [number for number in map(_number, bounds) if number is not None]
        is_span = len(numbers) == 2 and numbers[0] <= numbers[1]
        if len(numbers) < len(bounds) or (self.between is not None and not is_span):
            what = f"A check cannot hold an answer against {', '.join(map(repr, bounds))}"
            raise WrongUse("bad-expectation", what, mend="Give a number; for between two numbers, the smaller first")

    def __str__(self) -> str:
        if self.at_least is not None:
            return f"at least {self.at_least}"
        if self.at_most is not None:
            return f"at most {self.at_most}"
        if self.between is not None:
            return f"between {self.between[0]} and {self.between[1]}"
        return f"equal to {self.equals}"

    def read(self, observed: object) -> object:
        """Return an answer as it is held against this: where a number is expected, a text that is one counts as it."""
        if self._of_a_number and isinstance(observed, (str, bytes)):
            text = observed if isinstance(observed, str) else observed.decode("ascii", "replace")
            return Decimal(text) if _WRITTEN.fullmatch(text) else observed
        return observed

    def cannot_tell(self, observed: object) -> bool:
        """Tell whether a number is expected and the answer is a text that is none, as `057` and `57 EUR`."""
        return self._of_a_number and isinstance(self.read(observed), (str, bytes))

    @property
    def _of_a_number(self) -> bool:
        return self.equals is None or _number(self.equals) is not None

    def holds(self, observed: object) -> bool:
        """Tell whether an answer is as expected; where a number is, only a number will do, or its text."""
        observed = self.read(observed)
        value = _number(observed)
        if self.equals is not None:
            written = isinstance(observed, (int, float, Decimal, date)) and spoken(observed) == self.equals
            return written or observed == self.equals or (value is not None and value == _number(self.equals))
        if value is None:
            return False
        low, high = (_number(bound) for bound in self.between or (self.at_least, self.at_most))
        return (low is None or value >= low) and (high is None or value <= high)


def spoken(observed: object) -> str:
    """Return an answer for the record: numbers and times as they are, of anything else only its kind and length."""
    match observed:
        case None:
            return "nothing (NULL or no row)"
        case bool() | int() | float() | Decimal():
            return str(observed)
        case datetime() | date():
            return observed.isoformat(" ") if isinstance(observed, datetime) else observed.isoformat()
        case str():
            return f"a text of {len(observed)} characters"
        case bytes():
            return f"{len(observed)} bytes"
        case _:
            return f"a value of type {type(observed).__name__}"


def _number(value: object) -> Decimal | None:
    """Return a finite number as people write it: the 0.1 of a script is the 0.10 of a DECIMAL column."""
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        return None
    number = Decimal(str(value))
    return number if number.is_finite() else None
