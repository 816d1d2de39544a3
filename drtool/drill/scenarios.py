"""Scenario scripts: the decorator, and loading scripts so that a mistake in one is named by file and line."""

from __future__ import annotations

import hashlib
import inspect
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import chdir, redirect_stdout
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from functools import cached_property, partial
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, TypeVar

from drtool.drill.mistakes import broken, relative
from drtool.drill.neighbours import Neighbours
from drtool.errors import Unverifiable, WrongUse
from drtool.evidence.chain import LONGEST_TIME_LIMIT
from drtool.host.credentials import environment_without_credentials
from drtool.host.standard_output import kept_from_programs
from drtool.record.environment import Profile
from drtool.record.model import ScenarioInfo
from drtool.times import format_duration, parse_duration

if TYPE_CHECKING:
    from drtool.drill.drill import Drill

DEFAULT_TIME_LIMIT = timedelta(hours=6)
_LONGEST_UNASKED = timedelta(hours=24)
SCENARIO_FOLDER = Path("scenarios")

Declared = Callable[["Drill"], None]
Conduct = Callable[["Drill"], object]


@dataclass(frozen=True, kw_only=True)
class Announced:
    """What is known of a scenario before it runs: what its drill is held to, and where its script is.

    `judge_rto_in` names the profiles whose RTA is judged; in others it is measured only. `sha256` is the digest of
    the script's bytes that were run, whatever has become of the file since; `broken` is why it cannot be loaded.
    """

    name: str
    description: str
    file: Path
    rto: timedelta | None = None
    rpo: timedelta | None = None
    allowance: timedelta = timedelta()
    every: timedelta | None = None
    time_limit: timedelta = DEFAULT_TIME_LIMIT
    rto_includes_checks: bool = False
    judge_rto_in: frozenset[Profile] = frozenset({Profile.FAITHFUL})
    owner: str | None = None
    controls: tuple[str, ...] = ()
    sha256: str | None = None
    broken: Unverifiable | None = None

    @cached_property
    def info(self) -> ScenarioInfo:
        """What the record says of the script: its path, its bytes' digest, its commit."""
        return ScenarioInfo(
            description=self.description,
            file=relative(self.file),
            sha256=self.sha256,
            git_commit=_commit(self.file) if self.sha256 else None,
        )


@dataclass(frozen=True, kw_only=True)
class Scenario(Announced):
    """A scenario with what its drill does; made by `@scenario`."""

    conduct: Conduct

    def announced(self) -> Announced:
        """Return it without what it does."""
        return Announced(**{one.name: getattr(self, one.name) for one in fields(Announced)})


AnyScenario = TypeVar("AnyScenario", bound=Announced)

_declared: list[Scenario] = []
"""Every scenario that a script has declared since its loading began, in that order."""


def scenario(
    *,
    rto: str | None = None,
    rpo: str | None = None,
    allowance: str | None = None,
    every: str | None = None,
    time_limit: str | None = None,
    rto_includes_checks: bool = False,
    judge_rto_in: Sequence[str] = (Profile.FAITHFUL,),
    owner: str | None = None,
    controls: Sequence[str] = (),
) -> Callable[[Declared], Scenario]:
    """Make a scenario of a function that takes a `Drill`.

    Args:
        rto: recovery time objective, such as `30m`.
        rpo: recovery point objective, such as `24h`.
        allowance: time added to the RTA for what no drill can exercise: being paged, deciding, switching DNS.
        every: how often it should be drilled, such as `31d`; `drtool list` says when the next is due.
        time_limit: after which a drill is stopped; six hours if not given. More than 24 hours take `--time-limit`.
        rto_includes_checks: whether the checks belong to the recovery.
        judge_rto_in: profiles in which a missed RTO fails the drill; a sandbox tuned for speed proves nothing
            of production's, so that is `faithful` alone if not given.
        owner: who answers for this recovery, such as a team's address.
        controls: what a drill is evidence for, such as `SOC2 A1.3`.

    Returns:
        A decorator. The function's name is the scenario's, its docstring's first line the description.

    Raises:
        WrongUse: a duration or a profile is not one, or the decorated is no function that takes a drill.
    """
    # Where the decorator stands, whatever other decorators have made of the function in between.
    file = Path(sys._getframe(1).f_code.co_filename)

    def duration(name: str, text: str | None) -> timedelta | None:
        if text is None:
            return None
        if not isinstance(text, str):
            raise WrongUse("bad-duration", f"{name}={text!r} is not a text", mend=f'Write it as {name}="30m"')
        return parse_duration(text)

    try:
        profiles = frozenset(Profile(name) for name in judge_rto_in)
    except ValueError as error:
        raise WrongUse("bad-profile", str(error)) from error
    if isinstance(controls, str):
        raise WrongUse("bad-controls", f"controls={controls!r} is not a list", mend=f"Write controls=[{controls!r}]")

    def decorate(function: Declared) -> Scenario:
        _refuse_what_takes_no_drill(function)
        made = Scenario(
            name=function.__name__,
            conduct=function,
            description=(inspect.getdoc(function) or function.__name__).splitlines()[0],
            file=file,
            rto=duration("rto", rto),
            rpo=duration("rpo", rpo),
            allowance=duration("allowance", allowance) or timedelta(),
            every=duration("every", every),
            time_limit=duration("time_limit", time_limit) or DEFAULT_TIME_LIMIT,
            rto_includes_checks=bool(rto_includes_checks),
            judge_rto_in=profiles,
            owner=None if owner is None else str(owner),
            controls=tuple(map(str, controls)),
        )
        _declared.append(made)
        return made

    return decorate


def _refuse_what_takes_no_drill(function: Conduct) -> None:
    """Refuse what would do nothing when it is called, or cannot be called with a drill."""
    if not inspect.isroutine(function):
        raise WrongUse("bad-scenario", "@scenario(...) stands above something that is no function")
    unfit = (inspect.iscoroutinefunction, inspect.isgeneratorfunction, inspect.isasyncgenfunction)
    if any(is_one(function) for is_one in unfit):
        mend = "Leave out async and yield: a drill goes one step after the other"
        raise WrongUse("bad-scenario", f"{function.__name__} is asynchronous or a generator", mend=mend)
    try:
        inspect.signature(function).bind(None)
    except TypeError as error:
        mend = f"Write it as def {function.__name__}(drill: Drill) -> None"
        raise WrongUse("bad-scenario", f"{function.__name__} does not take a drill", mend=mend) from error


def load(path: Path) -> list[Scenario]:
    """Run a script and return the scenarios that it declares, in the order of their declaration.

    What it prints while it is loaded goes to standard error.

    Raises:
        WrongUse: there is no such file, or no scenario in it.
        Unverifiable: the script has a mistake; the error names its line.
    """
    if not path.is_file():
        raise WrongUse("no-such-script", f"There is no scenario script {path}")
    if path.suffix != ".py":
        raise WrongUse("no-such-script", f"{path} is no Python script", mend="Give its name the suffix .py")
    path = path.resolve()
    neighbours = Neighbours(path.parent)
    _declared.clear()
    try:
        source = path.read_bytes()
        with redirect_stdout(sys.stderr), kept_from_programs(), chdir("."), neighbours.within_reach():
            _run(path, source)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # sys.exit() too: what a script does to itself must not look like success
        raise broken(path, error) from error
    digest = hashlib.sha256(source).hexdigest()
    own = [one for one in _declared if _is_of(one, path)]
    found = [replace(one, sha256=digest, file=path, conduct=partial(_with, neighbours, one.conduct)) for one in own]
    if not found:
        mend = "Decorate a function with @scenario(...), or begin the file's name with _ if it only helps others"
        raise WrongUse("no-scenario", f"{path.name} defines no scenario", mend=mend)
    names = [one.name for one in found]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        what = f"The scenario script {relative(path)} defines {twice[0]} more than once"
        raise Unverifiable("scenario-broken", what, mend="Give each scenario a name of its own")
    return found


def _run(path: Path, source: bytes) -> None:
    """Run a script as a module of its own, from the very bytes that the record will have the digest of."""
    name = f"drtool_scenario_{path.stem}"
    module = ModuleType(name)
    module.__file__ = str(path)
    sys.modules[name] = module  # dataclasses and pickle look a class's module up
    # Not through the import system: it would run what it compiled before from a file of that size and second.
    exec(SourceFileLoader(name, str(path)).source_to_code(source, str(path)), vars(module))  # noqa: S102


def _with(neighbours: Neighbours, conduct: Conduct, drill: Drill) -> object:
    with neighbours.within_reach():
        return conduct(drill)


def _is_of(declared: Scenario, path: Path) -> bool:
    """Tell whether a scenario is a script's own: declared there, or by a helper for a function of the script's."""
    code = getattr(inspect.unwrap(declared.conduct), "__code__", None)
    return declared.file == path or (code is not None and code.co_filename == str(path))


def stand_in(path: Path, name: str | None, error: Unverifiable) -> Scenario:
    """Return a scenario for a script that cannot be loaded, so that its drill leaves a record that says so."""

    def conduct(_drill: Drill) -> None:
        raise error

    return Scenario(
        name=name or path.stem,
        conduct=conduct,
        description="The script cannot be loaded",
        file=path.resolve(),
        sha256=hashlib.sha256(path.read_bytes()).hexdigest() if os.access(path, os.R_OK) else None,
        broken=error,
    )


def find(targets: Sequence[str]) -> list[tuple[Path, str | None]]:
    """Return what `FILE[::NAME]` arguments name, or every script in `scenarios/` when there are none.

    Raises:
        WrongUse: there are no arguments and no scripts.
    """
    if targets:
        return [(Path(path), name or None) for path, _, name in (target.partition("::") for target in targets)]
    if not (scripts := sorted(path for path in SCENARIO_FOLDER.glob("*.py") if path.name[0] not in "._")):
        what = f"There are no scenario scripts in {SCENARIO_FOLDER}/"
        raise WrongUse("no-scenario", what, mend="Write a first one with `drtool init`, or name a script")
    return [(path, None) for path in scripts]


def select(loaded: Sequence[Scenario], name: str | None, path: Path) -> list[Scenario]:
    """Return the scenario of that name, or all where no name is given.

    Raises:
        WrongUse: the script has no scenario of that name.
    """
    if name is None:
        return list(loaded)
    if not (chosen := [one for one in loaded if one.name == name]):
        known = ", ".join(one.name for one in loaded)
        raise WrongUse("no-scenario", f"{path} has no scenario {name}", mend=f"It has: {known}")
    return chosen


def chosen(
    targets: Sequence[str],
    *,
    unloadable: Mapping[Path, Unverifiable] | None = None,
    tell: Callable[[Path], None] = lambda _: None,
) -> list[tuple[Path, Scenario]]:
    """Return what `FILE[::NAME]` arguments name, or all in `scenarios/`; for a script that is broken, its stand-in.

    Args:
        targets: the arguments.
        unloadable: scripts that are known to be broken, and are not loaded again.
        tell: is told each script before it is loaded.

    Raises:
        WrongUse: there is no such script or scenario, or two scripts have one of the same name: lists know them by it.
    """
    found: list[tuple[Path, Scenario]] = []
    for path, name in find(targets):
        tell(path)
        try:
            if unloadable and path in unloadable:
                raise unloadable[path]
            found += ((path, one) for one in select(load(path), name, path))
        except Unverifiable as error:
            found.append((path, stand_in(path, name, error)))
    files: dict[str, Path] = {}
    for _, one in found:
        if not one.broken and (other := files.setdefault(one.name, one.file)) != one.file:
            what = f"{relative(other)} and {relative(one.file)} both have a scenario {one.name}"
            raise WrongUse("scenario-twice", what)
    return found


def limited(one: AnyScenario, asked: timedelta | None) -> AnyScenario:
    """Return a scenario with the time limit that it is drilled with.

    A drill that never ended counts as abandoned once its time is over, so nobody gets a long one by a script alone.

    Args:
        one: the scenario.
        asked: the limit on the command line, which counts in place of the scenario's own; None where there is none.

    Raises:
        WrongUse: the limit is longer than it may be.
    """
    limit, longest = asked or one.time_limit, LONGEST_TIME_LIMIT if asked else _LONGEST_UNASKED
    if limit > longest:
        whose = "--time-limit" if asked else f"The time limit of {one.name}"
        what = (
            f"{whose} is {format_duration(limit.total_seconds())}, more than {format_duration(longest.total_seconds())}"
        )
        raise WrongUse("time-limit-too-long", what)
    return replace(one, time_limit=limit)


def _commit(path: Path) -> str | None:
    """Return the commit that last changed the script, marked when the file differs from it; None outside git."""

    # In a hook of git's they name the repository that it runs for, and not the script's.
    whole = environment_without_credentials().items()
    environment = {name: value for name, value in whole if not name.startswith("GIT_") or name.startswith("GIT_CONFIG")}

    def git(*arguments: str) -> str | None:
        try:
            done = subprocess.run(
                ["git", "-C", str(path.parent), *arguments],
                capture_output=True, text=True, timeout=10, check=False, stdin=subprocess.DEVNULL, env=environment,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired):
            return None
        return done.stdout.strip() if done.returncode == 0 else None

    commit = git("rev-list", "-1", "HEAD", "--", path.name)
    if commit and git("rev-parse", "--is-shallow-repository", f"{commit}^@") == "true":  # it has no parents there
        commit += " (or earlier: the clone is shallow)"
    return f"{commit} (changed since)" if commit and git("status", "--porcelain", "--", path.name) else commit or None
