"""Legend of the overview: the signs of each theme, shown while the theme is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from maps.legend_coverage import coverage_legend
from maps.legend_response import response_legend
from maps.overlays_dashboard import GUARDS, SWITCHES, Theme
from maps.panels import LegendGroup, Swatch, mark_swatch, tag_swatch
from maps.panels_dashboard import Answers
from maps.panels_patrol import stop_signs
from maps.words import Words


def dashboard_legend(answers: Answers, say: Words) -> tuple[LegendGroup, ...]:
    """Return a group of signs for each theme that has an answer, and one of what goes on now."""
    groups: list[LegendGroup] = []
    if answers.coverage is not None:
        groups += _of_theme("coverage", coverage_legend(answers.coverage, say))
    if answers.response is not None:
        groups += _of_theme("response", response_legend(answers.response, say)[:2])
    if answers.patrol is not None:
        groups += _of_theme("patrol", (stop_signs(answers.patrol, say),))
    if answers.exits is not None:
        roads = LegendGroup(say("Roads out of town"), _checkpoints(say))
        groups += _of_theme("checkpoints", (roads,))
    now = LegendGroup(
        say("Now"),
        (
            tag_swatch("unit", say("name"), say("unit that is ready")),
            tag_swatch("unit away", say("name"), say("busy or off")),
            tag_swatch("place", "1", say("open incident")),
        ),
    )
    return (*groups, now)


def _of_theme(theme: Theme, groups: Sequence[LegendGroup]) -> list[LegendGroup]:
    """Return the signs of a theme's page that its map here has, shown while the theme is."""
    return [
        LegendGroup(group.title, tuple(replace(s, layers=(SWITCHES[theme],)) for s in signs))
        for group in groups
        if (signs := [s for s in group.swatches if _is_drawn(s)])
    ]


def _is_drawn(sign: Swatch) -> bool:
    """Return whether a sign is of what the overview draws: no views, no shares of villages."""
    first = next(iter(sign.layers), "")
    return first != "views" and not first.startswith(("share_", "cells_"))


def _checkpoints(say: Words) -> tuple[Swatch, ...]:
    return (
        mark_swatch(GUARDS["none"], say("no checkpoint")),
        mark_swatch(GUARDS["one"], say("guarded one way only")),
        mark_swatch(GUARDS["both"], say("guarded both ways")),
        mark_swatch("checkpoint", say("road checkpoint, on duty")),
        mark_swatch("checkpoint_off", say("road checkpoint, off duty")),
    )
