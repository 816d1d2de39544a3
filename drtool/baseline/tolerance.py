"""What a comparison lets pass, table by table or folder by folder, and why: the report shows the reasons."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any

from drtool.errors import WrongUse


class Leniency(StrEnum):
    """What may differ."""

    APPEND_ONLY = "append-only"
    """What the baseline holds must be there unchanged; more may have come since."""
    DRIFT = "drift"
    """So many rows or files may be missing, extra or changed."""
    IGNORE = "ignored"
    """Nothing is compared, of a table neither its rows nor its definition and what belongs to it."""


@dataclass(frozen=True, kw_only=True)
class Tolerance:
    """What may differ in the tables or folders that a pattern names.

    Attributes:
        pattern: a table (`orders`, `shop.orders`, `shop.log_*`) or a path below the folder (`cache/*`); `*` matches
            everything, also a dot or a slash.
        leniency: what may differ.
        reason: why; an ignored one needs a reason.
        most: with `DRIFT`, how many rows or files at most.
    """

    pattern: str
    leniency: Leniency
    reason: str = ""
    most: int = 0


class Tolerances:
    """The tolerances of a comparison; the first that names a subject counts."""

    def __init__(self, tolerances: Iterable[Tolerance] = ()) -> None:
        self._tolerances = tuple(tolerances)
        for one in self._tolerances:
            if one.leniency is Leniency.IGNORE and not str(one.reason).strip():
                what = f"Ignoring {one.pattern!r} needs a reason, which the report shows"
                raise WrongUse("tolerance-without-reason", what)
            if type(one.most) is not int or one.most < 0:
                raise WrongUse(
                    "bad-tolerance", f"{one.most!r} is no number of rows or files by which {one.pattern!r} may differ"
                )

    @classmethod
    def of(
        cls,
        *,
        append_only: Iterable[str] = (),
        drift: Mapping[str, int] | None = None,
        ignore: Mapping[str, str] | None = None,
    ) -> Tolerances:
        """Gather tolerances as a scenario writes them.

        Args:
            append_only: patterns of what only grows.
            drift: by pattern, how many rows or files may differ.
            ignore: by pattern, why it is not compared.

        Raises:
            WrongUse: something is ignored without a reason, a drift is no number of rows, or either does not say it for
                each pattern.
        """
        if isinstance(append_only, str):
            append_only = (append_only,)
        ignored, drifting = _pairs("ignore", ignore, '"why"'), _pairs("drift", drift, "10")
        return cls(
            [
                *(Tolerance(pattern=name, leniency=Leniency.IGNORE, reason=str(why)) for name, why in ignored),
                *(Tolerance(pattern=name, leniency=Leniency.DRIFT, most=most) for name, most in drifting),
                *(Tolerance(pattern=name, leniency=Leniency.APPEND_ONLY) for name in append_only),
            ]
        )

    def for_table(self, database: str, table: str) -> Tolerance | None:
        """Return what holds for a table."""
        names = (table, f"{database}.{table}")
        return next((one for one in self._tolerances if any(fnmatchcase(name, one.pattern) for name in names)), None)

    def for_path(self, path: str) -> Tolerance | None:
        """Return what holds for a path below a folder; a folder's tolerance holds for all that is in it."""
        for one in self._tolerances:
            pattern = one.pattern.rstrip("/")
            if fnmatchcase(path, pattern) or fnmatchcase(path, f"{pattern}/*"):
                return one
        return None

    def __iter__(self) -> Iterator[Tolerance]:
        return iter(self._tolerances)

    def __bool__(self) -> bool:
        return bool(self._tolerances)

    def unused(self, subjects: Iterable[tuple[str, str]]) -> list[str]:
        """Return the patterns that name none of these tables: a slip of the pen would otherwise go unseen."""
        unused = dict.fromkeys(one.pattern for one in self._tolerances)
        for database, table in subjects if unused else ():
            names = (table, f"{database}.{table}")
            unused = {one: None for one in unused if not any(fnmatchcase(name, one) for name in names)}
        return list(unused)


def _pairs(argument: str, given: Mapping[str, Any] | None, example: str) -> Iterable[tuple[str, Any]]:
    if given and not isinstance(given, Mapping):
        what = f"{argument}= is a {type(given).__name__}, and has to say for each pattern what holds for it"
        raise WrongUse("bad-tolerance", what, mend=f'Write {argument}={{"shop.log_*": {example}}}')
    return (given or {}).items()
