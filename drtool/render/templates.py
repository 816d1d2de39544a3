"""How pages are made: templates in which nothing from outside can do harm, and the words and figures they share."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import jinja2
from markupsafe import Markup, escape

from drtool.amounts import count, format_size
from drtool.host.plain import printable, visible
from drtool.render import wording
from drtool.render.answers import shared_folder
from drtool.render.figures import goal_bar
from drtool.times import format_both, format_duration

_DIGEST = re.compile(r"\b[0-9a-f]{64}\b")
_LONG_WORD = 40  # may be broken anywhere, for it would not fit into a line
_COLOURS = {"passed": "#1d5c38", "failed": "#96201c", "unverified": "#735000"}  # as in page.css


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
        "with_digests": _with_digests,
        "visible": visible,
        "together": _together,
        "bytes": lambda size: _together(format_size(size)),
        "duration": lambda seconds, units=2: _together(format_duration(seconds, units=units)),
        "instant": _instant,
        "instant_in_words": wording.format_instant,
        "share": wording.format_share,
        "goal_word": wording.goal_word,
        "goal_reason": wording.goal_reason,
        "sentence": lambda text: f"{text[:1].upper()}{text[1:].rstrip('.')}.",
        "goal_bar": goal_bar,
        "folder": shared_folder,
    }
    environment.filters |= filters
    environment.globals |= {
        "count": count,
        "format_both": format_both,
        "COLOURS": _COLOURS,
        "MEANING": wording.MEANING,
        "PROFILES": wording.PROFILES,
        "RANKS": wording.RANKS,
        "UNSIGNED": wording.UNSIGNED,
    }
    return environment


def _together(figure: str) -> str:
    """Keep a number and its unit on one line."""
    return figure.replace(" ", "\N{NO-BREAK SPACE}")


def _instant(at: datetime | None) -> Markup:
    if at is None:
        return Markup("not known")
    return Markup('<time datetime="{}">{}</time>').format(at.isoformat(), wording.format_instant(at))


def _harmless(value: object) -> object:
    """Let no text onto the page that could turn its direction of writing, wherever a template puts it."""
    return printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _outside(text: str | Sequence[str] | None) -> Markup:
    """Set text apart that a backup or a scenario brought along: its direction of writing ends where it does."""
    return Markup(", ").join(_apart(printable(part)) for part in ([text] if isinstance(text, str) else text or ()))


def _apart(text: str) -> Markup:
    kind = Markup(' class="long"') if any(len(word) > _LONG_WORD for word in text.split()) else ""
    return Markup("<bdi{}>{}</bdi>").format(kind, escape(text))


def _with_digests(text: str) -> Markup:
    """Set text apart as `outside` does, and the SHA-256 digests in it apart from the rest."""
    return Markup(_DIGEST.sub(r'<span class="code digest">\g<0></span>', str(_outside(text))))  # noqa: S704 (escaped before)
