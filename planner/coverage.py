"""Coverage: what the cameras of a town see, place by place, rates side by side, and the gaps."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd

from gis.layers import Layers
from planner.areas_seen import areas_seen, rate_of, villages_seen
from planner.arms import arms_seen
from planner.at_date import as_day, at_date, date_assumptions
from planner.build_counts import build_counts
from planner.camera_list import camera_assumptions
from planner.cells_seen import cell_table
from planner.frames import Columns, columns_of, framed
from planner.fronts_seen import seen_steps
from planner.looks import score, score_seen
from planner.params import CoverageParams
from planner.prepared import Prepared, Settled, prepare
from planner.rates import place_rates, village_cameras
from planner.results import UNKNOWN, Interval, Missing
from planner.results_coverage import Coverage, later
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
    working = village_cameras(layers, tables.table)
    villages = villages_seen(layers, ground, seen, working, known)
    areas = areas_seen(places.areas, ground, seen, inside, known)
    levels = _levels(prepared, settled, known)
    streets = _streets(prepared, known)
    totals = {
        "cameras": camera_counts(layers, tables.table),
        "cells": len(ground.cells),
        "open_ground_m2": float(ground.open_m2.sum()),
        "area_rate": rate_of(villages),
        "street_rate": _length_rate(streets),
        **place_rates(layers, levels, tables.table, params, working),
        "build_counts": build_counts(layers, places.fronts, tables.table, params, tables.serving),
    }
    return Coverage(
        ground.resolution,
        None,
        params.picture_class,
        totals,
        later(cell_table, ground, seen, known, places.villages),
        later(framed, villages, layers["villages"].index),
        later(framed, areas, places.areas.areas.index),
        later(getattr, levels, "sites"),
        later(framed, streets),
        later(framed, tables.table),
        later(getattr, settled.gaps, "table"),
        later(framed, tables.shapes),
        missing_figures(layers),
        camera_assumptions(layers, params, tables.lens),
    )


def camera_counts(layers: Layers, table: Columns) -> dict[str, int | None]:
    """Return how many cameras there are by state; all None where the layer is unknown.

    A camera that is indoors or moves counts among those in use as well.

    Parameters
    ----------
    layers
        The town.
    table
        Columns of the table `Coverage.cameras`.
    """
    cameras = columns_of(layers["cameras"])
    azimuth_deg, fov_deg = cameras["azimuth_deg"], cameras["fov_deg"]
    status = np.asarray(cameras["status"], dtype=object)
    is_status = {word: status == word for word in ("in_use", "repair", "removed", "not_yet")}
    states = {
        **is_status,
        "in_use": pd.isna(status) | is_status["in_use"],
        **{word: cameras[word].to_numpy(bool, na_value=False) for word in ("indoor", "mobile")},
        "no_place": standing(table, "no_place"),
        "no_azimuth": np.isnan(azimuth_deg) & ~(fov_deg >= 360),
        **{word: table[word] != "" for word in ("private", "consent")},
        "unsigned": ~cameras["sign_posted"].to_numpy(bool, na_value=True),
    }
    if "cameras" not in layers.frames:
        return dict.fromkeys(["total", *states])
    return {"total": len(status), **{name: int(state.sum()) for name, state in states.items()}}


def _levels(prepared: Prepared, settled: Settled, known: bool) -> SiteLevels:
    """Return the sites on their ladder: what is seen of their fronts and of their arms."""
    places, sight, params = prepared.places, prepared.sight, prepared.params
    arms, steps = len(places.arms.arm), seen_steps(sight.counts, params)
    return site_levels(
        settled.layers,
        places.fronts,
        settled.fronts,
        settled.tables.table,
        params,
        {
            step: arms_seen(places.arms, score(sight.arms, arms, *how), known)
            for step, how in steps.items()
        },
        serving=settled.tables.serving,
    )


def _streets(prepared: Prepared, known: bool) -> Columns:
    sight = prepared.sight
    seen, scores = score_seen(sight.streets, sight.counts[:, 0].copy())
    return streets_seen(prepared.places.streets, seen, scores, known)


def _length_rate(streets: Columns) -> Interval:
    """Return the share of the length of all streets that is seen."""
    length_m = streets["length_m"]
    if not len(length_m) or np.isnan(streets["value"]).any():
        return UNKNOWN
    low, value, high = (
        float((streets[name] * length_m).sum() / length_m.sum())
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
