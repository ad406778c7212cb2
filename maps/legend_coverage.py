"""Legend of the coverage page: what colours and marks mean, and which layers to show."""

from __future__ import annotations

from maps.overlays_coverage import LEVELS, RANKED
from maps.panels import LegendGroup, Swatch, Switch, mark_swatch
from maps.scales import Scale, picture_steps
from maps.style import seen_labels, style
from maps.tiles import drawn_themes, scale_of
from maps.words import Words
from planner.results_coverage import Coverage


def coverage_legend(coverage: Coverage, say: Words) -> tuple[LegendGroup, ...]:
    """Return the legend; themes of the cells that have nothing to show are left out."""
    levels = [level for level in reversed(LEVELS) if coverage.sites["level"].eq(level).any()]
    places = LegendGroup(
        say("Places"),
        tuple(mark_swatch(level, say.term("level", level)) for level in levels),
        (Switch("sites", say("places")),),
    )
    if coverage.totals["area_rate"].value is None:
        return (places,)
    return (_cells(coverage, say), _gaps(say), places, _cameras(coverage, say))


def class_swatch(
    scale: Scale, edges: list[str], text: str, layers: tuple[str, ...], *, start: str = "0"
) -> Swatch:
    """Return the legend's row of classes.

    Parameters
    ----------
    scale
        The classes.
    edges
        The upper edge of each class, or its word where `start` is "".
    text
        What they mean.
    layers
        Themes that are coloured so.
    start
        The lower edge of the first class.
    """
    parts = list(zip(scale.colours, scale.opacities, edges, scale.hatched, strict=True))
    return Swatch(text, "classes", (start, parts), layers)


def _cells(coverage: Coverage, say: Words) -> LegendGroup:
    words = {
        "cells": say("expected"),
        "cells_low": say("at least"),
        "cells_high": say("at most"),
        "cells_networked": say("networked cameras only"),
        "cells_in_service": say("cameras in service only"),
        "cells_repaired": say("with those in repair"),
        "cells_cameras": say("number of cameras"),
        "cells_picture": say("finest picture"),
    }
    shown = drawn_themes(coverage)
    shares = tuple(theme for theme in shown if scale_of(theme).name == "seen")
    swatches = [
        class_swatch(
            scale_of("cells"),
            seen_labels(),
            say("of open ground seen: dark = unseen, pale = seen"),
            shares,
        )
    ]
    if "cells_cameras" in shown:
        text = say("cameras that may see it: dark = none")
        counts = ["0", "1", "2", say("3 or more")]
        swatches.append(
            class_swatch(scale_of("cells_cameras"), counts, text, ("cells_cameras",), start="")
        )
    if "cells_picture" in shown:
        steps = [say.term("step", step) for step in picture_steps(coverage.picture_class)]
        classes = [say.term("level", "unseen"), *steps]
        text = say("finest picture for certain; classes as in the ladder")
        scale = scale_of("cells_picture", coverage)
        swatches.append(class_swatch(scale, classes, text, ("cells_picture",), start=""))
    return LegendGroup(
        say("Colours of the ground"),
        tuple(swatches),
        tuple(Switch(theme, words[theme]) for theme in shown),
        "radio",
        shown[1:],
    )


def _gaps(say: Words) -> LegendGroup:
    line = (style()["status"]["not_met"], 0.12, 3, "")
    return LegendGroup(
        say("Gaps"),
        (Swatch(say("worst {n}", n=RANKED), "area", line),),
        (Switch("gaps", say("gap outlines")),),
    )


def _cameras(coverage: Coverage, say: Words) -> LegendGroup:
    accent, grey = style()["tokens"]["light"]["accent"], style()["status"]["cannot_tell"]
    shapes = ("views",)
    signs = [
        mark_swatch("camera", say("direction known")),
        mark_swatch("camera_doubt", say("direction in doubt")),
        mark_swatch("camera_off", say("out of use")),
        Swatch(say("view"), "area", (accent, 0.18, 1, ""), shapes),
        Swatch(say("all it may see"), "area", (accent, 0.05, 1.5, "4 5"), shapes),
    ]
    if "repair" in coverage.views and coverage.views["repair"].any():
        signs.append(Swatch(say("view, in repair"), "area", (grey, 0.08, 1.5, "1 4"), shapes))
    return LegendGroup(
        say("Cameras"),
        tuple(signs),
        (Switch("cameras", say("cameras")), Switch("views", say("views"))),
        off=("views",),
    )
