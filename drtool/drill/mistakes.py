"""A mistake in a scenario script, named by the file and the line where its author will find it."""

from __future__ import annotations

import traceback
from pathlib import Path
from sysconfig import get_path

from drtool.errors import DrtoolError, Unverifiable, text_of

# drtool itself, and Python's own library, which lies below the script's folder where that is the home, or /.
_NOT_THE_AUTHORS = (Path(__file__).parents[1], *(Path(get_path(name)) for name in ("stdlib", "platstdlib")))
_MESSAGE_LENGTH = 300


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
