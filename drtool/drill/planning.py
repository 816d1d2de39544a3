"""Which drills a command asks for. Scripts are other people's code, so a process of its own loads them."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import redirect_stderr, suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from drtool.drill import scenarios
from drtool.drill.scenarios import Announced, Scenario
from drtool.errors import DrtoolError, RestoreFailed, Unverifiable, WrongUse, finding_of
from drtool.host.child import Child, die_of_signals, how_it_ended, wait_for_any
from drtool.host.plain import visible
from drtool.keys.value import forget_key

_KINDS = {kind.__name__: kind for kind in (WrongUse, RestoreFailed, Unverifiable)}


@dataclass(frozen=True, kw_only=True)
class Planned:
    """A drill to carry out: what is known of its scenario, and how the process that carries it out gets at it."""

    scenario: Announced
    load: Callable[[], Scenario]

    @classmethod
    def of(cls, scenario: Scenario) -> Planned:
        """Return the drill of a scenario that has no script."""
        return cls(scenario=scenario.announced(), load=lambda: scenario)

    def limited(self, asked: timedelta | None) -> Planned:
        """Return the same drill with the time limit that it has in this run, see `scenarios.limited`.

        Raises:
            WrongUse: the limit is longer than it may be.
        """
        return Planned(
            scenario=scenarios.limited(self.scenario, asked), load=lambda: scenarios.limited(self.load(), asked)
        )  # fmt: skip


class _Refusal(msgspec.Struct, frozen=True):
    kind: str
    code: str
    what: str
    why: str
    mend: str

    @classmethod
    def of(cls, error: DrtoolError) -> _Refusal:
        kind = next((name for name, kind in _KINDS.items() if isinstance(error, kind)), Unverifiable.__name__)
        return cls(kind, error.code, error.what, error.why, error.mend)

    def error(self) -> DrtoolError:
        return _KINDS[self.kind](self.code, self.what, why=self.why, mend=self.mend)


class _Answer(msgspec.Struct, frozen=True):
    """What the process that loads scripts has to say."""

    found: list[tuple[Path, Announced]] = []
    refused: _Refusal | None = None


def planned(targets: Sequence[str]) -> list[Planned]:
    """Return the drills of the scenarios that `FILE[::NAME]` arguments name, or of all in `scenarios/`.

    A script that cannot be loaded, or that ends the process that loads it, is drilled by its stand-in, which says so.

    Raises:
        WrongUse: there is no such script or scenario, or two scripts have one of the same name.
        Unverifiable: the process that loads them was lost, and none of them by itself is the reason.
    """
    unloadable: dict[Path, Unverifiable] = {}
    while (answer := _ask(targets, unloadable)) is None:
        pass
    if answer.refused:
        raise answer.refused.error()
    return [Planned(scenario=one, load=partial(_load, path, one)) for path, one in answer.found]


def _load(path: Path, announced: Announced) -> Scenario:
    """Return a scenario as its script has it now; where it cannot be had any more, what stands in for it."""
    try:
        if announced.broken:
            raise announced.broken
        (found,) = scenarios.select(scenarios.load(path), announced.name, path)
    except Unverifiable as error:
        return scenarios.stand_in(path, announced.name, error)
    except WrongUse as error:
        gone = Unverifiable("scenario-broken", error.what, why="it was there when the drill was planned")
        return scenarios.stand_in(path, announced.name, gone)
    return found


def _ask(targets: Sequence[str], unloadable: dict[Path, Unverifiable]) -> _Answer | None:
    """Have a process load the scripts and say what they hold; None where one ended it, which is entered."""
    ours, theirs = os.pipe()
    child = Child(partial(_tell_what_there_is, theirs, targets, unloadable))
    os.close(theirs)
    try:
        *told, answer = _said(ours, child).split(b"\0")
    finally:
        os.close(ours)
    status = child.wait()
    if answer:
        return msgspec.json.decode(answer, type=_Answer, dec_hook=_decoded)
    why = f"the process that loads it {how_it_ended(status)}"
    mend = "Let no script end or replace the process that it is loaded into"
    path = Path(os.fsdecode(told[-1])) if told else None
    if path is None or path in unloadable:  # not loaded this time: an earlier one ends the process, by a thread say
        raise Unverifiable("drill-process-lost", "The scenario scripts were not loaded", why=why, mend=mend)
    what = f"The scenario script {visible(str(path))} cannot be loaded"
    unloadable[path] = Unverifiable("scenario-broken", what, why=why, mend=mend)
    return None


def _tell_what_there_is(pipe: int, targets: Sequence[str], unloadable: dict[Path, Unverifiable]) -> None:
    """Write each script's path before it is loaded, and at last the answer."""
    die_of_signals()
    forget_key()
    own = os.getpid()
    with os.fdopen(pipe, "wb") as stream:

        def tell(path: Path) -> None:
            stream.write(os.fsencode(path) + b"\0")
            stream.flush()

        try:
            with Path(os.devnull).open("w", encoding="utf-8") as nowhere, redirect_stderr(nowhere):
                # What a script prints while it is loaded is seen when its drill begins, which loads it again.
                chosen = scenarios.chosen(targets, unloadable=unloadable, tell=tell)
            answer = _Answer([(path, one.announced()) for path, one in chosen])
        except Exception as error:
            answer = _Answer(refused=_Refusal.of(finding_of(error)))
        finally:
            if os.getpid() != own:  # a copy that a script has forked off
                os._exit(1)
        stream.write(msgspec.json.encode(answer, enc_hook=_encoded))


def _said(pipe: int, child: Child) -> bytes:
    """Return what a process writes, until it has ended; what it has left behind may keep the pipe open."""
    said = b""
    while child.status() is None:
        if wait_for_any([child], [pipe], None):
            if not (more := os.read(pipe, 1 << 16)):
                break
            said += more
    os.set_blocking(pipe, False)
    with suppress(BlockingIOError):
        while more := os.read(pipe, 1 << 16):
            said += more
    return said


def _encoded(value: Any) -> str | _Refusal:
    return _Refusal.of(value) if isinstance(value, DrtoolError) else os.fsencode(value).decode("latin-1")


def _decoded(kind: type, value: Any) -> Path | DrtoolError:
    if kind is Unverifiable:
        return msgspec.convert(value, _Refusal).error()
    return Path(os.fsdecode(value.encode("latin-1")))
