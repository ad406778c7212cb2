"""Drawing grids: each village divided into compact grids of like many households."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Collection, Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from gis.crs import crs_of_frames, to_metres
from gis.errors import LayerMissingError, NotFoundError, ParameterError
from gis.layers import WGS84, Layers, conform
from gis.profiles import load
from planner.grids_blocks import VillageBlocks, blocks_of, cut_town, households_of_faces
from planner.grids_drawn import draw_grids, named, plain_name
from planner.grids_households import UNKNOWN, find_households
from planner.grids_lines import Faces
from planner.grids_proposal import VILLAGE_COLUMNS, GridProposal, figures
from planner.ground import Ints, sums
from planner.solvers.regions import Blocks, Division, Search, Weights, divide

Progress = Callable[[str, int, int], None]

MOST_GRIDS = 999  # of a village: their numbers have three digits
# By how much villages may overlap without a word.
SAME_AREA_M2 = 1.0


def propose(
    layers: Layers,
    *,
    low: int,
    high: int,
    villages: Collection[str] | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> GridProposal:
    """Return grids of `low` to `high` households that fill each village.

    Villages are cut into blocks along streets and the banks of water, large blocks along
    straight lines between buildings, and blocks are joined into grids (`planner.solvers.regions`)
    that hang together, are compact, and keep to streets and water where they can. A village with
    fewer than `low` households is one grid.

    Parameters
    ----------
    layers
        The town: villages, and what there is of buildings, addresses, streets and areas of kind
        water. It is not changed.
    low, high
        Households that a grid should have, both allowed.
    villages
        Codes of the villages to divide; None for all.
    seed
        Where the search begins, 0 or more; the same seed gives the same grids.
    progress
        Called with the name of the step that begins, its number, and how many there are.

    Raises
    ------
    LayerMissingError
        If the town has no villages.
    NotFoundError
        If there is no village of a code; all such are named.
    ParameterError
        If the range is no range, or so low that a village would need more than 999 grids.

    Examples
    --------
    >>> field = gpd.GeoDataFrame(
    ...     {"code": ["330602017219"], "name": ["民生村"], "households": [800]},
    ...     geometry=[shapely.box(120.70, 30.10, 120.71, 30.105)], crs=WGS84,
    ... )
    >>> town = Layers("Town", {"villages": conform(field, "villages")})
    >>> grids = propose(town, low=300, high=500).grids
    >>> grids[["code", "name"]].values.tolist()
    [['330602017219001', '民生村第1网格'], ['330602017219002', '民生村第2网格']]
    >>> int(grids["households"].sum()), bool(grids["within"].all())
    (800, True)
    """
    chosen = _check(layers, low, high, villages)
    table = load("grids")
    frame = layers["villages"]
    crs = crs_of_frames(frame)
    tell = progress or (lambda step, done, steps: None)
    tell("blocks", 0, len(chosen) + 1)
    households = find_households(layers, frame, crs, table["households"])
    parts = np.ones(len(frame), np.int64)
    parts[chosen] = [_choices(int(total), low, high)[0] for total in households.total[chosen]]
    _check_parts(frame, parts)
    faces = cut_town(layers, households, parts, crs, table)
    held = households_of_faces(faces, households)

    grids, rows = [], []
    for done, v in enumerate(chosen):
        code, name = str(frame["code"].iloc[v]), frame["name"].iloc[v]
        place = code if pd.isna(name) else plain_name(str(name), table["names"])
        tell(place, done + 1, len(chosen) + 1)
        cut = blocks_of(v, faces, held, int(parts[v]), table["blocks"])
        start = np.random.SeedSequence((seed, zlib.crc32(code.encode()))).generate_state(1)[0]
        division = _best_division(cut.blocks, low, high, table, int(start))
        drawn = draw_grids(
            faces.shapes[cut.faces], division.region[cut.block], division.households, crs
        )
        if households.basis[v] == UNKNOWN:
            drawn["households"] = pd.array([pd.NA] * len(drawn), dtype="Int64")
        drawn["within"] = (drawn["households"] >= low) & (drawn["households"] <= high)
        grids.append(named(drawn, code, place))
        along_m, inner_m = _followed(faces, cut, division)
        rows.append(
            {
                "code": code,
                "name": name,
                **figures(drawn),
                "basis": households.basis[v],
                "possible": _is_possible(int(households.total[v]), low, high),
                "along_m": along_m,
                "inner_m": inner_m,
                "note": _note(division, cut.blocks, households.basis[v], low, high),
            }
        )
    tell("done", len(chosen) + 1, len(chosen) + 1)
    counts = dict.fromkeys(("households", "fewest", "most"), "Int64")
    report = pd.DataFrame(rows).astype(counts)
    report["along"] = report["along_m"] / report["inner_m"].where(report["inner_m"] > 0)
    proposed = conform(gpd.GeoDataFrame(pd.concat(grids, ignore_index=True), crs=WGS84), "grids")
    return GridProposal(
        *(low, high, seed, proposed, report[VILLAGE_COLUMNS], _totals(proposed, report)),
        *(layers.town, layers.made_up, layers.revision, layers.attribution),
        assumed=households.assumed,
        warnings=_warnings(frame, faces, crs, chosen),
    )


def _check(layers: Layers, low: int, high: int, villages: Collection[str] | None) -> list[int]:
    """Return the positions of the villages to divide; raise if anything asked for is wrong."""
    if not 1 <= low <= high:
        msg = f"a grid cannot have {low} to {high} households: MIN must be 1 or more, MAX not less"
        raise ParameterError(msg)
    if not layers.has("villages"):
        raise LayerMissingError("a proposal of grids", ["villages"])
    codes = layers["villages"]["code"].tolist()
    if villages is None:
        return list(range(len(codes)))
    unknown = sorted(set(villages) - set(codes))
    if unknown:
        msg = f"no village of the code {', '.join(unknown)}; there are: {', '.join(codes[:30])}"
        raise NotFoundError(f"{msg}, ..." if len(codes) > 30 else msg)
    return [at for at, code in enumerate(codes) if code in set(villages)]


def _check_parts(frame: gpd.GeoDataFrame, parts: Ints) -> None:
    many = frame["code"][parts > MOST_GRIDS].tolist()
    if many:
        msg = (
            f"{', '.join(many)} would have more than {MOST_GRIDS} grids, and their numbers have "
            "three digits: ask for more households a grid"
        )
        raise ParameterError(msg)


def _is_possible(total: int, low: int, high: int) -> bool:
    """Return whether some number of grids can share out the households within the range."""
    return max(1, -(-total // high)) <= total // low


def _choices(total: int, low: int, high: int) -> list[int]:
    """Return numbers of grids to try for a village, from the likeliest on.

    Those that fit the range come first, the nearest to its middle leading; then one less and
    one more, since households come in whole buildings.

    >>> _choices(1000, 300, 500), _choices(550, 300, 500), _choices(120, 300, 500)
    ([2, 3, 1, 4], [1, 2], [1])
    """
    if total < low:
        return [1]
    fewest, most = -(-total // high), total // low
    middle = 2 * total / (low + high)
    if fewest > most:
        return sorted({most, fewest}, key=lambda k: abs(k - middle))
    fit = sorted(range(fewest, most + 1), key=lambda k: (abs(k - middle), k))
    return fit[:4] + [k for k in (fewest - 1, most + 1) if k >= 1]


def _best_division(
    blocks: Blocks, low: int, high: int, table: Mapping[str, Any], seed: int
) -> Division:
    """Return the first division without a grid out of range, else the best of all tried."""
    weights, search = Weights(**table["weights"]), Search(**table["search"])
    found: list[Division] = []
    choices = _choices(int(blocks.households.sum()), low, high)
    for parts in [k for k in choices if k <= len(blocks.x)] or [1]:
        found.append(divide(blocks, parts, low, high, weights=weights, search=search, seed=seed))
        if found[-1].outside == 0:
            break
    return min(found, key=lambda division: _rank(division, low, high))


def _rank(division: Division, low: int, high: int) -> tuple[int, int, float]:
    """Return what makes a division worse: grids out of range, how far, and cost a grid."""
    held = division.households
    beyond = np.maximum(np.maximum(low - held, held - high), 0).sum()
    return division.outside, int(beyond), division.cost / len(held)


def _followed(faces: Faces, cut: VillageBlocks, division: Division) -> tuple[float, float]:
    """Return how much border between grids follows streets or water, and all of it, metres."""
    grid = np.full(len(faces.village), -1)
    grid[cut.faces] = division.region[cut.block]
    one, two = grid[faces.first], grid[faces.second]
    inner = (one >= 0) & (one != two)
    return float(faces.along_m[inner].sum()), float(faces.border_m[inner].sum())


def _note(division: Division, blocks: Blocks, basis: str, low: int, high: int) -> str | None:
    """Return why a village is divided as it is, where a reader would wonder."""
    total = int(blocks.households.sum())
    if basis == UNKNOWN:
        return "households unknown: one grid"
    if total < low:
        return f"fewer than {low} households: one grid"
    if division.outside == 0:
        return None
    if not _is_possible(total, low, high):
        return f"no number of grids suits {total} households"
    if blocks.households.max() > high:
        return f"one block has {blocks.households.max()} households and cannot be cut"
    return f"{division.outside} out of range: its blocks do not allow it"


def _totals(grids: gpd.GeoDataFrame, report: pd.DataFrame) -> dict[str, Any]:
    """Return the figures of all grids."""
    possible = grids["village"].isin(report["code"][report["possible"]])
    inner_m = float(report["inner_m"].sum())
    return {
        **figures(grids),
        "within_possible": figures(grids[possible])["within"],
        "along": float(report["along_m"].sum()) / inner_m if inner_m > 0 else None,
    }


def _warnings(
    frame: gpd.GeoDataFrame, faces: Faces, crs: CRS, chosen: list[int]
) -> tuple[str, ...]:
    """Return a warning for each village that has not got all of its ground."""
    # In degrees, in which a further vertex on a long border changes no area.
    whole = shapely.area(frame.geometry.to_numpy())
    left = 1 - sums(faces.village, shapely.area(faces.shapes), len(frame)) / whole
    left_m2 = left * to_metres(frame, crs).area.to_numpy()
    return tuple(
        f"{frame['code'].iloc[v]} overlaps a village before it in the layer: "
        f"{left_m2[v]:.0f} m2 were left to that one; see `fengqiao check`"
        for v in chosen
        if left_m2[v] > SAME_AREA_M2
    )
