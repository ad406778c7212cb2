"""What speaks for each guess of a file's datum: where its points would stand in the town.

A shift of 500 m is plain to see on a map: cameras leave the streets and stand in houses and
ponds. The same is counted here for each hypothesis, so that a person can judge; a file is never
moved on this evidence alone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gis.crs import NAMED_CRS
from gis.datum import (
    SWAPPED,
    TOWN_EDGE_DEG,
    UNSHIFTS,
    are_degrees,
    declared,
    degrees_of,
    guess_projected,
    sampled,
)
from gis.datum_ground import ROADSIDE_M, Box, Flags, Floats, Ground, Surroundings, ground_of
from gis.datum_kernels import CHINA, within
from gis.errors import DatumUndeclaredError
from gis.layers import Layers

DATUMS = ("wgs84", *UNSHIFTS)
# Layers whose points stand in buildings, and those whose points may stand anywhere in the town;
# those of the others are looked for along the streets.
INDOORS = ("addresses", "buildings", "sites", "stations")
ANYWHERE = ("villages", "grids", "areas")
# One hypothesis fits clearly better than another: by this much, and this many times.
CLEAR_MARGIN, CLEAR_RATIO = 0.3, 2.0


@dataclass(frozen=True)
class Evidence:
    """Where the points of a file would stand if its coordinates were of one kind.

    Parameters
    ----------
    name
        The hypothesis: "wgs84", "gcj02", "bd09", "EPSG:4549", or one of these and " swapped".
    points
        How many points were looked at.
    well_placed
        Share of them that stand where points of the layer should; what hypotheses are ranked by.
    on_roads
        Share within 15 m of the middle of a street; None if the town has no streets.
    in_buildings
        Share in a building; None if the town has no buildings.
    in_water
        Share in an area of kind water; None if the town has none.
    in_town
        Share in the villages, else in the town's extent, else in the box of what the town has.
    median_road_m
        Median distance to the nearest street, metres; None without streets, or if half of the
        points would not be on earth.
    """

    name: str
    points: int
    well_placed: float
    on_roads: float | None
    in_buildings: float | None
    in_water: float | None
    in_town: float
    median_road_m: float | None

    def summary(self, width: int = 0) -> str:
        """Return one line, the name padded to a width; lines of one town are aligned."""
        far = "" if self.median_road_m is None else f" (median {self.median_road_m:5.0f} m)"
        parts = [
            (self.on_roads, f"within {ROADSIDE_M:.0f} m of a street{far}"),
            (self.in_buildings, "in a building"),
            (self.in_water, "in water"),
            (self.in_town, "in the town"),
        ]
        known = [f"{share:4.0%} {place}" for share, place in parts if share is not None]
        return f"{self.name:<{width}}  {', '.join(known)}"

    def document(self) -> dict[str, str | int | float | None]:
        """Return every figure by its name, ready for JSON."""
        return dict(vars(self))


def weigh(
    lon: npt.ArrayLike,
    lat: npt.ArrayLike,
    town: Layers,
    *,
    names: Sequence[str] = DATUMS,
    layer: str = "cameras",
) -> tuple[Evidence, ...]:
    """Return what speaks for each hypothesis about the coordinates of some points.

    At most 2,000 points are looked at, evenly through the file.

    Parameters
    ----------
    lon, lat
        (n,) coordinates as the file has them.
    town
        Its streets, buildings, water and villages, EPSG:4326, are what points are compared with.
    names
        Hypotheses: whatever `gis.datum.declared` knows, and any of it with " swapped" behind, for
        coordinates whose axes are exchanged.
    layer
        Layer of the points. Cameras stand near streets, not in buildings or water; so do the
        points of other layers, save sites, addresses and stations (in buildings), and villages,
        grids and areas (anywhere in the town).

    Returns
    -------
    tuple
        One for each name, best first, hypotheses of equal worth in the order of `names`; none
        if there are no points or the town has nothing to compare them with.

    Raises
    ------
    ParameterError, CrsError
        If a name is not known.

    Examples
    --------
    >>> from geopandas import GeoSeries
    >>> street = GeoSeries.from_wkt(["LINESTRING (120.70 30.1, 120.71 30.1)"], crs="EPSG:4326")
    >>> town = Layers("one street", {"streets": street.to_frame("geometry")})
    >>> for evidence in weigh([120.706], [30.10005], town):
    ...     print(evidence.summary(5))
    wgs84  100% within 15 m of a street (median     6 m), 100% in the town
    gcj02    0% within 15 m of a street (median   282 m),   0% in the town
    bd09     0% within 15 m of a street (median   601 m),   0% in the town
    """
    x, y = sampled(lon, lat)
    ground = ground_of(town)
    return () if ground is None else _weighed(x, y, ground, names, layer)


def undeclared(
    source: str,
    lon: npt.ArrayLike,
    lat: npt.ArrayLike,
    town: Layers | None,
    *,
    layer: str = "cameras",
) -> DatumUndeclaredError:
    """Return the error for a file that does not say what its coordinates are.

    The message shows what speaks for each guess and how to declare one: WGS 84, GCJ-02 and BD-09
    for degrees, projected systems for other numbers, and either with axes swapped where only
    that puts the points in the town.

    Parameters
    ----------
    source
        Name of the file, for the message.
    lon, lat
        (n,) coordinates as the file has them.
    town
        What to compare with; None if there is no town yet.
    layer
        Layer of the points, as for `weigh`.

    Examples
    --------
    >>> print(undeclared("cameras.csv", [120.7], [30.1], None))
    cameras.csv does not say what its coordinates are: say it, such as --crs gcj02 (known are
    wgs84, cgcs2000, gcj02, bd09, EPSG:<number>).
    There is nothing to compare them with: import streets or buildings first.
    """
    x, y = sampled(lon, lat)
    ground = None if town is None else ground_of(town)
    names = _hypotheses(x, y, None if ground is None else ground.box)
    evidence = () if ground is None else _weighed(x, y, ground, names, layer)
    width = max((len(name) for name in names), default=0)
    message = [
        f"{source} does not say what its coordinates are: say it, such as --crs gcj02 "
        f"(known are {', '.join([*NAMED_CRS, *UNSHIFTS])}, EPSG:<number>).",
        _verdict(names, evidence, ground),
        *(f"  {one.summary(width)}" for one in evidence),
    ]
    return DatumUndeclaredError("\n".join(message), evidence)


def doubt(
    declared_name: str,
    lon: npt.ArrayLike,
    lat: npt.ArrayLike,
    town: Layers | None,
    *,
    layer: str = "cameras",
) -> str | None:
    """Return a warning where another datum fits clearly better than the declared one.

    Clearly better is: at least twice as many points stand where they should, at least 30 in 100
    more, and more by twice what chance does with so few points.

    Parameters
    ----------
    declared_name
        What the file or its keeper says, as `gis.datum.declared` knows it.
    lon, lat
        (n,) degrees as they are before any shift is undone; for a projected system, the degrees
        that it gives.
    town
        What to compare with; None if there is no town yet.
    layer
        Layer of the points, as for `weigh`.

    Returns
    -------
    str or None
        One line; None where there is nothing to say.

    Raises
    ------
    ParameterError, CrsError
        If `declared_name` is not known.

    Examples
    --------
    >>> from geopandas import GeoSeries
    >>> street = GeoSeries.from_wkt(["LINESTRING (120.70 30.1, 120.71 30.1)"], crs="EPSG:4326")
    >>> town = Layers("one street", {"streets": street.to_frame("geometry")})
    >>> doubt("gcj02", np.linspace(120.70, 120.71, 20), np.full(20, 30.1), town)
    'taken as gcj02, 0% of 20 points stand where cameras should; as wgs84, 100% would: check which
    it is, and import the file again with --crs wgs84'
    """
    said = declared(declared_name)
    x, y = sampled(lon, lat)
    if town is None or not len(x) or not are_degrees(x, y):
        return None
    evidence = weigh(x, y, town, layer=layer)
    own = next((one for one in evidence if one.name == (said.shift or "wgs84")), None)
    if own is None or not _clear(evidence[0], own):
        return None
    best = evidence[0]
    advice = f"import the file again with --crs {best.name}"
    if not said.crs.is_geographic:
        advice = f"whether it was {best.name} before it was projected"
    return (
        f"taken as {said.name}, {own.well_placed:.0%} of {own.points} points stand where {layer} "
        f"should; as {best.name}, {best.well_placed:.0%} would: check which it is, and {advice}"
    )


def _hypotheses(x: Floats, y: Floats, box: Box | None) -> tuple[str, ...]:
    """Return what coordinates like these may be, in a town if it is known, else in China."""
    if len(x) and not are_degrees(x, y):
        return guess_projected(x, y, box) or guess_projected(x, y)
    place, edge_deg = (CHINA, 0.0) if box is None else (box, TOWN_EDGE_DEG)
    straight, swapped = within(place, x, y, edge_deg), within(place, y, x, edge_deg)
    if swapped.sum() > straight.sum():
        return tuple(f"{name}{SWAPPED}" for name in DATUMS)
    return DATUMS


def _clear(best: Evidence, other: Evidence) -> bool:
    """Return whether one hypothesis fits clearly better than another."""
    # The standard error of the difference of two shares is sqrt(0.5 / n) at most.
    by_chance = 2 * math.sqrt(0.5 / best.points)
    margin = best.well_placed - other.well_placed
    twice = best.well_placed >= CLEAR_RATIO * other.well_placed
    return twice and margin >= max(CLEAR_MARGIN, by_chance)


def _verdict(names: Sequence[str], evidence: Sequence[Evidence], ground: Ground | None) -> str:
    """Return what the evidence comes to, in one or two sentences."""
    if not names:
        return "None of those tried puts them into China: are they metres from a local origin?"
    plain = [name.removesuffix(SWAPPED) for name in names]
    likeliest = evidence[0].name if evidence else names[0]
    exchanged = likeliest.endswith(SWAPPED)
    turn = "Their axes look exchanged: exchange the two columns. " if exchanged else ""
    if ground is None:
        likely = "" if plain[0] in DATUMS else f"They may be {', '.join(plain)}. "
        none = "There is nothing to compare them with: import streets or buildings first."
        return f"{turn}{likely}{none}"
    if not evidence:
        return "No row has a place that could be compared with this town."
    name = likeliest.removesuffix(SWAPPED)
    if not any(one.in_town for one in evidence):
        return "None of those tried puts them into this town:"
    if len(evidence) == 1:
        return f"{turn}Only {name} puts them into this town; if that is right, --crs {name}:"
    if ground.streets is None and ground.buildings is None:
        return f"{turn}To tell a shift of 500 m, import streets or buildings first:"
    if _clear(evidence[0], evidence[1]):
        return f"{turn}By far the best fit is {name}; if that is right, --crs {name}:"
    return f"{turn}This town does not tell which it is; ask who made the file:"


def _weighed(
    x: Floats, y: Floats, ground: Ground, names: Sequence[str], layer: str
) -> tuple[Evidence, ...]:
    if not len(x):
        return ()
    found = [_evidence(name, x, y, ground, layer) for name in names]
    return tuple(sorted(found, key=lambda evidence: -evidence.well_placed))


def _evidence(name: str, x: Floats, y: Floats, ground: Ground, layer: str) -> Evidence:
    lon, lat = _placed(name, x, y)
    seen = ground.look(lon, lat)
    median_m = np.inf if seen.road_m is None else float(np.median(seen.road_m))
    return Evidence(
        name,
        len(x),
        float(_well_placed(layer, seen).mean()),
        _share(seen.near),
        _share(seen.built),
        _share(seen.wet),
        float(seen.home.mean()),
        median_m if np.isfinite(median_m) else None,
    )


def _share(flags: Flags | None) -> float | None:
    return None if flags is None else float(flags.mean())


def _placed(name: str, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Return points as WGS 84 under one hypothesis; infinite where that cannot be."""
    known = declared(name.removesuffix(SWAPPED))
    if name.endswith(SWAPPED):
        x, y = y, x
    lon, lat = degrees_of(known.crs, x, y)
    return UNSHIFTS[known.shift](lon, lat) if known.shift else (lon, lat)


def _well_placed(layer: str, seen: Surroundings) -> Flags:
    """Return which points stand where points of a layer should, as far as the town can tell."""
    if layer in ANYWHERE:
        return seen.home
    anywhere = np.ones_like(seen.home)
    dry = anywhere if seen.wet is None else ~seen.wet
    if layer in INDOORS:
        return dry & (seen.home if seen.built is None else seen.built)
    free = anywhere if seen.built is None else ~seen.built
    return dry & free & (seen.home if seen.near is None else seen.near)
