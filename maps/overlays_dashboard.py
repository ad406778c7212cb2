"""Layers of the overview: those of one theme at a time, and what goes on now above them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Literal, get_args

import geopandas as gpd
import shapely

from gis.layers import Layers
from maps.overlays import Feature, Overlay, feature, place_name, thinned
from maps.overlays_cameras import cameras
from maps.overlays_coverage import gaps
from maps.overlays_coverage import ranks as gap_ranks
from maps.overlays_coverage import sites as seen_sites
from maps.overlays_patrol import bases, routes, stops
from maps.overlays_response import circles, sites
from maps.overlays_response import ranks as late_ranks
from maps.units import each_row, known
from maps.words import Words
from planner.patrol import Patrol
from planner.results_coverage import Coverage
from planner.results_response import Response
from planner.week import on_duty

Theme = Literal["coverage", "response", "patrol", "checkpoints"]
THEMES: tuple[Theme, ...] = get_args(Theme)
# Theme to what the address calls it: the layer that its switch shows.
SWITCHES: Mapping[Theme, str] = MappingProxyType(
    {"coverage": "cells", "response": "circles", "patrol": "route_all", "checkpoints": "exits"}
)
# Layers of each theme, lowest first.
LAYERS: Mapping[Theme, tuple[str, ...]] = MappingProxyType(
    {
        "coverage": ("cameras", "places", "gaps", "gap_ranks"),
        "response": ("circles", "minutes", "reached", "late", "late_ranks"),
        "patrol": ("route_all", "stops_all", "bases"),
        "checkpoints": ("posts", "exits", "exit_ranks"),
    }
)
# What goes on now, above every theme.
NOW = ("closed", "closing", "hazards", "units", "cases")
EXITS = "exit"
GUARDS: Mapping[str, str] = MappingProxyType({"both": "met", "one": "perhaps", "none": "late"})
# Teams start close to each other: where is told from this zoom on.
BASES_FROM_ZOOM = 14.5
# Circles are thinned to so many vertices in all: they come over the network.
MOST_VERTICES = 9000
# Gaps are there to be clicked; what is seen of them is the cells.
MOST_GAP_VERTICES = 3000


@dataclass(frozen=True)
class ThemeLayers:
    """The layers of one theme.

    Parameters
    ----------
    overlays
        Lowest first, named as in `LAYERS`.
    """

    overlays: tuple[Overlay, ...] = field(repr=False)

    def document(self, *, close: bool) -> dict[str, Any]:
        """Return layers as the page's script takes them.

        Parameters
        ----------
        close
            True: those that are shown from a zoom on only; False: the others.
        """
        return {
            one.name: {
                "features": one.features,
                "fields": one.fields,
                "from_zoom": one.from_zoom,
            }
            for one in self.overlays
            if bool(one.from_zoom) == close
        }


def empty_layers() -> list[Overlay]:
    """Return the layers of all themes without features, each following its theme's switch."""
    return [
        Overlay(name, [], follows=SWITCHES[theme]) for theme in THEMES for name in LAYERS[theme]
    ]


def coverage_theme(layers: Layers, coverage: Coverage, say: Words) -> ThemeLayers:
    """Return the gaps, places and cameras."""
    shapes = thinned(coverage.gaps.geometry, MOST_GAP_VERTICES)
    thin = replace(coverage, gaps=coverage.gaps.set_geometry(shapes, crs=coverage.gaps.crs))
    made = (
        cameras(layers, coverage, say),
        seen_sites(coverage, say),
        gaps(thin, say),
        gap_ranks(coverage, say),
    )
    return _named("coverage", made)


def response_theme(layers: Layers, response: Response, say: Words) -> ThemeLayers:
    """Return the circles of all units together, whatever they move by, and the places."""
    rings, minutes = circles(_any_mode(response), ANY, say)
    made = (rings, minutes, *sites(layers, response, say), late_ranks(response, say))
    return _named("response", tuple(_rekeyed(one) for one in made))


ANY = "any"


def _any_mode(response: Response) -> Response:
    """Return the answer with one circle for each band: where any unit can be in time."""
    rows = [
        {"mode": ANY, "band_s": band, "geometry": shapely.union_all(thinned(part.geometry))}
        for band, part in response.circles.groupby("band_s")
    ]
    if not rows:
        return response
    table = gpd.GeoDataFrame(rows, geometry="geometry", crs=response.circles.crs)
    return replace(response, circles=table.set_geometry(thinned(table.geometry, MOST_VERTICES)))


def reach_key(key: str) -> str:
    """Return what the overview calls a place that is to be reached; seen places keep their key.

    Examples
    --------
    >>> reach_key("site:p3"), reach_key("unit:u1")
    ('reach:p3', 'unit:u1')
    """
    return f"reach:{key.removeprefix('site:')}" if key.startswith("site:") else key


def _rekeyed(overlay: Overlay) -> Overlay:
    made: list[Feature] = []
    for one in overlay.features:
        about = one["properties"]
        key = {"key": reach_key(about["key"])} if "key" in about else {}
        made.append({**one, "properties": {**about, **key}})
    return replace(overlay, features=made)


def patrol_theme(patrol: Patrol, say: Words) -> ThemeLayers:
    """Return the ways of all teams and their stops."""
    ways = [one for layer in routes(patrol, say) for one in layer.features]
    halts = [one for layer in stops(patrol, say) for one in layer.features]
    starts = replace(bases(patrol, say), from_zoom=BASES_FROM_ZOOM)
    return _named("patrol", (Overlay("routes", ways), Overlay("stops", halts), starts))


def checkpoints_theme(
    layers: Layers, exits: gpd.GeoDataFrame, worst: gpd.GeoDataFrame, minute: int,
    guard_text: Callable[[Any], str], say: Words,
) -> ThemeLayers:  # fmt: skip
    """Return the roads out of town by whether they are guarded, and the road checkpoints.

    Parameters
    ----------
    layers
        The town.
    exits, worst
        The roads out of town, and those to be numbered.
    minute
        Minute of the week: whether a checkpoint is staffed.
    guard_text
        In which directions a road is guarded, in words.
    say
        Words of the page's language.
    """
    ends = [
        feature(
            row.geometry,
            GUARDS[guard_of(row)],
            key=f"{EXITS}:{row.code}",
            title=row.name,
            values=[guard_text(row), row.checkpoints or ""],
        )
        for row in each_row(exits)
    ]
    ranks = [
        feature(row.geometry, "rank", key=f"{EXITS}:{row.code}", title=row.name, tag=str(rank))
        for rank, row in enumerate(each_row(worst), 1)
    ]
    made = (
        _posts(layers, minute, say),
        Overlay("exits", ends, (say("State"), say("Checkpoints"))),
        Overlay("ranks", ranks),
    )
    return _named("checkpoints", made)


def guard_of(row: Any) -> str:
    """Return "both", "one" or "none": in how many directions a road is guarded."""
    return "both" if row.both else "one" if row.inward or row.outward else "none"


def _posts(layers: Layers, minute: int, say: Words) -> Overlay:
    rows = layers["road_checkpoints"]
    open_now = on_duty(rows["hours"].tolist(), minute).tolist() if len(rows) else []
    fields = (say("Kind"), say("State"), say("Road"), say("Directions"), say("Duty hours"))
    ways = {"in": say("into town"), "out": say("out of town"), "both": say("both ways")}
    made = []
    for row, there in zip(each_row(rows), open_now, strict=True):
        staffed = bool(there) and row.kind == "staffed"
        values = [
            say.term("checkpoint", row.kind),
            say("staffed now") if staffed else say("not staffed now"),
            row.road if known(row.road) else "",
            ways.get(row.directions, row.directions) if known(row.directions) else "",
            row.hours if known(row.hours) else "",
        ]
        look = "checkpoint" if there else "checkpoint_off"
        key = f"checkpoint:{row.code}"
        title = place_name(row, say.term("checkpoint", row.kind))
        made.append(feature(row.geometry, look, key=key, title=title, values=values))
    return Overlay("posts", made, fields)


def _named(theme: Theme, overlays: Sequence[Overlay]) -> ThemeLayers:
    """Return layers under the names that the overview knows them by."""
    pairs = zip(LAYERS[theme], overlays, strict=True)
    return ThemeLayers(tuple(replace(one, name=name) for name, one in pairs))
