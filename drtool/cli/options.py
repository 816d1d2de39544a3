"""Makes click's options of those that drills are carried out with, and of the types of their values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from drtool.archive.layout import Location
from drtool.attest.authority import Authority
from drtool.drill.options import DrillOptions, Option, options_of
from drtool.errors import WrongUse
from drtool.host.credentials import TIMESTAMP_AUTHORITY
from drtool.times import parse_duration, parse_instant

Command = TypeVar("Command", bound=Callable[..., Any])
Values = TypeVar("Values")


class DurationType(click.ParamType[timedelta]):
    """A duration such as `30m`."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """Return the duration that the text says; see `parse_duration`."""
        if isinstance(value, timedelta):
            return value
        try:
            return parse_duration(value)
        except WrongUse as error:
            self.fail(str(error), param, ctx)


class InstantType(click.ParamType[datetime]):
    """An RFC 3339 instant with a zone."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Return the instant in UTC; see `parse_instant`."""
        if isinstance(value, datetime):
            return value
        try:
            return parse_instant(value)
        except WrongUse as error:
            self.fail(str(error), param, ctx)


class AuthorityType(click.ParamType[Authority]):
    """The URL of a time-stamp authority, with a password only where no command line shows it."""

    name = "url"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Authority:
        """Return the authority at the URL; see `Authority.at`."""
        if isinstance(value, Authority):
            return value
        try:
            authority = Authority.at(value)
        except WrongUse as error:
            self.fail(str(error), param, ctx)
        given = ctx.get_parameter_source(param.name) if ctx and param and param.name else None
        if authority.credentials is not None and given is ParameterSource.COMMANDLINE:
            self.fail(f"every user of this machine can read a password here; put the URL into {TIMESTAMP_AUTHORITY}")
        return authority


class LocationType(click.ParamType[Location]):
    """The place of an archive, such as `s3://bucket/prefix`."""

    name = "s3://bucket/prefix"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Location:
        """Return the place; see `Location.parse`."""
        if isinstance(value, Location):
            return value
        try:
            return Location.parse(value)
        except WrongUse as error:
            self.fail(str(error), param, ctx)


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
    Location: LocationType(),
    datetime: InstantType(),
    str: click.STRING,
    timedelta: DurationType(),
}
_PATHS: dict[str, click.ParamType[Any]] = {
    "any": click.Path(path_type=Path),
    "file": click.Path(dir_okay=False, path_type=Path),
    "folder": click.Path(file_okay=False, path_type=Path),
    "existing file": click.Path(exists=True, dir_okay=False, path_type=Path),
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


def _click_option(one: Option) -> Callable[[Command], Command]:
    stated = one.stated
    default = one.default.value if isinstance(one.default, StrEnum) else one.default
    given: dict[str, Any] = {"help": stated.help, "envvar": stated.variable, "default": default}
    if one.type is bool:
        given["is_flag"] = True
    else:
        given |= {"type": _type(one), "metavar": stated.metavar, "multiple": one.several}
    return click.option(stated.name, one.field, show_default=stated.default_shown, **given)


def _type(one: Option) -> click.ParamType[Any]:
    if issubclass(one.type, Path):
        return _PATHS[one.stated.path]
    if issubclass(one.type, StrEnum):
        return ChoiceType(one.type)
    return click.IntRange(*one.stated.bounds) if one.stated.bounds else _TYPES[one.type]


reports_option = options(DrillOptions, "reports")
json_option = options(DrillOptions, "as_json")
