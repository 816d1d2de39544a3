"""Makes click's options of those that drills are carried out with, and of the types of their values."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar, cast

import click
from click.core import ParameterSource

from drtool.archive.layout import Location
from drtool.attest.authority import Authority
from drtool.drill.options import DrillOptions, OptionField, options_of
from drtool.errors import WrongUse
from drtool.host import plain
from drtool.host.credentials import TIMESTAMP_AUTHORITY
from drtool.times import parse_duration, parse_instant

Command = TypeVar("Command", bound=Callable[..., Any])
Values = TypeVar("Values")
T = TypeVar("T")


class ReadType(click.ParamType[T]):
    """What a function reads from text; with `WrongUse` it refuses what makes no sense."""

    def __init__(self, name: str, read: Callable[[str], T]) -> None:
        self.name = name
        self._read = read

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> T:
        """Return the value; one that is no text was read already."""
        if not isinstance(value, str):
            return cast(T, value)
        try:
            return self._read(value)
        except WrongUse as error:
            self.fail(f"{error} [{error.code}]", param, ctx)


class _Filled(click.ParamType[T]):
    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> T:
        if isinstance(value, str) and not value.strip():
            self.fail("it is empty: perhaps a variable is not set", param, ctx)
        return super().convert(value, param, ctx)


class TextType(_Filled[str], click.types.StringParamType):
    """Text; nothing is none, and no wish to have the default."""


class PathType(_Filled[Any], click.Path):
    """A path; nothing is none, and not the working folder."""

    def __init__(self, **checks: bool) -> None:
        super().__init__(path_type=Path, **checks)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the path; a ~ that the shell has left in --option=~/file is the home."""
        if isinstance(value, str) and ("://" in value or value[:1] in {'"', "'"} or {"\r", "\n"} & set(value)):
            self.fail("it is an address, or in quotes, or has a line end: a path on this host belongs here", param, ctx)
        return super().convert(os.path.expanduser(value) if isinstance(value, str) else value, param, ctx)  # noqa: PTH111


class ResultsType(PathType):
    """The file for this run's results."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the path; what an earlier run left there goes, so that nobody takes it for this one's."""
        from drtool.render.junit import JUNIT_MARK

        file = super().convert(value, param, ctx)
        with suppress(plain.NotPlain, OSError):
            if JUNIT_MARK in plain.read(file, limit_bytes=plain.DOCUMENT_LIMIT_BYTES):
                file.unlink()
        return file


class AuthorityType(ReadType[Authority]):
    """The URL of a time-stamp authority, with a password only where no command line shows it."""

    def __init__(self) -> None:
        super().__init__("url", Authority.at)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Authority:
        """Return the authority at the URL; see `Authority.at`."""
        authority = super().convert(value, param, ctx)
        given = ctx.get_parameter_source(param.name) if ctx and param and param.name else None
        if authority.credentials is not None and given is ParameterSource.COMMANDLINE:
            self.fail(f"every user of this machine can read a password here; put the URL into {TIMESTAMP_AUTHORITY}")
        return authority


DURATION = ReadType("duration", parse_duration)
INSTANT = ReadType("time", parse_instant)
LOCATION = ReadType("s3://bucket/prefix", Location.parse)


class ChoiceType(click.Choice[str]):
    """One of a few words; those that are written in capitals may be given in any case."""

    def __init__(self, words: type[StrEnum]) -> None:
        super().__init__([word.value for word in words], case_sensitive=not all(word.isupper() for word in words))
        self._words = words

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the member of the enumeration."""
        return self._words(super().convert(value, param, ctx))


_TYPES: dict[type, click.ParamType[Any]] = {
    Authority: AuthorityType(),
    Location: LOCATION,
    datetime: INSTANT,
    str: TextType(),
    timedelta: DURATION,
}
_PATHS: dict[str, click.ParamType[Any]] = {
    "any": PathType(readable=False),
    "file": PathType(dir_okay=False),
    "folder": PathType(file_okay=False),
    "results": ResultsType(dir_okay=False),
    "existing file": PathType(exists=True, dir_okay=False),
}


def options(values: type, *fields: str) -> Callable[[Command], Command]:
    """Give a command the options that the fields of a value are: all of them, or those that are named."""

    def decorated(command: Command) -> Command:
        known = {one.field: one for one in options_of(values)}
        for field in reversed(fields or tuple(known)):
            command = _click_option(known[field])(command)
        return command

    return decorated


def values_of(values: type[Values], given: Mapping[str, Any]) -> Values:
    """Return the options of a kind, out of all that a command was given."""
    return values(**{one.field: given[one.field] for one in options_of(values)})


def given(name: str) -> bool:
    """Tell whether an option of the command that runs stands on its command line, and not in a variable alone."""
    return click.get_current_context().get_parameter_source(name) is ParameterSource.COMMANDLINE


def _click_option(one: OptionField) -> Callable[[Command], Command]:
    stated = one.stated
    default = one.default.value if isinstance(one.default, StrEnum) else one.default
    made: dict[str, Any] = {"help": stated.help, "envvar": stated.variable, "default": default}
    made["is_eager"] = stated.path == "results"  # first, whatever is wrong with the others
    if one.type is bool:
        made["is_flag"] = True
    else:
        made |= {"type": _type(one), "metavar": stated.metavar, "multiple": one.several}
    return click.option(stated.name, one.field, show_default=stated.default_shown, **made)


def _type(one: OptionField) -> click.ParamType[Any]:
    if issubclass(one.type, Path):
        return _PATHS[one.stated.path]
    if issubclass(one.type, StrEnum):
        return ChoiceType(one.type)
    return click.IntRange(*one.stated.bounds) if one.stated.bounds else _TYPES[one.type]


reports_option = options(DrillOptions, "reports")
json_option = options(DrillOptions, "as_json")
