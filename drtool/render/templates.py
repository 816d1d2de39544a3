"""How pages are made: templates in which nothing from outside can do harm, and the words and figures they share."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import jinja2
from markupsafe import Markup, escape

from drtool.evidence.plain import visible
from drtool.objectives import format_duration, told_apart
from drtool.render import wording
from drtool.render.answers import shared_folder
from drtool.render.exposure import svg
from drtool.render.figures import goal_bar


@functools.cache
def templates() -> jinja2.Environment:
    """Return the environment that all pages are made in: everything is escaped, and nothing may be missing."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("drtool.render", "."),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_harmless,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters: dict[str, Callable[..., Any]] = {
        "outside": _outside,
        "visible": visible,
        "together": _together,
        "bytes": lambda size: _together(wording.format_bytes(size)),
        "duration": lambda seconds, units=2: _together(format_duration(seconds, units=units)),
        "instant": _instant,
        "share": wording.format_share,
        "goal_word": wording.goal_word,
        "goal_reason": wording.goal_reason,
        "sentence": lambda text: f"{text[:1].upper()}{text[1:].rstrip('.')}.",
        "goal_bar": goal_bar,
        "folder": shared_folder,
        "exposure_chart": svg,
    }
    environment.filters |= filters
    environment.globals |= {
        "count": wording.count,
        "told_apart": told_apart,
        "MEANING": wording.MEANING,
        "PROFILES": wording.PROFILES,
        "RANKS": wording.RANKS,
        "UNSIGNED": wording.UNSIGNED,
    }
    return environment


def _together(figure: str) -> str:
    """Keep a number and its unit on one line."""
    return figure.replace(" ", "\N{NO-BREAK SPACE}")


def _instant(at: datetime) -> Markup:
    return Markup('<time datetime="{}">{}</time>').format(at.isoformat(), wording.format_instant(at))


def _harmless(value: object) -> object:
    """Let no text onto the page that could turn its direction of writing, wherever a template puts it."""
    return wording.plain(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _outside(text: str | Sequence[str]) -> Markup:
    """Set text apart that a backup or a scenario brought along: its direction of writing ends where it does."""
    parts = [text] if isinstance(text, str) else text
    return Markup(", ").join(Markup("<bdi>{}</bdi>").format(escape(wording.plain(part))) for part in parts)
