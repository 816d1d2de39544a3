"""What a scenario is told by an error is on record, whether it catches the error or not."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from drtool.errors import DrtoolError, WrongUse
from drtool.record.journal import Journal

Made = TypeVar("Made")
Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


def on_record(made: type[Made]) -> type[Made]:
    """Enter what goes up through the public methods of a class whose objects have a `_journal`.

    Most of it is entered by the step that it ends. The rest would be gone where a scenario catches it: that none of
    several backups was usable, and mistakes in a call, of which nothing but the scenario's own lines tells.
    """
    for name, method in list(vars(made).items()):
        if not name.startswith("_") and callable(method):
            setattr(made, name, _entering(method))
    return made


def _entering(method: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    @wraps(method)
    def entered(*arguments: Parameters.args, **named: Parameters.kwargs) -> Result:
        try:
            return method(*arguments, **named)
        except Exception as error:
            journal: Journal = _owner(arguments)._journal
            if isinstance(error, DrtoolError) and not isinstance(error, WrongUse):
                journal.failure(error)
            elif error not in journal.mistakes:
                journal.mistakes.append(error)
            raise

    return entered


def _owner(arguments: tuple[Any, ...]) -> Any:
    return arguments[0]
