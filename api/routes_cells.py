"""One hexagon of the coverage for programs; people click on it in the planner's map."""

from __future__ import annotations

from typing import Annotated, Any

import pandas as pd
from fastapi import APIRouter, Path

from api.cli_terms import document_head
from api.models import CellDocument
from api.planner_cells import CellTold, Watcher
from api.planner_desk import Planned
from gis.hexes import centres, from_text

router = APIRouter()

H3 = Annotated[
    str, Path(pattern="^[0-9a-f]{15}$", description="Its H3 id.", examples=["8c309a64c8801ff"])
]


@router.get("/cells/{h3}", response_model=None, responses={200: {"model": CellDocument}})
def cell(h3: H3, desk: Planned) -> dict[str, Any]:
    """Return how much of a hexagon is seen, by which cameras, why no more, and its gap."""
    told = desk.cells().of(h3)
    head = document_head("cell", desk.view.layers, params={"h3": h3})
    return {**head, "warnings": desk.view.warnings("coverage"), **cell_facts(told)}


def cell_facts(told: CellTold) -> dict[str, Any]:
    """Return what is known of a cell, as JSON has it.

    Parameters
    ----------
    told
        The cell. Positions are degrees, shares 0..1; null = unknown.
    """
    row, gap = told.row, told.gap
    (lon,), (lat,) = centres(from_text([told.h3]))
    shares = (
        None if row is None else {name: _number(row[name]) for name in ("value", "low", "high")}
    )
    return {
        "h3": told.h3,
        "lon": float(lon),
        "lat": float(lat),
        "seen_share": shares,
        "village": None if row is None or pd.isna(row["village"]) else str(row["village"]),
        "cameras": [_camera(one) for one in told.seen_by],
        "near": [_camera(one) for one in told.not_by],
        "gap": None
        if gap is None
        else {
            "id": str(gap.id),
            "rank": int(gap.rank),
            "area_m2": float(gap.area_m2),
            "reason": str(gap.reason),
        },
    }


def _camera(one: Watcher) -> dict[str, Any]:
    return {
        "code": one.code,
        "name": one.name,
        "share": one.share,
        "certain": one.certain,
        "distance_m": _number(one.away_m),
        "reason": one.reason or None,
    }


def _number(value: Any) -> float | None:
    return None if pd.isna(value) else float(value)
