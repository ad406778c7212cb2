"""What the cameras see: the answer of coverage, with `summary()`, tables and a JSON document."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import geopandas as gpd
import pandas as pd

from planner.results import (
    Assumed,
    Missing,
    missing_lines,
    plain,
    records,
    share_text,
    with_interval,
)

# From a record to a picture that serves: each step of the site rate asks for more.
STEPS = ("attached", "near", "in_view", "at_class", "in_service")
# Which cameras count: all in use; those networked; those in service; with those in repair.
VARIANTS = ("networked", "in_service", "repaired")


@dataclass(frozen=True, eq=False)
class Coverage:
    """What the cameras see of the open ground, and where the gaps are.

    Parameters
    ----------
    resolution
        H3 resolution of the cells.
    at
        The day it holds for, YYYY-MM-DD; None for the town as its layers stand.
    picture_class
        The step of the ladder of pixel densities that the ranges stand for.
    totals
        The `totals` of the JSON document: cameras by state, cells, open_ground_m2, rates.
    cells
        Index `cell` (uint64 H3 id, ascending); columns village (code or NaN), open_m2, low,
        value, high (seen share of the open ground, 0..1), cameras (the most that may see one
        seventh of it), px_per_m (the best pixel density for certain; 0 where unseen), and the
        expected seen share by some of the cameras only: networked, in_service (both those in
        use), repaired (with those in repair).
    villages, areas
        code, name, kind, rural and station (villages), open_ground_m2, value, low, high,
        networked, in_service, repaired, cameras (working ones inside), geometry.
    sites
        code, name, kind, area_class, village (code or NaN), level ("seen", "perhaps", "unseen",
        "cannot_tell"), value, low, high (share of the site's ground seen; of junctions and
        entrances, of their arms), arms (count, NA for other kinds), then one column for each of
        `STEPS` ("yes", "perhaps", "no", or NaN where nobody can tell), px_per_m (the best for
        certain), geometry.
    streets
        street (code), name, length_m, value, low, high (share of its length inside the town).
    cameras
        One row for each camera of the layer: code, name, state ("in_use", "repair", "removed",
        "indoor", "mobile", "not_yet", "no_place"), village, builder, point_class, police_unit,
        azimuth_deg, doubt_deg, fov_deg, range_m, near_m, height_m, px_at_1_m, reach_m by step of
        the ladder as columns reach_STEP_m, view_m2, moved_m (to the facade), past_walls (True
        where heights were used, False where walls were taken as opaque), private_m2 (of
        no_camera areas that it would look into, cut out), private (their codes, by "/"),
        consent (codes of consent_needed areas it looks into), networked, in_service,
        sign_posted.
    gaps
        id, rank, weight, area_m2, cells, lon, lat, village, near (name of what stands there),
        ground (kind of what it is: "street", "site", "open"), sites, incidents (total, NA where
        hidden or unknown), street_m, reason, nearest_camera, distance_m, geometry (outline;
        missing behind the first ranks, see `CoverageParams.gap_outlines`).
    views
        camera (code), certain (False where the direction is in doubt: all that it may see),
        repair (True for cameras in repair), geometry.
    missing
        Figures that cannot be had.
    assumed
        What was taken for granted about the cameras.
    """

    resolution: int
    at: str | None
    picture_class: str
    totals: dict[str, Any]
    cells: pd.DataFrame = field(repr=False)
    villages: gpd.GeoDataFrame = field(repr=False)
    areas: gpd.GeoDataFrame = field(repr=False)
    sites: gpd.GeoDataFrame = field(repr=False)
    streets: pd.DataFrame = field(repr=False)
    cameras: pd.DataFrame = field(repr=False)
    gaps: gpd.GeoDataFrame = field(repr=False)
    views: gpd.GeoDataFrame = field(repr=False)
    missing: tuple[Missing, ...] = ()
    assumed: tuple[Assumed, ...] = ()

    def summary(self) -> str:
        """Return a few lines a person can read."""
        cameras, ground = self.totals["cameras"], self.totals["area_rate"]
        known = cameras["total"] is not None
        lines = [f"On {self.at}:"] if self.at else []
        lines += [
            f"Cameras: {cameras['total']}, in use {cameras['in_use']}, "
            f"direction unknown {cameras['no_azimuth']}"
            + (f", without a place {cameras['no_place']}" if cameras.get("no_place") else "")
            if known
            else "Cameras: unknown",
            f"Open ground: {self.totals['open_ground_m2'] / 1e6:.2f} km2 in "
            f"{self.totals['cells']} cells of resolution {self.resolution}, "
            f"seen {share_text(ground)}",
        ]
        if cameras["total"] and len(self.sites):
            counts = self.sites["level"].value_counts()
            lines.append(
                f"Sites: {len(self.sites)}, seen {counts.get('seen', 0)}, "
                f"perhaps {counts.get('perhaps', 0)}, unseen {counts.get('unseen', 0)}"
            )
        lines.append(f"Gaps: {len(self.gaps)}")
        lines += [
            f"  {gap.rank}. {gap.area_m2:.0f} m2 at {gap.lon:.5f}, {gap.lat:.5f}"
            f"{f' near {gap.near}' if isinstance(gap.near, str) else ''}: {gap.reason}"
            for gap in self.gaps.head(3).itertuples()
        ]
        return "\n".join(lines + missing_lines(self.missing))

    def document(self) -> dict[str, Any]:
        """Return the answer as JSON-ready values, as `fengqiao coverage --json` prints it."""
        ground = ["area_rate", "open_ground_m2", *VARIANTS]
        site = ["code", "name", "kind", "area_class", "village", "level", "seen", "arms", *STEPS]
        return {
            "resolution": self.resolution,
            "at": self.at,
            "picture_class": self.picture_class,
            "totals": plain(self.totals),
            "villages": records(
                with_interval(self.villages, "area_rate"),
                ["code", "name", "rural", "station", "cameras", *ground],
            ),
            "areas": records(
                with_interval(self.areas, "area_rate"), ["code", "name", "kind", *ground]
            ),
            "sites": records(with_interval(self.sites, "seen"), site),
            "cameras": records(self.cameras, list(self.cameras.columns)),
            "gaps": records(self.gaps, [c for c in self.gaps.columns if c != "geometry"]),
        }


def later(tell: Callable[..., Any], *given: Any) -> Any:
    """Return a table for `Coverage` that is put together when it is first read.

    Its numbers should be at hand: what is put off is the table around them.

    Parameters
    ----------
    tell
        Returns the table.
    given
        What it is called with.
    """
    return _Later(partial(tell, *given))


@dataclass(frozen=True)
class _Later:
    """A table that nobody has read yet."""

    tell: Callable[[], pd.DataFrame]


class _Table:
    """An attribute of `Coverage` that may be given as `later`."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, coverage: Coverage | None, kind: type[Coverage]) -> Any:
        if coverage is None:
            return self
        told = vars(coverage)[self.name]
        if isinstance(told, _Later):
            told = vars(coverage)[self.name] = told.tell()
        return told

    def __set__(self, coverage: Coverage, table: pd.DataFrame) -> None:
        vars(coverage)[self.name] = table


for _name in ("cells", "villages", "areas", "sites", "streets", "cameras", "gaps", "views"):
    setattr(Coverage, _name, _Table(_name))
