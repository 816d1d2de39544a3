"""A drill's record as one self-contained page: no script, nothing from elsewhere, fit to be printed on A4."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import jinja2
from markupsafe import Markup, escape

from drtool.objectives import format_duration, told_apart
from drtool.record import DrillRecord
from drtool.recovery_point import contradictions
from drtool.render import wording
from drtool.render.answers import (
    Tally,
    beside_the_used,
    between_steps_seconds,
    evidence,
    findings,
    losses_in_sum,
    projection_in_words,
    remains,
    restorations,
    shared_folder,
    used_evidence,
)
from drtool.render.exposure import svg
from drtool.render.figures import drill_seconds, goal_bar, step_bars
from drtool.render.verifying import COMMANDS, UNSIGNED_COMMANDS


def page(record: DrillRecord) -> str:
    """Return the record as an HTML document.

    It is made before the record is signed, so it cannot hold the digest of `report.json`; it says how to check that.
    """
    template = _templates().get_template("page.html.j2")
    return template.render(
        record=record,
        restorations=restorations(record),
        tally=Tally.of(record.checks),
        used=used_evidence(record),
        findings=findings(record),
        losses_in_sum=losses_in_sum(record),
        projection_in_words=projection_in_words(record),
        remains=remains(record),
        steps=step_bars(record),
        drill_seconds=drill_seconds(record.steps),
        between_steps_seconds=between_steps_seconds(record),
        evidence=[(one, beside_the_used(record, one)) for one in evidence(record)],
        contradictions=contradictions(record.rpo.evidence),
        commands=COMMANDS if record.signed else UNSIGNED_COMMANDS,
    )


@functools.cache
def _templates() -> jinja2.Environment:
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
