"""Coverage: what the cameras of a town see, place by place, rates side by side, and the gaps."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd

from gis.layers import Layers
from gis.optics import step_px_per_m
from planner.areas_seen import areas_seen, rate_of, villages_seen
from planner.arms import arms_seen
from planner.at_date import as_day, at_date, date_assumptions
from planner.build_counts import build_counts
from planner.camera_list import camera_assumptions
from planner.cells_seen import cell_table
from planner.looks import score, score_seen
from planner.params import CoverageParams
from planner.prepared import Prepared, Settled, prepare
from planner.rates import place_rates, village_cameras
from planner.results import UNKNOWN, Interval, Missing
from planner.results_coverage import Coverage
from planner.sites_seen import SiteLevels, site_levels, standing
from planner.streets_seen import streets_seen


def cover(layers: Layers, params: CoverageParams, *, at: date | str | None = None) -> Coverage:
    """Return what the cameras see of a town, place by place, and the gaps.

    Parameters
    ----------
    layers
        The town with its villages; `planner.assume.complete` provides what is unknown.
    params
        Numbers of coverage.
    at
        The day to answer for, such as "2025-06-30", by when cameras were installed and removed;
        None takes the layers as they stand.

    Returns
    -------
    Coverage
        Figures that lack a layer are None, and `missing` names the layer.

    Raises
    ------
    ParameterError
        If `at` is no day.
    """
    if at is None:
        return finish(prepare(layers, params))
    day = as_day(at)
    coverage = finish(prepare(at_date(layers, day), params))
    return replace(
        coverage,
        at=day.isoformat(),
        assumed=(*coverage.assumed, *date_assumptions(layers, day)),
    )


def finish(prepared: Prepared) -> Coverage:
    """Return the coverage of a town that is made ready.

    Parameters
    ----------
    prepared
        As `planner.prepared.prepare` or `planner.rescore.rescore` returns it.
    """
    settled = prepared.settled
    layers, params, tables = settled.layers, prepared.params, settled.tables
    places, seen = prepared.places, prepared.seen
    known, ground = layers.has("cameras"), places.ground
    area, camera = tables.inside
    at_work = standing(tables.table, "in_use")
    inside = np.bincount(area[at_work[camera]], minlength=len(places.areas.areas))
    villages = villages_seen(layers, ground, seen, village_cameras(layers, tables.table), known)
    levels = _levels(prepared, settled, known)
    streets = _streets(prepared, known)
    totals = {
        "cameras": camera_counts(layers, tables.table),
        "cells": len(ground.cells),
        "open_ground_m2": float(ground.open_m2.sum()),
        "area_rate": rate_of(villages),
        "street_rate": _length_rate(streets),
        **place_rates(layers, levels, tables.table, params),
        "build_counts": build_counts(layers, places.fronts, tables.table, params, tables.serving),
    }
    return Coverage(
        ground.resolution,
        None,
        params.picture_class,
        totals,
        cell_table(ground, seen, settled.shares, places.villages),
        villages,
        areas_seen(places.areas, ground, seen, inside, known),
        levels.sites,
        streets,
        tables.table,
        settled.gaps.table,
        tables.shapes,
        missing_figures(layers),
        camera_assumptions(layers, params, tables.lens),
    )


def camera_counts(layers: Layers, table: pd.DataFrame) -> dict[str, int | None]:
    """Return how many cameras there are by state; all None where the layer is unknown.

    A camera that is indoors or moves counts among those in use as well.

    Parameters
    ----------
    layers
        The town.
    table
        The table `Coverage.cameras`.
    """
    cameras = layers["cameras"]
    status = np.asarray(cameras["status"].array, dtype=object)
    azimuth_deg, fov_deg = (cameras[name].to_numpy(float) for name in ("azimuth_deg", "fov_deg"))
    states = {
        "in_use": pd.isna(status) | (status == "in_use"),
        **{word: status == word for word in ("repair", "removed", "not_yet")},
        **{word: cameras[word].to_numpy(bool, na_value=False) for word in ("indoor", "mobile")},
        "no_place": standing(table, "no_place"),
        "no_azimuth": np.isnan(azimuth_deg) & ~(fov_deg >= 360),
        **{word: table[word].to_numpy(object) != "" for word in ("private", "consent")},
        "unsigned": ~cameras["sign_posted"].to_numpy(bool, na_value=True),
    }
    if "cameras" not in layers.frames:
        return dict.fromkeys(["total", *states])
    return {"total": len(cameras), **{name: int(state.sum()) for name, state in states.items()}}


def _levels(prepared: Prepared, settled: Settled, known: bool) -> SiteLevels:
    """Return the sites on their ladder: what is seen of their fronts and of their arms."""
    places, sight, params = prepared.places, prepared.sight, prepared.params
    in_use, networked, in_service = sight.counts.T[:3].copy()
    serving = networked * in_service
    least_px = step_px_per_m(params.ladder, params.site_class)
    steps = {"in_view": (in_use, 0.0), "at_class": (in_use, least_px)}
    steps["in_service"] = (serving, least_px)
    arms = len(places.arms.arm)
    fronts = {step: score_seen(sight.fronts, *how) for step, how in steps.items()}
    # Whatever counts, it is the same children that somebody looks at.
    seen, in_view = fronts["in_view"]
    unknown = np.full((3, len(places.fronts.place)), np.nan)
    return site_levels(
        settled.layers,
        places.fronts,
        {step: part.shares if known else unknown for step, (_, part) in fronts.items()},
        in_view.px_per_m if known else np.zeros(len(places.fronts.place)),
        settled.tables.table,
        params,
        {
            step: arms_seen(places.arms, score(sight.arms, arms, *how), known)
            for step, how in steps.items()
        },
        serving=settled.tables.serving,
        seen=seen if known else None,
    )


def _streets(prepared: Prepared, known: bool) -> pd.DataFrame:
    samples, sight = prepared.places.streets, prepared.sight
    scores = score(sight.streets, len(samples.row), sight.counts[:, 0].copy())
    return streets_seen(samples, scores, known)


def _length_rate(streets: pd.DataFrame) -> Interval:
    """Return the share of the length of all streets that is seen."""
    length_m = streets["length_m"].to_numpy(float)
    if not len(streets) or streets["value"].isna().any():
        return UNKNOWN
    low, value, high = (
        float((streets[name].to_numpy(float) * length_m).sum() / length_m.sum())
        for name in ("low", "value", "high")
    )
    return Interval(min(max(value, low), high), low, high)


def missing_figures(layers: Layers) -> tuple[Missing, ...]:
    """Return the figures that cannot be had, each with the layers it lacks.

    Parameters
    ----------
    layers
        The town.
    """
    needs: dict[str, tuple[str, ...]] = {
        "area_rate": ("cameras",),
        "village_rate": ("cameras",),
        "street_rate": ("cameras", "streets"),
        "site_rate": ("cameras", "sites"),
        "areas": ("areas",),
        "views_past_buildings": ("buildings",),
    }
    lacking = {figure: layers.missing(*needed) for figure, needed in needs.items()}
    missing = [Missing(figure, tuple(names)) for figure, names in lacking.items() if names]
    kinds = set(layers["sites"]["kind"])
    return tuple(missing) + tuple(
        Missing(f"{kind}_rate", (f"sites of kind {kind}",))
        for kind in ("entrance", "junction")
        if kind not in kinds
    )
