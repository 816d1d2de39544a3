"""A mistake in a scenario script, named by the file and the line where its author will find it."""

from __future__ import annotations

import inspect
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from sysconfig import get_path
from typing import TextIO

from drtool.errors import DrtoolError, Unverifiable, text_of

# drtool itself, and Python's own library, which lies below the script's folder where that is the home, or /.
_NOT_THE_AUTHORS = (Path(__file__).parents[1], *(Path(get_path(name)) for name in ("stdlib", "platstdlib")))
_MESSAGE_LENGTH = 300
_NEVER_AWAITED = "was never awaited"  # as Python says it of a coroutine, when it is thrown away
_MEND = "Run it: by asyncio.run(...) what is a coroutine, by a loop over it what has a yield in it"


def broken(path: Path, error: BaseException) -> Unverifiable:
    """Return a mistake in a script as an error that names its file and line: the script's or a neighbour's, not ours.

    Args:
        path: the script, resolved; of a scenario that has none, what the error itself says is enough.
        error: what was raised while the script was loaded or its scenario ran.
    """
    error = leaf(error)
    if isinstance(error, DrtoolError):
        what = f"{error.what.rstrip('. ')} ({_place(path, error)})" if path.is_file() else error.what
        return Unverifiable(error.code, what, why=error.why, mend=error.mend)
    message = error.msg if isinstance(error, SyntaxError) else text_of(error)
    message = " ".join(message.split())[:_MESSAGE_LENGTH].rstrip(". ")
    kind = type(error).__name__
    why = f"{kind}: {message}" if message not in ("", kind) else kind
    return Unverifiable("scenario-broken", f"The scenario script has a mistake in {_place(path, error)}", why=why)


def refuse_unrun(value: object, whose: str) -> None:
    """Refuse what a function returned in which nothing has been done yet.

    Args:
        value: what it returned.
        whose: the function, as the beginning of a sentence.

    Raises:
        Unverifiable: that is a coroutine or a generator.
    """
    if kind := next((name for name, is_one in _UNRUN.items() if is_one(value)), None):
        if inspect.iscoroutine(value):
            value.close()  # else it is told of once more
        what = f"{whose} returned a {kind}, and what is in that was not done"
        raise Unverifiable("scenario-broken", what, mend=_MEND)


_UNRUN: dict[str, Callable[[object], bool]] = {
    "coroutine": inspect.isawaitable, "generator": lambda one: inspect.isgenerator(one) or inspect.isasyncgen(one),
}  # fmt: skip


@contextmanager
def coroutines_told(tell: Callable[[DrtoolError], None]) -> Iterator[None]:
    """Tell of each coroutine that is thrown away during the block without having been run, by the line it is of."""
    with warnings.catch_warnings():
        warnings.filterwarnings("always", message=f".*{_NEVER_AWAITED}", category=RuntimeWarning)
        usual = warnings.showwarning

        def show(
            message: Warning | str, category: type[Warning], filename: str, lineno: int,
            file: TextIO | None = None, line: str | None = None,
        ) -> None:  # fmt: skip
            if _NEVER_AWAITED not in str(message):
                usual(message, category, filename, lineno, file, line)
                return
            what = f"The scenario script has a mistake in {relative(Path(filename))}, line {lineno}"
            tell(Unverifiable("scenario-broken", what, why=f"{message}, and what is in it was not done", mend=_MEND))

        warnings.showwarning = show
        yield


def leaf(error: BaseException) -> BaseException:
    """Return what happened in a group of errors, as `asyncio.TaskGroup` raises them: drtool's own, else the first."""
    while isinstance(error, BaseExceptionGroup):
        own = error.subgroup(lambda one: isinstance(one, DrtoolError) or not isinstance(one, Exception))
        error = (own or error).exceptions[0]
    return error


def is_beside(file: Path, folder: Path) -> bool:
    """Tell whether a file belongs to the scripts of a folder, and not to drtool or a library installed below it."""
    libraries = {"site-packages", "dist-packages"} & set(file.parts)
    return file.is_relative_to(folder) and not libraries and not any(map(file.is_relative_to, _NOT_THE_AUTHORS))


def relative(path: Path) -> str:
    """Return a path as it is shown: relative to the current folder where it lies below that."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def _place(path: Path, error: BaseException) -> str:
    """Return the file and line of a mistake: the innermost that the author of the script wrote."""
    if isinstance(error, SyntaxError) and error.filename:
        places = [(Path(error.filename), error.lineno)]
    else:
        places = [(Path(frame.filename), frame.lineno) for frame in traceback.extract_tb(error.__traceback__)]
    own = [(file, line) for file, line in places if file == path or is_beside(file, path.parent)]
    file, line = own[-1] if own else (path, None)
    return f"{relative(file)}, line {line}" if line else relative(file)
