"""Gates, bollards and turn restrictions of the made-up town."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import shapely

from gis.sample_streets import end_nodes
from gis.sample_town import Town

# A gate stands on its street within this distance.
ON_STREET_M = 0.5
BOLLARDS = 60
RESTRICTIONS = 12


def barriers_of(town: Town, rng: np.random.Generator) -> pd.DataFrame:
    """Return the layer of barriers, geometry in metres: gates of estates, bollards in lanes.

    Parameters
    ----------
    town
        The built town.
    rng
        Source of chance.
    """
    lines = town.streets["geometry"].to_numpy()
    near, _ = shapely.STRtree(lines).query_nearest(
        town.gates["geometry"].to_numpy(), max_distance=ON_STREET_M, all_matches=False
    )
    gates = town.gates.iloc[near]
    lanes = lines[(town.streets["highway"] == "living_street").to_numpy()]
    lanes = lanes[shapely.length(lanes) > 18]
    chosen = lanes[rng.choice(len(lanes), size=BOLLARDS, replace=False)]
    bollards = pd.DataFrame(
        {
            "geometry": list(shapely.line_interpolate_point(chosen, 7.0)),
            "kind": "bollard",
            "foot": "yes",
            "bicycle": "yes",
            "car": "no",
        }
    )
    barriers = pd.concat([gates, bollards], ignore_index=True)
    codes = [f"W{number:03d}" for number in range(1, len(barriers) + 1)]
    return pd.DataFrame(barriers.assign(code=codes))


def restrictions_of(town: Town, rng: np.random.Generator) -> pd.DataFrame:
    """Return the layer of turn restrictions: no left turn where main roads meet.

    Parameters
    ----------
    town
        The built town.
    rng
        Source of chance.

    Returns
    -------
    DataFrame
        The layer's columns; streets end at every crossing, so that each row names one turn.
    """
    streets = town.streets[town.streets["highway"].isin(["secondary", "tertiary"])]
    lines = streets["geometry"].to_numpy()
    tail, head, places = end_nodes(lines)
    ends = np.concatenate([tail, head])
    arms = np.bincount(ends, minlength=len(places))
    everywhere = np.bincount(_nodes_of(town, places), minlength=len(places))
    four = np.flatnonzero((arms == 4) & (everywhere == 4))
    rows: list[dict[str, Any]] = []
    for node in rng.permutation(four)[:RESTRICTIONS].tolist():
        touching = np.flatnonzero((tail == node) | (head == node))
        away = np.array([_bearing(lines[at], from_start=bool(tail[at] == node)) for at in touching])
        come = int(rng.integers(0, 4))
        # Who arrives along an arm has the arm 90 degrees clockwise of it on the left.
        left = int(np.abs((away - away[come] - 90 + 180) % 360 - 180).argmin())
        rows.append(
            {
                "code": f"R{len(rows) + 1:02d}",
                "kind": "no_left_turn",
                "from_street": streets["code"].iloc[touching[come]],
                "via_point": f"N{node:05d}",
                "to_street": streets["code"].iloc[touching[left]],
                "modes": "car",
            }
        )
    return pd.DataFrame(rows)


def _nodes_of(town: Town, places: Any) -> Any:
    """Return which of the places each end of any street stands at, those elsewhere left out."""
    lines = town.streets["geometry"].to_numpy()
    ends = np.concatenate([shapely.get_point(lines, 0), shapely.get_point(lines, -1)])
    tree = shapely.STRtree(shapely.points(places))
    _, at = tree.query(ends, predicate="dwithin", distance=1e-6)
    return at


def _bearing(line: Any, *, from_start: bool) -> float:
    """Return where a line leads from one of its ends, degrees clockwise from north."""
    path = shapely.get_coordinates(line)
    a, b = (path[0], path[1]) if from_start else (path[-1], path[-2])
    return float(np.degrees(np.arctan2(b[0] - a[0], b[1] - a[1])))
