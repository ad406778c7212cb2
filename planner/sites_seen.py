"""Which sites the cameras see, on a ladder from a mere record to a picture that serves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import CRS

from gis import crs as coordinates
from gis.layers import Layers
from gis.villages_of import village_of_rows
from planner.camera_views import in_metres
from planner.frames import Columns, columns_of, found_at, framed
from planner.fronts_seen import SEEN_STEPS, FrontsSeen
from planner.ground import Ground, open_inside
from planner.params import CoverageParams
from planner.results_coverage import STEPS

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# How many margins are tried until a site has open ground.
_WIDER = (1, 2, 4)
# Words of a step, from the worst on.
WORDS = ("no", "perhaps", "yes")
_LEVELS = {"yes": "seen", "perhaps": "perhaps", "no": "unseen"}


@dataclass(frozen=True, eq=False)
class SiteGround:
    """The open ground at the front of each site.

    Parameters
    ----------
    shapes
        (n,) the sites, metres.
    crs
        Their CRS, that of the town.
    village
        (n,) code of the village each lies in, or None.
    site
        (k,) position of a site, ascending.
    place
        (k,) an open child of a cell at its front, as `planner.ground.shapes_of` numbers them;
        neighbouring sites share ground.
    """

    shapes: npt.NDArray[np.object_] = field(repr=False)
    crs: CRS = field(repr=False)
    village: tuple[str | None, ...] = field(repr=False)
    site: Ints = field(repr=False)
    place: Ints = field(repr=False)

    @cached_property
    def size(self) -> Ints:
        """Return how many children are at the front of each site, (n,)."""
        return np.bincount(self.site, minlength=len(self.shapes))

    def summary(self) -> str:
        """Return one line: sites, and how many have open ground."""
        return f"{len(self.shapes)} sites, {len(np.unique(self.site))} with open ground"


@dataclass(frozen=True, eq=False)
class SiteCameras:
    """Which cameras are recorded to serve which sites, whatever their state.

    Parameters
    ----------
    attached, close
        (2, p) positions of a site and of a camera in their layers: the camera carries the site's
        code; it stands within `near_camera_m`.
    """

    attached: Ints = field(repr=False)
    close: Ints = field(repr=False)

    def summary(self) -> str:
        """Return one line: how many pairs."""
        return f"{self.attached.shape[1]} cameras attached, {self.close.shape[1]} pairs close by"

    def of(self, cameras: Bools) -> tuple[Ints, Ints]:
        """Return site and camera of every pair of some cameras (c,), each once, in order."""
        pairs = np.hstack([self.attached, self.close])
        pairs = pairs[:, cameras[pairs[1]]]
        site, camera = np.divmod(np.unique(pairs[0] * len(cameras) + pairs[1]), len(cameras))
        return site, camera


@dataclass(frozen=True, eq=False)
class SiteLevels:
    """What is seen of each site.

    Parameters
    ----------
    columns
        (n,) each, of the table `planner.results_coverage.Coverage.sites`.
    chances
        (n,) for each of `STEPS`: the chance (0..1) that the site stands on that step, NaN where
        nobody can tell.
    index
        The layer's.
    """

    columns: Columns = field(repr=False)
    chances: dict[str, Floats] = field(repr=False)
    index: pd.Index[Any] = field(repr=False)

    @cached_property
    def sites(self) -> gpd.GeoDataFrame:
        """Return the columns as a table."""
        frame: gpd.GeoDataFrame = framed(self.columns, self.index)
        return frame

    def summary(self) -> str:
        """Return one line: how many sites stand on each step for certain."""
        held = ", ".join(f"{step} {int((self.columns[step] == 'yes').sum())}" for step in STEPS)
        return f"{len(self.index)} sites: {held}"


def site_ground(layers: Layers, ground: Ground, params: CoverageParams) -> SiteGround:
    """Return the open ground within `site_margin_m` of each site: its front, and its yard.

    A site without any, such as a bridge, has that within two, at most four times the distance.

    Parameters
    ----------
    layers
        The town: sites and villages.
    ground
        Its cells.
    params
        Numbers of coverage.
    """
    sites = layers["sites"]
    shapes = np.asarray(coordinates.to_metres(sites.geometry, ground.crs).array, object)
    site, place = np.zeros((2, 0), np.int64)
    for wider in _WIDER:
        bare = np.setdiff1d(np.arange(len(sites)), site)
        around = shapely.buffer(shapes[bare], wider * params.site_margin_m, quad_segs=4)
        shape, beside = open_inside(ground, around)
        site, place = np.append(site, bare[shape]), np.append(place, beside)
    order = np.lexsort((place, site))
    village = tuple(village_of_rows(sites, layers["villages"]))
    return SiteGround(shapes, ground.crs, village, site[order], place[order])


def site_levels(
    layers: Layers,
    ground: SiteGround,
    fronts: FrontsSeen,
    cameras: pd.DataFrame | Columns,
    params: CoverageParams,
    arms: Mapping[str, Columns] | None = None,
    *,
    serving: SiteCameras | None = None,
) -> SiteLevels:
    """Return how well each site is seen, and on which steps of the ladder it stands.

    `attached` is a working camera that carries the site's code, `near` one within
    `near_camera_m`. `in_view` holds where at least `site_seen_share` of the site's ground is seen
    (of a junction or an entrance: all of its arms); `at_class` asks the same of pictures as fine
    as `site_class`, and `in_service` of those from cameras that are networked and in service.
    No step by what is seen holds more surely than the one before it.

    Parameters
    ----------
    layers
        The town.
    ground
        As `site_ground` returns it.
    fronts
        As `planner.fronts_seen.fronts_seen` returns it.
    cameras
        One row for each camera of the layer, in its order: state, as in `Coverage.cameras`.
    params
        Numbers of coverage.
    arms
        For the same steps what `planner.arms.arms_seen` returns. A site without arms is judged by
        its ground.
    serving
        As `site_cameras` returns it, if it is at hand.
    """
    sites, n = layers["sites"], len(layers["sites"])
    parts = dict(zip(SEEN_STEPS, fronts.shares.copy(), strict=True))
    least, best = np.full(n, params.site_seen_share), fronts.px_per_m.copy()
    count = pd.arrays.IntegerArray(np.zeros(n, np.int64), np.ones(n, bool))
    for step, told in (arms or {}).items():
        where = told["site"]
        for part, name in zip(parts[step], ("low", "value", "high"), strict=True):
            part[where] = told[name]
        least[where] = 1.0
        if step == "in_view":
            count[where], best[where] = told["arms"], told["px_per_m"]
    if serving is None:
        serving = site_cameras(layers, ground, params)
    recorded = _recorded_steps(layers, n, serving, standing(cameras, "in_use", "no_place"))
    words, chances = _seen_steps(parts, least)
    chances |= {step: _certain_chances(told) for step, told in recorded.items()}
    words |= recorded
    low, value, high = parts["in_view"]
    layer = columns_of(sites)
    columns = {name: layer[name] for name in ("code", "name", "kind", "area_class")} | {
        "village": np.array(ground.village, object),
        "level": np.array(
            [_LEVELS.get(word, "cannot_tell") for word in words["in_view"].tolist()], object
        ),
        "value": value,
        "low": low,
        "high": high,
        "arms": count,
        **{step: words[step] for step in STEPS},
        "px_per_m": best,
        "geometry": layer["geometry"],
    }
    steps = {step: chances[step] for step in STEPS}
    return SiteLevels(columns, steps, sites.index)


def site_cameras(layers: Layers, ground: SiteGround, params: CoverageParams) -> SiteCameras:
    """Return which cameras are recorded to serve which sites.

    Parameters
    ----------
    layers
        The town, or the same with some of its cameras.
    ground
        As `site_ground` returns it.
    params
        `near_camera_m`.
    """
    every = np.ones(len(layers["cameras"]), bool)
    return SiteCameras(
        _attached_pairs(layers, every),
        _close_pairs(layers, ground, every, params.near_camera_m),
    )


def standing(cameras: pd.DataFrame | Columns, *states: str) -> Bools:
    """Return which rows of the table of cameras are in one of the states, (n,).

    Examples
    --------
    >>> standing(pd.DataFrame({"state": ["in_use", "repair", "removed"]}), "in_use").tolist()
    [True, False, False]
    """
    told = np.asarray(columns_of(cameras)["state"], dtype=object)
    held = [told == state for state in states]
    return np.asarray(np.logical_or.reduce(held), bool)


def _recorded_steps(
    layers: Layers, n: int, serving: SiteCameras, working: Bools
) -> dict[str, npt.NDArray[np.object_]]:
    """Return the words of the steps told by records: certain, or unknown without cameras."""
    if not layers.has("cameras"):
        return {step: np.full(n, np.nan, object) for step in ("attached", "near")}
    pairs = {"attached": serving.attached, "near": serving.close}
    held = {
        step: np.bincount(site[working[camera]], minlength=n) > 0
        for step, (site, camera) in pairs.items()
    }
    return {step: np.where(holds, "yes", "no").astype(object) for step, holds in held.items()}


def _attached_pairs(layers: Layers, cameras: Bools) -> Ints:
    """Return site and camera, (2, p), by the site codes that cameras carry."""
    attached = columns_of(layers["cameras"])["site_code"]
    rows = np.flatnonzero(cameras & ~attached.isna())
    if not len(rows):
        return np.zeros((2, 0), np.int64)
    codes = columns_of(layers["sites"])["code"]
    site = found_at(attached[rows].tolist(), codes.tolist())
    return np.stack([site, rows])[:, site >= 0].astype(np.int64)


def _close_pairs(layers: Layers, ground: SiteGround, cameras: Bools, distance_m: float) -> Ints:
    """Return site and camera, (2, p), by the distance between the two shapes."""
    shapes = np.asarray(columns_of(layers["cameras"])["geometry"], dtype=object)
    rows = np.flatnonzero(cameras & ~shapely.is_missing(shapes) & ~shapely.is_empty(shapes))
    if not len(rows) or not len(ground.shapes):
        return np.zeros((2, 0), np.int64)
    tree = shapely.STRtree(in_metres(shapes[rows], ground.crs))
    site, row = tree.query(ground.shapes, predicate="dwithin", distance=distance_m)
    return np.stack([site, rows[row]]).astype(np.int64)


def _seen_steps(
    parts: Mapping[str, Floats], least: Floats
) -> tuple[dict[str, npt.NDArray[np.object_]], dict[str, Floats]]:
    """Return words and chances of the steps by what is seen, each no surer than the one before."""
    words: dict[str, npt.NDArray[np.object_]] = {}
    chances: dict[str, Floats] = {}
    top, most = np.full(len(least), 2), np.ones(len(least))
    for step in SEEN_STEPS:
        low, value, high = parts[step]
        with np.errstate(invalid="ignore"):
            rank = np.where(low >= least, 2, np.where(high >= least, 1, 0))
        # What may be seen is seen with the mean chance of the ground that is in doubt.
        doubt = high - low
        chance = np.divide(value - low, doubt, out=np.zeros(len(low)), where=doubt > 0)
        top = np.minimum(top, rank)
        most = np.minimum(most, np.select([top == 2, top == 1], [1.0, np.clip(chance, 0, 1)], 0.0))
        unknown = np.isnan(value)
        words[step] = np.where(unknown, np.nan, np.array(WORDS, object)[top])
        chances[step] = np.where(unknown, np.nan, most)
    return words, chances


def _certain_chances(words: npt.NDArray[np.object_]) -> Floats:
    """Return 1 for yes, 0 for no, NaN where nobody can tell."""
    return np.select([words == "yes", words == "no"], [1.0, 0.0], np.nan)
